/** Transactions at any cutting of what is sent: the buffers that they are read into are used again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../host/index.ts'
import type { CommandSpec } from './command.ts'
import { encode, FACTS, World } from './engine.fixture.ts'

function rows(world: World): readonly CommandSpec[] {
  return [
    {
      ...FACTS,
      name: 'MULTI',
      arity: 1,
      flags: [],
      run({ client, reply }) {
        world.engine.transactions.begin(client)
        reply.ok()
      },
    },
    {
      ...FACTS,
      name: 'EXEC',
      arity: 1,
      flags: [],
      run(call) {
        world.engine.transactions.execute(call, world.engine.execution)
      },
    },
  ]
}

function randomRequest(random: Seeded): string {
  const key = `key:${random.between(0, 5)}`.repeat(random.chance(0.05) ? 200 : 1)
  const size = random.chance(0.03) ? random.between(10_000, 100_000) : random.between(0, 60)
  const value = random.pick(['a', '\r\n', '*', 'z']).repeat(size)
  return random.pick([
    () => encode('MULTI'),
    () => encode('EXEC'),
    () => encode('exec'),
    () => encode('PUT', key, value),
    () => encode('PUT', key, value),
    () => encode('TAKE', key),
    () => `TAKE ${key}\r\n`,
    () => `PUT ${key} "in line"\r\n`,
    () => encode('TWICE', key),
    () => encode('REFUSE'),
    () => (random.chance(0.1) ? encode('NOPE') : '\r\n'),
  ])()
}

test('transactions answer, change and log the same at any cutting of what a client sends', () => {
  const random = seeded()
  let count = 0
  for (let round = 0; round < 10; round++) {
    const text = Array.from({ length: 200 }, () => randomRequest(random)).join('')
    const once = new World(rows)
    const first = once.connect()
    // A connection of its own begins with a whole buffer.
    once.send(first, text)
    count += once.effects.split('MULTI').length - 1
    for (const most of [1, 7, 100, 5000, 60_000].slice(text.length > 30_000 ? 1 : 0)) {
      const again = new World(rows)
      const second = again.connect()
      again.send(second, text, () => random.between(1, most))
      assert.ok(second.received === first.received, `replies in pieces of up to ${most}`)
      assert.ok(again.effects === once.effects, `effects in pieces of up to ${most}`)
      assert.deepEqual(again.data(), once.data())
      again.keyspace.check()
    }
  }
  assert.ok(count > 20)
})

test('transactions of several clients do not disturb each other, however they alternate', () => {
  const random = seeded()
  const world = new World(rows)
  const peers = Array.from({ length: 8 }, () => world.connect())
  const texts = peers.map((_, n) =>
    Array.from({ length: 30 }, (_, i) => {
      const puts = Array.from({ length: random.between(0, 5) }, (_, j) =>
        encode('PUT', `own:${n}`, `${n}:${i}:${j}`.repeat(random.pick([1, 1, 50]))),
      )
      return `${encode('MULTI')}${puts.join('')}${encode('TAKE', `own:${n}`)}${encode('EXEC')}`
    }),
  )
  const alone = texts.map((text) => {
    const other = new World(rows)
    const peer = other.connect()
    other.send(peer, text.join(''))
    return peer.received
  })
  const left = texts.map((text) => text.join(''))
  while (left.some((text) => text !== '')) {
    const n = random.between(0, peers.length - 1)
    const size = random.between(1, 300)
    world.send(peers[n]!, left[n]!.slice(0, size))
    left[n] = left[n]!.slice(size)
  }
  peers.forEach((peer, n) => {
    assert.ok(peer.received === alone[n], `client ${n}`)
  })
})
