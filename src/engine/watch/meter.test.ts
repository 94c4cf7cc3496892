/** How commands are timed, with a clock that only commands move. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../../bytes/index.ts'
import { simulatedHost } from '../../host/index.ts'
import { Keyspace } from '../../keyspace/index.ts'
import type { Args } from '../args.ts'
import { type CommandSpec, group } from '../command.ts'
import { Engine } from '../engine.ts'
import { CommandTable } from '../table.ts'

const FACTS = { syntax: '', summary: '', since: '1.0.0', complexity: 'O(N)', arity: -1 } as const

/** An engine whose commands take as many milliseconds as they are told. */
function open() {
  const host = simulatedHost(1)
  const spend = (args: Args) => host.clock.advance(Number(args.text()))
  const row = (name: string, flags: CommandSpec['flags']): CommandSpec => ({
    ...FACTS,
    name,
    flags,
    run({ reply }, args) {
      if (args.left > 0) spend(args)
      reply.ok()
    },
  })
  const outer: CommandSpec = {
    ...row('OUTER', ['skip_slowlog']),
    run({ reply }, args) {
      spend(args)
      const inner = engine.table.get('short')!
      engine.meter.enter({ call: { client }, args })
      engine.meter.next(inner, client, args.request)
      inner.stats.calls++
      spend(args)
      engine.meter.leave()
      spend(args)
      reply.ok()
    },
  }
  const pausing: CommandSpec = {
    ...row('PAUSING', []),
    run({ reply }, args) {
      spend(args)
      engine.execution.suspend(() => {
        host.clock.advance(1)
        reply.ok()
      })
    },
  }
  const rows = [
    pausing,
    row('SHORT', ['fast']),
    row('QUICK', ['fast']),
    row('LONG', []),
    row('HIDDEN', ['admin']),
    { ...row('SECRET', []), secrets: () => [1] },
    outer,
  ]
  const table = new CommandTable([group('test', rows)])
  const engine = new Engine(host, new Keyspace(host, 1), table)
  let received = ''
  const connect = () =>
    engine.connect(
      { address: '1.2.3.4:5', localAddress: '', fileDescriptor: -1, isUnixSocket: false },
      {
        send: (bytes, start, end) => {
          received += latin1(bytes, start, end)
          return true
        },
        close: () => {},
        pendingBytes: 0,
      },
    )
  const client = connect()
  const send = (...lines: string[]) => {
    const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')
    engine.receive(client, bytes, 0, bytes.length)
    host.timers.turn()
  }
  const take = () => {
    const taken = received.replaceAll('+OK\r\n', '')
    received = ''
    return taken
  }
  const stats = (name: string) => engine.table.get(name)!.stats
  const slow = () =>
    engine.meter.slowLog.entries.map(({ argv, microseconds }) =>
      [microseconds, ...argv.map((arg) => latin1(arg))].join(' '),
    )
  return { host, engine, connect, client, send, take, stats, slow }
}

function armSlowLog({ engine }: ReturnType<typeof open>, slowerThanUs: number): void {
  engine.meter.slowLog.slowerThanUs = slowerThanUs
  engine.meter.slowLog.lengthMax = 100
  engine.meter.rearm()
}

test('short commands that come together share their time, and sums are exact', () => {
  const { send, stats } = open()
  send('SHORT 0.001', 'SHORT 0.002', 'SHORT 0.003', 'QUICK 5')
  assert.equal(stats('short').calls, 3)
  assert.ok(Math.abs(stats('short').microseconds - 6) < 0.01)
  assert.equal(stats('short').durations!.percentile(1), stats('short').durations!.percentile(100))
  assert.ok(Math.abs(stats('quick').microseconds - 5000) < 0.01)
})

test('commands that took long are timed alone the next time', () => {
  const { send, stats } = open()
  send('SHORT 4', 'SHORT 4')
  send('SHORT 1', 'SHORT 20', 'SHORT 1')
  const { durations } = stats('short')
  assert.equal(durations!.total, 5)
  assert.ok(durations!.percentile(100) > 19e6)
})

test('a command that is not always short is timed alone from the first', () => {
  const { send, stats } = open()
  send('LONG 1', 'LONG 20', 'LONG 1')
  assert.equal(stats('long').durations!.total, 3)
  assert.ok(stats('long').durations!.percentile(100) > 19e6)
})

test('time between reads is nobody’s', () => {
  const { host, send, stats } = open()
  send('SHORT 1')
  host.clock.advance(1000)
  send('SHORT 1')
  assert.ok(Math.abs(stats('short').microseconds - 2000) < 0.01)
})

