/** rate-limiter-flexible and redlock, over ioredis and node-redis. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Redis } from 'ioredis'
import { BurstyRateLimiter, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible'
import { createClient } from 'redis'
import Redlock from 'redlock'
import { type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

let server: Server
let redis: Redis

before(async () => {
  server = await startHoldfast()
  redis = new Redis(server.port, '127.0.0.1')
})

after(async () => {
  redis.disconnect()
  await server.stop()
})

/** Its types know the callbacks of older clients only. */
const client = () => redis as unknown as Redlock.CompatibleRedisClient

/** How many of `count` simultaneous attempts are let through. */
async function passed(
  limiter: { consume(key: string): Promise<unknown> },
  key: string,
  count: number,
) {
  const attempts = Array.from({ length: count }, () => limiter.consume(key))
  return (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled').length
}

test('a limiter lets as many through as it should, however many come at once', async () => {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: 'a',
    points: 5,
    duration: 60,
  })
  assert.equal(await passed(limiter, 'ann', 20), 5)
  assert.equal(await passed(limiter, 'ben', 3), 3)
  const left = (await limiter.get('ben')) as RateLimiterRes
  assert.equal(left.consumedPoints, 3)
  assert.equal(left.remainingPoints, 2)
  assert.ok(left.msBeforeNext > 50_000 && left.msBeforeNext <= 60_000)
  await limiter.penalty('ben', 1)
  await limiter.reward('ben', 2)
  assert.equal((await limiter.get('ben'))?.consumedPoints, 2)
  assert.equal(await limiter.delete('ann'), true)
  assert.equal(await passed(limiter, 'ann', 20), 5)
})

test('a limit is open again when its time is over, and a blocked key is blocked for longer', async () => {
  const options = { storeClient: redis, keyPrefix: 'b', points: 1, duration: 1 }
  const limiter = new RateLimiterRedis(options)
  assert.equal(await passed(limiter, 'k', 2), 1)
  await within(10_000, async () => (await passed(limiter, 'k', 1)) === 1)
  const blocking = new RateLimiterRedis({ ...options, keyPrefix: 'c', blockDuration: 100 })
  assert.equal(await passed(blocking, 'k', 2), 1)
  const refused = await blocking.consume('k').catch((it: RateLimiterRes) => it)
  assert.ok(refused.msBeforeNext > 90_000, `${refused.msBeforeNext} ms`)
})

test('bursts are taken from a second limit, and node-redis does for a limiter too', async () => {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  await client.connect()
  try {
    const common = { storeClient: client, useRedisPackage: true, duration: 60 }
    const usual = new RateLimiterRedis({ ...common, keyPrefix: 'd', points: 2 })
    const burst = new RateLimiterRedis({ ...common, keyPrefix: 'e', points: 3 })
    assert.equal(await passed(new BurstyRateLimiter(usual, burst), 'k', 20), 5)
  } finally {
    client.destroy()
  }
})

test('of many who want a lock at once one has it, until it lets go', async () => {
  const locks = new Redlock([client()], { retryCount: 0 })
  locks.on('clientError', () => {})
  const attempts = Array.from({ length: 10 }, () => locks.lock('lock:a', 10_000))
  const got = (await Promise.allSettled(attempts)).flatMap((it) =>
    it.status === 'fulfilled' ? [it.value] : [],
  )
  assert.equal(got.length, 1)
  const extended = await got[0]!.extend(50_000)
  assert.ok((await redis.pttl('lock:a')) > 10_000)
  await extended.unlock()
  const again = await locks.lock('lock:a', 10_000)
  await again.unlock()
})

test('a lock that nobody lets go ends by time, and its holder cannot take it from the next', async () => {
  const locks = new Redlock([client()], { retryCount: 100, retryDelay: 10 })
  locks.on('clientError', () => {})
  const first = await locks.lock(['lock:b', 'lock:c'], 100)
  const second = await locks.lock(['lock:c'], 10_000)
  await assert.rejects(first.unlock())
  assert.equal(await redis.get('lock:c'), second.value)
  await second.unlock()
  assert.equal(await redis.exists('lock:c'), 0)
})

test('a counter under a lock loses nothing', async () => {
  const locks = new Redlock([client()], { retryCount: 1000, retryDelay: 5, retryJitter: 5 })
  locks.on('clientError', () => {})
  await redis.set('counted', '0')
  const addOne = async () => {
    const lock = await locks.lock('lock:d', 5_000)
    const count = Number(await redis.get('counted'))
    await redis.set('counted', String(count + 1))
    await lock.unlock()
  }
  await Promise.all(Array.from({ length: 30 }, addOne))
  assert.equal(await redis.get('counted'), '30')
})
