/** The engine with a handful of commands of its own: cutting, waiting, effects, refusals. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { NO_REPLIES, NO_REPLY } from './client.ts'
import { encode, World, withLog } from './engine.fixture.ts'

function randomRequest(random: Seeded): string {
  // Some differ in their first byte only, some in their last.
  const key = `${random.pick(['k', 'q'])}ey:${random.between(0, 20)}`
  const size = random.chance(0.03) ? random.between(30_000, 200_000) : random.between(0, 300)
  switch (random.between(0, 6)) {
    case 0:
    case 1:
      return encode('PUT', key, random.pick(['a', '\r\n', '*', 'z']).repeat(size))
    case 2:
      return encode('take', key)
    case 3:
      return `PUT ${key} "in line ${random.between(0, 9)}"\r\n`
    case 4:
      return random.pick(['\r\n', '*0\r\n', 'TAKE\r\n', 'NOPE x y\r\n', encode('GO', 'ON')])
    case 5:
      return encode(random.pick(['TWICE', 'REFUSE']), key)
    default:
      return `TAKE ${key}\n`
  }
}

test('replies, effects and data are the same at any cutting of what a client sends', () => {
  const random = seeded()
  for (let round = 0; round < 25; round++) {
    const text = Array.from({ length: 150 }, () => randomRequest(random)).join('')
    const once = new World()
    const first = once.connect()
    once.send(first, text)
    for (const most of [1, 7, 100, 5000, 70_000].slice(text.length > 200_000 ? 1 : 0)) {
      const again = new World()
      const second = again.connect()
      again.send(second, text, () => random.between(1, most))
      assert.ok(second.received === first.received, `replies in pieces of up to ${most}`)
      assert.ok(again.effects === once.effects, `effects in pieces of up to ${most}`)
      assert.deepEqual(again.data(), once.data())
      again.keyspace.check()
    }
  }
})

test('clients whose requests are cut anywhere do not disturb each other', () => {
  const random = seeded()
  const world = new World()
  const peers = Array.from({ length: 10 }, () => world.connect())
  const texts = peers.map((_, n) =>
    Array.from({ length: 40 }, (_, i) => {
      const value = `${n}:${i}:`.repeat(random.between(1, 2000))
      return encode('PUT', `own:${n}`, value) + encode('TAKE', `own:${n}`)
    }),
  )
  const alone = texts.map((text) => {
    const other = new World()
    const peer = other.connect()
    other.send(peer, text.join(''))
    return peer.received
  })
  const left = texts.map((text) => text.join(''))
  while (left.some((text) => text !== '')) {
    const n = random.between(0, peers.length - 1)
    const size = random.between(1, 3000)
    world.send(peers[n]!, left[n]!.slice(0, size))
    left[n] = left[n]!.slice(size)
  }
  peers.forEach((peer, n) => {
    assert.ok(peer.received === alone[n], `client ${n}`)
  })
})

test('a long value is kept in the buffer it arrived in, and the next request begins behind it', () => {
  const world = new World()
  const peer = world.connect()
  const value = 'v'.repeat(300_000)
  world.send(peer, encode('PUT', 'long', value) + encode('TAKE', 'x'))
  assert.equal(peer.received, '+OK\r\n$-1\r\n')
  const [database] = world.keyspace.databases
  const entry = database!.peek(sliceOf(fromLatin1('long')))
  const stored = database!.stringOf(entry)
  assert.ok(stored.bytes.length < 300_100 && stored.length === 300_000)
  assert.ok(stored.latin1() === value)
  assert.equal(world.effects.length, encode('PUT', 'long', value).length + 23)
})

test('the effects of one read reach the log as they came, in one piece', () => {
  const world = new World()
  const text = Array.from({ length: 20 }, (_, n) => encode('PUT', `k${n}`, 'v')).join('')
  world.send(world.connect(), text)
  assert.equal(world.effects, `${encode('SELECT', '0')}${text}`)
  assert.equal(world.appends, 2)
})

test('what only reads, or is refused, has no effect; several effects are one transaction', () => {
  const world = new World()
  const peer = world.connect()
  world.send(peer, encode('TAKE', 'k') + encode('REFUSE'))
  assert.equal(world.effects, '')
  assert.equal(peer.received, '$-1\r\n-WRONG it is\r\n')
  world.send(peer, encode('TWICE', 'k'))
  const expected = [['MULTI'], ['SELECT', '0'], ['ONE', 'k'], ['TWO', 'k', '2'], ['EXEC']]
  assert.equal(world.effects, expected.map((argv) => encode(...argv)).join(''))
})

test('an effect alone stands before what comes later and after what came before', () => {
  const world = new World()
  const peer = world.connect()
  world.send(peer, 'PUT k v\r\n')
  world.engine.effects.sendAlone(1, 'DEL', 'x')
  world.send(peer, encode('PUT', 'k', 'w'))
  const expected = [
    ['SELECT', '0'],
    ['PUT', 'k', 'v'],
    ['SELECT', '1'],
    ['DEL', 'x'],
    ['SELECT', '0'],
    ['PUT', 'k', 'w'],
  ]
  assert.equal(world.effects, expected.map((argv) => encode(...argv)).join(''))
})

test('what a blocked client sends is answered when it goes on, in order, at any cutting', () => {
  const random = seeded()
  for (let round = 0; round < 50; round++) {
    const world = new World()
    const peer = world.connect()
    const text =
      encode('PUT', 'a', '1') +
      encode('WAIT') +
      encode('PUT', 'a', '2') +
      'TAKE a\r\n' +
      encode('WAIT') +
      encode('TAKE', 'a')
    world.send(peer, text, () => random.between(1, 40))
    assert.equal(peer.received, '+OK\r\n+WAITING\r\n')
    world.engine.resume(peer.client)
    world.host.timers.turn()
    assert.equal(peer.received, '+OK\r\n+WAITING\r\n+OK\r\n$1\r\n2\r\n+WAITING\r\n')
    world.engine.resume(peer.client)
    world.host.timers.turn()
    assert.equal(peer.received, '+OK\r\n+WAITING\r\n+OK\r\n$1\r\n2\r\n+WAITING\r\n$1\r\n2\r\n')
    assert.equal(peer.client.receivedBytes, text.length)
  }
})

test('postponed commands wait with all that follows, and run once', () => {
  const random = seeded()
  for (let round = 0; round < 50; round++) {
    const world = new World()
    const peer = world.connect()
    world.engine.postpone = (command) => command.isWrite
    const big = 'b'.repeat(random.pick([1, 5000, 100_000]))
    const text = encode('TAKE', 'a') + encode('PUT', 'a', big) + encode('TAKE', 'b') + 'PUT c d\r\n'
    world.send(peer, text, () => random.between(1, text.length))
    assert.equal(peer.received, '$-1\r\n')
    assert.equal(world.effects, '')
    world.engine.postpone = undefined
    world.engine.resume(peer.client)
    world.host.timers.turn()
    assert.equal(peer.received, '$-1\r\n+OK\r\n$-1\r\n+OK\r\n')
    assert.deepEqual(
      world.data().map((line) => line.length),
      [2 + big.length, 3],
    )
  }
})

test('a client that says goodbye is answered and no more is read', () => {
  const world = new World()
  const peer = world.connect()
  world.send(peer, encode('GO', 'AWAY') + encode('PUT', 'a', 'b'))
  assert.equal(peer.received, '+BYE\r\n')
  assert.equal(peer.closed, 'flushed')
  assert.deepEqual(world.data(), [])
})

test('what was asked before a protocol error is answered before it', () => {
  const world = new World()
  const peer = world.connect()
  world.send(peer, `${encode('PUT', 'a', 'b')}*1\r\nx\r\n`)
  assert.equal(peer.received, "+OK\r\n-ERR Protocol error: expected '$', got 'x'\r\n")
  assert.equal(peer.closed, 'flushed')
  world.send(peer, encode('PUT', 'c', 'd'))
  assert.deepEqual(world.data(), ['a=b'])
})

test('who wants no replies is not told of a protocol error either', () => {
  for (const muting of [NO_REPLIES, NO_REPLY]) {
    const world = new World()
    const peer = world.connect()
    peer.client.muting = muting
    world.send(peer, '*x\r\n')
    assert.equal(peer.received, '')
    assert.equal(peer.closed, 'flushed')
    assert.equal(world.engine.stats.protocolErrors, 1)
  }
})

test('who authenticates in the middle of a read is trusted from there on', () => {
  const world = new World()
  world.engine.admission.update({ isPasswordSet: true })
  const peer = world.connect()
  const long = encode('PUT', 'k', ...Array.from({ length: 12 }, () => 'v'))
  world.send(peer, encode('AUTH') + long)
  assert.equal(peer.received, '+OK\r\n+OK\r\n')
  const stranger = world.connect()
  world.send(stranger, encode('TAKE', 'k') + long)
  assert.equal(
    stranger.received,
    '-NOAUTH Authentication required.\r\n-ERR Protocol error: unauthenticated multibulk length\r\n',
  )
})

test('refusals come in the order of the reference', () => {
  const world = new World()
  const answer = (...argv: string[]) => {
    const peer = world.connect()
    world.send(peer, encode(...argv))
    return peer.received.trim().slice(1).split(' ', 1)[0]
  }
  const { admission } = world.engine
  world.send(world.connect(), encode('PUT', 'k', 'v'))
  admission.update({
    misconf: 'MISCONF disk',
    isLoading: true,
    maxmemoryBytes: 1,
    isPasswordSet: true,
  })
  assert.equal(answer('NOPE'), 'ERR')
  assert.equal(answer('PUT', 'k'), 'ERR')
  assert.equal(answer('PUT', 'k', 'v'), 'NOAUTH')
  admission.update({ isPasswordSet: false })
  assert.equal(answer('PUT', 'k', 'v'), 'OOM')
  assert.equal(answer('TWICE', 'k'), 'MISCONF')
  admission.update({ maxmemoryBytes: 0 })
  assert.equal(answer('PUT', 'k', 'v'), 'MISCONF')
  assert.equal(answer('TAKE', 'k'), 'LOADING')
  admission.update({ misconf: undefined })
  assert.equal(answer('PUT', 'k', 'v'), 'LOADING')
  admission.update({ isLoading: false })
  assert.equal(answer('PUT', 'k', 'v'), 'OK')
})

test('the replies of a turn leave together at its end, or before when they are long', () => {
  const world = new World()
  const [first, second] = [world.connect(), world.connect()]
  world.feed(first, encode('PUT', 'a', 'x'.repeat(1000)))
  world.feed(second, encode('TAKE', 'nothing'))
  assert.deepEqual([first.received, second.received], ['', ''])
  world.host.timers.turn()
  assert.deepEqual([first.received, second.received], ['+OK\r\n', '$-1\r\n'])
  world.feed(first, encode('TAKE', 'a').repeat(100))
  assert.equal(first.received, '+OK\r\n')
  world.feed(second, encode('TAKE', 'a').repeat(200))
  const length = '$1000\r\n\r\n'.length + 1000
  assert.equal(first.received.length, 5 + 100 * length)
  assert.equal(second.received.length, 5 + 200 * length)
})

test('replies wait until what they acknowledge is durable, and keep their order', () => {
  const { world, log } = withLog()
  const [writer, reader] = [world.connect(), world.connect()]
  world.feed(writer, encode('PUT', 'a', '1'))
  world.feed(reader, encode('TAKE', 'a'))
  world.host.timers.turn()
  const firstTurn = log.appendedOffset
  world.feed(writer, encode('TAKE', 'a'))
  world.feed(reader, encode('PUT', 'b', '2'))
  world.host.timers.turn()
  // The reader saw what is not durable yet: it must not know before that is.
  assert.deepEqual([writer.received, reader.received], ['', ''])

  log.releasedOffset = firstTurn
  log.durable()
  assert.deepEqual([writer.received, reader.received], ['+OK\r\n', '$1\r\n1\r\n'])
  log.releasedOffset = log.appendedOffset
  log.durable()
  assert.deepEqual([writer.received, reader.received], ['+OK\r\n$1\r\n1\r\n', '$1\r\n1\r\n+OK\r\n'])
  assert.equal(log.flushes, 2)
})

test('a log that may wait gets what several turns bring in one piece, until one brings nothing', () => {
  const { world, log } = withLog()
  const { timers } = world.host
  const [early, late, reader] = [world.connect(), world.connect(), world.connect()]
  log.gatherMs = 5
  world.send(reader, encode('TAKE', 'a'))
  assert.equal(reader.received, '$-1\r\n', 'what waits for nothing is sent')
  const flushed: number[] = []
  log.flush = () => flushed.push(log.appendedOffset)
  timers.soon(() => timers.soon(() => world.feed(late, encode('PUT', 'b', '2'))))
  world.send(early, encode('PUT', 'a', '1'))
  assert.deepEqual(flushed, [log.appendedOffset])
  assert.deepEqual([early.received, late.received], ['', ''])
  log.releasedOffset = log.appendedOffset
  log.durable()
  assert.deepEqual([early.received, late.received], ['+OK\r\n', '+OK\r\n'])
})

test('who comes again and again keeps nobody waiting for longer than the log may wait', () => {
  const { world, log } = withLog()
  const { timers, clock } = world.host
  const [early, late] = [world.connect(), world.connect()]
  log.gatherMs = 5
  let came = 0
  const flushed: number[] = []
  log.flush = () => flushed.push(came)
  const come = () => {
    clock.advance(1)
    world.feed(late, encode('PUT', 'b', '2'))
    if (++came < 8) timers.soon(come)
  }
  world.feed(early, encode('PUT', 'a', '1'))
  timers.soon(come)
  timers.turn()
  assert.deepEqual(flushed, [5, 8])
})

test('a failed sync breaks the links of those whose replies it covers, and of nobody else', () => {
  const { world, log } = withLog()
  const [before, lost, after] = [world.connect(), world.connect(), world.connect()]
  world.send(before, encode('PUT', 'a', '1'))
  world.host.timers.turn()
  log.releasedOffset = log.appendedOffset
  log.durable()
  world.send(lost, encode('PUT', 'b', '2'))
  world.host.timers.turn()
  log.failed()
  log.releasedOffset = log.appendedOffset
  world.send(after, encode('TAKE', 'a'))
  world.host.timers.turn()
  assert.equal(before.received, '+OK\r\n')
  assert.deepEqual([lost.received, lost.closed], ['', 'now'])
  assert.deepEqual([after.received, after.closed], ['$1\r\n1\r\n', undefined])
})

test('a sync that is made, and fails, when the turn ends breaks the links of that turn', () => {
  const { world, log } = withLog()
  const [lost, after] = [world.connect(), world.connect()]
  world.feed(lost, encode('PUT', 'a', '1'))
  log.flush = () => log.failed()
  world.host.timers.turn()
  assert.deepEqual([lost.received, lost.closed], ['', 'now'])
  log.flush = () => {}
  world.send(after, encode('TAKE', 'a'))
  world.host.timers.turn()
  assert.deepEqual([after.received, after.closed], ['', undefined])
  log.releasedOffset = log.appendedOffset
  log.durable()
  assert.equal(after.received, '$1\r\n1\r\n')
})

test('when the log is turned off, replies that waited leave where it has what they waited for', () => {
  const { world, log } = withLog()
  const [peer, lost] = [world.connect(), world.connect()]
  world.send(peer, encode('PUT', 'a', '1'))
  assert.equal(peer.received, '')
  log.releasedOffset = log.appendedOffset
  world.feed(lost, encode('PUT', 'b', '2'))
  world.engine.outbox.setBarrier(undefined)
  assert.deepEqual([peer.received, peer.closed], ['+OK\r\n', undefined])
  assert.deepEqual([lost.received, lost.closed], ['', 'now'])
})

test('a request that never ends is bounded', () => {
  const world = new World()
  world.engine.limits.queryBytesMax = 10_000
  const peer = world.connect()
  world.send(peer, '*3\r\n$3\r\nPUT\r\n$1\r\nk\r\n$500000\r\n')
  world.send(peer, 'x'.repeat(20_000), () => 1000)
  assert.equal(peer.closed, 'now')
  assert.equal(world.engine.stats.queryLimitDisconnections, 1)
})

test('a request beyond the limit is not run, also when its end has arrived with what was too much', () => {
  const world = new World()
  world.engine.limits.queryBytesMax = 10_000
  const peer = world.connect()
  world.send(peer, '*3\r\n$3\r\nPUT\r\n$1\r\nk\r\n$10000\r\n')
  world.send(peer, `${'x'.repeat(10_000)}\r\n`)
  assert.equal(peer.closed, 'now')
  assert.equal(world.engine.stats.queryLimitDisconnections, 1)
  assert.equal(world.engine.keyspace.databases[0]!.count, 0)
})

test('a transaction in a log is its commands', () => {
  const world = new World()
  const puts = [encode('PUT', 'k', 'v'), encode('PUT', 'l', 'w')]
  const bytes = fromLatin1(encode('MULTI') + puts[0] + encode('exec') + puts[1])
  assert.equal(world.engine.replay(bytes, 0, bytes.length), undefined)
  assert.equal(world.data().length, 2)
})

test('a log is replayed without replies and effects, also by requests cut in the middle', () => {
  const world = new World()
  const text = encode('PUT', 'a', '1') + encode('PUT', 'b', 'x'.repeat(1000))
  const bytes = fromLatin1(text)
  assert.equal(world.engine.replay(bytes, 0, bytes.length), undefined)
  assert.equal(world.data().length, 2)
  assert.equal(world.effects, '')
  const wrong = fromLatin1(encode('REFUSE') + encode('PUT', 'c', 'd'))
  assert.equal(world.engine.replay(wrong, 0, wrong.length), 'WRONG it is')
})

test('a refused command counts as rejected, one that fails as failed, by its error', () => {
  const world = new World()
  world.send(world.connect(), encode('PUT') + encode('REFUSE') + encode('REFUSE') + encode('NOPE'))
  const { stats } = world.engine
  assert.equal(world.engine.table.get('put')!.stats.rejected, 1)
  assert.equal(world.engine.table.get('refuse')!.stats.failed, 2)
  assert.equal(stats.errorReplies, 4)
  assert.deepEqual(
    [...stats.errors],
    [
      ['ERR', 2],
      ['WRONG', 2],
    ],
  )
})
