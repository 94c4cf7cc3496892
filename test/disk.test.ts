/** Servers on a real file system that is full, or that nothing can be written to any more. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { replyText } from '../src/resp/reply.ts'
import { Link } from './support/link.ts'
import { freshFolder, removeFolder, type Server, startHoldfast } from './support/servers.ts'
import { within } from './support/within.ts'

const NO_SPACE = 'MISCONF Errors writing to the AOF file: No space left on device'
const DIRECTIVES = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
/** So many values of this size fit in no disk of these tests. */
const COUNT_MAX = 400
const VALUE = 'x'.repeat(20_000)
const WAIT_MS = 10_000

/** A small file system, or `undefined` where none can be mounted. */
function smallDisk(t: TestContext): string | undefined {
  const folder = freshFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder])
  t.after(() => {
    if (status === 0) spawnSync('umount', ['-l', folder])
    removeFolder(folder)
  })
  if (status === 0) return folder
  t.skip('a small file system cannot be mounted here')
  return undefined
}

/** Writes until the server ends the connection. @returns the keys that were acknowledged. */
async function fill(server: Server): Promise<string[]> {
  const link = await Link.open(server.port)
  const kept: string[] = []
  try {
    for (let n = 0; n < COUNT_MAX; n++) {
      await link.ask('SET', `key:${n}`, VALUE)
      kept.push(`key:${n}`)
    }
  } catch {
    return kept
  }
  return assert.fail('the disk never was full')
}

async function assertThere(link: Link, keys: readonly string[]): Promise<void> {
  for (const key of keys) assert.equal(await link.text('STRLEN', key), String(VALUE.length), key)
}

/** Whether a write is taken, and not refused. */
async function isWritten(link: Link): Promise<boolean> {
  const reply = replyText(await link.ask('SET', 'after', 'room'))
  if (reply !== 'OK') assert.equal(reply, NO_SPACE)
  return reply === 'OK'
}

test('with always, a server on a full disk says so, stays reachable, and goes on when there is room', async (t) => {
  const folder = smallDisk(t)
  if (folder === undefined) return
  const ballast = join(folder, 'ballast')
  writeFileSync(ballast, Buffer.alloc(2 ** 21))
  const server = await startHoldfast({ folder, directives: DIRECTIVES })
  let kept: string[] = []
  try {
    kept = await fill(server)
    const link = await Link.open(server.port)
    assert.equal(replyText(await link.ask('SET', 'more', VALUE)), NO_SPACE)
    assert.equal(replyText(await link.ask('PING')), NO_SPACE)
    assert.match((await link.text('INFO', 'persistence'))!, /aof_last_write_status:err/)
    assert.equal(await link.text('CONFIG', 'SET', 'loglevel', 'notice'), 'OK')
    rmSync(ballast)
    await within(WAIT_MS, () => isWritten(link))
    link.close()
  } finally {
    await server.stop()
  }
  const again = await startHoldfast({ folder, directives: DIRECTIVES })
  try {
    const link = await Link.open(again.port)
    await assertThere(link, kept)
    assert.equal(await link.text('GET', 'after'), 'room')
    assert.equal(await link.text('EXISTS', 'more'), '0')
    link.close()
  } finally {
    await again.stop()
  }
})
