/** Clients that wait for keys: order, timeouts, wake-ups, and that nothing is lost or served twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { NO_REPLIES } from './client.ts'
import { encode, World } from './engine.fixture.ts'

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`

/** What a peer got since it was asked last. */
function taker(world: World) {
  const peer = world.connect()
  return {
    peer,
    send: (...argv: string[]) => world.send(peer, encode(...argv)),
    take: () => {
      world.host.timers.turn()
      const { received } = peer
      peer.received = ''
      return received
    },
  }
}

test('those who wait for a key are served in the order in which they began to', () => {
  const world = new World()
  const first = taker(world)
  const second = taker(world)
  const other = taker(world)
  first.send('AWAIT', '0', 'k', 'l')
  second.send('AWAIT', '0', 'k')
  assert.equal(world.engine.serving.blocking.count, 2)
  assert.equal(world.engine.serving.blocking.keyCount, 2)
  other.send('PUT', 'k', 'one')
  assert.deepEqual([first.take(), second.take()], [bulk('one'), ''])
  other.send('PUT', 'k', 'two')
  assert.deepEqual([first.take(), second.take()], ['', bulk('two')])
  assert.equal(world.engine.serving.blocking.count, 0)
  assert.equal(world.keyspace.waiting, undefined)
  assert.deepEqual(world.data(), [])
  assert.match(world.effects, /PUT.*one.*REMOVE.*k.*PUT.*two.*REMOVE/s)
})

test('a pipeline that makes a key ready goes on after the one that waited has been served', () => {
  const world = new World()
  const waiting = taker(world)
  const other = taker(world)
  waiting.send('AWAIT', '0', 'k')
  world.send(other.peer, encode('PUT', 'k', 'v') + encode('TAKE', 'k') + encode('PUT', 'k', 'w'))
  assert.equal(waiting.take(), bulk('v'))
  assert.equal(other.take(), '+OK\r\n$-1\r\n+OK\r\n')
  assert.deepEqual(world.data(), ['k=w'])
})

test('one who is served may make another key ready, and so on', () => {
  const world = new World()
  const [a, b, c, other] = [taker(world), taker(world), taker(world), taker(world)] as const
  a.send('MOVE', '0', 'x', 'y')
  b.send('MOVE', '0', 'y', 'z')
  c.send('AWAIT', '0', 'z')
  other.send('PUT', 'x', 'v')
  assert.deepEqual([a.take(), b.take(), c.take()], [bulk('v'), bulk('v'), bulk('v')])
  assert.deepEqual(world.data(), [])
  assert.match(world.effects, /MOVED.*x.*y.*MOVED.*y.*z.*REMOVE.*z/s)
})

test('what a waiting client sends is answered after what it waits for', () => {
  const world = new World()
  const waiting = taker(world)
  const other = taker(world)
  world.send(
    waiting.peer,
    encode('AWAIT', '0', 'k') + encode('PUT', 'l', 'mine') + encode('TAKE', 'l'),
  )
  assert.equal(waiting.take(), '')
  other.send('PUT', 'k', 'v')
  assert.equal(waiting.take(), `${bulk('v')}+OK\r\n${bulk('mine')}`)
})

test('a timeout answers to the millisecond, and the client goes on', () => {
  const world = new World()
  const waiting = taker(world)
  waiting.send('AWAIT', '50', 'k')
  world.host.timers.advance(49)
  assert.equal(waiting.take(), '')
  world.host.timers.advance(1)
  assert.equal(waiting.take(), '$-1\r\n')
  waiting.send('MOVE', '20', 'k', 'l')
  world.host.timers.advance(20)
  assert.equal(waiting.take(), '*-1\r\n')
  const long = 2 ** 31 * 3
  waiting.send('AWAIT', String(long), 'k')
  world.host.timers.advance(long - 1)
  assert.equal(waiting.take(), '')
  world.host.timers.advance(1)
  assert.equal(waiting.take(), '$-1\r\n')
})

