/** A log that ends while the disk fails: what waited for it is acknowledged only if it is stable. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

const ENDINGS: Readonly<Record<string, (world: World) => void>> = {
  'is turned off': (world) => world.ask('CONFIG', 'SET', 'appendonly', 'no'),
  'is closed with the store': (world) => world.store.close(() => {}),
}

/** A client has asked for something that a failed sync has left in memory alone, and waits. */
function waiting() {
  const world = new World({ directives: ['--appendfsync', 'always'] })
  world.host.files.fail('sync', 'EIO')
  world.ask('SET', 'a', '1')
  const guest = world.connect()
  guest.send(encode(['GET', 'a']))
  assert.deepEqual(guest.take(), [])
  return { world, guest }
}

for (const [name, end] of Object.entries(ENDINGS)) {
  test(`when the log ${name} on a disk that fails, nothing that it lacks is acknowledged`, () => {
    const { world, guest } = waiting()
    world.host.files.fail('write', 'EROFS', 9)
    end(world)
    world.host.timers.turn()
    assert.deepEqual(guest.take(), [])
  })

  test(`when the log ${name} on a disk that is well again, what waited is acknowledged`, () => {
    const { world, guest } = waiting()
    end(world)
    world.host.timers.turn()
    assert.deepEqual(guest.take().map(textOf), ['1'])
  })
}

for (const [name, end] of Object.entries(ENDINGS)) {
  test(`when the log ${name} on a disk that fails, neither is what came in the same turn`, () => {
    const world = new World({ directives: ['--appendfsync', 'always'] })
    const guest = world.connect()
    const bytes = encode(['SET', 'a', '1'])
    world.store.engine.receive(guest.client, bytes, 0, bytes.length)
    world.host.files.fail('sync', 'EIO', 9)
    end(world)
    for (let turn = 0; turn < 5; turn++) world.host.timers.turn()
    assert.deepEqual(guest.take(), [])
  })
}
