/**
 * Eviction in a whole store: the limit holds while data streams in, clients that track are told, and the
 * log knows what went.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVICTION_POLICIES } from '../src/keyspace/index.ts'
import { figuresOf, textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { dataOf, World } from './support/world.ts'

const LIMIT_BYTES = 1_000_000
const VALUE = 'x'.repeat(500)
const figure = (world: World, section: string, name: string) =>
  Number(figuresOf(world, section).get(name))

for (const policy of Object.keys(EVICTION_POLICIES)) {
  if (policy === 'noeviction') continue
  test(`the limit holds with ${policy}, and after a restart the same keys are there`, () => {
    const world = new World()
    world.ask('CONFIG', 'SET', 'maxmemory', String(LIMIT_BYTES), 'maxmemory-policy', policy)
    for (let i = 0; i < 5000; i++) {
      assert.equal(textOf(world.ask('SET', `key:${i}`, VALUE, 'EX', String(1000 + i))), 'OK')
      if (i % 100 === 0) world.wait(300)
      const used = world.store.keyspace.arena.usedBytes
      assert.ok(used < LIMIT_BYTES + 4096, `${used} bytes after ${i} keys`)
    }
    const evicted = figure(world, 'stats', 'evicted_keys')
    const left = world.store.keyspace.count
    assert.ok(left > 1000, `${left} keys are left`)
    assert.equal(evicted, 5000 - left)
    assert.equal(figure(world, 'stats', 'current_eviction_exceeded_time'), 0)
    const before = dataOf(world.store)
    world.close()
    assert.deepEqual(dataOf(world.reopened().store), before)
  })
}

test('clients that track are told of what was given up', () => {
  const world = new World()
  const guest = world.connect()
  guest.send(encode(['HELLO', '3']))
  guest.send(encode(['CLIENT', 'TRACKING', 'ON']))
  world.ask('SET', 'key', '1')
  guest.send(encode(['GET', 'key']))
  guest.take()
  world.ask('CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'allkeys-lfu')
  world.host.timers.turn()
  const [push, ...others] = guest.take()
  assert.deepEqual(others, [])
  assert.ok(push?.kind === 'push')
  assert.equal(textOf(push.items[0]), 'invalidate')
  assert.deepEqual(dataOf(world.store), [])
})

test('a lower limit is come to without any command', () => {
  const world = new World()
  for (let i = 0; i < 1000; i++) world.ask('SET', `key:${i}`, VALUE)
  world.ask('CONFIG', 'SET', 'maxmemory', '100000', 'maxmemory-policy', 'allkeys-random')
  world.host.timers.turn()
  assert.ok(world.store.keyspace.arena.usedBytes <= 100_000)
  assert.ok(world.store.keyspace.count > 10)
})

test('what streams in during a snapshot is not given up for what the snapshot keeps', () => {
  const world = new World({ directives: ['--save-bytes-per-second', '1000'] })
  for (let i = 0; i < 40; i++) {
    const fields = Array.from({ length: 1000 }, (_, field) => [`f${field}`, 'v']).flat()
    world.ask('HSET', `hash:${i}`, ...fields)
  }
  const used = world.store.keyspace.arena.usedBytes
  world.ask('CONFIG', 'SET', 'maxmemory', String(used), 'maxmemory-policy', 'allkeys-random')
  world.ask('BGSAVE')
  for (let i = 0; i < 200; i++) world.ask('SET', `key:${i}`, VALUE)
  assert.equal(figure(world, 'persistence', 'rdb_bgsave_in_progress'), 1)
  const evicted = figure(world, 'stats', 'evicted_keys')
  assert.ok(evicted > 0 && evicted < 30, `${evicted} keys went for 100 KB`)
})

test('who tracks is told of what was given up for its command before it is answered', () => {
  const world = new World()
  const guest = world.connect()
  guest.send(encode(['HELLO', '3']))
  guest.send(encode(['CLIENT', 'TRACKING', 'ON']))
  world.ask('SET', 'key', '1', 'EX', '100')
  guest.send(encode(['GET', 'key']))
  guest.take()
  const limit = String(world.store.keyspace.arena.usedBytes + 50_000)
  world.ask('CONFIG', 'SET', 'maxmemory', limit, 'maxmemory-policy', 'volatile-random')
  guest.send(encode(['SETBIT', 'big', '1600000', '0']))
  guest.send(encode(['GETBIT', 'big', '0']))
  const kinds = guest.take().map(({ kind }) => kind)
  assert.deepEqual(kinds, ['integer', 'push', 'integer'])
})
