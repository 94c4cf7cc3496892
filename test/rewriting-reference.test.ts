/**
 * Logs that were rewritten under load, exchanged with the reference in both directions, and what it loads
 * of our snapshots.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded, seeded } from '../src/host/index.ts'
import { encode, Link } from './support/link.ts'
import { randomCommand } from './support/random-commands.ts'
import {
  endAfter,
  freshFolder,
  needsReference,
  removeFolder,
  type Server,
  type StartOptions,
  startHoldfast,
  startReference,
} from './support/servers.ts'

/** What depends on time, or what the oldest of them does not know. */
const LEFT_OUT = /^(HPEXPIRE|HPERSIST|HGETDEL|PEXPIRE|GETEX|FLUSHALL|FLUSHDB)$/
const ROUND = 100

/** Writes until `isOver`, which is asked now and then. */
async function writeUntil(
  link: Link,
  random: Seeded,
  isOver: () => Promise<boolean>,
): Promise<void> {
  for (let round = 0; round < 200; round++) {
    const commands: string[][] = []
    while (commands.length < ROUND) {
      const command = randomCommand({ random, keys: 40, databases: 3 })
      if (!LEFT_OUT.test(command[0]!) && !command.includes('PX')) commands.push(command)
    }
    link.send(Buffer.concat(commands.map((command) => encode(command))))
    for (let i = 0; i < ROUND; i++) await link.reply()
    if (await isOver()) return
  }
  assert.fail('it takes too long')
}

async function figure(link: Link, name: string): Promise<string | undefined> {
  const text = (await link.text('INFO', 'persistence')) ?? ''
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1]
}

/** Fills a server, lets it rewrite its log under load, and ends it. @returns its data's digest. */
async function rewriteUnderLoad(server: Server, seed: number): Promise<string> {
  const link = await Link.open(server.port)
  const random = new Seeded(seed)
  await writeUntil(link, random, async () => true)
  for (let i = 0; i < 300; i++) await link.ask('RPUSH', 'long', ...Array<string>(100).fill(`e${i}`))
  await link.ask('SETRANGE', 'bytes', '300000', 'end')
  await link.ask('BGREWRITEAOF')
  await writeUntil(
    link,
    random,
    async () => (await figure(link, 'aof_rewrite_in_progress')) === '0',
  )
  assert.equal(await figure(link, 'aof_last_bgrewrite_status'), 'ok')
  await writeUntil(link, random, async () => true)
  const digest = (await link.text('DEBUG', 'DIGEST')) ?? 'none'
  link.close()
  await server.end()
  return digest
}

async function digestOf(server: Server): Promise<string> {
  const link = await Link.open(server.port)
  const digest = (await link.text('DEBUG', 'DIGEST')) ?? 'none'
  link.close()
  await server.end()
  return digest
}

const withDebug = (folder: string, ...directives: string[]): StartOptions => ({
  folder,
  directives: ['--enable-debug-command', 'yes', '--save', '', ...directives],
})

for (const preamble of ['yes', 'no']) {
  const directives = ['--appendonly', 'yes', '--aof-use-rdb-preamble', preamble]
  test(`rewritten logs load on either side (aof-use-rdb-preamble ${preamble})`, {
    skip: needsReference,
  }, async (t) => {
    const folder = freshFolder()
    const { seed } = seeded()
    try {
      const options = withDebug(folder, ...directives, '--aof-timestamp-enabled', 'yes')
      const ours = await rewriteUnderLoad(await endAfter(t, startHoldfast(options)), seed)
      assert.equal(await digestOf(await endAfter(t, startReference(options))), ours)
      const theirs = await rewriteUnderLoad(await endAfter(t, startReference(options)), seed + 1)
      assert.equal(await digestOf(await endAfter(t, startHoldfast(options))), theirs)
    } finally {
      removeFolder(folder)
    }
  })
}

test('a snapshot that was written under load is the reference’s to load, and the reverse', {
  skip: needsReference,
}, async (t) => {
  const folder = freshFolder()
  const { seed } = seeded()
  try {
    const options = withDebug(folder)
    const server = await endAfter(t, startHoldfast(options))
    const link = await Link.open(server.port)
    await writeUntil(link, new Seeded(seed), async () => true)
    const digest = (await link.text('DEBUG', 'DIGEST')) ?? 'none'
    await link.ask('BGSAVE')
    await writeUntil(link, new Seeded(seed + 1), async () => {
      return (await figure(link, 'rdb_bgsave_in_progress')) === '0'
    })
    link.close()
    await server.end()
    const reference = await endAfter(t, startReference(options))
    assert.equal(await digestOf(reference), digest)
    assert.equal(await digestOf(await endAfter(t, startHoldfast(options))), digest)
  } finally {
    removeFolder(folder)
  }
})
