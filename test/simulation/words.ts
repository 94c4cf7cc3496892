/** What clients say: random commands on few keys, so that they meet. */
import type { Seeded } from '../../src/host/index.ts'
import { SCRIPTS } from './model-commands.ts'

/** Which words are chosen. */
export interface Vocabulary {
  /** Whether arguments are shorter than a sector of the disk. */
  readonly isShort: boolean
  /** Whether mostly elements of collections are changed, which are large and stay so. */
  readonly changesElements: boolean
}

const SHORT_BYTES_MAX = 400
const STRINGS = ['s0', 's1', 's2', 'n0', 'n1']
const LISTS = ['l0', 'l1']
const SETS = ['t0', 't1']
const HASHES = ['h0', 'h1']
const ZSETS = ['z0', 'z1']
const STREAMS = ['x0']
const ANY = [...STRINGS, ...LISTS, ...SETS, ...HASHES, ...ZSETS, ...STREAMS]
const WATCHED = 'w0'

type Draw = (random: Seeded) => string[]

/** Mostly short; now and then more than a sector, or than a block of the disk. */
function text(random: Seeded): string {
  const word = `v${random.between(0, 999)}`
  if (random.chance(0.9)) return word
  return word.padEnd(random.chance(0.8) ? random.between(10, 700) : random.between(700, 6000), '.')
}

const count = (random: Seeded) => String(random.between(-5, 9))
const ms = (random: Seeded) => String(random.between(1, 4000))
const word = (random: Seeded) => `m${random.between(0, 7)}`
const words = (random: Seeded, draw: Draw): string[] =>
  Array.from({ length: random.chance(0.1) ? 20 : random.between(1, 3) }, () => draw(random)).flat()

const STRING_WRITES: readonly Draw[] = [
  (r) => ['SET', r.pick(STRINGS), text(r)],
  (r) => ['SET', r.pick(STRINGS), text(r), 'PX', ms(r)],
  (r) => ['SET', r.pick(STRINGS), text(r), r.pick(['NX', 'KEEPTTL'])],
  (r) => ['MSET', r.pick(STRINGS), text(r), r.pick(STRINGS), text(r)],
  (r) => ['APPEND', r.pick(STRINGS), text(r)],
  (r) => ['INCRBY', r.pick(['n0', 'n1', 'n1', 's0']), count(r)],
  (r) => ['GETDEL', r.pick(STRINGS)],
]

const COLLECTION_WRITES: readonly Draw[] = [
  (r) => [r.pick(['LPUSH', 'RPUSH']), r.pick(LISTS), ...words(r, (one) => [text(one)])],
  (r) => [r.pick(['LPOP', 'RPOP']), r.pick(LISTS)],
  (r) => ['LTRIM', r.pick(LISTS), '1', '-1'],
  (r) => ['LMOVE', r.pick(LISTS), r.pick(LISTS), r.pick(ENDS), r.pick(ENDS)],
  (r) => ['SADD', r.pick(SETS), ...words(r, (one) => [word(one)])],
  (r) => ['SADD', r.pick(SETS), ...words(r, (one) => [String(one.between(0, 99))])],
  (r) => ['SREM', r.pick(SETS), word(r), word(r)],
  (r) => ['SPOP', r.pick(SETS), '1000'],
  (r) => ['HSET', r.pick(HASHES), ...words(r, (one) => [word(one), text(one)])],
  (r) => ['HINCRBY', r.pick(HASHES), r.pick(['c0', 'c1']), count(r)],
  (r) => ['HDEL', r.pick(HASHES), word(r)],
  (r) => ['HPEXPIRE', r.pick(HASHES), ms(r), 'FIELDS', '1', word(r)],
  (r) => ['ZADD', r.pick(ZSETS), ...words(r, (one) => [count(one), word(one)])],
  (r) => ['ZINCRBY', r.pick(ZSETS), count(r), word(r)],
  (r) => ['ZREM', r.pick(ZSETS), word(r)],
  (r) => ['ZPOPMIN', r.pick(ZSETS)],
  (r) => ['XADD', r.pick(STREAMS), '*', word(r), text(r)],
  (r) => ['XADD', r.pick(STREAMS), 'MAXLEN', '=', '4', '*', word(r), text(r)],
  (r) => ['XTRIM', r.pick(STREAMS), 'MAXLEN', '=', '2'],
  (r) => ['XGROUP', 'CREATE', r.pick(STREAMS), 'g', r.pick(['0', '$']), 'MKSTREAM'],
  (r) => ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2', 'STREAMS', r.pick(STREAMS), '>'],
]

