/** Watching a running store: MONITOR, SLOWLOG, LATENCY and INFO tell what has happened. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import type { Client } from '../src/engine/index.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

interface Talk {
  readonly client: Client
  /** Sends lines together. @returns what has come, as it stands on the wire. */
  ask(...lines: string[]): string
}

function talk(world: World): Talk {
  let received = ''
  const client = world.store.connect({
    send: (bytes, start, end) => {
      received += latin1(bytes, start, end)
      return true
    },
    close: () => {},
    pendingBytes: 0,
  })
  return {
    client,
    ask: (...lines) => {
      const bytes = Buffer.concat(lines.map((line) => encode(line.split(' '))))
      if (lines.length > 0) world.store.engine.receive(client, bytes, 0, bytes.length)
      world.host.timers.turn()
      const taken = received
      received = ''
      return taken
    },
  }
}

const field = (text: string, name: string) =>
  new RegExp(`^${name.replace('|', '\\|')}:(.*)\\r$`, 'm').exec(text)?.[1]

test('a monitor sees a command that waits once, when it came', () => {
  const world = new World()
  const [monitor, waiting, other] = [talk(world), talk(world), talk(world)]
  monitor.ask('MONITOR')
  waiting.ask('BLPOP list 0')
  other.ask('RPUSH list a')
  assert.equal(waiting.ask(), '*2\r\n$4\r\nlist\r\n$1\r\na\r\n')
  assert.deepEqual(
    [...monitor.ask().matchAll(/\] (.*)\r\n/g)].map(([, words]) => words),
    ['"BLPOP" "list" "0"', '"RPUSH" "list" "a"'],
  )
  world.close()
})

test('a monitor sees what came in one read, in order, and its line breaks no reply', () => {
  const world = new World()
  const [monitor, other] = [talk(world), talk(world)]
  monitor.ask('MONITOR')
  const replies = other.ask('SET a 1', 'INCR a', 'MULTI', 'GET a', 'INCR a x', 'EXEC', 'PING')
  assert.match(replies, /^\+OK\r\n:2\r\n\+OK\r\n\+QUEUED\r\n-ERR wrong[^\r]*\r\n-EXECABORT/)
  assert.deepEqual(
    [...monitor.ask().matchAll(/\] (.*)\r\n/g)].map(([, words]) => words),
    ['"SET" "a" "1"', '"INCR" "a"', '"MULTI"', '"EXEC"', '"PING"'],
  )
  world.close()
})

