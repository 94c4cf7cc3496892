/** Turns of the loop that last long end, and what is left goes on in the next. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import type { Client } from './client.ts'
import type { CommandSpec } from './command.ts'
import { encode, FACTS, Peer, World } from './engine.fixture.ts'

/** A command that takes a millisecond, and replies with how many of its kind have run. */
function slow(world: World): readonly CommandSpec[] {
  let runs = 0
  return [
    {
      ...FACTS,
      name: 'SLOW',
      arity: 1,
      flags: ['write'],
      run({ reply, effects }) {
        world.host.clock.advance(1)
        reply.integer(++runs)
        effects.replaceWith('RAN', runs)
      },
    },
    {
      ...FACTS,
      name: 'BACK',
      arity: 1,
      flags: [],
      run({ reply }) {
        world.host.clock.advance(-100_000)
        reply.ok()
      },
    },
  ]
}

/** Connects a client whose replies, and the holding of whose socket, are noted in `seen`. */
function connect({ engine }: World, name: string, seen: string[]): Client {
  const outlet = {
    send: (bytes: Uint8Array, start: number, end: number) => {
      seen.push(`${name} ${latin1(bytes, start, end).split('\r\n').length - 1}`)
      return true
    },
    close: (how: 'flushed' | 'now') => {
      seen.push(`${name} ${how}`)
    },
    pendingBytes: 0,
    hold: (isHeld: boolean) => {
      seen.push(`${name} ${isHeld ? 'held' : 'let go'}`)
    },
  }
  const origin = { address: '', localAddress: '', fileDescriptor: -1, isUnixSocket: false }
  return engine.connect(origin, outlet)
}

function receive({ engine }: World, client: Client, text: string): void {
  engine.receive(client, Buffer.from(text, 'latin1'), 0, text.length)
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `:${from + n}\r\n`).join('')

test('who has sent much that takes long is put off to the next turn, after others', () => {
  const world = new World(slow)
  const seen: string[] = []
  const many = connect(world, 'many', seen)
  const one = connect(world, 'one', seen)
  receive(world, many, encode('SLOW').repeat(300))
  assert.deepEqual(seen, ['many held'])
  assert.ok(many.isLate)
  // It came before, and is not overtaken by what the same client sends now.
  receive(world, many, encode('TAKE', 'k'))
  receive(world, one, encode('TAKE', 'k'))
  world.host.timers.turn()
  const turns = ['many 128', 'one 1', 'many held', 'many 128', 'many let go', 'many 45']
  assert.deepEqual(seen.slice(1), turns)
  assert.ok(!many.isLate)
  assert.equal(world.engine.stats.inputBytes, many.receivedBytes + one.receivedBytes)
  assert.equal(world.engine.stats.reads, 3)
})

test('who is read between the goes of another is answered before the next go', () => {
  const world = new World(slow)
  const seen: string[] = []
  const many = connect(world, 'many', seen)
  const one = connect(world, 'one', seen)
  receive(world, many, encode('SLOW').repeat(300))
  // Others are read after the first turn, and before the next go.
  world.host.timers.soon(() => receive(world, one, encode('TAKE', 'k')))
  world.host.timers.turn()
  const first = ['many held', 'many 128']
  const second = ['one 1', 'many held', 'many 128']
  assert.deepEqual(seen, [...first, ...second, 'many let go', 'many 44'])
})

test('what takes no time is not put off', () => {
  const world = new World(slow)
  const seen: string[] = []
  receive(world, connect(world, 'one', seen), encode('TAKE', 'k').repeat(2000))
  world.host.timers.turn()
  assert.deepEqual(seen, ['one 2000'])
})

test('a clock that is put back ends the turn, and not the serving', () => {
  const world = new World(slow)
  const peer = new Peer(world.engine)
  world.send(peer, encode('BACK') + encode('SLOW').repeat(500))
  assert.equal(peer.received, `+OK\r\n${numbers(1, 500)}`)
})

test('replies and effects are the same, however often turns end', () => {
  const random = seeded()
  const pick = () => {
    const key = `k${random.between(0, 5)}`
    return random.pick([encode('SLOW'), encode('PUT', key, 'v'), encode('TAKE', key), 'TAKE k\r\n'])
  }
  for (let round = 0; round < 20; round++) {
    const text = Array.from({ length: 1500 }, pick).join('')
    const [whole, cut] = [new World(slow), new World(slow)]
    const [first, second] = [whole.connect(), cut.connect()]
    // With a request a turn, no turn is long.
    for (let at = 0; at < text.length; at += 20) whole.send(first, text.slice(at, at + 20))
    cut.send(second, text, () => random.between(1, 64 * 1024))
    assert.equal(second.received, first.received)
    assert.equal(cut.effects, whole.effects)
  }
})

test('who sends no more is answered all that it has sent, and ends then', () => {
  const world = new World(slow)
  const peer = world.connect()
  world.feed(peer, encode('SLOW').repeat(1000))
  assert.ok(peer.client.isLate)
  world.engine.endInput(peer.client)
  world.host.timers.turn()
  assert.equal(peer.received, numbers(1, 1000))
  assert.equal(peer.closed, 'flushed')
})

test('who is gone is not gone on with', () => {
  const world = new World(slow)
  const peer = world.connect()
  world.feed(peer, encode('SLOW').repeat(1000))
  world.engine.disconnect(peer.client)
  world.host.timers.turn()
  assert.ok(world.effects.endsWith(encode('RAN', '128')))
})

test('who waits while it is put off goes on when it need not wait', () => {
  const world = new World(slow)
  const peer = world.connect()
  world.feed(
    peer,
    encode('SLOW').repeat(200) + encode('AWAIT', '0', 'k') + encode('SLOW').repeat(9),
  )
  world.host.timers.turn()
  assert.equal(peer.received, numbers(1, 200))
  // More may be there to be read while it waits.
  world.host.clock.advance(10)
  world.engine.endTurn(peer.client)
  world.host.timers.turn()
  assert.equal(peer.received, numbers(1, 200))
  world.send(world.connect(), encode('PUT', 'k', 'v'))
  assert.equal(peer.received, `${numbers(1, 200)}$1\r\nv\r\n${numbers(201, 209)}`)
})

test('a log is replayed at once, however long it takes', () => {
  const world = new World(slow)
  const text = encode('SLOW').repeat(1000)
  assert.equal(world.engine.replay(Buffer.from(text), 0, text.length), undefined)
  const peer = world.connect()
  world.send(peer, encode('SLOW'))
  assert.equal(peer.received, ':1001\r\n')
})

test('who may have more to be read is read on in this turn, or in the next when it is long', () => {
  const world = new World(slow)
  const seen: string[] = []
  const client = connect(world, 'one', seen)
  receive(world, client, encode('SLOW'))
  world.engine.endTurn(client)
  world.host.timers.turn()
  assert.deepEqual(seen, ['one 1'])
  receive(world, client, encode('SLOW').repeat(3))
  receive(world, client, encode('SLOW'))
  world.engine.endTurn(client)
  world.host.timers.turn()
  assert.deepEqual(seen.slice(1), ['one held', 'one 3', 'one 1', 'one let go'])
})
