/**
 * What an ordinary user may not read or write ends a start with one line, exit status 1, and every file as
 * it was. Who runs the tests may be root, for whom nothing is closed: then the program runs as nobody.
 */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { Link } from './support/link.ts'
import {
  freePort,
  freshFolder,
  removeFolder,
  runHoldfast,
  startHoldfast,
} from './support/servers.ts'

const NOBODY = { uid: 65534, gid: 65534 }
const user = process.getuid?.() === 0 ? NOBODY : {}
const LOG = ['--appendonly', 'yes', '--save', '']
const SNAPSHOTS = ['--appendonly', 'no', '--save', '3600 1']
const MANIFEST = 'appendonlydir/appendonly.aof.manifest'
const INCREMENT = 'appendonlydir/appendonly.aof.1.incr.aof'
const BASE = 'appendonlydir/appendonly.aof.1.base.rdb'

/** A folder with a log and a snapshot. */
let model: string
let why: string | false

before(async () => {
  why = await whyNot()
  if (why !== false) return
  model = freshFolder()
  const server = await startHoldfast({ folder: model, directives: LOG })
  const link = await Link.open(server.port)
  await link.ask('SET', 'key', 'value')
  await link.ask('SAVE')
  link.close()
  await server.end()
})

after(() => {
  if (model !== undefined) removeFolder(model)
})

/** The checkout may lie where nobody else can go. */
async function whyNot(): Promise<string | false> {
  if (process.platform === 'win32') return 'files are closed in another way here'
  try {
    const { status } = await runHoldfast(['--version'], { ...user, cwd: '/' })
    return status === 0 ? false : 'the program is closed to others'
  } catch {
    return 'no program can be run for another user'
  }
}

/** A copy of the model that is open to all. */
function openCopy(t: TestContext): string {
  const folder = freshFolder()
  t.after(() => {
    for (const name of ['', 'appendonlydir']) chmodSync(join(folder, name), 0o700)
    removeFolder(folder)
  })
  cpSync(model, folder, { recursive: true })
  chmodSync(folder, 0o777)
  for (const name of namesIn(folder)) {
    chmodSync(join(folder, name), name === 'appendonlydir' ? 0o777 : 0o666)
  }
  return folder
}

const namesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort()

/** What ends the start, with the line that it says: something in the folder has these rights. */
interface Case {
  readonly title: string
  readonly name: string
  readonly mode: number
  readonly args: readonly string[]
  readonly line: RegExp
}

const CASES: readonly Case[] = [
  {
    title: 'an increment that cannot be read',
    name: INCREMENT,
    mode: 0,
    args: LOG,
    line: /^Cannot open "\S+incr\.aof": Permission denied$/,
  },
  {
    title: 'an increment that can only be read',
    name: INCREMENT,
    mode: 0o444,
    args: LOG,
    line: /^Cannot open "\S+incr\.aof": Permission denied$/,
  },
  {
    title: 'a base that cannot be read',
    name: BASE,
    mode: 0,
    args: LOG,
    line: /^Cannot open "\S+base\.rdb": Permission denied$/,
  },
  {
    title: 'a manifest that cannot be read',
    name: MANIFEST,
    mode: 0,
    args: LOG,
    line: /^Cannot read "\S+manifest": Permission denied$/,
  },
  {
    title: 'a closed folder of the log',
    name: 'appendonlydir',
    mode: 0,
    args: LOG,
    line: /"\S+appendonlydir": Permission denied$/,
  },
  {
    title: 'a snapshot that cannot be read',
    name: 'dump.rdb',
    mode: 0,
    args: SNAPSHOTS,
    line: /^Cannot open "\S+dump\.rdb": Permission denied$/,
  },
  {
    title: 'a log that is to begin in a folder that cannot be written to',
    name: '',
    mode: 0o555,
    args: [...LOG, '--appenddirname', 'another'],
    line: /^Cannot create "\S+another": Permission denied$/,
  },
  {
    title: 'a log file in such a folder',
    name: '',
    mode: 0o555,
    args: ['--logfile', 'my.log'],
    line: /log file '\S+': Permission denied$/,
  },
  {
    title: 'a socket in such a folder',
    name: '',
    mode: 0o555,
    args: ['--unixsocket', 'my.sock'],
    line: /^Could not open the Unix socket my\.sock: Permission denied$/,
  },
  {
    title: 'a closed data folder',
    name: '',
    mode: 0,
    args: LOG,
    line: /'dir "\S+"': Permission denied$/,
  },
]

async function assertRefused(folder: string, args: readonly string[], line: RegExp) {
  const port = String(await freePort())
  const all = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, ...args]
  const { status, stderr } = await runHoldfast(all, { ...user, cwd: '/' })
  assert.equal(status, 1)
  const [, text = ''] = /^holdfast: ([^\n]*)\n$/.exec(stderr) ?? []
  assert.match(text, line, stderr)
}

for (const { title, name, mode, args, line } of CASES) {
  test(`${title} ends the start`, async (t) => {
    if (why !== false) return t.skip(why)
    const folder = openCopy(t)
    const names = namesIn(folder)
    chmodSync(join(folder, name), mode)
    await assertRefused(folder, args, line)
    chmodSync(join(folder, name), 0o777)
    assert.deepEqual(namesIn(folder), names)
  })
}

test('a lock that cannot be read is respected', async (t) => {
  if (why !== false) return t.skip(why)
  const folder = openCopy(t)
  const lock = join(folder, 'holdfast.lock')
  writeFileSync(lock, 'of somebody')
  chmodSync(lock, 0)
  await assertRefused(folder, LOG, /may be in use: its lock cannot be read; .*Permission denied\)$/)
  assert.ok(namesIn(folder).includes('holdfast.lock'))
})
