import assert from 'node:assert/strict'
import test from 'node:test'
import { Config, ConfigSetError, isSensitive } from './config.ts'
import { directives } from './docs.ts'

function config(...argv: string[]): Config {
  return Config.parse({ argv, cwd: '/data' })
}

/** The error text of a CONFIG SET that must fail. */
function refused(target: Config, ...pairs: [string, string][]): string {
  try {
    target.set(pairs)
  } catch (error) {
    if (error instanceof ConfigSetError) return error.message
    throw error
  }
  assert.fail('CONFIG SET was not refused')
}

function shown(target: Config, name: string): string {
  const [pair] = target.get([name])
  return pair![1]
}

test('the defaults are those of the reference', () => {
  const expected: Record<string, string> = {
    appendfsync: 'everysec',
    appendonly: 'no',
    bind: '* -::*',
    'client-output-buffer-limit':
      'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    databases: '16',
    dir: '/data',
    hz: '10',
    'latency-tracking-info-percentiles': '50 99 99.9',
    'list-max-listpack-size': '-2',
    'maxmemory-policy': 'noeviction',
    'notify-keyspace-events': '',
    'oom-score-adj-values': '0 200 800',
    'proto-max-bulk-len': '536870912',
    replicaof: '',
    save: '3600 1 300 100 60 10000',
    'shutdown-on-sigterm': 'default',
    unixsocketperm: '0',
  }
  const target = config()
  for (const [name, value] of Object.entries(expected)) assert.equal(shown(target, name), value)
})

test('values are typed fields named after their directives', () => {
  const { values } = config('--maxmemory', '5mb', '--bind', '::1', '--replicaof', 'h 7')
  assert.equal(values.maxmemory, 5 * 2 ** 20)
  assert.deepEqual(values.bind, ['::1'])
  assert.deepEqual(values.replicaof, { host: 'h', port: 7 })
  assert.equal(values.clientOutputBufferLimit.replica.softSeconds, 60)
  assert.equal(values.appendfsync satisfies 'always' | 'everysec' | 'no', 'everysec')
  assert.deepEqual(values.save[0], { seconds: 3600, changes: 1 })
})

test('every directive can be read back from what it prints', () => {
  const target = config()
  for (const { name, mutable } of directives) {
    // These two are protected.
    if (mutable && name !== 'dir' && name !== 'dbfilename')
      target.set([[name, shown(target, name)]])
  }
})

test('CONFIG GET takes names and patterns in any case and shows nothing twice', () => {
  const target = config()
  assert.deepEqual(target.get(['PORT', 'port', 'po?t']), [['PORT', '6379']])
  assert.deepEqual(
    target.get(['*-READ-only']).map(([name]) => name),
    ['replica-read-only', 'slave-read-only'],
  )
  assert.deepEqual(target.get(['nope', 'nope*']), [])
})

test('CONFIG GET shows a hidden directive only by its exact name', () => {
  const target = config()
  assert.deepEqual(target.get(['key-load-del*']), [])
  assert.deepEqual(target.get(['key-load-delay']), [['key-load-delay', '0']])
})

test('CONFIG SET changes all or nothing', () => {
  const target = config()
  const pairs: [string, string][] = [
    ['hz', '50'],
    ['save', '1 2'],
    ['maxmemory', 'lots'],
  ]
  assert.equal(
    refused(target, ...pairs),
    "CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value",
  )
  assert.equal(target.values.hz, 10)
  assert.equal(target.values.save.length, 3)

  pairs[2] = ['maxmemory', '1gb']
  target.set(pairs)
  assert.deepEqual(
    [target.values.hz, target.values.save, target.values.maxmemory],
    [50, [{ seconds: 1, changes: 2 }], 2 ** 30],
  )
})

