/** Loading in slices: clients are served meanwhile, if only to be told that data is loaded. */
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import { Config } from '../src/config/index.ts'
import { type SimulatedDisk, type SimulatedHost, simulatedHost } from '../src/host/index.ts'
import { Logger, Store } from '../src/store/index.ts'
import { encode } from './support/link.ts'
import { freshFolder, removeFolder, runHoldfast } from './support/servers.ts'
import { World } from './support/world.ts'

/** A store that loads in slices, and a client of it. */
interface Opening {
  readonly store: Store
  readonly host: SimulatedHost
  /** `undefined` when it is open, or the error. */
  result(): unknown
  ask(...words: string[]): string
}

/** Opens a store on a disk, slowly. */
function open(disk: SimulatedDisk, directives: readonly string[]): Opening {
  // What ends off the loop ends in the turns of this host, and not in those of the one before.
  const found = disk.afterKill((finish) => host.timers.soon(finish))
  const host = simulatedHost(2, found)
  const argv = [...directives, '--dir', '/data', '--key-load-delay', '50']
  let opened: unknown = 'no'
  const store = Store.openPaced(
    {
      config: Config.parse({ argv, cwd: '/data' }),
      host,
      logger: new Logger(host.clock, 1, () => {}),
      identity: {
        ...{ runId: '0'.repeat(40), startedMs: 0, processId: 1, executable: '', configFile: '' },
        ...{ tcpPort: 0, version: '0.0.0', system: '', systemMemoryBytes: 0 },
      },
      processMemory: () => ({ residentBytes: 0, heapBytes: 0 }),
      processTime: () => ({ userUs: 0, systemUs: 0 }),
      heapBytes: () => 0,
      loopFigures: () => ({ cycles: 0, busyUs: 0 }),
      shutdown: () => undefined,
    },
    (error) => {
      opened = error
    },
  )
  let said = ''
  const client = store.connect({
    send: (bytes, start, end) => {
      said += latin1(bytes, start, end)
      return true
    },
    close: () => {},
    pendingBytes: 0,
  })
  const ask = (...words: string[]) => {
    said = ''
    const bytes = encode(words)
    store.engine.receive(client, bytes, 0, bytes.length)
    host.timers.turn()
    return said
  }
  return { store, host, result: () => opened, ask }
}

/** A disk with 5000 keys, in a log or a snapshot. */
function filledDisk(appendonly: string): SimulatedDisk {
  const first = new World({ directives: ['--appendonly', appendonly, '--save', ''] })
  for (let i = 0; i < 5000; i++) first.ask('SET', `key:${i}`, 'x'.repeat(100))
  if (appendonly === 'no') first.ask('SAVE')
  first.close()
  return first.host.files
}

for (const appendonly of ['yes', 'no']) {
  test(`while a store loads, clients are told so (appendonly ${appendonly})`, () => {
    const directives = ['--appendonly', appendonly, '--save', '']
    const { host, ask, result } = open(filledDisk(appendonly), directives)
    assert.match(ask('GET', 'key:1'), /^-LOADING /)
    const info = ask('INFO', 'persistence')
    assert.match(info, /^loading:1\r$/m)
    assert.ok(Number(/^loading_loaded_bytes:(\d+)\r$/m.exec(info)?.[1]) > 0)
    assert.ok(Number(/^loading_total_bytes:(\d+)\r$/m.exec(info)?.[1]) > 10_000)
    host.timers.advance(2000)
    assert.equal(result(), undefined, 'it is open, and without an error')
    assert.match(ask('DBSIZE'), /^:5000\r\n$/)
    assert.doesNotMatch(ask('INFO', 'persistence'), /loading_loaded_bytes/)
  })

  test(`appendonly ${appendonly} may be changed while a store loads, and acts after it`, () => {
    const other = appendonly === 'yes' ? 'no' : 'yes'
    const disk = filledDisk(appendonly)
    const { store, host, ask, result } = open(disk, ['--appendonly', appendonly, '--save', ''])
    assert.match(ask('CONFIG', 'SET', 'appendonly', other), /^\+OK/)
    assert.match(ask('INFO', 'persistence'), /^loading:1\r$/m)
    host.timers.advance(2000)
    assert.equal(result(), undefined)
    assert.match(ask('DBSIZE'), /^:5000\r\n$/)
    const isOn = other === 'yes' ? 1 : 0
    assert.match(ask('INFO', 'persistence'), new RegExp(`^aof_enabled:${isOn}\r$`, 'm'))
    assert.match(ask('SET', 'later', 'x'), /^\+OK/)
    for (let i = 0; /^aof_rewrite_in_progress:1\r$/m.test(ask('INFO', 'persistence')); i++) {
      assert.ok(i < 1000, 'its first base is written')
      host.timers.advance(1)
    }
    if (other === 'no') assert.match(ask('SAVE'), /^\+OK/)
    let isClosed = false
    store.close(() => {
      isClosed = true
    })
    host.timers.turn()
    assert.ok(isClosed)
    const again = open(host.files, ['--appendonly', other, '--save', ''])
    again.host.timers.advance(2000)
    assert.match(again.ask('DBSIZE'), /^:5001\r\n$/)
  })
}

test('with aof-timestamp-enabled the log says when its commands came, and loads', () => {
  const world = new World({ directives: ['--aof-timestamp-enabled', 'yes'] })
  const seconds = () => Math.floor(world.host.clock.nowMs() / 1000)
  const first = seconds()
  world.ask('SET', 'a', '1')
  world.ask('SET', 'b', '2')
  world.wait(3000)
  const later = seconds()
  world.ask('SET', 'c', '3')
  world.wait(10)
  const text = latin1(world.host.files.readAll('/data/appendonlydir/appendonly.aof.1.incr.aof'))
  assert.deepEqual(text.match(/#TS:\d+\r\n/g), [`#TS:${first}\r\n`, `#TS:${later}\r\n`])
  world.close()
  assert.equal(world.reopened().store.keyspace.count, 3)
})

test('a damaged snapshot ends the start with status 1 and the words that tools look for', async () => {
  const folder = freshFolder()
  try {
    const file = join(folder, 'dump.rdb')
    writeFileSync(file, 'REDIS0010\x0d\x01k\x04none\xff')
    const args = ['--port', '0', '--unixsocket', join(folder, 'socket'), '--dir', folder]
    const { status, stdout, stderr } = await runHoldfast(args)
    assert.equal(status, 1)
    const reason = 'Hash ziplist integrity check failed'
    const lines = stdout.trimEnd().split('\n').slice(-3)
    assert.match(lines[0]!, new RegExp(`# Internal error in RDB reading offset 17: ${reason}$`))
    const fatal = `Cannot load "${file}": ${reason} at byte 17`
    assert.ok(lines[1]!.endsWith(`# Fatal error loading the DB: ${fatal}`), lines[1])
    assert.ok(lines[2]!.endsWith('# Terminating server after rdb file reading failure.'))
    assert.equal(stderr, `holdfast: ${fatal}\n`)
    assert.deepEqual(readdirSync(folder), ['dump.rdb'])
  } finally {
    removeFolder(folder)
  }
})
