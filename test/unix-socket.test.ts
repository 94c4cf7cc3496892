/** The Unix socket: where it may be, what gives way to it, and what is said when it cannot be had. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  endAfter,
  freshFolder,
  removeFolder,
  runHoldfast,
  startHoldfast,
} from './support/servers.ts'

const skip = process.platform === 'win32' && 'there are no such sockets here'

function folderFor(t: TestContext): string {
  const folder = freshFolder()
  t.after(() => removeFolder(folder))
  return folder
}

/** What a server says that cannot listen on the socket `path`. */
async function refusalOf(folder: string, path: string): Promise<string> {
  const args = ['--port', '0', '--dir', folder, '--unixsocket', path, '--save', '']
  const { status, stdout, stderr } = await runHoldfast(args)
  assert.equal(status, 1)
  assert.equal(stdout, '')
  const [, reason] = /^holdfast: Could not open the Unix socket \S+: ([^\n]*)\n$/.exec(stderr) ?? []
  assert.ok(reason !== undefined, stderr)
  return reason
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((answered) => {
    const socket = connect(path, () => socket.write('PING\r\n'))
    socket.on('error', () => answered(false))
    socket.once('data', (bytes) => {
      socket.destroy()
      answered(bytes.toString('latin1') === '+PONG\r\n')
    })
  })
}

test('a socket that a killed server left gives way', { skip }, async (t) => {
  const folder = folderFor(t)
  const path = join(folder, 'my.sock')
  const directives = ['--unixsocket', 'my.sock', '--unixsocketperm', '700', '--save', '']
  const first = await endAfter(t, startHoldfast({ folder, directives }))
  await first.end('SIGKILL')
  assert.ok(lstatSync(path).isSocket())
  const second = await endAfter(t, startHoldfast({ folder, directives }))
  assert.ok(await isAnswered(path))
  assert.equal(lstatSync(path).mode & 0o777, 0o700)
  assert.equal(await second.end(), 0)
  assert.ok(!existsSync(path))
})

test('a file or a folder where the socket is to be stays', { skip }, async (t) => {
  const folder = folderFor(t)
  const file = join(folder, 'notes')
  writeFileSync(file, 'of somebody')
  assert.equal(await refusalOf(folder, file), 'Address already in use')
  assert.equal(readFileSync(file, 'latin1'), 'of somebody')
  mkdirSync(join(folder, 'inner'))
  assert.equal(await refusalOf(folder, 'inner'), 'Address already in use')
})

test('a socket that cannot be there is refused with the reason', { skip }, async (t) => {
  const folder = folderFor(t)
  assert.equal(await refusalOf(folder, 'none/my.sock'), 'No such file or directory')
  assert.equal(await refusalOf(folder, 'x'.repeat(108)), 'File name too long')
})
