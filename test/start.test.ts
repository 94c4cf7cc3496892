/** `npm start` as its script runs: defaults, the banner, arguments that win, and the end. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Link } from './support/link.ts'
import { root } from './support/paths.ts'
import { freePort, freshFolder, removeFolder, runToEnd } from './support/servers.ts'

const script = join(root, 'scripts', 'start.mjs')
const launcher = join(root, 'dist', 'bundle', 'program', 'launch.cjs')
let folder: string
let child: ChildProcess | undefined

beforeEach(() => {
  folder = freshFolder()
  child = undefined
})

afterEach(() => {
  child?.kill('SIGKILL')
  removeFolder(folder)
})

/** What the script does, with another folder in place of that of the checkout. */
function scriptWithData(data: string): readonly string[] {
  const defaults = ['--dir', data, '--appendonly', 'yes']
  const launch = `require(${JSON.stringify(launcher)}).launch`
  const code = `${launch}(process.argv.slice(1), ${JSON.stringify({ defaults, banner: true })})`
  return ['--eval', code, '--']
}

/** Starts the script and waits until what it says has `text`. @returns what it has said. */
async function startUntil(
  text: string,
  args: readonly string[],
  started: readonly string[] = [script],
): Promise<() => string> {
  child = spawn(process.execPath, [...started, ...args], { cwd: folder })
  const { stdout, stderr } = child
  let said = ''
  for (const stream of [stdout!, stderr!]) {
    stream.on('data', (chunk) => {
      said += chunk
    })
  }
  while (!said.includes(text)) {
    const [gone] = await Promise.race([
      once(stdout!, 'data'),
      once(child, 'exit').then(() => [null]),
    ])
    if (gone === null) throw new Error(`it ended early: ${said}`)
  }
  return () => said
}

test('npm start shows where the server is and keeps its data in a log; Ctrl-C ends it with 0', async () => {
  const port = String(await freePort())
  const data = join(folder, 'data')
  mkdirSync(data)
  const said = await startUntil('Ctrl-C', ['--port', port, '--bind', '127.0.0.1', '--dir', data])
  const lines = said()
  assert.match(lines, new RegExp(`address +127\\.0\\.0\\.1:${port}\\n`))
  assert.ok(lines.includes(data))
  assert.match(lines, /persistence +append-only file, synced: everysec; snapshots in dump.rdb\n/)
  assert.ok(lines.indexOf('Ready to accept connections') < lines.indexOf('persistence'))

  const link = await Link.open(Number(port))
  assert.equal(await link.text('SET', 'k', 'v'), 'OK')
  link.close()
  const exited = once(child!, 'exit')
  child!.kill('SIGINT')
  // npm passes on what the terminal has sent to the server already.
  child!.kill('SIGINT')
  assert.deepEqual(await exited, [0, null])
  assert.ok(readdirSync(data).includes('appendonlydir'))
  assert.ok(!readdirSync(data).includes('holdfast.lock'))
})

test('a configuration file wins over what npm start sets', async () => {
  const port = await freePort()
  const file = join(folder, 'my.conf')
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${folder}\nappendonly no\nsave ""\n`)
  const said = await startUntil('Ctrl-C', [file])
  assert.match(said(), /persistence +none\n/)
  const exited = once(child!, 'exit')
  child!.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
  assert.deepEqual(readdirSync(folder), ['my.conf'])
})

test('the data folder of npm start is made, but not when the port is in use', async () => {
  const port = await freePort()
  const where = ['--port', String(port), '--bind', '127.0.0.1']
  const first = join(folder, 'new', 'first')
  const said = await startUntil('Ctrl-C', where, scriptWithData(first))
  assert.ok(said().includes(first))
  assert.ok(existsSync(first))
  const second = join(folder, 'second')
  const args = [...scriptWithData(second), ...where]
  const { status, stdout, stderr } = await runToEnd(process.execPath, args)
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^holdfast: [^\n]*Address already in use\n$/)
  assert.ok(!existsSync(second))
})

test('a socket may be in a data folder that is made at the start', {
  skip: process.platform === 'win32' && 'there are no such sockets here',
}, async () => {
  const data = join(folder, 'new')
  const port = String(await freePort())
  const args = ['--port', port, '--bind', '127.0.0.1', '--unixsocket', 'my.sock']
  await startUntil('Ctrl-C', args, scriptWithData(data))
  assert.ok(existsSync(join(data, 'my.sock')))
})
