/**
 * The reference's own programs read our files, and we read theirs. They are taken from PATH, or
 * from the folder that REFERENCE_BIN names; without them the tests are skipped, visibly.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { nodeHost } from '../host/index.ts'
import { AppendLog, type AppendLogOptions } from './append-log.ts'
import { encode, skipSnapshot } from './fixtures.ts'

const bin = process.env.REFERENCE_BIN
const program = (name: string) => (bin === undefined ? name : path.join(bin, name))
const isThere = spawnSync(program('redis-server'), ['--version']).status === 0
const skip = isThere ? false : 'redis-server is not here'

function temporaryFolder(t: TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-aof-'))
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

function open(dir: string, options: Partial<AppendLogOptions> = {}) {
  const loaded: Buffer[] = []
  const log = AppendLog.open({
    host: nodeHost(),
    place: { dir, folderName: 'appendonlydir', fileName: 'appendonly.aof' },
    policy: 'everysec',
    allowsCutTail: true,
    log: () => {},
    loadSnapshot: skipSnapshot,
    apply: (bytes, start, end) => loaded.push(Buffer.from(bytes.subarray(start, end))),
    ...options,
  })
  return { log, loaded: Buffer.concat(loaded).toString('latin1') }
}

async function close(log: AppendLog): Promise<void> {
  const error = await new Promise((resolve) => log.stop(resolve))
  assert.equal(error, undefined)
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Runs the reference on a folder while `use` asks it things. */
async function withReference(
  dir: string,
  use: (ask: (line: string) => Promise<string>) => Promise<void>,
  flags: string[] = [],
): Promise<void> {
  const port = await freePort()
  const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const server = spawn(program('redis-server'), [...common, '--appendonly', 'yes', ...flags])
  try {
    await ready(server)
    await use((line) => ask(port, line))
  } finally {
    server.kill('SIGTERM')
    if (server.exitCode === null) await once(server, 'exit')
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    server.stdout!.on('data', (data: Buffer) => {
      output += data.toString()
      if (output.includes('Ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`the reference ended:\n${output}`)))
  })
}

function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${line}\r\nQUIT\r\n`))
    let reply = ''
    socket.on('data', (data) => {
      reply += data.toString()
    })
    socket.on('end', () => resolve(reply.replace(/\+OK\r\n$/, '')))
    socket.on('error', reject)
  })
}

function check(dir: string): string {
  const manifest = path.join(dir, 'appendonlydir', 'appendonly.aof.manifest')
  const run = spawnSync(program('redis-check-aof'), [manifest])
  assert.equal(run.status, 0, run.stdout.toString())
  return run.stdout.toString()
}

test('the reference checks and loads what we write', { skip }, async (t) => {
  const dir = temporaryFolder(t)
  const { log } = open(dir)
  const commands = [
    encode('SELECT', '0'),
    encode('SET', 'plain', 'value'),
    encode('SET', 'bytes', '\0\r\n*3'),
    Buffer.concat([encode('MULTI'), encode('INCR', 'n'), encode('INCR', 'n'), encode('EXEC')]),
  ]
  for (const command of commands) log.append(command, 0, command.length)
  log.flush()
  const isMoved = new Promise((done) => log.startNewIncrement({ begun: () => {}, done }))
  assert.equal(await isMoved, undefined)
  const last = encode('SET', 'last', 'x'.repeat(100_000))
  log.append(last, 0, last.length)
  await close(log)
  assert.match(check(dir), /All AOF files and manifest are valid/)
  await withReference(dir, async (ask) => {
    assert.equal(await ask('DBSIZE'), ':4\r\n')
    assert.equal(await ask('GET plain'), '$5\r\nvalue\r\n')
    assert.equal(await ask('STRLEN bytes'), ':5\r\n')
    assert.equal(await ask('GET n'), '$1\r\n2\r\n')
    assert.equal(await ask('STRLEN last'), ':100000\r\n')
  })
})

test('the reference starts on a log that holds nothing yet, and we go on after it', {
  skip,
}, async (t) => {
  const dir = temporaryFolder(t)
  await close(open(dir).log)
  check(dir)
  await withReference(dir, async (ask) => {
    assert.equal(await ask('SET theirs 1'), '+OK\r\n')
  })
  const { log, loaded } = open(dir)
  assert.ok(loaded.includes(encode('SET', 'theirs', '1').toString()))
  await close(log)
})

test('we load what the reference writes, annotations included', { skip }, async (t) => {
  const dir = temporaryFolder(t)
  const flags = ['--aof-timestamp-enabled', 'yes']
  await withReference(
    dir,
    async (ask) => {
      assert.equal(await ask('SET a 1'), '+OK\r\n')
      assert.equal(await ask('MSET b 2 c 3'), '+OK\r\n')
    },
    flags,
  )
  const { log, loaded } = open(dir)
  const expected = ['SET a 1', 'MSET b 2 c 3'].map((line) => encode(...line.split(' ')).toString())
  assert.equal(loaded, encode('SELECT', '0').toString() + expected.join(''))
  const ours = encode('SET', 'ours', '1')
  log.append(ours, 0, ours.length)
  await close(log)
  check(dir)
  await withReference(dir, async (ask) => {
    assert.equal(await ask('DBSIZE'), ':4\r\n')
  })
})

test('the checker finds what we recovered from a cut to be valid', { skip }, async (t) => {
  const dir = temporaryFolder(t)
  const { log } = open(dir)
  const commands = Buffer.concat([
    encode('SET', 'a', '1'),
    encode('MULTI'),
    encode('SET', 'b', '2'),
  ])
  log.append(commands, 0, commands.length)
  await close(log)
  const again = open(dir)
  assert.equal(again.loaded, encode('SET', 'a', '1').toString())
  const more = encode('SET', 'c', '3')
  again.log.append(more, 0, more.length)
  await close(again.log)
  check(dir)
})
