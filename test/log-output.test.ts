/** Where the program leaves its log and its other small files, and what happens when it cannot. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Link } from './support/link.ts'
import { program } from './support/paths.ts'
import { freePort, freshFolder, removeFolder } from './support/servers.ts'

const DEADLINE_MS = 20_000

let folder: string
let child: ChildProcess | undefined

beforeEach(() => {
  folder = freshFolder()
  mkdirSync(join(folder, 'data'))
})

afterEach(() => {
  child?.kill('SIGKILL')
  removeFolder(folder)
})

/** Starts the program in `folder`, with its data in the folder `data` there. */
async function startIn(args: readonly string[]): Promise<{ started: ChildProcess; port: number }> {
  const port = await freePort()
  const places = ['--port', String(port), '--bind', '127.0.0.1', '--dir', 'data']
  child = spawn(process.execPath, [program, ...places, ...args], { cwd: folder })
  child.stderr?.resume()
  return { started: child, port }
}

/** Asks until there is an answer: what is tested says nothing by itself. */
async function answered(port: number): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; ; ) {
    try {
      const link = await Link.open(port)
      const text = await link.text('PING')
      link.close()
      if (text === 'PONG') return
    } catch (error) {
      if (Date.now() > end) throw error
    }
    assert.ok(Date.now() < end, 'no answer')
  }
}

async function ended(process: ChildProcess): Promise<unknown> {
  const exit = once(process, 'exit')
  process.kill('SIGTERM')
  const [status] = await exit
  return status
}

test('the log, the file with the process id and the socket are in the data folder', async () => {
  const data = join(folder, 'data')
  const names = ['--logfile', 'my.log', '--pidfile', 'my.pid', '--unixsocket', 'my.sock']
  const { started, port } = await startIn(names)
  await answered(port)
  assert.match(readFileSync(join(data, 'my.log'), 'latin1'), /Ready to accept connections unix\n/)
  assert.equal(readFileSync(join(data, 'my.pid'), 'latin1'), `${started.pid}\n`)
  assert.ok(existsSync(join(data, 'my.sock')))
  assert.equal(await ended(started), 0)
  assert.ok(!existsSync(join(data, 'my.pid')))
})

test('a reader of the log that goes away does not end the server', async () => {
  const { started, port } = await startIn(['--appendonly', 'yes'])
  await once(started.stdout!, 'data')
  started.stdout!.destroy()
  await answered(port)
  assert.equal(await ended(started), 0)
})

test('neither does a log file on a disk that is full', {
  skip: !existsSync('/dev/full') && 'there is no /dev/full here',
}, async () => {
  const { started, port } = await startIn(['--logfile', '/dev/full'])
  await answered(port)
  assert.equal(await ended(started), 0)
})

test('a process id that cannot be written is told in the log, and no more', async () => {
  const { started, port } = await startIn(['--logfile', 'my.log', '--pidfile', 'none/my.pid'])
  await answered(port)
  assert.equal(await ended(started), 0)
  const log = readFileSync(join(folder, 'data', 'my.log'), 'latin1')
  assert.match(log, /# Failed to write PID file: No such file or directory\n/)
})

test('the process id is removed where it was written, whatever the data folder is by then', async () => {
  const { started, port } = await startIn([
    '--pidfile',
    'my.pid',
    '--enable-protected-configs',
    'yes',
  ])
  await answered(port)
  const other = join(folder, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'my.pid'), 'of somebody else')
  const link = await Link.open(port)
  assert.equal(await link.text('CONFIG', 'SET', 'dir', other), 'OK')
  link.close()
  assert.equal(await ended(started), 0)
  assert.ok(!existsSync(join(folder, 'data', 'my.pid')))
  assert.equal(readFileSync(join(other, 'my.pid'), 'latin1'), 'of somebody else')
})
