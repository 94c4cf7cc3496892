/** Replies while the log cannot be written, and the order in which they leave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandSpec } from './command.ts'
import { encode, FACTS, FakeLog, World, withLog } from './engine.fixture.ts'

const MISCONF = '-MISCONF disk\r\n'

/** A setting by which writes are allowed, or are not any more. */
const flip = (world: World): CommandSpec => ({
  ...FACTS,
  name: 'FLIP',
  arity: 1,
  flags: [],
  run({ reply }) {
    const { admission } = world.engine
    const isOn = admission.state.misconf !== undefined
    admission.update({ misconf: isOn ? undefined : 'MISCONF disk' })
    reply.ok()
  },
})

/** A log that was given something, and then failed. */
function stuck() {
  const { world, log } = withLog((one) => [flip(one)])
  const lost = world.connect()
  world.send(lost, encode('PUT', 'a', '1'))
  log.failed()
  assert.equal(lost.closed, 'now')
  world.engine.admission.update({ misconf: 'MISCONF disk' })
  return { world, log }
}

test('while the log is stuck, a refusal and what shows no data leave, and what shows data waits', () => {
  const { world, log } = stuck()
  const [writer, reader, leaver] = [world.connect(), world.connect(), world.connect()]
  world.send(writer, encode('PUT', 'b', '2') + encode('NOPE') + encode('AUTH'))
  assert.ok(writer.received.startsWith(`${MISCONF}-ERR unknown command`))
  assert.ok(writer.received.endsWith('+OK\r\n'))
  world.send(leaver, encode('GO', 'AWAY'))
  assert.deepEqual([leaver.received, leaver.closed], ['+BYE\r\n', 'flushed'])

  // It saw what is not safe, and what comes later keeps its place behind it.
  world.feed(reader, encode('PUT', 'b', '2') + encode('TAKE', 'a'))
  world.feed(reader, encode('PUT', 'b', '2'))
  world.host.timers.turn()
  world.send(reader, encode('PUT', 'b', '2'))
  assert.equal(reader.received, '')
  log.releasedOffset = log.appendedOffset
  log.durable()
  assert.equal(reader.received, `${MISCONF}$1\r\n1\r\n${MISCONF}${MISCONF}`)
})

test('who reads while the log is stuck is cut off when it fails again, and who was refused is not', () => {
  const { world, log } = stuck()
  const [writer, reader] = [world.connect(), world.connect()]
  world.send(writer, encode('PUT', 'b', '2'))
  world.send(reader, encode('TAKE', 'a'))
  log.failed()
  assert.deepEqual([reader.received, reader.closed], ['', 'now'])
  assert.deepEqual([writer.received, writer.closed], [MISCONF, undefined])
})

test('what was read while writes were allowed again for a moment waits as well', () => {
  const { world } = stuck()
  const reader = world.connect()
  world.send(reader, encode('FLIP') + encode('TAKE', 'a') + encode('FLIP'))
  assert.equal(reader.received, '')
})

test('what is released leaves behind what waits for being told so', () => {
  const { world, log } = withLog()
  const peer = world.connect()
  world.send(peer, encode('PUT', 'a', '1'))
  log.releasedOffset = log.appendedOffset
  world.send(peer, encode('TAKE', 'a'))
  assert.equal(peer.received, '')
  log.durable()
  assert.equal(peer.received, '+OK\r\n$1\r\n1\r\n')
})

test('a log that is left gets first what the turn has brought', () => {
  const { world, log } = withLog()
  const peer = world.connect()
  world.feed(peer, encode('PUT', 'a', '1'))
  log.flush = () => {
    log.releasedOffset = log.appendedOffset
  }
  world.engine.outbox.setBarrier(undefined)
  assert.equal(peer.received, '+OK\r\n')
})

test('what is half answered when a log is turned on is answered whole', () => {
  const { world } = withLog((one) => [
    {
      ...FACTS,
      name: 'ATTACH',
      arity: 1,
      flags: [],
      run({ reply }) {
        one.engine.outbox.setBarrier(new FakeLog())
        reply.ok()
      },
    },
  ])
  world.engine.outbox.setBarrier(undefined)
  const [first, second] = [world.connect(), world.connect()]
  world.feed(first, encode('TAKE', 'x'))
  world.send(second, encode('TAKE', 'x') + encode('ATTACH'))
  assert.deepEqual([first.received, second.received], ['$-1\r\n', '$-1\r\n+OK\r\n'])
})

