/** The program as it is started by hand: arguments, mistakes, signals, and the lines it prints. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Link } from './support/link.ts'
import {
  endAfter,
  freePort,
  freshFolder,
  removeFolder,
  runHoldfast,
  startHoldfast,
} from './support/servers.ts'

let folder: string

beforeEach(() => {
  folder = freshFolder()
})

afterEach(() => removeFolder(folder))

/** Runs what must be refused: one line on standard error, status 1, and nothing written. */
async function refused(args: readonly string[], input = ''): Promise<string> {
  const before = readdirSync(folder)
  const { status, stderr, stdout } = await runHoldfast(args, { input, cwd: folder })
  assert.equal(status, 1, stdout + stderr)
  assert.match(stderr, /^holdfast: [^\n]+\n$/)
  assert.deepEqual(readdirSync(folder), before)
  return stderr
}

test('an unknown directive and a bad value are one clear line, and nothing is written', async () => {
  assert.match(await refused(['--nosuch', 'x']), /nosuch/)
  assert.match(await refused(['--port', 'many', '--appendonly', 'yes']), /port/)
  assert.match(await refused(['--appendfsync', 'sometimes']), /appendfsync/)
  assert.match(await refused(['--databases', '0']), /databases/)
  const missing = "holdfast: Bad configuration: can't open config file 'missing.conf': No such file"
  assert.equal(await refused(['missing.conf']), `${missing} or directory\n`)
  assert.match(await refused(['-'], 'port 0\nnosuch 1\n'), /nosuch/)
})

test('a log file, a data folder or a renamed command that cannot be is one clear line', async () => {
  const port = ['--port', String(await freePort()), '--bind', '127.0.0.1']
  const nowhere = join(folder, 'none', 'x.log')
  assert.match(
    await refused([...port, '--logfile', nowhere]),
    /Can't open the log file '.*x\.log': No such file or directory\n/,
  )
  assert.match(
    await refused([...port, '--dir', 'none']),
    /in the arguments, 'dir "none"': No such file or directory\n/,
  )
  assert.match(
    await refused([...port, '--rename-command', 'NOSUCH', 'x']),
    /No such command in rename-command: NOSUCH\n/,
  )
  assert.match(
    await refused([...port, '--rename-command', 'GET', 'SET']),
    /Target command name already exists: SET\n/,
  )
})

test('a mistake in a file is reported with the line that it is in', async () => {
  writeFileSync(join(folder, 'x.conf'), '# a comment\nport 0\nappendonly perhaps\n')
  const line = await refused(['x.conf'])
  assert.match(line, /appendonly/)
  assert.match(line, /3/)
})

test('a port in use is one clear line, and nothing is written', async (t) => {
  const server = await endAfter(t, startHoldfast())
  const data = join(folder, 'data')
  const args = ['--port', String(server.port), '--bind', '127.0.0.1', '--dir', folder]
  assert.match(
    await refused([...args, '--appendonly', 'yes']),
    new RegExp(`${server.port}.*in use`),
  )
  assert.ok(!existsSync(data))
  const link = await Link.open(server.port)
  assert.equal(await link.text('PING'), 'PONG')
  link.close()
})

test('a data folder that is in use by another server is refused', async (t) => {
  const server = await endAfter(t, startHoldfast({ directives: ['--appendonly', 'yes'] }))
  const port = String(await freePort())
  const args = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    server.folder,
    '--appendonly',
    'yes',
  ]
  const { status, stderr } = await runHoldfast(args, { cwd: folder })
  assert.equal(status, 1)
  assert.match(stderr, /^holdfast: [^\n]+\n$/)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the program with status 0, also while clients are connected`, async (t) => {
    const server = await endAfter(t, startHoldfast({ folder, directives: ['--appendonly', 'yes'] }))
    const link = await Link.open(server.port)
    await link.ask('SET', 'k', 'v')
    assert.equal(await server.end(signal), 0)
    assert.match(server.output(), /bye/)
    link.close()
  })
}

const isWindows = process.platform === 'win32'
test('a terminal that goes, and other stray signals, end nothing', {
  skip: isWindows,
}, async (t) => {
  const server = await endAfter(t, startHoldfast({ folder }))
  const link = await Link.open(server.port)
  for (const signal of ['SIGHUP', 'SIGALRM', 'SIGUSR2'] as const) {
    process.kill(server.pid, signal)
    // One that ends it has done so before the second answer.
    for (let i = 0; i < 2; i++) assert.equal(await link.text('ECHO', signal), signal)
  }
  assert.equal(await server.end(), 0)
  link.close()
})

test('log lines have the shape that tools know, down to the one they wait for', async (t) => {
  const server = await endAfter(t, startHoldfast({ folder }))
  const lines = server.output().trimEnd().split('\n')
  for (const line of lines) {
    assert.match(line, /^\d+:M \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [.*#-] \S/)
  }
  assert.match(lines.at(-1)!, /\* Ready to accept connections/)
  assert.ok(lines[0]!.startsWith(`${server.pid}:`))
  await server.end()
})

test('a setting that nothing acts on is told at the start', async (t) => {
  const server = await endAfter(
    t,
    startHoldfast({
      folder,
      directives: ['--daemonize', 'yes', '--io-threads', '4', '--disable-thp', 'yes'],
    }),
  )
  const told = 'These settings are kept, but nothing acts on them: daemonize yes, io-threads 4\n'
  await server.end()
  assert.ok(server.output().includes(`# ${told}`), server.output())
})

test('configuration comes from a file, from standard input and from arguments, the last winning', async (t) => {
  writeFileSync(join(folder, 'x.conf'), 'maxmemory 100mb\nhz 20\ntimeout 7\n')
  const server = await endAfter(
    t,
    startHoldfast({
      folder,
      file: join(folder, 'x.conf'),
      directives: ['--hz', '30', '-'],
      input: 'maxclients 77\n',
    }),
  )
  const link = await Link.open(server.port)
  const config = async (name: string) => {
    const reply = await link.ask('CONFIG', 'GET', name)
    assert.equal(reply.kind, 'array')
    const value = reply.items[1]!
    return 'bytes' in value ? Buffer.from(value.bytes).toString() : ''
  }
  assert.equal(await config('maxmemory'), String(100 * 2 ** 20))
  assert.equal(await config('hz'), '30')
  assert.equal(await config('timeout'), '7')
  assert.equal(await config('maxclients'), '77')
  link.close()
  await server.end()
})

test('--version and --help answer on standard output and succeed', async () => {
  const version = await runHoldfast(['--version'])
  assert.equal(version.status, 0)
  assert.match(version.stdout, /^holdfast \d+\.\d+\.\d+\n$/)
  const help = await runHoldfast(['--help'])
  assert.equal(help.status, 0)
  assert.match(help.stdout, /^Usage: holdfast/)
  assert.equal(version.stderr + help.stderr, '')
})

test('holdfast cli asks a server once, and its status says whether there was an error', async (t) => {
  const server = await endAfter(t, startHoldfast({ folder }))
  const cli = (...args: string[]) => runHoldfast(['cli', '-p', String(server.port), ...args])
  assert.deepEqual(await cli('SET', 'k', 'v'), { status: 0, stdout: 'OK\n', stderr: '' })
  assert.equal((await cli('--no-raw', 'GET', 'missing')).stdout, '(nil)\n')
  assert.equal((await cli('-e', 'INCR', 'k')).status, 1)
  await server.end()
  assert.equal((await cli('PING')).status, 1)
})
