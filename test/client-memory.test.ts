/** Clients and the memory that they take: who is ended where they take too much, and who is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLIENTS_LIMIT_MIN } from '../src/engine/index.ts'
import { figuresOf, textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { type Guest, World } from './support/world.ts'

const MIB = 2 ** 20

/** A client of whose request so many bytes are there, and the end is missing. */
function unfinished(world: World, size: number): Guest {
  const guest = world.connect()
  guest.send(Buffer.from(`*2\r\n$${size}\r\n${'v'.repeat(size)}`))
  return guest
}

const setLimit = (world: World, limit: number | string) =>
  assert.equal(textOf(world.ask('CONFIG', 'SET', 'maxmemory-clients', String(limit))), 'OK')
const evicted = (world: World) => Number(figuresOf(world, 'stats').get('evicted_clients'))
const areClosed = (guests: readonly Guest[]) => guests.map(({ client }) => client.isClosed)

test('the largest clients are ended until the others are below the limit', () => {
  const world = new World()
  const guests = [1, 3, 2, 4].map((size) => unfinished(world, size * MIB))
  setLimit(world, 20 * MIB)
  assert.deepEqual(areClosed(guests), [false, false, false, false])
  setLimit(world, 5 * MIB)
  assert.deepEqual(areClosed(guests), [false, true, false, true])
  assert.equal(evicted(world), 2)
  assert.match(world.lines.join('\n'), /Evicting client: id=\d+ addr=\S+ name= tot-mem=4\d{6}/)
  const late = unfinished(world, 6 * MIB)
  assert.deepEqual(areClosed([late, ...guests]), [true, false, true, false, true])
  assert.equal(textOf(world.ask('CONFIG', 'RESETSTAT')), 'OK')
  assert.equal(evicted(world), 0)
})

test('who said CLIENT NO-EVICT is kept, and ended when that is taken back', () => {
  const world = new World()
  const kept = world.connect()
  kept.send(encode(['CLIENT', 'NO-EVICT', 'ON']))
  kept.send(encode(['MULTI']))
  for (let i = 0; i < 40; i++) kept.send(encode(['SET', 'key', 'v'.repeat(100_000)]))
  setLimit(world, MIB)
  const small = world.connect()
  assert.equal(kept.client.isClosed, false)
  small.send(encode(['PING']))
  assert.equal(kept.client.isClosed, false)
  kept.client.isNoEvict = false
  setLimit(world, 2 * MIB)
  assert.equal(kept.client.isClosed, true)
})

const grow: readonly (readonly [string, (step: number) => readonly string[]])[] = [
  ['watched keys', (step) => ['WATCH', `key:${step}`]],
  ['channels', (step) => ['SUBSCRIBE', `channel:${step}`]],
  ['patterns', (step) => ['PSUBSCRIBE', `pattern:${step}`]],
  ['shard channels', (step) => ['SSUBSCRIBE', `channel:${step}`]],
  ['prefixes', (step) => ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', `p:${step}:`]],
]

for (const [what, command] of grow) {
  test(`a client with too many ${what} is ended, and none is ended below the smallest limit`, () => {
    const world = new World()
    setLimit(world, 1)
    const guest = world.connect()
    let step = 0
    while (!guest.client.isClosed) {
      assert.ok(step < 2000, `${step} ${what}`)
      guest.send(encode(command(step++)))
    }
    assert.ok(step > CLIENTS_LIMIT_MIN / 300, `only ${step} ${what}`)
  })
}

test('a share of maxmemory is a limit, and none where that has none', () => {
  const world = new World()
  setLimit(world, '10%')
  const guest = unfinished(world, MIB)
  assert.equal(guest.client.isClosed, false)
  world.ask('CONFIG', 'SET', 'maxmemory', String(20 * MIB))
  assert.equal(guest.client.isClosed, false)
  world.ask('CONFIG', 'SET', 'maxmemory', String(8 * MIB))
  assert.equal(guest.client.isClosed, true)
})

test('what clients take is a part of maxmemory, so that keys go', () => {
  const world = new World()
  for (let i = 0; i < 100; i++) world.ask('SET', `key:${i}`, 'v'.repeat(10_000))
  world.ask('CONFIG', 'SET', 'maxmemory', String(3 * MIB), 'maxmemory-policy', 'allkeys-lru')
  assert.equal(textOf(world.ask('DBSIZE')), '100')
  const guest = unfinished(world, 2.5 * MIB)
  const left = Number(textOf(world.ask('DBSIZE')))
  assert.ok(left > 10 && left < 60, `${left} keys are left`)
  assert.equal(guest.client.isClosed, false)
  world.store.engine.disconnect(guest.client)
  assert.ok(world.store.engine.clientMemory.totalBytes < MIB)
})
