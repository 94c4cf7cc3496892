/** The reference's own tools against the program and its files. Skipped visibly where they are missing. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Link } from './support/link.ts'
import {
  endAfter,
  freshFolder,
  needsProgram,
  needsReference,
  removeFolder,
  runToEnd,
  type Server,
  startHoldfast,
  startReference,
} from './support/servers.ts'

const needsCli = needsProgram('redis-cli')
const LOGGING = ['--appendonly', 'yes']

let server: Server

before(async () => {
  server = await startHoldfast({ directives: LOGGING })
})

after(() => server.stop())

const cli = (args: readonly string[], input = '') =>
  runToEnd('redis-cli', ['-p', String(server.port), ...args], { input })

test('redis-cli sets, gets, and sees errors', { skip: needsCli }, async () => {
  assert.equal((await cli(['SET', 'k', 'two words'])).stdout, 'OK\n')
  assert.equal((await cli(['--no-raw', 'GET', 'k'])).stdout, '"two words"\n')
  assert.equal((await cli(['--no-raw', 'GET', 'missing'])).stdout, '(nil)\n')
  const refused = await cli(['-e', 'INCR', 'k'])
  assert.equal(refused.status, 1)
  assert.match(refused.stderr + refused.stdout, /not an integer/)
  assert.match((await cli(['-3', 'INFO', 'server'])).stdout, /redis_version:/)
})

test('redis-cli feeds commands from a pipe, in text and as protocol', {
  skip: needsCli,
}, async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `SET text:${n} ${n}\n`).join('')
  assert.equal((await cli([], lines)).stdout, 'OK\n'.repeat(1000))
  const bulk = (word: string) => `$${word.length}\r\n${word}\r\n`
  const raw = Array.from(
    { length: 5000 },
    (_, n) => `*3\r\n${bulk('SET')}${bulk(`raw:${n}`)}${bulk(String(n))}`,
  ).join('')
  const piped = await cli(['--pipe'], raw)
  assert.match(piped.stdout, /errors: 0, replies: 5000/)
  assert.equal((await cli(['GET', 'raw:4999'])).stdout, '4999\n')
})

test('redis-cli scans, and finds the largest keys', { skip: needsCli }, async () => {
  await cli(['SET', 'largest', 'x'.repeat(5000)])
  const scanned = (await cli(['--scan', '--pattern', 'larg*'])).stdout
  assert.equal(scanned, 'largest\n')
  assert.match(
    (await cli(['--bigkeys', '-i', '0'])).stdout,
    /Biggest string found .*largest.* 5000 bytes/,
  )
})

test('redis-benchmark runs its string commands without an error', {
  skip: needsProgram('redis-benchmark'),
}, async () => {
  const args = ['-p', String(server.port), '-n', '3000', '-c', '20', '-q', '--csv']
  for (const pipeline of ['1', '16']) {
    const more = ['-P', pipeline, '-r', '1000', '-d', '16', '-t', 'ping,set,get,incr,mset']
    const { status, stdout, stderr } = await runToEnd('redis-benchmark', [...args, ...more])
    assert.equal(status, 0, stderr)
    const rows = stdout.split('\n').filter((line) => /^"(PING|SET|GET|INCR|MSET)/.test(line))
    assert.equal(rows.length, 6, stdout)
    assert.doesNotMatch(stdout + stderr, /error/i)
  }
})

/** A mixed history, and what a reader sees of it. */
async function makeHistory(port: number): Promise<void> {
  const link = await Link.open(port)
  const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  await link.ask('SET', binary, binary)
  for (let n = 0; n < 300; n++) {
    await link.ask('SET', `key:${n}`, 'v'.repeat(n * 7), ...(n % 3 === 0 ? ['EX', '10000'] : []))
    if (n % 5 === 0) await link.ask('APPEND', `key:${n}`, 'tail')
    if (n % 7 === 0) await link.ask('DEL', `key:${n}`)
  }
  await link.ask('INCRBYFLOAT', 'float', '1.25')
  await link.ask('SETBIT', 'bits', '100', '1')
  await link.ask('GETEX', 'key:1', 'PX', '5000000')
  await link.ask('SELECT', '3')
  await link.ask('MSET', 'a', '1', 'b', '2')
  await link.ask('RENAME', 'a', 'c')
  await link.ask('MOVE', 'b', '4')
  link.close()
}

async function pictureOf(port: number): Promise<string[]> {
  const link = await Link.open(port)
  const lines: string[] = []
  for (const database of ['0', '3', '4']) {
    await link.ask('SELECT', database)
    const keys = await link.ask('KEYS', '*')
    assert.equal(keys.kind, 'array')
    for (const key of keys.items) {
      assert.equal(key.kind, 'bulk')
      const value = await link.ask('GET', key.bytes)
      const until = await link.text('PEXPIRETIME', key.bytes)
      const text = 'bytes' in value ? Buffer.from(value.bytes).toString('base64') : ''
      lines.push(`${database} ${Buffer.from(key.bytes).toString('base64')} ${until} ${text}`)
    }
  }
  link.close()
  return lines.sort()
}

test('redis-check-aof finds our log good, and redis-server loads it', {
  skip: needsReference || needsProgram('redis-check-aof'),
}, async (t) => {
  const folder = freshFolder()
  try {
    const first = await endAfter(t, startHoldfast({ folder, directives: LOGGING }))
    await makeHistory(first.port)
    const expected = await pictureOf(first.port)
    assert.equal(await first.end(), 0)
    const manifest = join(folder, 'appendonlydir', 'appendonly.aof.manifest')
    const checked = spawnSync('redis-check-aof', [manifest], { encoding: 'utf8', timeout: 20_000 })
    assert.equal(checked.status, 0, checked.stdout)
    const loaded = await startReference({ folder, directives: LOGGING })
    try {
      assert.deepEqual(await pictureOf(loaded.port), expected)
    } finally {
      await loaded.stop()
    }
  } finally {
    removeFolder(folder)
  }
})

test('we load the log of a redis-server, and go on with it', {
  skip: needsReference,
}, async (t) => {
  const folder = freshFolder()
  try {
    const first = await endAfter(t, startReference({ folder, directives: LOGGING }))
    await makeHistory(first.port)
    const expected = await pictureOf(first.port)
    await first.end()
    for (let start = 0; start < 2; start++) {
      const loaded = await startHoldfast({ folder, directives: LOGGING })
      try {
        assert.deepEqual(await pictureOf(loaded.port), expected)
      } finally {
        await loaded.end()
      }
    }
  } finally {
    removeFolder(folder)
  }
})
