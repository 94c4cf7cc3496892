/** Bytes of every size come back as they went, from wherever they stood in what was read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SMALL_BYTES_MAX } from '../src/arena/index.ts'
import { latin1 } from '../src/bytes/index.ts'
import { seeded } from '../src/host/index.ts'
import { type Reply, replyItems, replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { type Guest, World } from './support/world.ts'

/** Short ones are copied by words, up to some limit or other below these. */
const SIZES = [...Array(104).keys(), 254, 255, 256, 257]
/** Words have four bytes, so all is said by four places. */
const PLACES = 4

type Word = string | Uint8Array
/** A command and its reply: texts in arrays, or `undefined` for null. */
type Exchange = readonly [argv: readonly Word[], reply: Word | undefined | readonly Word[]]

const SCRIPT = "redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), ARGV[2]}"

/** By what is stored, exchanges that store a text and another one of its size, and leave nothing. */
const EXCHANGES: Readonly<Record<string, (text: Word, other: Word) => readonly Exchange[]>> = {
  'a string': (text, other) => [
    [['SET', 'string', text], 'OK'],
    [['GET', 'string'], text],
    [['SET', 'string', other], 'OK'],
    [['GETSET', 'string', text], other],
    [
      ['MGET', 'string', 'none', 'string'],
      [text, '', text],
    ],
    [['GETEX', 'string', 'PX', '100000'], text],
    [['SET', 'string', other, 'KEEPTTL', 'GET'], text],
    [['GETDEL', 'string'], other],
  ],
  'a key': (text, other) => [
    [['SET', text, '1'], 'OK'],
    [['SET', other, '2'], 'OK'],
    [['SET', text, '3'], 'OK'],
    [
      ['MGET', text, other],
      ['3', '2'],
    ],
    [['RENAME', text, other], 'OK'],
    [['GET', text], undefined],
    [['GETDEL', other], '3'],
  ],
  'a hash': (text, other) => [
    [['HSET', 'hash', text, text, other, text], '2'],
    [['HSET', 'hash', text, other], '0'],
    [
      ['HMGET', 'hash', text, other],
      [other, text],
    ],
    [['HDEL', 'hash', text, other, other], '2'],
  ],
  'a list': (text, other) => [
    [['RPUSH', 'list', text, other], '2'],
    [['LPUSH', 'list', other], '3'],
    [
      ['LRANGE', 'list', '0', '-1'],
      [other, text, other],
    ],
    [['LSET', 'list', '0', text], 'OK'],
    [['LMOVE', 'list', 'list', 'RIGHT', 'LEFT'], other],
    [['LMOVE', 'list', 'list:other', 'LEFT', 'RIGHT'], other],
    [['RPUSH', 'list', other, other], '4'],
    [['RPOP', 'list'], other],
    [['LPOP', 'list'], text],
    [
      ['LPOP', 'list', '5'],
      [text, other],
    ],
    [['RPOP', 'list:other'], other],
  ],
  'a set': (text, other) => [
    [['SADD', 'set', text, other, text], '2'],
    [
      ['SMISMEMBER', 'set', text, other],
      ['1', '1'],
    ],
    [['SREM', 'set', text], '1'],
    [['SPOP', 'set'], other],
  ],
  'a sorted set': (text, other) => [
    [['ZADD', 'sorted', '1', text, '2', other], '2'],
    [['ZADD', 'sorted', '3', text], '0'],
    [
      ['ZRANGE', 'sorted', '0', '-1', 'WITHSCORES'],
      [other, '2', text, '3'],
    ],
    [
      ['ZPOPMIN', 'sorted'],
      [other, '2'],
    ],
    [['ZREM', 'sorted', text], '1'],
  ],
  'a stream': (text, other) => [
    [['XADD', 'stream', '1-1', text, other], '1-1'],
    [
      ['XRANGE', 'stream', '-', '+'],
      ['1-1', text, other],
    ],
    [['DEL', 'stream'], '1'],
  ],
  'what a script stores': (text, other) => [
    [
      ['EVAL', SCRIPT, '1', text, other, text],
      [other, text],
    ],
    [['GETDEL', text], other],
  ],
  'what is only answered': (text) => [[['ECHO', text], text]],
}

/** The texts in a reply, in their order. */
function textsOf(reply: Reply): string[] {
  if (reply.kind === 'array') return replyItems(reply).flatMap(textsOf)
  return [reply.kind === 'bulk' ? latin1(reply.bytes) : (replyText(reply) ?? '')]
}

/** Sends commands that come in one read, at an offset in a buffer that ends with them. */
function send(world: World, { client }: Guest, at: number, argvs: readonly (readonly Word[])[]) {
  const requests = Buffer.concat(argvs.map(encode))
  const bytes = new Uint8Array(at + requests.length)
  bytes.set(requests, at)
  world.store.engine.receive(client, bytes, at, bytes.length)
  world.host.timers.turn()
}

