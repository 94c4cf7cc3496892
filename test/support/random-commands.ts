/** Commands of every type and of every way in which a key can come and go, drawn at random. */
import type { Seeded } from '../../src/host/index.ts'

/** What the commands of one run are drawn from. */
export interface CommandMix {
  readonly random: Seeded
  /** Keys of one type are called `type:1` to `type:keys`. */
  readonly keys: number
  /** Databases that are swapped, moved to, and flushed. */
  readonly databases: number
}

type Draw = (mix: CommandMix) => string[]

const TYPES = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const

function key({ random, keys }: CommandMix, type: string = random.pick(TYPES)): string {
  return `${type}:${random.between(1, keys)}`
}

const word = ({ random }: CommandMix) => `w${random.between(1, 200)}`
const text = ({ random }: CommandMix) => 'x'.repeat(random.pick([0, 3, 20, 70, 300, 5000]))
const score = ({ random }: CommandMix) => String(random.between(-50, 50) / 4)
const many = (mix: CommandMix, draw: (mix: CommandMix) => string[]) =>
  Array.from({ length: mix.random.pick([1, 1, 3, 40, 200]) }, () => draw(mix)).flat()

const STRINGS: readonly Draw[] = [
  (m) => ['SET', key(m, 'string'), text(m)],
  (m) => ['SET', key(m), text(m)],
  (m) => ['SET', key(m, 'string'), text(m), 'PX', String(m.random.between(1, 5000))],
  (m) => ['SET', key(m, 'string'), String(m.random.between(0, 999)), 'KEEPTTL'],
  (m) => ['APPEND', key(m, 'string'), text(m)],
  (m) => ['SETRANGE', key(m, 'string'), String(m.random.between(0, 40)), word(m)],
  (m) => ['SETBIT', key(m, 'string'), String(m.random.between(0, 999)), '1'],
  (m) => ['INCR', key(m, 'string')],
  (m) => ['GETDEL', key(m, 'string')],
  (m) => ['GETEX', key(m, 'string'), 'PX', String(m.random.between(1, 5000))],
  (m) => ['PFADD', key(m, 'hll'), ...many(m, (one) => [word(one)])],
  (m) => ['PFCOUNT', key(m, 'hll')],
  (m) => ['PFMERGE', key(m, 'hll'), key(m, 'hll')],
  (m) => ['MSET', key(m, 'string'), text(m), key(m, 'list'), word(m)],
  (m) => ['BITOP', 'NOT', key(m, 'string'), key(m, 'string')],
]

const LISTS: readonly Draw[] = [
  (m) => ['RPUSH', key(m, 'list'), ...many(m, (one) => [word(one)])],
  (m) => ['LPUSH', key(m, 'list'), text(m)],
  (m) => ['LPOP', key(m, 'list'), String(m.random.between(1, 30))],
  (m) => ['RPOP', key(m, 'list')],
  (m) => ['LSET', key(m, 'list'), String(m.random.between(-9, 9)), text(m)],
  (m) => ['LINSERT', key(m, 'list'), 'BEFORE', word(m), word(m)],
  (m) => ['LREM', key(m, 'list'), '0', word(m)],
  (m) => ['LTRIM', key(m, 'list'), '5', '-5'],
  (m) => ['LMOVE', key(m, 'list'), key(m, 'list'), 'LEFT', 'RIGHT'],
  (m) => ['SORT', key(m, 'list'), 'ALPHA', 'STORE', key(m, 'list')],
]

const SETS: readonly Draw[] = [
  (m) => ['SADD', key(m, 'set'), ...many(m, (one) => [word(one)])],
  (m) => ['SADD', key(m, 'set'), ...many(m, (one) => [String(one.random.between(1, 999))])],
  (m) => ['SREM', key(m, 'set'), ...many(m, (one) => [word(one)])],
  (m) => ['SPOP', key(m, 'set'), String(m.random.between(1, 50))],
  (m) => ['SMOVE', key(m, 'set'), key(m, 'set'), word(m)],
  (m) => ['SUNIONSTORE', key(m, 'set'), key(m, 'set'), key(m, 'set')],
  (m) => ['SDIFFSTORE', key(m), key(m, 'set'), key(m, 'set')],
]

