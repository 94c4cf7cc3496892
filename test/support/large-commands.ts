/** Commands on a few collections of thousands of elements, at their ends, in the middle and anywhere. */
import type { Seeded } from '../../src/host/index.ts'

/** How many elements a collection has at first. */
export const LARGE_COUNT = 3000
/** And how long a string is. */
const STRING_BYTES = 300_000

type Draw = (random: Seeded) => string[]

const TYPES = ['list', 'set', 'zset', 'hash', 'stream', 'string'] as const
type Type = (typeof TYPES)[number]

const keyOf = (random: Seeded, type: Type = random.pick(TYPES)) => {
  return `large:${type}:${random.between(1, 2)}`
}

/** Near the beginning, in the middle, near the end, or anywhere. */
function place(random: Seeded, count: number = LARGE_COUNT): number {
  const near = random.between(0, 9)
  return random.pick([near, (count >> 1) + near, count - 1 - near, random.between(0, count - 1)])
}

const element = (random: Seeded) => `e${place(random)}`
const fresh = (random: Seeded) => `f${random.between(0, LARGE_COUNT)}`
const either = (random: Seeded) => (random.chance(0.7) ? element(random) : fresh(random))
/** A string of a few hundred KB, each page of which is another one. */
const content = (random: Seeded) => {
  const size = STRING_BYTES + random.between(-5000, 5000)
  return Array.from({ length: Math.ceil(size / 8) }, (_, i) => `${i}`.padEnd(8)).join('')
}
const text = (random: Seeded) => 'x'.repeat(random.pick([0, 3, 70, 300, 9000, 40000]))
const score = (random: Seeded) => String(random.pick([place(random) / 4, 7, -1, 5000]))
const id = (random: Seeded) => `${place(random) + 1}-1`
/** Many have no entries pending: they are before, between and behind those that have. */
const group = (random: Seeded) => {
  return random.pick([
    'g1',
    'g2',
    'g3',
    `a${random.between(0, 150)}`,
    `g1${random.between(0, 150)}`,
  ])
}
const consumer = (random: Seeded) => {
  return random.pick(['ann', 'bob', 'cy', `b${random.between(0, 80)}`, `z${random.between(0, 9)}`])
}
/** In a string: at its pages, in the middle of them, at its end and beyond. */
const byteOf = (random: Seeded) => {
  const page = 4096 * random.between(0, STRING_BYTES / 4096)
  return (
    random.pick([page, page - 1, page + 1, random.between(0, STRING_BYTES + 9000)]) & 0x7fffffff
  )
}
const many = (random: Seeded, draw: (random: Seeded) => string[], count = 20) =>
  Array.from({ length: random.between(1, count) }, () => draw(random)).flat()

const LISTS: readonly Draw[] = [
  (r) => ['LPUSH', keyOf(r, 'list'), ...many(r, (one) => [fresh(one)])],
  (r) => ['RPUSH', keyOf(r, 'list'), text(r), fresh(r)],
  (r) => ['LPOP', keyOf(r, 'list'), String(r.between(1, 40))],
  (r) => ['RPOP', keyOf(r, 'list'), String(r.between(1, 40))],
  (r) => ['LSET', keyOf(r, 'list'), String(place(r, 2000)), text(r)],
  (r) => ['LSET', keyOf(r, 'list'), String(-1 - place(r, 2000)), fresh(r)],
  (r) => ['LSET', keyOf(r, 'list'), String(100 * r.between(0, 25)), 'y'.repeat(9000)],
  (r) => ['LINSERT', keyOf(r, 'list'), r.pick(['BEFORE', 'AFTER']), element(r), text(r)],
  (r) => ['LREM', keyOf(r, 'list'), String(r.between(-1, 1)), either(r)],
  (r) => ['LTRIM', keyOf(r, 'list'), String(r.pick([0, 3, 200])), String(-r.pick([1, 4, 200]))],
  (r) => ['LMOVE', keyOf(r, 'list'), keyOf(r, 'list'), 'LEFT', 'RIGHT'],
  (r) => ['SORT', keyOf(r, 'list'), 'ALPHA', 'LIMIT', '0', '900', 'STORE', keyOf(r, 'list')],
]

