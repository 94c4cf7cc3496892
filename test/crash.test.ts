/** SIGKILL in the middle of work: whatever was acknowledged is there when the program starts again. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../src/host/index.ts'
import { Link } from './support/link.ts'
import { freshFolder, removeFolder, type Server, startHoldfast } from './support/servers.ts'

const WRITERS = 20
const ROUNDS = 3

/** What one connection was told, and what it had asked for when the link broke. */
interface Progress {
  acknowledged: number
  asked: number
}

/** Counts up until the link breaks, with a value beside the counter that must not be older. */
async function countUntilBroken(port: number, id: number, progress: Progress): Promise<void> {
  const link = await Link.open(port)
  try {
    for (;;) {
      progress.asked++
      const filler = 'x'.repeat((progress.asked * 37) % 500)
      await link.ask('SET', `value:${id}`, `${progress.asked}:${filler}`, 'EX', '10000')
      const count = await link.text('INCR', `count:${id}`)
      assert.equal(count, String(progress.asked))
      progress.acknowledged = progress.asked
    }
  } catch (error) {
    assert.match(String(error), /closed/)
  }
}

async function checkAll(server: Server, all: readonly Progress[]): Promise<void> {
  const link = await Link.open(server.port)
  for (const [id, progress] of all.entries()) {
    const count = Number((await link.text('GET', `count:${id}`)) ?? 0)
    const { acknowledged, asked } = progress
    assert.ok(count >= acknowledged, `${count} is left of ${acknowledged} acknowledged`)
    assert.ok(count <= asked, `${count} was never asked for`)
    const value = Number((await link.text('GET', `value:${id}`))?.split(':')[0] ?? 0)
    assert.ok(value >= count && value <= asked, `value ${value} beside count ${count}`)
    progress.acknowledged = count
    progress.asked = count
  }
  link.close()
}

for (const policy of ['always', 'everysec']) {
  test(`what was acknowledged survives SIGKILL under load, with appendfsync ${policy}`, async () => {
    const random = seeded()
    const folder = freshFolder()
    const directives = ['--appendonly', 'yes', '--appendfsync', policy]
    const all = Array.from({ length: WRITERS }, () => ({ acknowledged: 0, asked: 0 }))
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const server = await startHoldfast({ folder, directives })
        await checkAll(server, all)
        const work = all.map((progress, id) => countUntilBroken(server.port, id, progress))
        const target = all[0]!.acknowledged + random.between(20, 150)
        while (all[0]!.acknowledged < target) await new Promise((resolve) => setImmediate(resolve))
        await server.end('SIGKILL')
        await Promise.all(work)
      }
      const server = await startHoldfast({ folder, directives })
      await checkAll(server, all)
      await server.end()
    } finally {
      removeFolder(folder)
    }
  })
}

/** A folder with the log of some keys, the program gone. */
async function folderWithData(): Promise<{ folder: string; log: string }> {
  const folder = freshFolder()
  const server = await startHoldfast({ folder, directives: ['--appendonly', 'yes'] })
  const link = await Link.open(server.port)
  for (let n = 0; n < 10; n++) await link.ask('SET', `key:${n}`, `value:${n}`)
  link.close()
  assert.equal(await server.end('SIGTERM'), 0)
  return { folder, log: join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof') }
}

test('a log whose last command is cut loses that command only, and says so', async () => {
  const { folder, log } = await folderWithData()
  try {
    truncateSync(log, statSync(log).size - 5)
    const server = await startHoldfast({ folder, directives: ['--appendonly', 'yes'] })
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

test('a log that is damaged in its middle is refused, with its name and the place', async () => {
  const { folder, log } = await folderWithData()
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

test('data survives an orderly end by SIGTERM, SIGINT and SHUTDOWN', async () => {
  const folder = freshFolder()
  const directives = ['--appendonly', 'yes']
  try {
    for (const [round, signal] of (['SIGTERM', 'SIGINT', 'SHUTDOWN'] as const).entries()) {
      const server = await startHoldfast({ folder, directives })
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