const SORTED: readonly Draw[] = [
  (m) => ['ZADD', key(m, 'zset'), ...many(m, (one) => [score(one), word(one)])],
  (m) => ['ZINCRBY', key(m, 'zset'), score(m), word(m)],
  (m) => ['ZREM', key(m, 'zset'), ...many(m, (one) => [word(one)])],
  (m) => ['ZPOPMIN', key(m, 'zset'), String(m.random.between(1, 9))],
  (m) => ['ZREMRANGEBYRANK', key(m, 'zset'), '0', String(m.random.between(-50, 50))],
  (m) => ['ZRANGESTORE', key(m, 'zset'), key(m, 'zset'), '0', '-1'],
  (m) => ['ZUNIONSTORE', key(m, 'zset'), '2', key(m, 'zset'), key(m, 'set')],
]

const HASHES: readonly Draw[] = [
  (m) => ['HSET', key(m, 'hash'), ...many(m, (one) => [word(one), text(one).slice(0, 80)])],
  (m) => ['HDEL', key(m, 'hash'), ...many(m, (one) => [word(one)])],
  (m) => ['HINCRBY', key(m, 'hash'), `n${m.random.between(1, 9)}`, '3'],
  (m) => [
    'HPEXPIRE',
    key(m, 'hash'),
    String(m.random.between(0, 5000)),
    'FIELDS',
    '3',
    word(m),
    word(m),
    word(m),
  ],
  (m) => ['HPERSIST', key(m, 'hash'), 'FIELDS', '1', word(m)],
  (m) => ['HGETDEL', key(m, 'hash'), 'FIELDS', '1', word(m)],
  (m) => ['HGETALL', key(m, 'hash')],
]

const STREAMS: readonly Draw[] = [
  (m) => ['XADD', key(m, 'stream'), '*', word(m), text(m)],
  (m) => ['XADD', key(m, 'stream'), 'MAXLEN', '20', '*', word(m), word(m)],
  (m) => ['XTRIM', key(m, 'stream'), 'MAXLEN', '~', String(m.random.between(0, 100))],
  (m) => ['XGROUP', 'CREATE', key(m, 'stream'), word(m).slice(0, 2), '0', 'MKSTREAM'],
  (m) => [
    'XREADGROUP',
    'GROUP',
    word(m).slice(0, 2),
    word(m),
    'COUNT',
    '5',
    'STREAMS',
    key(m, 'stream'),
    '>',
  ],
  (m) => ['XAUTOCLAIM', key(m, 'stream'), word(m).slice(0, 2), word(m), '0', '0'],
  (m) => ['XGROUP', 'DESTROY', key(m, 'stream'), word(m).slice(0, 2)],
]

const KEYS: readonly Draw[] = [
  (m) => ['DEL', key(m), key(m)],
  (m) => ['UNLINK', key(m)],
  (m) => ['PEXPIRE', key(m), String(m.random.between(-5, 5000))],
  (m) => ['PERSIST', key(m)],
  (m) => ['RENAME', key(m), key(m)],
  (m) => ['RENAMENX', key(m), key(m)],
  (m) => ['COPY', key(m), key(m), 'REPLACE'],
  (m) => ['COPY', key(m), key(m), 'DB', String(m.random.between(0, m.databases - 1)), 'REPLACE'],
  (m) => ['MOVE', key(m), String(m.random.between(0, m.databases - 1))],
  (m) => ['EXISTS', key(m)],
]

/** Commands on databases as a whole; drawn seldom. */
const WHOLE: readonly Draw[] = [
  () => ['FLUSHDB'],
  (m) => [
    'SWAPDB',
    String(m.random.between(0, m.databases - 1)),
    String(m.random.between(0, m.databases - 1)),
  ],
  (m) => (m.random.chance(0.2) ? ['FLUSHALL'] : ['SELECT', '0']),
]

const GROUPS = [STRINGS, LISTS, SETS, SORTED, HASHES, STREAMS, KEYS]

/** One command. Some are refused, for want of a key or for one of another type. */
export function randomCommand(mix: CommandMix): string[] {
  if (mix.random.chance(0.004)) return mix.random.pick(WHOLE)(mix)
  return mix.random.pick(mix.random.pick(GROUPS))(mix)
}