const SETS: readonly Draw[] = [
  (r) => ['SADD', keyOf(r, 'set'), ...many(r, (one) => [either(one)])],
  (r) => ['SREM', keyOf(r, 'set'), ...many(r, (one) => [either(one)])],
  (r) => ['SPOP', keyOf(r, 'set'), String(r.pick([1, 20, 900, 2900]))],
  (r) => ['SMOVE', keyOf(r, 'set'), keyOf(r, 'set'), either(r)],
  (r) => ['SUNIONSTORE', keyOf(r, 'set'), keyOf(r, 'set'), keyOf(r, 'set')],
]

const SORTED: readonly Draw[] = [
  (r) => ['ZADD', keyOf(r, 'zset'), ...many(r, (one) => [score(one), either(one)])],
  (r) => ['ZINCRBY', keyOf(r, 'zset'), score(r), either(r)],
  (r) => ['ZREM', keyOf(r, 'zset'), ...many(r, (one) => [either(one)])],
  (r) => [r.pick(['ZPOPMIN', 'ZPOPMAX']), keyOf(r, 'zset'), String(r.between(1, 30))],
  (r) => {
    const from = place(r, 2000)
    return ['ZREMRANGEBYRANK', keyOf(r, 'zset'), String(from), String(from + r.between(0, 300))]
  },
  (r) => ['ZREMRANGEBYSCORE', keyOf(r, 'zset'), '7', '8'],
  (r) => ['ZRANGESTORE', keyOf(r, 'zset'), keyOf(r, 'zset'), '0', '-2'],
]

const HASHES: readonly Draw[] = [
  (r) => ['HSET', keyOf(r, 'hash'), ...many(r, (one) => [either(one), text(one)], 5)],
  (r) => ['HDEL', keyOf(r, 'hash'), ...many(r, (one) => [either(one)], 200)],
  (r) => ['HINCRBY', keyOf(r, 'hash'), fresh(r), '3'],
  (r) => ['HPEXPIRE', keyOf(r, 'hash'), String(r.between(0, 900)), 'FIELDS', '1', either(r)],
  (r) => ['HPEXPIRE', keyOf(r, 'hash'), '100000', 'FIELDS', '2', either(r), either(r)],
  (r) => ['HPERSIST', keyOf(r, 'hash'), 'FIELDS', '1', either(r)],
  (r) => ['HGETDEL', keyOf(r, 'hash'), 'FIELDS', '1', either(r)],
  (r) => ['HGETEX', keyOf(r, 'hash'), 'PX', '700', 'FIELDS', '1', either(r)],
]

const STREAMS: readonly Draw[] = [
  (r) => ['XADD', keyOf(r, 'stream'), '*', fresh(r), text(r)],
  (r) => ['XDEL', keyOf(r, 'stream'), ...many(r, (one) => [id(one)], 150)],
  (r) => ['XTRIM', keyOf(r, 'stream'), 'MAXLEN', String(r.pick([200, 2000, 2900]))],
  (r) => ['XTRIM', keyOf(r, 'stream'), 'MINID', '~', id(r)],
  (r) => ['XSETID', keyOf(r, 'stream'), id(r)],
  (r) => ['XACK', keyOf(r, 'stream'), group(r), ...many(r, (one) => [id(one)], 50)],
  (r) => {
    const source = ['STREAMS', keyOf(r, 'stream'), r.pick(['>', '>', '0', id(r)])]
    return ['XREADGROUP', 'GROUP', group(r), consumer(r), 'COUNT', '30', ...source]
  },
  (r) => ['XCLAIM', keyOf(r, 'stream'), group(r), consumer(r), '0', id(r), id(r), 'FORCE'],
  (r) => ['XAUTOCLAIM', keyOf(r, 'stream'), group(r), consumer(r), '0', id(r), 'COUNT', '20'],
  (r) => ['XGROUP', 'CREATE', keyOf(r, 'stream'), group(r), r.pick(['0', '$'])],
  (r) => ['XGROUP', 'SETID', keyOf(r, 'stream'), group(r), id(r)],
  (r) => ['XGROUP', 'DESTROY', keyOf(r, 'stream'), group(r)],
  (r) => ['XGROUP', 'DELCONSUMER', keyOf(r, 'stream'), group(r), consumer(r)],
  (r) => ['XGROUP', 'CREATECONSUMER', keyOf(r, 'stream'), group(r), consumer(r)],
]

