/** The latency monitor knows of a disk that is slow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

test('a slow sync that replies wait for is an event of the latency monitor', () => {
  const world = new World({ directives: ['--appendfsync', 'always'] })
  world.ask('CONFIG', 'SET', 'latency-monitor-threshold', '20')
  const { engine } = world.store
  const guest = world.connect()
  const request = encode(['SET', 'key', 'value'])
  engine.receive(guest.client, request, 0, request.length)
  engine.outbox.flushTurn()
  world.host.clock.advance(50)
  world.host.timers.turn()
  assert.equal(textOf(guest.take()[0]), 'OK')
  assert.equal(engine.meter.latency.all.get('aof-fsync-always')?.mostMs, 50)
  assert.equal(engine.meter.latency.all.get('aof-write'), undefined)
})