test('a monitor sees a script before the commands that it calls', () => {
  const world = new World()
  const [monitor, other] = [talk(world), talk(world)]
  monitor.ask('MONITOR')
  other.ask('SELECT 1', "EVAL redis.call('set',KEYS[1],2) 1 a")
  assert.deepEqual(
    [...monitor.ask().matchAll(/(\[.*)\r\n/g)].map(([, line]) => line),
    [
      '[1 127.0.0.1:0] "SELECT" "1"',
      `[1 127.0.0.1:0] "EVAL" "redis.call('set',KEYS[1],2)" "1" "a"`,
      '[1 lua] "set" "a" "2"',
    ],
  )
  world.close()
})

test('nobody is shown anything once the monitors are gone', () => {
  const world = new World()
  const [monitor, other] = [talk(world), talk(world)]
  monitor.ask('MONITOR')
  world.store.engine.disconnect(monitor.client)
  other.ask('PING')
  assert.equal(world.store.engine.meter.monitors.isOn, false)
  assert.equal(monitor.ask(), '')
  world.close()
})

test('CLIENT LIST shows who monitors, and what the asking client has sent', () => {
  const world = new World()
  const [monitor, other] = [talk(world), talk(world)]
  monitor.ask('MONITOR')
  const lines = other.ask('CLIENT LIST').split('\n')
  assert.match(lines[1]!, / flags=O .* qbuf=0 .* cmd=monitor /)
  assert.match(lines[2]!, / flags=N .* qbuf=26 .* argv-mem=10 .* cmd=client\|list /)
  world.close()
})

test('the slow log keeps a command that waited once, when it has been served', () => {
  const world = new World()
  const [waiting, other] = [talk(world), talk(world)]
  other.ask('CONFIG SET slowlog-log-slower-than 0')
  waiting.ask('BLPOP list 0')
  const words = () =>
    world.store.engine.meter.slowLog.entries.map(({ argv }) => latin1(argv[0]!)).join(' ')
  assert.equal(words(), 'CONFIG')
  other.ask('RPUSH list a')
  assert.equal(words(), 'BLPOP RPUSH CONFIG')
  world.close()
})

test('reading the log counts no calls', () => {
  const world = new World()
  const before = talk(world)
  before.ask('SET a 1', 'SET b 2')
  world.close()
  const again = world.reopened()
  const { ask } = talk(again)
  const info = ask('INFO all')
  assert.equal(field(info, 'cmdstat_set'), undefined)
  assert.equal(field(info, 'total_commands_processed'), '0')
  assert.equal(ask('LATENCY HISTOGRAM set'), '*0\r\n')
  again.close()
})

test('INFO latencystats shows the percentiles that are set', () => {
  const world = new World()
  const { ask } = talk(world)
  ask('CONFIG SET latency-tracking-info-percentiles 50', 'SET a 1', 'CLIENT ID')
  const info = ask('INFO latencystats')
  assert.equal(field(info, 'latency_percentiles_usec_set'), 'p50=0.001')
  assert.equal(field(info, 'latency_percentiles_usec_client|id'), 'p50=0.001')
  world.close()
})

test('events are drawn, explained, and forgotten', () => {
  const world = new World()
  const { ask } = talk(world)
  const { latency } = world.store.engine.meter
  assert.match(ask('LATENCY DOCTOR'), /the latency monitor is off/)
  ask('CONFIG SET latency-monitor-threshold 100')
  assert.match(ask('LATENCY DOCTOR'), /Nothing has taken 100 milliseconds/)
  for (const lastedMs of [300, 99, 400, 500]) {
    latency.add('command', lastedMs)
    world.wait(61_000)
  }
  const seconds = Math.floor(world.host.clock.nowMs() / 1000)
  assert.equal(
    ask('LATENCY LATEST'),
    `*1\r\n*4\r\n$7\r\ncommand\r\n:${seconds - 61}\r\n:500\r\n:500\r\n`,
  )
  const columns = ['  #', ' _|', ' ||', '_||', '   ', '421', 'mmm']
  const graph = `command - high 500 ms, low 300 ms (all time high 500 ms)\n${'-'.repeat(80)}\n`
  const drawn = `${graph}${columns.join('\n')}\n`
  assert.equal(ask('LATENCY GRAPH command'), `$${drawn.length}\r\n${drawn}\r\n`)
  const report = ask('LATENCY DOCTOR')
  assert.match(report, /1\. command: 3 latency spikes \(average 400ms, mean deviation 66ms, period/)
  assert.match(report, /CONFIG SET|SLOWLOG GET/)
  assert.equal(ask('LATENCY RESET COMMAND'), ':1\r\n')
  assert.equal(ask('LATENCY LATEST'), '*0\r\n')
  world.close()
})

test('a slice of expiry that held the loop for too long is an event', () => {
  const world = new World()
  const { ask } = talk(world)
  ask('CONFIG SET latency-monitor-threshold 5', 'SET a 1 PX 10')
  // The clock moves while the entry is taken out.
  const { databases, observers } = world.store.keyspace
  observers.add({ removed: () => world.host.clock.advance(7) })
  world.wait(200)
  assert.equal(databases[0]!.count, 0)
  assert.match(
    ask('LATENCY LATEST'),
    /^\*1\r\n\*4\r\n\$12\r\nexpire-cycle\r\n:\d+\r\n:7\r\n:7\r\n$/,
  )
  world.close()
})