test('what came during a sync goes on with what those ask who were just answered', () => {
  const { world, log } = withLog()
  const { timers } = world.host
  const [early, late] = [world.connect(), world.connect()]
  world.send(early, encode('PUT', 'a', '1'))
  const first = log.appendedOffset
  world.send(late, encode('PUT', 'b', '2'))
  log.gatherMs = 5
  const flushed: number[] = []
  log.flush = () => flushed.push(log.appendedOffset)
  log.releasedOffset = first
  log.durable()
  assert.equal(early.received, '+OK\r\n')
  timers.soon(() => world.feed(early, encode('PUT', 'c', '3')))
  assert.deepEqual(flushed, [])
  timers.turn()
  assert.deepEqual(flushed, [log.appendedOffset])

  log.durable()
  timers.turn()
  assert.deepEqual(flushed, [log.appendedOffset, log.appendedOffset], 'also when nobody asks')
  log.releasedOffset = log.appendedOffset
  log.durable()
  timers.turn()
  assert.equal(flushed.length, 2, 'not when nothing waits')
})

test('what a client gets in a turn comes in one piece and in order, pushed or asked for', () => {
  const world = new World()
  const [peer, other] = [world.connect(), world.connect()]
  const { pushes } = world.engine
  for (const text of ['one', 'two', 'three']) {
    pushes.begin({ write: (reply) => reply.latin1(text) })
    pushes.toNow(peer.client)
    if (text === 'one') pushes.toNow(other.client)
    if (text === 'two') world.feed(peer, encode('TAKE', 'x'))
  }
  world.host.timers.turn()
  assert.equal(peer.received, '$3\r\none\r\n$3\r\ntwo\r\n$-1\r\n$5\r\nthree\r\n')
  assert.equal(other.received, '$3\r\none\r\n')
  assert.deepEqual([peer.pieces, other.pieces], [1, 1])
})

/** A world whose turns have been such that one read began and ended each. */
function lone(log?: { readonly gatherMs: number }) {
  const { world, log: fake } = withLog()
  fake.gatherMs = log?.gatherMs ?? 0
  const peer = world.connect()
  for (let i = 0; i < 10; i++) world.send(peer, encode('TAKE', 'x'))
  peer.received = ''
  return { world, peer, log: fake }
}

test('who has been alone in its turns is answered when its read ends, and the log has it first', () => {
  const { world, peer, log } = lone()
  log.flush = () => {
    log.flushes++
    assert.equal(peer.received, '')
  }
  const { flushes } = log
  world.feed(peer, encode('PUT', 'a', '1'))
  assert.equal(log.flushes, flushes + 1)
  log.releasedOffset = log.appendedOffset
  log.durable()
  assert.equal(peer.received, '+OK\r\n')
})

test('who is alone no more is found out, and then all are answered when their turn ends', () => {
  const { world, peer } = lone()
  const other = world.connect()
  let direct = 0
  for (let i = 0; i < 64; i++) {
    for (const one of [peer, other]) {
      one.received = ''
      world.feed(one, encode('TAKE', 'x'))
      if (one.received !== '') direct++
    }
    world.host.timers.turn()
    assert.notEqual(peer.received, '')
    assert.notEqual(other.received, '')
  }
  assert.ok(direct > 0 && direct <= 32, `${direct} reads`)
})

test('a long read ends no turn: more of it may follow', () => {
  const { world, peer } = lone()
  const request = encode('TAKE', 'x')
  world.feed(peer, request.repeat(Math.floor(16384 / request.length)))
  assert.notEqual(peer.received, '')
  peer.received = ''
  world.feed(peer, request.repeat(Math.ceil(16385 / request.length)))
  assert.equal(peer.received, '')
})

test('a log that gathers has even those wait who are alone', () => {
  const { world, peer } = lone({ gatherMs: 5 })
  world.feed(peer, encode('TAKE', 'x'))
  assert.equal(peer.received, '')
})
