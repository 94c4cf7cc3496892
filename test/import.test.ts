/** The log of the system before this one: `database.aof`, a plain command a line. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Link } from './support/link.ts'
import { endAfter, freshFolder, removeFolder, startHoldfast } from './support/servers.ts'

const OLD = 'SET name Ada\nSET greeting "hello world"\nSETEX session 1000 abc\nSET name Grace\n'
const LOGGING = ['--appendonly', 'yes']

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = freshFolder()
  try {
    await use(folder)
  } finally {
    removeFolder(folder)
  }
}

test('database.aof is imported, reported and kept untouched', (t) =>
  inFolder(async (folder) => {
    const path = join(folder, 'database.aof')
    writeFileSync(path, OLD)
    const { mtimeMs } = statSync(path)
    const server = await endAfter(t, startHoldfast({ folder, directives: LOGGING }))
    const link = await Link.open(server.port)
    assert.equal(await link.text('GET', 'name'), 'Grace')
    assert.equal(await link.text('GET', 'greeting'), 'hello world')
    assert.equal(await link.text('GET', 'session'), 'abc')
    const ttl = Number(await link.text('TTL', 'session'))
    assert.ok(ttl > 990 && ttl <= 1000)
    assert.match(server.output(), /\* Imported 4 commands .*database\.aof/)
    link.close()
    assert.equal(await server.end(), 0)
    assert.equal(readFileSync(path, 'utf8'), OLD)
    assert.equal(statSync(path).mtimeMs, mtimeMs)
  }))

test('what was imported is in the log of ours, which wins at the next start', (t) =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'database.aof'), OLD)
    const first = await endAfter(t, startHoldfast({ folder, directives: LOGGING }))
    const link = await Link.open(first.port)
    await link.ask('SET', 'name', 'Barbara')
    await link.ask('DEL', 'greeting')
    link.close()
    await first.end('SIGKILL')

    const second = await endAfter(t, startHoldfast({ folder, directives: LOGGING }))
    const again = await Link.open(second.port)
    assert.equal(await again.text('GET', 'name'), 'Barbara')
    assert.equal(await again.text('GET', 'greeting'), undefined)
    assert.equal(await again.text('GET', 'session'), 'abc')
    assert.doesNotMatch(second.output(), /Imported/)
    again.close()
    await second.end()
  }))

test('a broken database.aof stops the start with its line, and changes nothing', (t) =>
  inFolder(async (folder) => {
    const path = join(folder, 'database.aof')
    writeFileSync(path, `${OLD}SET "open\nSET more x\n`)
    const start = startHoldfast({ folder, directives: LOGGING })
    await assert.rejects(start, /holdfast: .*database\.aof.*line 5/)
    writeFileSync(path, OLD)
    const server = await endAfter(t, startHoldfast({ folder, directives: LOGGING }))
    assert.match(server.output(), /Imported 4 commands/)
    await server.end()
  }))