const STRINGS: readonly Draw[] = [
  (r) => ['SETRANGE', keyOf(r, 'string'), String(byteOf(r)), fresh(r)],
  (r) => ['SETRANGE', keyOf(r, 'string'), String(byteOf(r)), text(r)],
  (r) => ['SETBIT', keyOf(r, 'string'), String(8 * byteOf(r) + 3), r.pick(['0', '1'])],
  (r) => ['APPEND', keyOf(r, 'string'), text(r)],
  (r) => {
    const fields = [`${8 * byteOf(r)}`, '77', 'INCRBY', 'i16', `${8 * byteOf(r) + 5}`, '1000']
    return ['BITFIELD', keyOf(r, 'string'), 'GET', 'u8', '0', 'SET', 'u8', ...fields]
  },
  (r) => ['BITOP', 'NOT', keyOf(r, 'string'), keyOf(r, 'string')],
  (r) => ['GETSET', keyOf(r, 'string'), content(r)],
]

const KEYS: readonly Draw[] = [
  (r) => [r.pick(['DEL', 'UNLINK']), keyOf(r)],
  (r) => ['RENAME', keyOf(r), keyOf(r)],
  (r) => ['COPY', keyOf(r), keyOf(r), 'REPLACE'],
  (r) => ['MOVE', keyOf(r), r.pick(['0', '1', '2'])],
  (r) => ['PEXPIRE', keyOf(r), String(r.between(0, 3000))],
  (r) => ['PERSIST', keyOf(r)],
  (r) => ['SET', keyOf(r), text(r)],
  (r) => r.pick([['FLUSHDB'], ['FLUSHALL'], ['SWAPDB', '0', '1'], ['SWAPDB', '1', '2']]),
]

const GROUPS = [LISTS, SETS, SORTED, HASHES, STREAMS, STRINGS]

/** One command. Some are refused, for want of a key or for one of another type. */
export function largeCommand(random: Seeded): string[] {
  return random.pick(random.chance(0.04) ? KEYS : random.pick(GROUPS))(random)
}

/** Commands that make one collection, which is none yet. */
export function* fillLarge(random: Seeded): Generator<string[]> {
  const type = random.pick(TYPES)
  const key = keyOf(random, type)
  yield ['DEL', key]
  const names = Array.from({ length: LARGE_COUNT }, (_, i) => `e${i}`)
  // Some are too long to stand in a node with others.
  const long = (_: string, i: number) => (i % 100 === 0 ? `${i}`.padEnd(9000) : `e${i}`)
  if (type === 'list') yield ['RPUSH', key, ...names.map(long)]
  else if (type === 'set') yield ['SADD', key, ...names]
  else if (type === 'zset') yield ['ZADD', key, ...names.flatMap((name, i) => [`${i >> 2}`, name])]
  else if (type === 'hash') yield ['HSET', key, ...names.flatMap((name) => [name, 'value'])]
  else if (type === 'string') yield ['SET', key, content(random)]
  else yield* fillStream(key)
  if (type === 'hash' && random.chance(0.5)) {
    yield ['HPEXPIRE', key, '900', 'FIELDS', '600', ...names.slice(0, 600)]
    yield ['HPEXPIRE', key, '900000', 'FIELDS', '600', ...names.slice(900, 1500)]
  }
}

function* fillStream(key: string): Generator<string[]> {
  yield ['XADD', key, '0-1', 'field', 'first']
  for (let i = 0; i < 100; i++) {
    yield ['XGROUP', 'CREATE', key, `a${i}`, '0']
    yield ['XGROUP', 'CREATE', key, `g1${i}`, `${i}`]
  }
  for (let i = 1; i <= LARGE_COUNT; i++) yield ['XADD', key, `${i}-1`, 'field', `value ${i}`]
  for (const name of ['g1', 'g2']) {
    yield ['XGROUP', 'CREATE', key, name, '0']
    for (let i = 0; i < 80; i++) yield ['XGROUP', 'CREATECONSUMER', key, name, `b${i}`]
    for (const who of ['ann', 'bob']) {
      yield ['XREADGROUP', 'GROUP', name, who, 'COUNT', '1200', 'STREAMS', key, '>']
    }
  }
}