test('a client that wants no replies gets none when its time is over', () => {
  const world = new World()
  const waiting = taker(world)
  waiting.send('AWAIT', '50', 'k')
  waiting.peer.client.muting = NO_REPLIES
  world.host.timers.advance(50)
  assert.equal(waiting.take(), '')
  assert.ok(!waiting.peer.client.isBlocked)
})

test('a wake-up in vain keeps the place and the deadline', () => {
  const world = new World()
  const [first, second, other] = [taker(world), taker(world), taker(world)] as const
  first.send('AWAIT', '100', 'k')
  second.send('AWAIT', '0', 'k')
  world.host.timers.advance(60)
  // Changed, and gone before anyone looks.
  other.send('TWICE', 'k')
  assert.equal(world.engine.serving.blocking.count, 2)
  world.host.timers.advance(39)
  assert.equal(first.take(), '')
  other.send('PUT', 'k', 'v')
  assert.deepEqual([first.take(), second.take()], [bulk('v'), ''])
})

test('ending the wait of a client from outside answers it once', () => {
  const world = new World()
  const waiting = taker(world)
  waiting.send('AWAIT', '100', 'k')
  assert.ok(world.engine.serving.unblock(waiting.peer.client, 'error'))
  assert.ok(!world.engine.serving.unblock(waiting.peer.client, 'timeout'))
  world.host.timers.advance(1000)
  assert.equal(waiting.take(), '-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n')
  waiting.send('AWAIT', '0', 'k')
  assert.ok(world.engine.serving.unblock(waiting.peer.client, 'timeout'))
  assert.equal(waiting.take(), '$-1\r\n')
  // Each was one call, and the first of them failed.
  const { calls, failed } = world.engine.table.get('AWAIT')!.stats
  assert.deepEqual({ calls, failed }, { calls: 2, failed: 1 })
})

test('a client that is gone, or sends no more, takes nothing', () => {
  const world = new World()
  const [gone, ended, killed, other] = [1, 2, 3, 4].map(() => taker(world))
  for (const each of [gone, ended, killed]) each!.send('AWAIT', '0', 'k')
  world.engine.disconnect(gone!.peer.client)
  world.engine.endInput(ended!.peer.client)
  world.engine.close(killed!.peer.client, 'now')
  other!.send('PUT', 'k', 'v')
  assert.deepEqual(world.data(), ['k=v'])
  assert.equal(world.engine.serving.blocking.count, 0)
})

test('whatever is put is taken once, by those who wait, at any interleaving', () => {
  const random = seeded()
  const world = new World()
  const takers = Array.from({ length: 8 }, () => taker(world))
  const putter = taker(world)
  const put: string[] = []
  const taken: string[] = []
  const collect = () => {
    for (const each of takers) {
      for (const [, value] of each.take().matchAll(/\$\d+\r\n(v\d+)\r\n/g)) taken.push(value!)
    }
  }
  for (let step = 0; step < 3000; step++) {
    const each = random.pick(takers)
    const keys = [`k${random.between(0, 3)}`, `k${random.between(0, 3)}`]
    if (random.chance(0.4)) {
      if (!each.peer.client.isBlocked) each.send('AWAIT', random.chance(0.3) ? '5' : '0', ...keys)
    } else if (random.chance(0.7)) {
      const key = keys[0]!
      if (world.data().some((line) => line.startsWith(`${key}=`))) continue
      const value = `v${step}`
      put.push(value)
      putter.send('PUT', key, value)
    } else if (random.chance(0.5)) world.host.timers.advance(random.between(1, 4))
    else world.engine.serving.unblock(each.peer.client, 'error')
    collect()
  }
  const left = world.data().map((line) => line.split('=')[1]!)
  assert.deepEqual([...taken, ...left].sort(), put.sort())
  assert.ok(taken.length > 100)
})
