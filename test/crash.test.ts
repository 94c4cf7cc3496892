/** SIGKILL in the middle of work: whatever was acknowledged is there when the program starts again. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { seeded } from '../src/host/index.ts'
import { crashRounds, POLICIES } from './crash/rounds.ts'
import { Link } from './support/link.ts'
import { endAfter, freshFolder, removeFolder, startHoldfast } from './support/servers.ts'

for (const policy of POLICIES) {
  test(`what was acknowledged survives SIGKILL at any moment, with appendfsync ${policy}`, async () => {
    const figures = await crashRounds({ rounds: 3, policy, random: seeded() })
    assert.equal(figures.rounds, 3)
    assert.ok(figures.acknowledged > 0)
  })
}

/** A folder with the log of some keys, the program gone. */
async function folderWithData(t: TestContext): Promise<{ folder: string; log: string }> {
  const folder = freshFolder()
  const starting = startHoldfast({ folder, directives: ['--appendonly', 'yes'] })
  const server = await endAfter(t, starting)
  const link = await Link.open(server.port)
  for (let n = 0; n < 10; n++) await link.ask('SET', `key:${n}`, `value:${n}`)
  link.close()
  assert.equal(await server.end('SIGTERM'), 0)
  return { folder, log: join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof') }
}

test('a log whose last command is cut loses that command only, and says so', async (t) => {
  const { folder, log } = await folderWithData(t)
  try {
    truncateSync(log, statSync(log).size - 5)
    const starting = startHoldfast({ folder, directives: ['--appendonly', 'yes'] })
    const server = await endAfter(t, starting)
    const link = await Link.open(server.port)
    assert.equal(await link.text('GET', 'key:8'), 'value:8')
    assert.equal(await link.text('GET', 'key:9'), undefined)
    assert.match(server.output(), /truncat/i)
    link.close()
    await server.end()
  } finally {
    removeFolder(folder)
  }
})

test('a log that is damaged in its middle is refused, with its name and the place', async (t) => {
  const { folder, log } = await folderWithData(t)
  try {
    const bytes = readFileSync(log)
    bytes[bytes.indexOf('value:4') - 5] = 33
    writeFileSync(log, bytes)
    const start = startHoldfast({ folder, directives: ['--appendonly', 'yes'] })
    await assert.rejects(start, /holdfast: .*appendonly\.aof\.1\.incr\.aof.* byte \d+/)
    assert.ok(readFileSync(log).equals(bytes), 'the damaged log was changed')
  } finally {
    removeFolder(folder)
  }
})

test('data survives an orderly end by SIGTERM, SIGINT and SHUTDOWN', async (t) => {
  const folder = freshFolder()
  const directives = ['--appendonly', 'yes']
  try {
    for (const [round, signal] of (['SIGTERM', 'SIGINT', 'SHUTDOWN'] as const).entries()) {
      const server = await endAfter(t, startHoldfast({ folder, directives }))
      const link = await Link.open(server.port)
      assert.equal(await link.text('INCR', 'starts'), String(round + 1))
      if (signal === 'SHUTDOWN') {
        link.send('SHUTDOWN\r\n')
        await assert.rejects(link.reply(), /closed/)
        assert.equal(await server.exited(), 0)
      } else assert.equal(await server.end(signal), 0)
      link.close()
    }
  } finally {
    removeFolder(folder)
  }
})
