/** INFO, CONFIG and COMMAND over a whole store: figures that are true, and settings that act. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import type { Client } from '../src/engine/index.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

/** A connection whose replies are read as they stand on the wire. */
function connect(world: World): { client: Client; ask(line: string): string } {
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
    ask: (line) => {
      const bytes = encode(line.split(' '))
      world.store.engine.receive(client, bytes, 0, bytes.length)
      world.host.timers.turn()
      const taken = received
      received = ''
      return taken
    },
  }
}

function info(world: World, sections: string): Map<string, string> {
  const text = connect(world).ask(`INFO ${sections}`)
  const fields = [...text.matchAll(/^([\w|]+):(.*)\r$/gm)]
  return new Map(fields.map(([, name, value]) => [name!, value!]))
}

function titles(world: World, line: string): string {
  const text = connect(world).ask(line)
  return [...text.matchAll(/^# (\w+)/gm)].map(([, title]) => title).join(' ')
}

test('INFO shows the sections that are asked for, each once and in its place', () => {
  const world = new World()
  const usual =
    'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace'
  const all =
    'Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats ' +
    'Latencystats Cluster Keyspace'
  assert.equal(titles(world, 'INFO'), usual)
  assert.equal(titles(world, 'INFO default'), usual)
  assert.equal(titles(world, 'INFO ALL'), all)
  assert.equal(titles(world, 'INFO everything'), all)
  assert.equal(titles(world, 'INFO keyspace server KEYSPACE'), 'Server Keyspace')
  assert.equal(titles(world, 'INFO default commandstats'), usual.replace('Err', 'Commandstats Err'))
  assert.equal(titles(world, 'INFO nosuch'), '')
  world.close()
})

test('INFO counts what happened', () => {
  const world = new World()
  const { ask } = connect(world)
  for (const line of [
    'SET a 1',
    'GET a',
    'GET b',
    'SET c 1 PX 10',
    'NOSUCH',
    'GET',
    'INCR nope x',
    'OBJECT ENCODING a',
    'OBJECT ENCODING b',
  ]) {
    ask(line)
  }
  world.wait(100)
  const fields = info(world, 'everything')
  assert.equal(fields.get('keyspace_hits'), '2')
  assert.equal(fields.get('keyspace_misses'), '2')
  assert.equal(fields.get('expired_keys'), '1')
  assert.equal(fields.get('total_error_replies'), '3')
  assert.equal(fields.get('errorstat_ERR'), 'count=3')
  assert.match(fields.get('cmdstat_get') ?? '', /^calls=2,.*,rejected_calls=1,failed_calls=0$/)
  assert.equal(fields.get('db0'), 'keys=1,expires=0,avg_ttl=0,subexpiry=0')
  assert.equal(fields.get('connected_clients'), '2')
  const figure = (name: string) => Number(fields.get(name))
  const outside = figure('mem_clients_normal') + figure('mem_not_counted_for_evict')
  assert.equal(figure('used_memory') - outside, world.store.keyspace.arena.usedBytes)
  assert.equal(fields.get('aof_enabled'), '1')
  assert.ok(Number(fields.get('aof_current_size')) > 0)
  world.close()
})

test('INFO counts what a script calls in vain as rejected calls of that command', () => {
  const world = new World()
  const run = (verb: string, script: string) => world.ask(verb, script, '0')
  run('EVAL', "return redis.call('get')")
  run('EVAL', "redis.pcall('get') redis.pcall('get') return 1")
  run(
    'EVAL',
    "redis.pcall('config') redis.pcall('xgroup', 'create') redis.pcall('nosuch') return 1",
  )
  run('EVAL', "redis.pcall('subscribe', 'a') return pcall(redis.call, 'incr', 'a', 'b')")
  run('EVAL_RO', "redis.pcall('set', 'a', 'b') return redis.pcall('nosuch')")
  const fields = info(world, 'everything')
  const counts = (name: string) =>
    (fields.get(`cmdstat_${name}`) ?? '').replace(/usec.*(?=rejected)/, '')
  assert.equal(counts('get'), 'calls=0,rejected_calls=3,failed_calls=0')
  for (const name of ['config', 'xgroup|create', 'subscribe', 'incr', 'set']) {
    assert.equal(counts(name), 'calls=0,rejected_calls=1,failed_calls=0', name)
  }
  assert.equal(fields.has('cmdstat_nosuch'), false)
  assert.equal(counts('eval'), 'calls=4,rejected_calls=0,failed_calls=1')
  assert.equal(counts('eval_ro'), 'calls=1,rejected_calls=0,failed_calls=1')
  assert.equal(fields.get('errorstat_ERR'), 'count=10')
  assert.equal(fields.get('total_error_replies'), '10')
  world.close()
})

test('CONFIG RESETSTAT sets the counters to zero', () => {
  const world = new World()
  const { ask } = connect(world)
  const counters = [
    'keyspace_hits',
    'total_error_replies',
    'evicted_scripts',
    'rdb_saves',
    'aof_rewrites',
    'aof_rewrites_consecutive_failures',
  ]
  for (const line of ['SET a 1', 'GET a', 'NOSUCH', 'SAVE']) ask(line)
  // They fail, and are kept as others are.
  for (let i = 0; i <= 500; i++) ask(`EVAL x${i}=0 0`)
  world.host.files.fail('open', 'ENOSPC')
  ask('BGREWRITEAOF')
  world.wait(1000)
  const before = info(world, 'everything')
  for (const name of counters) assert.notEqual(before.get(name), '0', name)
  ask('CONFIG RESETSTAT')
  const fields = info(world, 'everything')
  for (const name of counters) assert.equal(fields.get(name), '0', name)
  assert.equal(fields.has('cmdstat_get'), false)
  assert.equal(fields.has('errorstat_ERR'), false)
  world.close()
})

test('rates are those of the last 1.6 seconds, however often INFO asks', () => {
  const world = new World()
  const { ask } = connect(world)
  const rate = (name: string) => info(world, 'stats').get(`instantaneous_${name}`)
  const pingFor = (tenths: number) => {
    for (let i = 0; i < tenths; i++) {
      for (let j = 0; j < 50; j++) ask('PING')
      world.wait(100)
    }
  }
  // Half of the time has passed, and the rest counts as nothing done.
  world.wait(100)
  pingFor(8)
  assert.equal(rate('ops_per_sec'), '250')
  pingFor(20)
  assert.equal(rate('ops_per_sec'), '500')
  assert.equal(rate('input_kbps'), ((500 * '*1\r\n$4\r\nPING\r\n'.length) / 1024).toFixed(2))
  // What INFO itself was answered is among the output.
  assert.ok(Number(rate('output_kbps')) > (500 * '+PONG\r\n'.length) / 1024)
  world.wait(800)
  assert.ok(Number(rate('ops_per_sec')) < 260)
  world.wait(1700)
  assert.equal(rate('ops_per_sec'), '0')
  pingFor(20)
  ask('CONFIG RESETSTAT')
  assert.equal(rate('ops_per_sec'), '0')
  world.wait(100)
  pingFor(16)
  assert.equal(rate('ops_per_sec'), '500')
  world.close()
})

test('looking keys up is counted, and missing ones are told of, also where an error follows', () => {
  const world = new World({ directives: ['--notify-keyspace-events', 'Em'] })
  const { ask } = connect(world)
  const ear = world.connect()
  ear.send(encode(['PSUBSCRIBE', '*']))
  ask('SET s abc')
  ask('RPUSH list a')
  ask('SADD set a b c d')
  ask('XADD x 1-1 a b')
  ask('XGROUP CREATE x g 0')
  // What the reference counts of each.
  for (const [line, hits, misses] of [
    ['LCS list s', 2, 0],
    ['LCS list none', 1, 1],
    ['LCS none list', 1, 1],
    ['LCS none s NOPE', 1, 1],
    ['XAUTOCLAIM none g c bad 0', 0, 1],
    ['XAUTOCLAIM none g c 0 0 COUNT 0', 0, 1],
    ['XAUTOCLAIM x g c 0 bad', 1, 0],
    ['XAUTOCLAIM list g c 0 0', 1, 0],
    ['SPOP none 2', 0, 0],
    ['SPOP set', 0, 0],
    ['SPOP set 1', 0, 0],
    ['SPOP set 2', 1, 0],
  ] as const) {
    ask('CONFIG RESETSTAT')
    ear.take()
    ask(line)
    const fields = info(world, 'stats')
    const told = ear.take().length
    assert.deepEqual(
      [fields.get('keyspace_hits'), fields.get('keyspace_misses'), told],
      [`${hits}`, `${misses}`, misses],
      line,
    )
  }
  world.close()
})

test('settings act as soon as they are set', () => {
  const world = new World()
  const { engine, keyspace } = world.store
  const { ask } = connect(world)
  const settings =
    'maxmemory 100mb maxmemory-policy allkeys-lfu lfu-decay-time 3 lfu-log-factor 5 ' +
    'proto-max-bulk-len 2mb client-query-buffer-limit 3mb requirepass secret'
  assert.equal(ask(`CONFIG SET ${settings}`), '+OK\r\n')
  assert.equal(engine.admission.state.maxmemoryBytes, 100 * 2 ** 20)
  assert.deepEqual({ ...keyspace.access }, { isLfu: true, lfuDecayMinutes: 3, lfuLogFactor: 5 })
  assert.deepEqual({ ...engine.limits }, { bulkBytesMax: 2 * 2 ** 20, queryBytesMax: 3 * 2 ** 20 })
  assert.equal(connect(world).ask('GET a'), '-NOAUTH Authentication required.\r\n')
  world.close()
})

test('CONFIG SET takes a data folder that is there, and no other', () => {
  const world = new World({ directives: ['--enable-protected-configs', 'yes'] })
  const { ask } = connect(world)
  world.host.files.makeFolder('/data/other')
  const about = "-ERR CONFIG SET failed (possibly related to argument 'dir') - "
  assert.equal(ask('CONFIG SET dir /data/none'), `${about}No such file or directory\r\n`)
  assert.ok(ask('CONFIG GET dir').endsWith('$5\r\n/data\r\n'))
  assert.equal(ask('CONFIG SET dir other'), '+OK\r\n')
  assert.ok(ask('CONFIG GET dir').endsWith('$11\r\n/data/other\r\n'))
  world.close()
})

test('CONFIG REWRITE writes the file that was read, and says so when the disk refuses', () => {
  const directives = ['--enable-debug-command', 'yes']
  const world = new World({ configFile: '/data/holdfast.conf', directives })
  const { ask } = connect(world)
  assert.equal(ask('CONFIG SET hz 50'), '+OK\r\n')
  assert.equal(ask('CONFIG REWRITE'), '+OK\r\n')
  const text = latin1(world.host.files.readAll('/data/holdfast.conf'))
  assert.match(text, /^hz 50$/m)
  assert.doesNotMatch(text, /^maxclients/m)
  assert.equal(ask('DEBUG CONFIG-REWRITE-FORCE-ALL'), '+OK\r\n')
  assert.match(latin1(world.host.files.readAll('/data/holdfast.conf')), /^maxclients 10000$/m)
  world.close()
})

test('COMMAND tells of every row, and COMMAND DOCS of the same', () => {
  const world = new World()
  const { ask } = connect(world)
  const { table } = world.store.engine
  const count = table.all().length
  assert.equal(ask('COMMAND COUNT'), `:${count}\r\n`)
  assert.ok(ask('COMMAND').startsWith(`*${count}\r\n`))
  assert.ok(ask('COMMAND INFO').startsWith(`*${count}\r\n`))
  assert.ok(ask('COMMAND DOCS').startsWith(`*${count * 2}\r\n`))
  assert.ok(ask('COMMAND LIST').startsWith(`*${table.allWithSubcommands().length}\r\n`))
  world.close()
})

test('COMMAND INFO answers in the types that the reference has', () => {
  const world = new World()
  const { ask } = connect(world)
  ask('HELLO 3')
  assert.equal(
    ask('COMMAND INFO get').replaceAll('\r\n', ' '),
    '*1 *10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast ~0 ' +
      '~1 %3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 ' +
      '$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 ~0 ',
  )
  world.close()
})

test('COMMAND DOCS says which key specification finds each key and pattern', () => {
  const world = new World()
  const { ask } = connect(world)
  const found = (name: string) =>
    [...ask(`COMMAND DOCS ${name}`).matchAll(/\$14\r\nkey_spec_index\r\n:(\d+)/g)].map(([, n]) => n)
  // BY and GET share the one that cannot say where; STORE has its own.
  assert.deepEqual(found('sort'), ['0', '1', '1', '2'])
  assert.deepEqual(found('sort_ro'), ['0', '1', '1'])
  assert.deepEqual(found('hscan'), ['0'])
  assert.deepEqual(found('bitop'), ['0', '1'])
  world.close()
})

test('COMMAND DOCS says which version an argument came with, and where its word belongs', () => {
  const world = new World()
  const { ask } = connect(world)
  ask('HELLO 3')
  const shown = (name: string) => ask(`COMMAND DOCS ${name}`).replaceAll('\r\n', ' ')
  assert.match(shown('lpop'), /\$4 name \$5 count .{30,90} \$5 since \$5 6\.2\.0 \$5 flags/)
  assert.match(shown('bitcount'), /\$4 name \$4 unit \$4 type \$5 oneof \$5 since \$5 7\.0\.0 /)
  assert.match(shown('client|kill'), /\$10 old-format .{30,90} \$16 deprecated_since \$6 2\.8\.12 /)
  // The word is of the radius, not of the circle that it begins.
  assert.match(shown('geosearch'), /\$6 circle \$4 type \$5 block \$9 arguments \*2 /)
  assert.match(shown('geosearch'), /\$6 radius .{30,90} \$5 token \$8 BYRADIUS /)
  assert.match(shown('geosearch'), /\$10 fromlonlat \$4 type \$5 block \$5 token \$10 FROMLONLAT /)
  world.close()
})

test('HELP of a command lists its subcommands from the table', () => {
  const world = new World()
  const text = connect(world).ask('CONFIG HELP')
  assert.match(text, /^\*11\r\n\+CONFIG <subcommand> \[<arg> \[value\] \[opt\] \.\.\.\]\. Sub/)
  assert.match(text, /\+GET parameter \[parameter \.\.\.\]\r\n\+ {4}\S/)
  assert.match(text, /\+HELP\r\n\+ {4}Print this help\.\r\n$/)
  world.close()
})

test('SHUTDOWN asks the store to end, and answers only when it will not', () => {
  const asked: unknown[] = []
  let refusal: string | undefined
  const world = new World({
    shutdown: (request) => {
      asked.push(request)
      return refusal
    },
  })
  const { ask } = connect(world)
  assert.equal(ask('SHUTDOWN NOSAVE NOW FORCE'), '')
  refusal = 'ERR Errors trying to SHUTDOWN. Check logs.'
  assert.equal(ask('SHUTDOWN'), `-${refusal}\r\n`)
  assert.deepEqual(asked, [
    { save: 'no', isNow: true, isForced: true },
    { save: 'default', isNow: false, isForced: false },
  ])
  world.close()
})

test('FUNCTION FLUSH ASYNC counts what it leaves to be freed, when that is much', () => {
  const world = new World()
  const freedBy = (count: number, how: string) => {
    const functions = Array.from({ length: count }, (_, i) => {
      return `redis.register_function('f${i}', function() end)`
    })
    world.ask('FUNCTION', 'LOAD', `#!lua name=many\n${functions.join('\n')}`)
    world.ask('CONFIG', 'RESETSTAT')
    world.ask('FUNCTION', 'FLUSH', how)
    return info(world, 'memory').get('lazyfreed_objects')
  }
  assert.equal(freedBy(65, 'ASYNC'), '66', 'the engine is one more')
  assert.equal(freedBy(64, 'ASYNC'), '0')
  assert.equal(freedBy(65, 'SYNC'), '0')
})
