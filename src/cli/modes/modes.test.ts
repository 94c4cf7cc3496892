import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, type Script, ScriptedServer, World } from '../test-world.ts'
import { spectrum } from './latency-dist.ts'
import { bytesToHuman, statLine } from './stat.ts'

async function withServer(script: Script, use: (server: ScriptedServer) => Promise<void>) {
  const server = await ScriptedServer.start(script)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`
const set = (key: string): string => `*3\r\n$3\r\nSET\r\n${bulk(key)}${bulk('v')}`

test('--pipe sends the protocol as it is and counts replies and errors', async () => {
  const script: Script = ([name, word]) => {
    if (name === 'ECHO') return `$20\r\n${word}\r\n`
    return name === 'SET' ? '+OK\r\n' : '-ERR bad\r\n'
  }
  await withServer(script, async ({ port }) => {
    const head =
      'All data transferred. Waiting for the last reply...\nLast reply received from server.\n'
    const good = await run(['-p', port, '--pipe'], new World(set('a') + set('b')))
    assert.deepEqual(good, { status: 0, out: `${head}errors: 0, replies: 2\n`, err: '' })
    const bad = await run(['-p', port, '--pipe'], new World(`${set('a')}*1\r\n$4\r\nNOPE\r\n`))
    assert.deepEqual(bad, {
      status: 1,
      out: `${head}errors: 1, replies: 2\n`,
      err: 'ERR bad\n',
    })
  })
})

test('--pipe gives up when replies stay away, and when the server does', async () => {
  await withServer(
    () => '',
    async ({ port }) => {
      const late = await run(['-p', port, '--pipe', '--pipe-timeout', '1'], new World(set('a')))
      assert.equal(late.status, 1)
      assert.equal(late.err, 'No replies for 1 seconds: exiting.\n')
      assert.match(late.out, /errors: 1, replies: 0\n$/)
    },
  )
  await withServer(
    () => undefined,
    async ({ port }) => {
      const gone = await run(['-p', port, '--pipe'], new World(set('a')))
      assert.equal(gone.status, 1)
      assert.match(gone.err, /^Error reading replies from server: /)
    },
  )
})

/** Two pages of keys. */
const scanning: Script = ([name, word, ...rest]) => {
  switch (name) {
    case 'SCAN': {
      if (rest.includes('broken')) return '-ERR broken\r\n'
      const isFirst = word === '0'
      const keys = isFirst ? ['a\n', 'list'] : ['b']
      return `*2\r\n${bulk(isFirst ? '7' : '0')}*${keys.length}\r\n${keys.map(bulk).join('')}`
    }
    case 'DBSIZE':
      return ':3\r\n'
    case 'TYPE':
      return word === 'list' ? '+list\r\n' : '+string\r\n'
    case 'STRLEN':
      return word === 'b' ? ':300\r\n' : ':100\r\n'
    case 'LLEN':
      return ':5\r\n'
    case 'MEMORY':
      return ':64\r\n'
    default:
      return '-ERR unknown\r\n'
  }
}

test('--scan follows the cursor to its end', async () => {
  await withServer(scanning, async (server) => {
    const raw = await run(['-p', server.port, '--scan', '--pattern', 'x*', '--count', '50'])
    assert.deepEqual(raw, { status: 0, out: 'a\n\nlist\nb\n', err: '' })
    assert.deepEqual(server.commands, [
      ['SCAN', '0', 'MATCH', 'x*', 'COUNT', '50'],
      ['SCAN', '7', 'MATCH', 'x*', 'COUNT', '50'],
    ])
    const quoted = await run(['-p', server.port, '--scan', '--no-raw'])
    assert.equal(quoted.out, '"a\\n"\n"list"\n"b"\n')
    const broken = await run(['-p', server.port, '--scan', '--pattern', 'broken'])
    assert.deepEqual(broken, { status: 1, out: '', err: 'SCAN error: ERR broken\n' })
  })
})

test('--bigkeys names the largest key of each type and sums them up', async () => {
  await withServer(scanning, async ({ port }) => {
    const { status, out } = await run(['-p', port, '--bigkeys'])
    assert.equal(status, 0)
    assert.match(out, /^\[00\.00%\] Biggest string found so far "a\\n" with 100 bytes$/m)
    assert.match(out, /^\[66\.67%\] Biggest string found so far "b" with 300 bytes$/m)
    assert.match(out, /^Sampled 3 keys in the keyspace!$/m)
    assert.match(out, /^Total key length in bytes is 7 \(avg len 2\.33\)$/m)
    assert.match(out, /^Biggest {3}list found "list" has 5 items$/m)
    assert.match(out, /^2 strings with 400 bytes \(66\.67% of keys, avg size 200\.00\)$/m)
    assert.match(out, /^0 streams with 0 entries \(00\.00% of keys, avg size 0\.00\)$/m)
  })
})

test('--memkeys asks for memory, looking at as many elements as told', async () => {
  await withServer(scanning, async (server) => {
    const { out } = await run(['-p', server.port, '--memkeys-samples', '9'])
    assert.match(out, /^1 lists with 64 bytes /m)
    assert.deepEqual(
      server.commands.find(([name]) => name === 'MEMORY'),
      ['MEMORY', 'USAGE', 'a\n', 'SAMPLES', '9'],
    )
  })
})

const INFO =
  'used_memory:1048576\r\nused_memory_rss:5\r\nconnected_clients:2\r\nblocked_clients:1\r\n' +
  'total_commands_processed:40\r\ntotal_connections_received:9\r\nloading:0\r\n' +
  'rdb_bgsave_in_progress:1\r\naof_rewrite_in_progress:1\r\ndb0:keys=10,expires=0\r\ndb12:keys=5\r\n'

test('--stat shows a line of figures again and again until Ctrl-C', async () => {
  await withServer(
    () => bulk(INFO),
    async ({ port }) => {
      const world = new World('')
      const running = run(['-p', port, '--stat', '-i', '0.01'], world)
      const head = await world.stdout.until('SAVE+AOF\n')
      assert.match(head, /^-+ data -+ -+ load -+ - child -\nkeys +mem +clients blocked requests/)
      assert.equal(head.split('\n')[2], statLine(INFO, 0).trimEnd())
      await world.stdout.until('SAVE+AOF\n')
      world.interrupt()
      assert.equal((await running).status, 0)
    },
  )
})

test('figures stand in their columns', () => {
  assert.equal(
    statLine(INFO, 3),
    '15         1.00M    2       1       40 (+3)             9           SAVE+AOF\n',
  )
  assert.deepEqual([0, 1023, 1024, 1_048_576, 5 * 2 ** 30, 3 * 2 ** 40].map(bytesToHuman), [
    '0B',
    '1023B',
    '1.00K',
    '1.00M',
    '5.00G',
    '3.00T',
  ])
})

test('--latency says one line where nobody is looking', async () => {
  await withServer(
    () => '+PONG\r\n',
    async ({ port }) => {
      const forms: readonly (readonly [option: string, form: RegExp])[] = [
        ['--raw', /^\d+ \d+ \d+\.\d\d \d+\n$/],
        ['--csv', /^\d+,\d+,\d+\.\d\d,\d+\n$/],
        ['--json', /^\{"min": \d+, "max": \d+, "avg": \d+\.\d\d, "count": \d+\}\n$/],
      ]
      for (const [option, form] of forms) {
        const { status, out } = await run(['-p', port, option, '-2', '--latency', '-i', '0.03'])
        assert.equal(status, 0)
        assert.match(out, form)
      }
    },
  )
})

test('--latency and its kin go on where a person looks, until Ctrl-C', async () => {
  await withServer(
    () => '+PONG\r\n',
    async ({ port }) => {
      const marks: readonly (readonly [option: string, mark: string])[] = [
        ['--latency', '(3 samples)'],
        ['--latency-history', 'seconds range\n'],
        ['--latency-dist', '\x1b[0m\n'],
      ]
      for (const [option, mark] of marks) {
        const world = new World('')
        world.stdout.isTTY = true
        const running = run(['-p', port, option, '-i', '0.03'], world)
        await world.stdout.until(mark)
        world.interrupt()
        assert.equal((await running).status, 0)
      }
    },
  )
})

test('a spectrum is brightest where most samples are', () => {
  const counts = Array.from({ length: 31 }, (_, at) => (at === 1 ? 9 : at === 2 ? 1 : 0))
  const line = spectrum(counts, [0, 100, 200])
  assert.ok(line.includes('48;5;0m.\x1b[48;5;200m-\x1b[48;5;100m*\x1b[48;5;0m#'))
})

test('--intrinsic-latency computes for as long as told', async () => {
  const { status, out } = await run(['--intrinsic-latency', '0'])
  assert.equal(status, 0)
  assert.match(out, /^\n0 total runs /)
  const second = await run(['--intrinsic-latency', '1'])
  assert.match(second.out, /Max latency so far: \d+ microseconds\.\n/)
  assert.match(second.out, /\n\d+ total runs \(avg latency: \d+\.\d{4} microseconds/)
})
