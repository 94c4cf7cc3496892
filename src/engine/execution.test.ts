/** Commands inside others: their effects, who is served when, and what goes on later. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1 } from '../bytes/index.ts'
import { Request } from '../resp/index.ts'
import type { Call, CommandSpec } from './command.ts'
import { encode, FACTS, World } from './engine.fixture.ts'

const log = (...commands: readonly string[]) =>
  commands.map((line) => encode(...line.split(' '))).join('')

/** Runs a line of text inside the running command. */
function runInside({ engine }: World, { client }: Call, line: string): void {
  const request = new Request()
  request.assign(line.split(' ').map(fromLatin1))
  const command = engine.table.resolve(request)
  assert.ok(command)
  engine.execution.call(client, command, request)
}

/** RUN line…: each argument is a command; PAUSING does the same with a pause before each. */
function nesting(world: World): readonly CommandSpec[] {
  return [
    {
      ...FACTS,
      name: 'RUN',
      arity: -1,
      flags: [],
      run(call, args) {
        const lines = Array.from({ length: args.left }, () => args.text())
        const { execution } = world.engine
        execution.enter()
        call.reply.array(lines.length)
        const step = (from: number): void => {
          for (let i = from; i < lines.length; i++) {
            runInside(world, call, lines[i]!)
            if (execution.isSuspending) {
              execution.suspend(() => step(i + 1))
              return
            }
          }
          execution.leave()
        }
        step(0)
      },
    },
    {
      ...FACTS,
      name: 'PAUSING',
      arity: -1,
      flags: [],
      run(call, args) {
        const lines = Array.from({ length: args.left }, () => args.text().replaceAll('/', ' '))
        const { execution } = world.engine
        execution.enter()
        const step = (): void => {
          const line = lines.shift()
          if (line === undefined) {
            call.reply.ok()
            execution.leave()
            return
          }
          const mark = call.reply.at
          runInside(world, call, line)
          call.reply.at = mark
          execution.suspend(step)
        }
        step()
      },
    },
    {
      ...FACTS,
      name: 'USE',
      arity: 2,
      flags: [],
      run({ client, keyspace, reply }, args) {
        client.db = keyspace.databases[args.int()]!
        reply.ok()
      },
    },
    {
      ...FACTS,
      name: 'NOW',
      arity: 1,
      flags: [],
      run: ({ keyspace, reply }) => reply.integer(keyspace.nowMs),
    },
  ]
}

test('the effects of commands inside another one are one transaction, or none', () => {
  const world = new World(nesting)
  const peer = world.connect()
  world.send(peer, encode('RUN', 'TAKE a', 'USE 1', 'USE 0'))
  assert.equal(world.effects, '')
  world.send(peer, encode('RUN', 'PUT a 1', 'TAKE a'))
  assert.equal(world.effects, log('SELECT 0', 'PUT a 1'))
  world.effects = ''
  world.send(peer, encode('RUN', 'PUT b 1', 'USE 1', 'TWICE c', 'REFUSE', 'RUN', 'PUT d 1'))
  const inside = ['PUT b 1', 'SELECT 1', 'ONE c', 'TWO c 2', 'PUT d 1']
  assert.equal(world.effects, log('MULTI', ...inside, 'EXEC'))
  assert.equal(peer.received.split('-WRONG it is').length, 2)
  world.effects = ''
  world.send(peer, encode('PUT', 'e', '1'))
  assert.equal(world.effects, log('PUT e 1'), 'the database is the one that was selected inside')
})

test('what expires between the commands inside another one is told in its place', () => {
  const world = new World(nesting)
  const { effects } = world.engine
  effects.beginGroup()
  effects.sendAlone(0, 'DEL', 'x')
  effects.endGroup()
  effects.beginGroup()
  effects.beginGroup()
  effects.sendAlone(0, 'DEL', 'y')
  effects.endGroup()
  effects.sendAlone(1, 'DEL', 'z')
  effects.endGroup()
  const whole = log('SELECT 0', 'DEL x', 'MULTI', 'DEL y', 'SELECT 1', 'DEL z', 'EXEC')
  assert.equal(world.effects, whole)
})

