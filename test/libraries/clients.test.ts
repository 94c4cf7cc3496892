/** What ioredis and node-redis offer beyond single commands: transactions, scripts, messages, caches. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { Redis } from 'ioredis'
import { createClient, defineScript, WatchError } from 'redis'
import { type Server, startHoldfast } from '../support/servers.ts'
import { within } from '../support/within.ts'

let server: Server
let redis: Redis
let closing: (() => void)[] = []

before(async () => {
  server = await startHoldfast()
})

beforeEach(async () => {
  redis = newIoredis()
  await redis.flushall()
})

afterEach(() => {
  for (const close of closing) close()
  closing = []
})

after(() => server.stop())

function newIoredis(): Redis {
  const client = new Redis(server.port, '127.0.0.1')
  closing.push(() => client.disconnect())
  return client
}

const add = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
  parseCommand(parser, key: string, by: number) {
    parser.pushKey(key)
    parser.push(String(by))
  },
  transformReply: (reply: number) => reply,
})

const CACHE = { ttl: 0, maxEntries: 100, evictPolicy: 'LRU' } as const

async function newNodeRedis(RESP: 2 | 3, isCaching = false) {
  const client = createClient({
    RESP,
    socket: { host: '127.0.0.1', port: server.port },
    scripts: { add },
    ...(isCaching ? { clientSideCache: CACHE } : {}),
  })
  client.on('error', () => {})
  await client.connect()
  closing.push(() => client.destroy())
  return client
}

test('ioredis: a pipeline and a transaction give their results in order, errors included', async () => {
  const piped = await redis.pipeline().set('k', 'v').incr('k').get('k').exec()
  assert.deepEqual(
    piped?.map(([error]) => error === null),
    [true, false, true],
  )
  assert.equal(piped?.[2]?.[1], 'v')
  const done = await redis.multi().set('n', 1).incr('n').lpush('n', 'x').get('n').exec()
  assert.deepEqual(
    done?.map(([, value]) => value),
    ['OK', 2, undefined, '2'],
  )
  assert.match(String(done?.[2]?.[0]), /WRONGTYPE/)
  await assert.rejects(redis.multi().call('no-such-command').exec(), /EXECABORT/)
})

test('ioredis: a watched key that another changes ends the transaction', async () => {
  const other = newIoredis()
  await redis.watch('k')
  await other.set('k', 'theirs')
  assert.equal(await redis.multi().set('k', 'ours').exec(), null)
  assert.equal(await redis.get('k'), 'theirs')
  await redis.watch('k')
  assert.deepEqual(await redis.multi().set('k', 'ours').exec(), [[null, 'OK']])
})

test('ioredis: scripts are sent once, and again when the server has forgotten them', async () => {
  const lua = "return {KEYS[1], ARGV[1], redis.call('GET', KEYS[1])}"
  redis.defineCommand('look', { numberOfKeys: 1, lua })
  const look = (redis as unknown as { look(key: string, arg: string): Promise<unknown> }).look
  await redis.set('k', 'v')
  assert.deepEqual(await look.call(redis, 'k', 'a'), ['k', 'a', 'v'])
  await redis.script('FLUSH')
  assert.deepEqual(await look.call(redis, 'k', 'b'), ['k', 'b', 'v'])
})

test('ioredis: messages by channel and by pattern', async () => {
  const subscriber = newIoredis()
  const heard: string[] = []
  subscriber.on('message', (channel, text) => heard.push(`${channel} ${text}`))
  subscriber.on('pmessage', (pattern, channel, text) => heard.push(`${pattern} ${channel} ${text}`))
  assert.equal(await subscriber.subscribe('news'), 1)
  assert.equal(await subscriber.psubscribe('n*'), 2)
  assert.equal(await redis.publish('news', 'ü'), 2)
  await within(10_000, async () => heard.length === 2)
  assert.deepEqual(heard, ['news ü', 'n* news ü'])
  await subscriber.punsubscribe('n*')
  assert.equal(await subscriber.unsubscribe('news'), 0)
  assert.equal(await subscriber.get('k'), null)
})

test('ioredis: a group shares out a stream, and an expired key is told of', async () => {
  await redis.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM')
  const other = newIoredis()
  const waiting = other.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 20_000, 'STREAMS', 's', '>')
  const id = await redis.xadd('s', '*', 'field', 'value')
  assert.deepEqual(await waiting, [['s', [[id, ['field', 'value']]]]])
  assert.equal(await redis.xack('s', 'g', id!), 1)
  await redis.config('SET', 'notify-keyspace-events', 'Ex')
  const expired: string[] = []
  const subscriber = newIoredis()
  subscriber.on('message', (_, key) => expired.push(key))
  await subscriber.subscribe('__keyevent@0__:expired')
  await redis.set('short', 'v', 'PX', 1)
  await within(10_000, async () => expired.length === 1)
  assert.deepEqual(expired, ['short'])
})

for (const RESP of [2, 3] as const) {
  test(`node-redis with RESP${RESP}: transactions, watched keys and scripts`, async () => {
    const client = await newNodeRedis(RESP)
    const results = await client
      .multi()
      .set('n', '1')
      .incr('n')
      .hSet('h', { a: '1' })
      .hGetAll('h')
      .exec()
    assert.deepEqual(results.slice(0, 3), ['OK', 2, 1])
    assert.deepEqual({ ...(results[3] as object) }, { a: '1' })
    await client.watch('n')
    await redis.set('n', '7')
    await assert.rejects(client.multi().get('n').exec(), WatchError)
    assert.equal(await client.add('n', 3), 10)
    assert.deepEqual(await client.multi().add('n', 1).add('n', 1).exec(), [11, 12])
    assert.equal(await client.eval('return ARGV[1]', { arguments: ['ü'] }), 'ü')
  })

  test(`node-redis with RESP${RESP}: messages by channel, pattern and shard channel`, async () => {
    const [client, subscriber] = [await newNodeRedis(RESP), await newNodeRedis(RESP)]
    const heard: string[] = []
    await subscriber.subscribe('news', (text, channel) => heard.push(`${channel} ${text}`))
    await subscriber.pSubscribe('ne?s', (text, channel) => heard.push(`pattern ${channel} ${text}`))
    await subscriber.sSubscribe('shard', (text, channel) => heard.push(`${channel} ${text}`))
    assert.equal(await client.publish('news', 'a'), 2)
    assert.equal(await client.sPublish('shard', 'b'), 1)
    await within(10_000, async () => heard.length === 3)
    assert.deepEqual(heard, ['news a', 'pattern news a', 'shard b'])
    await subscriber.unsubscribe()
    await subscriber.pUnsubscribe()
    await subscriber.sUnsubscribe()
    assert.equal(await client.publish('news', 'c'), 0)
  })
}

test('node-redis: many commands in one turn, and a stream that a group shares out', async () => {
  const [client, other] = [await newNodeRedis(3), await newNodeRedis(3)]
  const keys = Array.from({ length: 200 }, (_, i) => `many:${i}`)
  await Promise.all(keys.map((key, i) => client.set(key, String(i))))
  assert.deepEqual(
    await client.mGet(keys),
    Array.from(keys, (_, i) => String(i)),
  )
  await client.xGroupCreate('events', 'g', '$', { MKSTREAM: true })
  const waiting = other.xReadGroup('g', 'c', { key: 'events', id: '>' }, { BLOCK: 20_000 })
  const id = await client.xAdd('events', '*', { field: 'value' })
  const [stream] = Object.entries(flat(await waiting))
  assert.match(JSON.stringify(stream), new RegExp(`events.*"id":"${id}".*"field":"value"`))
  assert.equal((await client.xPending('events', 'g')).pending, 1)
  assert.equal(await client.xAck('events', 'g', id), 1)
})

/** Objects without a prototype, and maps, as plain ones. */
const flat = (value: unknown) => JSON.parse(JSON.stringify(value)) as object

test('node-redis: with a cache of its own, what another changes is read anew', async () => {
  const client = await newNodeRedis(3, true)
  await redis.mset('k', 'old', 'other', 'x')
  assert.equal(await client.get('k'), 'old')
  const commands = async () => {
    const line = /total_commands_processed:(\d+)/.exec(await redis.info('stats'))
    return Number(line![1])
  }
  const before = await commands()
  for (let n = 0; n < 10; n++) assert.equal(await client.get('k'), 'old')
  // INFO itself is counted when it is asked the second time: the ten were answered by the cache.
  assert.equal((await commands()) - before, 1)
  await redis.set('k', 'new')
  await within(10_000, async () => (await client.get('k')) === 'new')
  await redis.flushall()
  await within(10_000, async () => (await client.get('k')) === null)
})