test('the slow log keeps what took at least as long as its threshold', () => {
  const world = open()
  armSlowLog(world, 10_000)
  world.send('LONG 9.99', 'LONG 10', 'LONG 1')
  assert.deepEqual(world.slow(), ['10000 LONG 10'])
  world.send('SHORT 4', 'SHORT 3', 'SHORT 4')
  assert.deepEqual(world.slow(), ['11000 SHORT 4', '10000 LONG 10'])
})

test('with a threshold of 0 it keeps every command, each with its own time', () => {
  const world = open()
  armSlowLog(world, 0)
  world.send('SHORT 0', 'SHORT 0.5', 'QUICK')
  assert.deepEqual(world.slow(), ['0 QUICK', '500 SHORT 0.5', '0 SHORT 0'])
})

test('a negative threshold or no room keeps nothing, and room that shrinks drops the oldest', () => {
  const world = open()
  armSlowLog(world, -1)
  world.send('LONG 100')
  assert.deepEqual(world.slow(), [])
  armSlowLog(world, 0)
  world.send('LONG 1', 'LONG 2', 'LONG 3')
  world.engine.meter.slowLog.lengthMax = 2
  world.send('LONG 4')
  assert.deepEqual(world.slow(), ['4000 LONG 4', '3000 LONG 3'])
  world.engine.meter.slowLog.lengthMax = 0
  world.engine.meter.rearm()
  world.send('LONG 5')
  assert.equal(world.slow().length, 2)
})

test('the time of an inner command is its own and that of the outer one too', () => {
  const world = open()
  armSlowLog(world, 0)
  world.send('OUTER 1 2 4')
  assert.equal(world.stats('short').microseconds, 2000)
  assert.equal(world.stats('outer').microseconds, 7000)
  // The outer one is not for the slow log.
  assert.deepEqual(world.slow(), ['2000 OUTER 1 2 4'])
})

test('a command that goes on later is one, and its time has not stood still', () => {
  const world = open()
  armSlowLog(world, 0)
  const { engine, host, client, slow, stats } = world
  const bytes = Buffer.from('PAUSING 2 text\r\nLONG 4\r\n', 'latin1')
  engine.receive(client, bytes, 0, 16)
  engine.receive(world.connect(), bytes, 16, bytes.length)
  bytes.fill(0)
  host.timers.turn()
  assert.deepEqual(slow(), ['7000 PAUSING 2 text', '4000 LONG 4'])
  assert.equal(stats('pausing').calls, 1)
  assert.equal(stats('pausing').microseconds, 7000)
})

test('counters that are set back count on from the command that did it', () => {
  const { engine, send, stats } = open()
  send('SHORT 0', 'SHORT 0')
  engine.resetStats()
  assert.equal(stats('short').calls, 0)
  send('SHORT 0')
  assert.equal(stats('short').calls, 1)
  assert.equal(stats('short').durations!.total, 1)
})

test('the latency monitor tells short commands from others, and keeps the longest of a second', () => {
  const { engine, host, send } = open()
  engine.meter.latency.thresholdMs = 5
  engine.meter.rearm()
  send('LONG 4.9', 'LONG 7', 'LONG 6', 'SHORT 5')
  host.clock.advance(1000)
  send('LONG 5')
  const series = (event: string) => engine.meter.latency.all.get(event)
  assert.deepEqual(
    series('command')!.samples.map(({ lastedMs }) => lastedMs),
    [7, 5],
  )
  assert.equal(series('command')!.mostMs, 7)
  assert.equal(series('fast-command')!.mostMs, 5)
  assert.equal(engine.meter.latency.reset('COMMAND'), 1)
  assert.equal(engine.meter.latency.reset(), 1)
})

test('monitors are shown every command but those of administrators, without its secrets', () => {
  const { engine, host, connect, client, send, take } = open()
  const monitor = connect()
  engine.meter.monitors.add(monitor)
  send('SHORT 0 "a b\\n"', 'HIDDEN', 'SECRET 0 word', 'OUTER 0 0 0')
  const seconds = Math.floor(host.clock.nowMs() / 1000)
  const lines = take().replaceAll(/\.\d{6} /g, ' ')
  const from = `+${seconds} [0 1.2.3.4:5]`
  assert.equal(
    lines,
    `${from} "SHORT" "0" "a b\\n"\r\n${from} "SECRET" "(redacted)" "word"\r\n` +
      `${from} "OUTER" "0" "0" "0"\r\n${from} "OUTER" "0" "0" "0"\r\n`,
  )
  engine.meter.monitors.remove(monitor)
  send('SHORT')
  assert.equal(take(), '')
  assert.equal(client.isClosed, false)
})