const KEY_WRITES: readonly Draw[] = [
  (r) => [r.pick(['DEL', 'UNLINK']), r.pick(ANY), r.pick(ANY)],
  (r) => ['PEXPIRE', r.pick(ANY), ms(r)],
  (r) => ['PERSIST', r.pick(ANY)],
  (r) => {
    const kind = r.pick([STRINGS, LISTS, SETS, HASHES, ZSETS])
    return r.pick([
      ['RENAME', r.pick(kind), r.pick(kind)],
      ['COPY', r.pick(kind), r.pick(kind), 'REPLACE'],
    ])
  },
  (r) => ['MOVE', r.pick(ANY), r.pick(DATABASES)],
  (r) => (r.chance(0.2) ? r.pick([['FLUSHALL'], ['FLUSHDB'], ['SWAPDB', '0', '1']]) : ['PING']),
]

const READS: readonly Draw[] = [
  (r) => ['GET', r.pick(STRINGS)],
  (r) => ['MGET', r.pick(STRINGS), r.pick(STRINGS)],
  (r) => ['LRANGE', r.pick(LISTS), '0', '-1'],
  (r) => ['SMEMBERS', r.pick(SETS)],
  (r) => ['HGETALL', r.pick(HASHES)],
  (r) => ['ZRANGE', r.pick(ZSETS), '0', '-1', 'WITHSCORES'],
  (r) => ['EXISTS', r.pick(ANY), r.pick(ANY)],
  (r) => ['SELECT', r.pick(DATABASES)],
]

const WAITS: readonly Draw[] = [
  (r) => [r.pick(['BLPOP', 'BRPOP']), ...r.pick([['l0'], ['l0', 'l1'], ['l1']]), r.pick(TIMES)],
  (r) => ['BLMOVE', 'l0', 'l1', r.pick(ENDS), r.pick(ENDS), r.pick(TIMES)],
  (r) => ['BZPOPMIN', r.pick(ZSETS), r.pick(TIMES)],
]

const element = (random: Seeded) => `m${random.between(0, 39)}`
const counter = (random: Seeded) => `c${random.between(0, 19)}`
const many = (random: Seeded, draw: Draw): string[] =>
  Array.from({ length: random.between(5, 20) }, () => draw(random)).flat()