test('CONFIG SET refuses what it cannot name, change or tell apart', () => {
  const target = config()
  const about = (name: string) => `CONFIG SET failed (possibly related to argument '${name}') - `
  assert.equal(
    refused(target, ['Nope', '1'], ['databases', '2']),
    "Unknown option or number of arguments for CONFIG SET - 'Nope'",
  )
  assert.equal(
    refused(target, ['Databases', '2'], ['nope', '1']),
    `${about('Databases')}can't set immutable config`,
  )
  assert.equal(refused(target, ['dir', '/']), `${about('dir')}can't set protected config`)
  assert.equal(refused(target, ['hz', '1'], ['HZ', '2']), `${about('HZ')}duplicate parameter`)
  assert.equal(
    refused(target, ['SLAVE-read-only', 'x']),
    `${about('slave-read-only')}argument must be 'yes' or 'no'`,
  )
})

test('two names of one directive may be set at once, and are put back together', () => {
  const target = config()
  target.set([
    ['replica-priority', '1'],
    ['slave-priority', '2'],
  ])
  assert.equal(target.values.replicaPriority, 2)
  refused(target, ['replica-priority', '3'], ['slave-priority', '4'], ['hz', 'x'])
  assert.equal(target.values.replicaPriority, 2)
})

test('protected directives open to those whom enable-protected-configs names', () => {
  const local = config('--enable-protected-configs', 'local')
  refused(local, ['dbfilename', 'x.rdb'])
  local.set([['dbfilename', 'x.rdb']], { local: true })
  assert.equal(local.values.dbfilename, 'x.rdb')
  const open = config('--enable-protected-configs', 'yes')
  open.set([['dir', 'sub/']])
  assert.equal(open.values.dir, '/data/sub')
})

test('while a data set loads, some changes are refused with LOADING', () => {
  const target = config()
  assert.throws(() => target.set([['repl-diskless-load', 'swapdb']], { loading: true }), {
    code: 'LOADING',
    message: 'Redis is loading the dataset in memory',
  })
})

test('a listener is told once of all its changes, and not of a value set again', () => {
  const target = config()
  const heard: number[] = []
  target.onChange(['hz', 'timeout'], ({ hz, timeout }) => {
    heard.push(hz, timeout)
    return undefined
  })
  target.set([
    ['hz', '20'],
    ['timeout', '5'],
  ])
  target.set([['hz', '20']])
  assert.deepEqual(heard, [20, 5])
})

test('a listener of a file that may have changed is told even of the same name', () => {
  const target = config('--tls-cert-file', 'a.pem')
  let calls = 0
  target.onChange('tls-cert-file', () => {
    calls++
    return undefined
  })
  target.set([['tls-cert-file', 'a.pem']])
  assert.equal(calls, 1)
})

test('a listener that refuses has everything put back, and those before it hear so', () => {
  const target = config()
  const heard: number[] = []
  target.onChange('timeout', ({ timeout }) => {
    heard.push(timeout)
    return undefined
  })
  target.onChange('port', ({ port }) =>
    port === 1 ? 'Unable to listen on this port. Check server logs.' : undefined,
  )
  assert.equal(
    refused(target, ['timeout', '5'], ['port', '1']),
    "CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.",
  )
  assert.deepEqual(heard, [5, 0])
  assert.equal(target.values.port, 6379)
})

test('passwords are sensitive by any name and nothing else is', () => {
  assert.equal(isSensitive('REQUIREPASS'), true)
  assert.equal(isSensitive('port'), false)
  assert.equal(isSensitive('nope'), false)
})

test('documentation sees names, defaults and what nothing acts on', () => {
  const find = (name: string) => directives.find((each) => each.name === name)!
  assert.deepEqual(find('port'), {
    name: 'port',
    alias: undefined,
    kind: 'integer',
    default: '6379',
    allowed: '0 to 65535',
    mutable: true,
    hidden: false,
    inert: false,
  })
  assert.equal(find('databases').mutable, false)
  assert.equal(find('io-threads').inert, true)
  assert.equal(find('hash-max-listpack-value').alias, 'hash-max-ziplist-value')
})