test('who waits for a key is served when the outer command is over, and inside nobody waits', () => {
  const world = new World(nesting)
  const [waiter, peer] = [world.connect(), world.connect()]
  world.send(waiter, encode('AWAIT', '0', 'k'))
  world.send(peer, encode('RUN', 'PUT k v', 'TAKE k', 'AWAIT 0 none', 'MOVE 0 none x'))
  assert.equal(waiter.received, '$1\r\nv\r\n')
  assert.equal(peer.received, '*4\r\n+OK\r\n$1\r\nv\r\n$-1\r\n*-1\r\n')
  assert.equal(peer.client.isBlocked, false)
})

test('a command that goes on later is whole: nobody sees or serves its half, time stands still', () => {
  const world = new World(nesting)
  const [waiter, peer, other] = [world.connect(), world.connect(), world.connect()]
  world.send(waiter, encode('AWAIT', '0', 'k'))
  world.send(other, encode('USE', '1'))
  const inner = 'PAUSING PUT/k/1 PUT/l/2 PUT/m/3'
  world.feed(peer, encode('RUN', 'NOW', inner, 'NOW', 'PUT n 4') + encode('TAKE', 'n'))
  let turns = 0
  const comeBetween = () => {
    if (!world.keyspace.isMidCommand) return
    assert.deepEqual([peer.received, waiter.received], ['', ''])
    world.host.clock.advance(5)
    world.feed(other, encode('PUT', `o${turns++}`, '1'))
    world.host.timers.later(comeBetween)
  }
  world.host.timers.later(comeBetween)
  world.host.timers.turn()
  const [, from, , to] = peer.received.split('\r\n')
  assert.equal(from, to)
  assert.ok(peer.received.endsWith('+OK\r\n$1\r\n4\r\n'))
  assert.equal(waiter.received, '$1\r\n1\r\n')
  assert.equal(world.keyspace.isMidCommand, false)
  const inside = ['PUT k 1', 'PUT l 2', 'PUT m 3', 'PUT n 4']
  assert.ok(world.effects.includes(log('MULTI', 'SELECT 0', ...inside, 'EXEC')))
  assert.match(world.effects, /SELECT.*o0.*o1.*MULTI.*REMOVE/s)
  assert.equal(turns, 2)
})

test('of two commands that go on later, the end of the first is not that of the second', () => {
  const world = new World(nesting)
  const [waiter, first, second] = [world.connect(), world.connect(), world.connect()]
  world.send(waiter, encode('AWAIT', '0', 'k'))
  world.feed(first, encode('PAUSING', 'PUT/a/1', 'PUT/b/2') + encode('TAKE', 'b'))
  const lines = ['PUT/k/1', 'PUT/l/2', 'PUT/m/3', 'PUT/n/4']
  world.feed(second, encode('PAUSING', ...lines) + encode('TAKE', 'n'))
  let turns = 0
  const look = () => {
    if (first.received !== '' && second.client.isBlocked) {
      turns++
      assert.equal(world.keyspace.isMidCommand, true)
      assert.equal(waiter.received, '')
    }
    if (second.received === '') world.host.timers.later(look)
  }
  world.host.timers.later(look)
  world.host.timers.turn()
  assert.ok(turns > 0)
  assert.equal(first.received, '+OK\r\n$1\r\n2\r\n')
  assert.equal(second.received, '+OK\r\n$1\r\n4\r\n')
  assert.equal(waiter.received, '$1\r\n1\r\n')
  assert.equal(world.keyspace.isMidCommand, false)
})

test('a client that waits for keys is refused like others when its turn comes', () => {
  const world = new World(nesting)
  const [waiter, peer] = [world.connect(), world.connect()]
  world.send(waiter, encode('AWAIT', '0', 'k') + encode('TAKE', 'k'))
  world.send(peer, encode('RUN', 'PUT k v'))
  assert.equal(waiter.received, '$1\r\nv\r\n$-1\r\n')
  world.send(waiter, encode('AWAIT', '0', 'k') + encode('TAKE', 'k'))
  world.engine.admission.update({ misconf: 'MISCONF disk' })
  const [database] = world.keyspace.databases
  const text = fromLatin1(encode('PUT', 'k', 'v'))
  world.engine.replay(text, 0, text.length)
  world.host.timers.turn()
  assert.equal(waiter.received, '$1\r\nv\r\n$-1\r\n-MISCONF disk\r\n$1\r\nv\r\n')
  assert.equal(database?.count, 1)
})
