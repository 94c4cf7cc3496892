/**
 * The tool beside redis-cli, both talking to redis-server: what they write must be the same to the
 * byte. Where the programs are missing the tests are skipped, visibly.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Outcome, run, World } from './test-world.ts'

const isMissing = ['redis-server', 'redis-cli'].some(
  (program) => spawnSync(program, ['--version']).status !== 0,
)
const skip = isMissing ? 'redis-server and redis-cli are not installed' : false

let server: ChildProcess | undefined
let folder = ''
let port = ''

before(async () => {
  if (isMissing) return
  folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  port = await freePort()
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await ready(server)
  for (const command of DATA) await run(['-p', port, ...command])
})

after(async () => {
  if (server === undefined) return
  const ended = once(server, 'exit')
  server.kill()
  await ended
  rmSync(folder, { recursive: true })
})

const DATA: readonly (readonly string[])[] = [
  ['--quoted-input', 'SET', 'bin', '"a\\x01\\xff\\"q\\\\\\n\\t\'"'],
  ['RPUSH', 'list', ...'abcdefghijk'],
  ['HSET', 'hash', 'f1', 'v1', 'f2', ''],
  ['ZADD', 'zset', '1', 'a', '2.5', 'b'],
  ['SADD', 'set', 'member'],
]

const NESTED =
  'return {1, {2, {3, "x", {}}, false}, {"a\\r\\nb"}, {err = "ERR inside"}, {ok = "fine"}}'
const NESTED_MAP =
  'redis.setresp(3); return {map = {a = {double = 1.5}, b = {set = {x = true}}, ' +
  'c = {map = {y = {1, {2, 3}}}}, d = {}, e = {true, false}}}'

const COMMANDS: readonly (readonly string[])[] = [
  ['PING'],
  ['GET', 'bin'],
  ['GET', 'nothing'],
  ['NOSUCHCOMMAND', 'x'],
  ['LRANGE', 'list', '0', '-1'],
  ['LRANGE', 'nothing', '0', '-1'],
  ['HGETALL', 'hash'],
  ['HGETALL', 'nothing'],
  ['ZRANGE', 'zset', '0', '-1', 'WITHSCORES'],
  ['ZSCORE', 'zset', 'b'],
  ['SMEMBERS', 'set'],
  ['SMEMBERS', 'nothing'],
  ['EXISTS', 'set', 'list'],
  ['COMMAND', 'INFO', 'get', 'nosuch'],
  ['CONFIG', 'GET', 'maxmemory*'],
  ['LATENCY', 'DOCTOR'],
  ['LOLWUT', 'VERSION', '5', '1', '1', '1'],
  ['EVAL', NESTED, '0'],
]

const STYLES: readonly (readonly string[])[] = [
  [],
  ['--no-raw'],
  ['--csv'],
  ['-3'],
  ['-3', '--no-raw'],
  ['-3', '--csv'],
  ['--json', '-3'],
  ['-d', ',', '-D', ';'],
]

test('single commands are drawn as redis-cli draws them, in every style', { skip }, async () => {
  for (const style of STYLES) {
    for (const command of COMMANDS) await same([...style, ...command])
  }
})

test('maps, sets, doubles and booleans of RESP3 are drawn as redis-cli does', {
  skip,
}, async () => {
  // A Lua table has no order, so each type of the nest is asked for alone.
  const scripts = [...NESTED_MAP.matchAll(/[a-e] = (\{.*?\})(?=, [a-e] =|\}\}$)/g)].map(
    (found) => `redis.setresp(3); return {map = {k = ${found[1]}}}`,
  )
  assert.equal(scripts.length, 5)
  for (const style of STYLES.filter((words) => words.includes('-3'))) {
    for (const script of scripts) await same([...style, 'EVAL', script, '0'])
  }
})

test('options that shape a command work as in redis-cli', { skip }, async () => {
  await same(['-r', '3', 'PING'])
  await same(['-n', '3', 'DBSIZE'])
  await same(['-x', 'ECHO'], 'from\0stdin\n')
  await same(['-X', 'TAG', 'ECHO', 'TAG'], 'from stdin')
  await same(['--scan', '--pattern', 'l*'])
  await same(['--scan', '--no-raw', '--pattern', 'b*'])
  await same(['-e', 'NOSUCHCOMMAND'])
  await same(['-a', 'wrong', 'PING'])
  await same(['--bogus'])
})

test('commands from a pipe give what redis-cli gives', { skip }, async () => {
  const scripts = [
    'set a "x y"\nget a\n\n  \n"unclosed\nget \'a\'\nget a',
    '3 ping\nselect 3\nget a\nselect 0\n5\n',
    'multi\nset q 1\nincr q\nexec\nget q\nmulti\nnope\nexec\n',
    'exit\nping',
    'set bin2 "\\x00\\xff"\nget bin2\n',
  ]
  for (const script of scripts) {
    for (const style of [[], ['--no-raw'], ['--csv']]) await same(style, script)
  }
})

test('--pipe counts what redis-cli counts', { skip }, async () => {
  await same(['--pipe'], '*3\r\n$3\r\nSET\r\n$1\r\np\r\n$1\r\n1\r\n*1\r\n$4\r\nNOPE\r\nPING\r\n')
  await same(['--pipe'], '')
})

test('the argument hints of a real table end where the words do not fit', { skip }, async () => {
  const world = World.terminal()
  const running = run(['-p', port], world)
  await world.stdout.until('> ')
  world.stdin.write('zadd k nx ')
  await world.stdout.until('score member [score member ...]')
  world.stdin.write('\x03')
  assert.equal((await running).status, 0)
})

/** A redis-cli that hangs must fail its test and not hang it. */
const PATIENCE_MS = 20_000

/** Runs both, and compares all that they wrote. */
async function same(argv: readonly string[], input = ''): Promise<void> {
  const ours = await run(['-p', port, ...argv], new World(input))
  const theirs = await redisCli(['-p', port, ...argv], input)
  const name = JSON.stringify({ argv, input })
  assert.equal(ours.out, theirs.out, name)
  assert.equal(ours.err, theirs.err, name)
}

function redisCli(argv: readonly string[], input: string): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(
      'redis-cli',
      argv,
      { encoding: 'latin1', timeout: PATIENCE_MS },
      (error, out, err) => {
        done({ status: error === null ? 0 : 1, out, err })
      },
    )
    child.stdin!.on('error', () => {})
    child.stdin!.end(input)
  })
}

async function freePort(): Promise<string> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port: free } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  return String(free)
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let text = ''
    child.stdout!.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('Ready to accept connections')) done()
    })
    child.once('exit', () => fail(new Error(`redis-server did not start: ${text}`)))
  })
}