/** What is done twice to an element, or to one of a later moment, shows in most of them. */
const ELEMENT_WRITES: readonly Draw[] = [
  (r) => [r.pick(['LPUSH', 'RPUSH']), r.pick(LISTS), ...many(r, (one) => [text(one)])],
  (r) => [r.pick(['LPUSH', 'RPUSH']), r.pick(LISTS), text(r)],
  (r) => [r.pick(['LPOP', 'RPOP']), r.pick(LISTS)],
  (r) => ['LMOVE', r.pick(LISTS), r.pick(LISTS), r.pick(ENDS), r.pick(ENDS)],
  (r) => ['SADD', r.pick(SETS), ...many(r, (one) => [element(one)])],
  (r) => ['SREM', r.pick(SETS), element(r), element(r)],
  (r) => ['HSET', r.pick(HASHES), ...many(r, (one) => [counter(one), count(one)])],
  (r) => ['HINCRBY', r.pick(HASHES), counter(r), count(r)],
  (r) => ['HDEL', r.pick(HASHES), counter(r)],
  (r) => ['HPEXPIRE', r.pick(HASHES), ms(r), 'FIELDS', '1', counter(r)],
  (r) => ['ZADD', r.pick(ZSETS), ...many(r, (one) => [count(one), element(one)])],
  (r) => ['ZINCRBY', r.pick(ZSETS), count(r), element(r)],
  (r) => ['ZREM', r.pick(ZSETS), element(r)],
  (r) => ['ZPOPMIN', r.pick(ZSETS)],
  (r) => ['XADD', r.pick(STREAMS), '*', word(r), text(r)],
  (r) => ['XADD', r.pick(STREAMS), 'MAXLEN', '=', '9', '*', word(r), text(r)],
  (r) => ['XGROUP', 'CREATE', r.pick(STREAMS), 'g', r.pick(['0', '$']), 'MKSTREAM'],
  (r) => ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '2', 'STREAMS', r.pick(STREAMS), '>'],
]

const ENDS = ['LEFT', 'RIGHT']
const DATABASES = ['0', '0', '0', '1']
const TIMES = ['0', '0.5', '2']

const KINDS = [STRING_WRITES, STRING_WRITES, COLLECTION_WRITES, COLLECTION_WRITES, READS]
const ELEMENT_KINDS = [STRING_WRITES, ELEMENT_WRITES, ELEMENT_WRITES, ELEMENT_WRITES, READS]

function single(random: Seeded, { changesElements }: Vocabulary): string[] {
  const isOfKeys = random.chance(changesElements ? 0.03 : 0.12)
  const kind = isOfKeys ? KEY_WRITES : random.pick(changesElements ? ELEMENT_KINDS : KINDS)
  return random.pick(kind)(random)
}

/** The same commands with no argument as long as a sector. */
function shortened(commands: string[][]): string[][] {
  return commands.map(([name, ...args]) => [
    name!,
    ...args.map((arg) => (arg.startsWith('v') ? arg.slice(0, SHORT_BYTES_MAX) : arg)),
  ])
}

/** Whether a client says nothing more until this one is answered. */
export function waits(argv: readonly string[]): boolean {
  return argv[0]!.startsWith('B')
}

/** Commands that a client sends together. */
export function sayings(random: Seeded, vocabulary: Vocabulary): string[][] {
  const said = longSayings(random, vocabulary)
  return vocabulary.isShort ? shortened(said) : said
}

function longSayings(random: Seeded, vocabulary: Vocabulary): string[][] {
  if (random.chance(0.12)) return transaction(random, vocabulary)
  if (random.chance(0.08)) return [script(random)]
  const count = random.chance(0.2) ? random.between(4, 20) : random.between(1, 3)
  const said = Array.from({ length: count }, () => single(random, vocabulary))
  if (random.chance(0.08)) said.push(random.pick(WAITS)(random))
  return said
}

function transaction(random: Seeded, vocabulary: Vocabulary): string[][] {
  const inside = Array.from({ length: random.between(1, 4) }, () =>
    random.chance(0.1) ? random.pick(WAITS)(random) : single(random, vocabulary),
  ).filter(([name]) => name !== 'SELECT')
  const isWatching = random.chance(0.3)
  const around = isWatching ? [['WATCH', WATCHED]] : []
  if (random.chance(0.3)) inside.push(['INCRBY', WATCHED, '1'])
  const before = random.chance(0.3) ? [['INCRBY', WATCHED, '1']] : []
  return [...around, ...before, ['MULTI'], ...inside, ['EXEC']]
}

function script(random: Seeded): string[] {
  const [first, second] = Object.keys(SCRIPTS) as [string, string]
  return random.chance(0.5)
    ? ['EVAL', first, '2', random.pick(['n0', 's0']), random.pick(LISTS), '3', text(random)]
    : ['EVAL', second, '1', random.pick(HASHES), text(random)]
}
