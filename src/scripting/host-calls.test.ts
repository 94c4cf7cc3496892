/** How commands of scripts are timed, with a clock that only the test and commands move. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandTable, clientOfNoOne, Engine, group } from '../engine/index.ts'
import { simulatedHost } from '../host/index.ts'
import { Keyspace } from '../keyspace/index.ts'
import type { Realm } from '../lua/index.ts'
import { HostCalls, type Rights } from './host-calls.ts'

/** A script that may do all, a command that takes 2 ms, and time that passes between its calls. */
function open() {
  const host = simulatedHost(1)
  const engine = new Engine(
    host,
    new Keyspace(host, 1),
    new CommandTable([
      group('test', [
        {
          ...{ syntax: '', summary: '', since: '1.0.0', complexity: 'O(N)', arity: 1, flags: [] },
          name: 'WORK',
          run({ reply }) {
            host.clock.advance(2)
            reply.integer(7)
          },
        },
      ]),
    ]),
  )
  const client = clientOfNoOne(engine.keyspace.databases[0]!, 'lua')
  const calls = new HostCalls(engine, client)
  const rights: Rights = {
    isReadOnly: false,
    allowsOom: false,
    startedOverMemory: false,
    hasWritten: false,
  }
  const meter = { steps: 0 }
  const call = () => calls.call(['work'], rights, meter as Realm['meter']).value
  const { stats } = engine.table.get('work')!
  const wait = (ms: number, steps: number) => {
    host.clock.advance(ms)
    meter.steps += steps
  }
  return { calls, call, client, engine, stats, wait }
}

test('what a script does between its commands is not their time', () => {
  const { calls, call, client, engine, stats, wait } = open()
  engine.execution.enter(true)
  wait(100, 1)
  calls.begin(client)
  assert.equal(call(), 7)
  assert.equal(stats.microseconds, 2000)
  wait(100, 1000)
  call()
  assert.equal(stats.microseconds, 4000)
  // A few steps take no time worth a look at the clock.
  wait(0.0001, 10)
  call()
  assert.equal(Math.round(stats.microseconds * 10), 60_001)
  assert.equal(stats.calls, 3)
  engine.execution.leave()
})

test('the time between two scripts belongs to no command', () => {
  const { calls, call, client, engine, stats, wait } = open()
  for (let n = 1; n <= 3; n++) {
    engine.execution.enter(true)
    calls.begin(client)
    call()
    engine.execution.leave()
    wait(100, 0)
    assert.equal(stats.microseconds, n * 2000)
  }
})
