/** What is saved around a long script or in a transaction has all of it or nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode, Link } from './support/link.ts'
import { startHoldfast } from './support/servers.ts'

/** It is left in the middle, where everything else has its turn for a while. */
const LONG = `
redis.call('INCR', KEYS[1])
for i = 1, 1e8 do end
return redis.call('INCR', KEYS[1])`
const DEADLINE_MS = 20_000

async function withServer(call: (link: Link) => Promise<void>): Promise<void> {
  const settings = ['--busy-reply-threshold', '10', '--save', '3600', '1']
  const server = await startHoldfast({
    directives: [...settings, '--enable-debug-command', 'yes'],
  })
  const link = await Link.open(server.port)
  try {
    await call(link)
  } finally {
    link.close()
    await server.stop()
  }
}

async function figure(link: Link, name: string): Promise<string> {
  const text = (await link.text('INFO', 'persistence')) ?? ''
  return new RegExp(`${name}:(\\S+)`).exec(text)?.[1] ?? 'missing'
}

test('a snapshot that is due inside of a transaction waits for its end', () =>
  withServer(async (link) => {
    const argvs = [['MULTI'], ['BGSAVE'], ['EVAL', LONG, '1', 'counter'], ['EXEC']]
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