const SMALL = ['hash', 'set', 'zset'].flatMap((type) => [`--${type}-max-listpack-entries`, '0'])

for (const [where, directives] of [
  ['in listpacks', []],
  ['in tables', [...SMALL, '--list-max-listpack-size', '2']],
] as const) {
  for (const [what, exchangesOf] of Object.entries(EXCHANGES)) {
    test(`${what} of any size comes back as it went, from any place, ${where}`, () => {
      const random = seeded()
      const world = new World({ directives: ['--appendonly', 'no', ...directives] })
      const guest = world.connect()
      for (const size of SIZES) {
        for (let at = 0; at < PLACES; at++) {
          const text = random.bytes(size)
          const other = size === 0 ? Uint8Array.of(0) : text.slice()
          if (size > 0) other[random.between(0, size - 1)]! ^= 1 << random.between(0, 7)
          const exchanges = exchangesOf(text, other)
          const argvs = exchanges.map(([argv]) => argv)
          send(world, guest, at, argvs)
          const replies = guest.take()
          for (const [i, [argv, expected]] of exchanges.entries()) {
            const words = Array.isArray(expected) ? expected : [expected ?? '']
            const texts = words.map((word) => (typeof word === 'string' ? word : latin1(word)))
            assert.deepEqual(textsOf(replies[i]!), texts, `${argv[0]}, ${size} bytes at ${at}`)
          }
        }
      }
      world.store.keyspace.check()
      assert.equal(world.store.keyspace.count, 0)
    })
  }
}

test('a string is found at a long key, whether or not either has a buffer of its own', () => {
  const random = seeded()
  const world = new World({ directives: ['--appendonly', 'no'] })
  const guest = world.connect()
  const half = SMALL_BYTES_MAX / 2
  for (let keyBytes = half - 2; keyBytes <= half + 2; keyBytes++) {
    const [key, other] = [random.bytes(keyBytes), random.bytes(keyBytes)]
    for (const size of [0, 3, 64, half - 45, half - 30, half - 20, half - 10, 2 * half]) {
      const [first, second] = [random.bytes(size), random.bytes(size)]
      send(world, guest, 1, [
        ['SET', key, first],
        ['SET', key, second],
        ['RENAME', key, other],
        ['SET', key, first],
        ['GETDEL', key],
        ['GETDEL', other],
      ])
      const [, , , , ...texts] = guest.take().flatMap(textsOf)
      const expected = [first, second].map((text) => latin1(text))
      assert.deepEqual(texts, expected, `${keyBytes}, ${size}`)
    }
  }
  world.store.keyspace.check()
})

test('what goes into a listpack that has a buffer of its own comes out of it as it was', () => {
  const random = seeded()
  const limits = ['--list-max-listpack-size', '-5', '--hash-max-listpack-entries', '100000']
  const world = new World({ directives: ['--appendonly', 'no', ...limits] })
  const guest = world.connect()
  const words = (count: number) => Array.from({ length: count }, (_, i) => `${i}`.padEnd(62, 'x'))
  // Of the list the second node is such a one, and of the hash the whole.
  world.ask('RPUSH', 'list', ...words(1650))
  world.ask('HSET', 'hash', ...words(1000))
  assert.equal(replyText(world.ask('OBJECT', 'ENCODING', 'list')), 'quicklist')
  assert.equal(replyText(world.ask('OBJECT', 'ENCODING', 'hash')), 'listpack')
  for (const size of [1, 3, 4, 30, 63, 64]) {
    const [text, other] = [random.bytes(size), random.bytes(size)]
    send(world, guest, size % PLACES, [
      ['LPUSH', 'list', other],
      ['RPUSH', 'list', text],
      ['HSET', 'hash', 'field', text],
      ['RPOP', 'list'],
      ['LPOP', 'list'],
      ['HGET', 'hash', 'field'],
    ])
    const [, , , ...texts] = guest.take().flatMap(textsOf)
    assert.deepEqual(
      texts,
      [text, other, text].map((one) => latin1(one)),
      `${size}`,
    )
    world.store.keyspace.check()
  }
})

test('keys of commands that come together are told apart, whichever of their bytes differs', () => {
  const random = seeded()
  const world = new World({ directives: ['--appendonly', 'no'] })
  const guest = world.connect()
  for (let size = 1; size <= 24; size++) {
    for (let differing = 0; differing < size; differing++) {
      const [first, second] = [random.bytes(size), new Uint8Array(size)]
      second.set(first)
      second[differing]! ^= 1
      const sets = [first, second, first, second].map((key, i) => ['SET', key, String(i)])
      send(world, guest, size % PLACES, sets)
      // One at a time, nothing is known of either before it is looked for.
      for (const key of [first, second]) send(world, guest, 0, [['GETDEL', key]])
      const [, , , , ...values] = guest.take().map(replyText)
      assert.deepEqual(values, ['2', '3'], `byte ${differing} of ${size}`)
    }
  }
  assert.equal(world.store.keyspace.count, 0)
})
