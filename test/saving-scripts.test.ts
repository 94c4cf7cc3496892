/** What is saved around a long script or in a transaction has all of it or nothing. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encode, Link } from './support/link.ts'
import { freshFolder, removeFolder, startHoldfast } from './support/servers.ts'

/** It is left in the middle, where everything else has its turn for a while. */
const LONG = `
redis.call('INCR', KEYS[1])
for i = 1, 1e8 do end
return redis.call('INCR', KEYS[1])`
const DEADLINE_MS = 20_000

const settings = ['--busy-reply-threshold', '10', '--save', '3600', '1']

async function withServer(call: (link: Link, folder: string) => Promise<void>): Promise<void> {
  const server = await startHoldfast({
    directives: [...settings, '--enable-debug-command', 'yes'],
  })
  const link = await Link.open(server.port)
  try {
    await call(link, server.folder)
  } finally {
    link.close()
    await server.stop()
  }
}

async function figure(link: Link, name: string): Promise<string> {
  const text = (await link.text('INFO', 'persistence')) ?? ''
  return new RegExp(`${name}:(\\S+)`).exec(text)?.[1] ?? 'missing'
}

/** What these bring to be saved in the end has all that the script did. */
async function assertSavedWhole(link: Link, argvs: string[][]): Promise<void> {
  for (const argv of argvs) await link.ask(...argv)
  const until = Date.now() + DEADLINE_MS
  while (
    (await figure(link, 'rdb_saves')) !== '1' ||
    (await figure(link, 'rdb_bgsave_in_progress')) === '1'
  ) {
    assert.ok(Date.now() < until, 'a snapshot is saved')
  }
  assert.equal(await link.text('DEBUG', 'RELOAD', 'NOSAVE'), 'OK')
  assert.equal(await link.text('GET', 'counter'), '2')
}

test('a snapshot that is due inside of a transaction waits for its end', () =>
  withServer(async (link) => {
    const argvs = [['MULTI'], ['BGSAVE'], ['EVAL', LONG, '1', 'counter'], ['EXEC']]
    await assertSavedWhole(link, argvs)
  }))

test('FLUSHALL inside of a transaction has saved what is there when the next command comes', () =>
  withServer(async (link) => {
    for (const argv of [['SET', 'old', '1'], ['MULTI'], ['FLUSHALL'], ['SET', 'new', '1']]) {
      await link.ask(...argv)
    }
    link.send(encode(['EXEC']))
    await link.reply()
    assert.equal(await figure(link, 'rdb_changes_since_last_save'), '0')
    assert.equal(await link.text('DEBUG', 'RELOAD', 'NOSAVE'), 'OK')
    assert.equal(await link.text('GET', 'new'), '1')
  }))

test('what FLUSHALL has saved does not show half of a script behind it in the transaction', () =>
  withServer(async (link) => {
    const argvs = [['MULTI'], ['FLUSHALL'], ['EVAL', LONG, '1', 'counter'], ['EXEC']]
    await assertSavedWhole(link, argvs)
  }))

test('a rewrite whose time comes in the middle of a script waits for its end', () =>
  withServer(async (link, data) => {
    const settings = ['aof-use-rdb-preamble', 'no', 'appendonly', 'yes']
    assert.equal(await link.text('CONFIG', 'SET', ...settings), 'OK')
    const until = Date.now() + DEADLINE_MS
    const isRewriting = async () => (await figure(link, 'aof_rewrite_in_progress')) === '1'
    while (await isRewriting()) assert.ok(Date.now() < until, 'the first base is written')
    // Both come at once: the rewrite has begun, but the new file is not there when the script runs.
    link.send(Buffer.concat([encode(['BGREWRITEAOF']), encode(['EVAL', LONG, '1', 'counter'])]))
    await link.reply()
    await link.reply()
    while (await isRewriting()) assert.ok(Date.now() < until, 'the log is rewritten')
    const folder = join(data, 'appendonlydir')
    const base = readdirSync(folder).find((name) => name.endsWith('.base.aof'))!
    assert.match(readFileSync(join(folder, base), 'latin1'), /counter\r\n\$1\r\n2\r\n$/)
  }))

test('a log that is turned on before a long script of a transaction begins at its end', () =>
  withServer(async (link, data) => {
    await link.ask('CONFIG', 'SET', 'aof-use-rdb-preamble', 'no')
    const turnOn = ['CONFIG', 'SET', 'appendonly', 'yes']
    const argvs = [['MULTI'], turnOn, ['EVAL', LONG, '1', 'counter'], ['EXEC']]
    for (const argv of argvs) await link.ask(...argv)
    const until = Date.now() + DEADLINE_MS
    while (
      (await figure(link, 'aof_rewrites')) === '0' ||
      (await figure(link, 'aof_rewrite_in_progress')) === '1'
    ) {
      assert.ok(Date.now() < until, 'the base is written')
    }
    const folder = join(data, 'appendonlydir')
    const base = readdirSync(folder).find((name) => name.endsWith('.base.aof'))!
    assert.match(readFileSync(join(folder, base), 'latin1'), /counter\r\n\$1\r\n2\r\n$/)
  }))

test('a signal in the middle of a script ends the server when the script is over, and all of it is saved', async () => {
  const folder = freshFolder()
  const start = () => startHoldfast({ directives: settings, folder })
  const server = await start()
  const [link, other] = [await Link.open(server.port), await Link.open(server.port)]
  try {
    link.send(encode(['EVAL', LONG, '1', 'counter']))
    const until = Date.now() + DEADLINE_MS
    while (!/BUSY/.test((await other.text('GET', 'counter')) ?? '')) {
      assert.ok(Date.now() < until, 'the script is left in the middle')
    }
    assert.equal(await server.end('SIGTERM'), 0)
    const again = await start()
    const reader = await Link.open(again.port)
    try {
      assert.equal(await reader.text('GET', 'counter'), '2')
    } finally {
      reader.close()
      await again.stop()
    }
  } finally {
    for (const one of [link, other]) one.close()
    await server.stop()
    removeFolder(folder)
  }
})
