/** The two clients that people use, unchanged, against the program. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { Link } from './support/link.ts'
import { type Server, startHoldfast } from './support/servers.ts'

const BINARY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

let server: Server

before(async () => {
  server = await startHoldfast()
})

beforeEach(async () => {
  const link = await Link.open(server.port)
  await link.ask('FLUSHALL')
  link.close()
})

after(() => server.stop())

async function withIoredis(use: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(server.port, '127.0.0.1')
  try {
    await use(redis)
  } finally {
    redis.disconnect()
  }
}

function newNodeRedis(RESP: 2 | 3) {
  const client = createClient({ RESP, socket: { host: '127.0.0.1', port: server.port } })
  client.on('error', () => {})
  return client
}

test('ioredis sets, gets, counts, expires and deletes', () =>
  withIoredis(async (redis) => {
    assert.equal(await redis.set('k', 'v'), 'OK')
    assert.equal(await redis.get('k'), 'v')
    assert.equal(await redis.get('missing'), null)
    assert.equal(await redis.incrby('n', 41), 41)
    assert.equal(await redis.incr('n'), 42)
    assert.equal(await redis.set('k', 'w', 'EX', 100, 'NX'), null)
    assert.equal(await redis.set('k', 'w', 'EX', 100, 'XX'), 'OK')
    const ttl = await redis.ttl('k')
    assert.ok(ttl > 95 && ttl <= 100)
    assert.deepEqual(await redis.mget('k', 'missing', 'n'), ['w', null, '42'])
    assert.equal(await redis.del('k', 'n', 'missing'), 2)
  }))

test('ioredis keeps binary keys and values whole', () =>
  withIoredis(async (redis) => {
    await redis.set(BINARY, BINARY)
    assert.deepEqual(await redis.getBuffer(BINARY), BINARY)
    const big = Buffer.alloc(3_000_000, BINARY)
    await redis.set('big', big)
    assert.ok((await redis.getBuffer('big'))?.equals(big))
  }))

test('ioredis sends long pipelines and gets every reply in its place', () =>
  withIoredis(async (redis) => {
    const pipeline = redis.pipeline()
    for (let n = 0; n < 5000; n++) pipeline.set(`key:${n}`, `value:${n}`).get(`key:${n}`)
    pipeline.incr('key:1')
    const results = (await pipeline.exec())!
    assert.equal(results.length, 10_001)
    for (let n = 0; n < 5000; n++) {
      assert.deepEqual(results[2 * n], [null, 'OK'])
      assert.deepEqual(results[2 * n + 1], [null, `value:${n}`])
    }
    assert.match(String(results.at(-1)![0]), /ERR value is not an integer or out of range/)
  }))

test('ioredis scans every key', () =>
  withIoredis(async (redis) => {
    const pipeline = redis.pipeline()
    for (let n = 0; n < 3000; n++) pipeline.set(`user:${n}`, 'x').set(`other:${n}`, 'x')
    await pipeline.exec()
    const seen = new Set<string>()
    for await (const keys of redis.scanStream({ match: 'user:*', count: 100 })) {
      for (const key of keys as string[]) seen.add(key)
    }
    assert.equal(seen.size, 3000)
  }))

test('ioredis gets errors as errors, and goes on', () =>
  withIoredis(async (redis) => {
    await redis.set('k', 'text')
    await assert.rejects(redis.incr('k'), /ERR value is not an integer or out of range/)
    await assert.rejects(redis.call('NOPE', 'x'), /ERR unknown command 'NOPE'/)
    assert.equal(await redis.get('k'), 'text')
  }))

test('ioredis connects again when its link is broken, and asks again what was open', () =>
  withIoredis(async (redis) => {
    await redis.set('k', 'v')
    const id = await redis.client('ID')
    const link = await Link.open(server.port)
    const again = once(redis, 'ready')
    await link.ask('CLIENT', 'KILL', 'ID', String(id))
    assert.equal(await redis.get('k'), 'v')
    await again
    assert.notEqual(await redis.client('ID'), id)
    link.close()
  }))

for (const RESP of [2, 3] as const) {
  test(`node-redis works over RESP${RESP}`, async () => {
    const client = newNodeRedis(RESP)
    await client.connect()
    try {
      assert.equal(await client.set('k', 'v'), 'OK')
      assert.equal(await client.get('k'), 'v')
      assert.equal(await client.get('missing'), null)
      assert.equal(await client.incrByFloat('f', 1.5), '1.5')
      assert.equal(await client.expire('k', 100), 1)
      assert.ok((await client.pTTL('k')) > 95_000)
      assert.deepEqual(await client.mGet(['k', 'missing']), ['v', null])
      await assert.rejects(client.incr('k'), /not an integer/)
      const config = await client.configGet('maxmemory')
      assert.equal(config.maxmemory, '0')
      // What is asked in one turn of the loop goes out as one pipeline.
      const values = await Promise.all(Array.from({ length: 1000 }, () => client.incr('n')))
      assert.deepEqual(
        values,
        Array.from({ length: 1000 }, (_, n) => n + 1),
      )
      const seen: string[] = []
      for await (const keys of client.scanIterator({ MATCH: '?', COUNT: 10 })) seen.push(...keys)
      assert.deepEqual(seen.sort(), ['f', 'k', 'n'])
      assert.match(await client.info('server'), /redis_version:\d+\.\d+\.\d+/)
    } finally {
      client.destroy()
    }
  })
}

test('node-redis connects again when its link is broken', async () => {
  const client = newNodeRedis(3)
  await client.connect()
  try {
    await client.set('k', 'v')
    const id = await client.clientId()
    const link = await Link.open(server.port)
    const again = new Promise<void>((resolve) => client.once('ready', () => resolve()))
    await link.ask('CLIENT', 'KILL', 'ID', String(id))
    await again
    assert.equal(await client.get('k'), 'v')
    link.close()
  } finally {
    client.destroy()
  }
})
