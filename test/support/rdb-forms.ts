/**
 * A value in each form that a snapshot has ever had for one, and the commands that make the same: our
 * own fixtures of what other programs and other times have written.
 */
import {
  double,
  integer,
  intset,
  join,
  length,
  listpack,
  low,
  type Piece,
  packed,
  streamId,
  text,
  ziplist,
  zipmap,
} from './rdb-bytes.ts'

/** A value as a snapshot has it. */
export interface Form {
  readonly name: string
  /** The first version that has it; 80 for Valkey's. */
  readonly version: number
  /** The byte before the key. */
  readonly type: number
  readonly body: Buffer
  /** What makes the same value at the key `k`. */
  readonly commands: readonly (readonly string[])[]
  /** What OBJECT ENCODING says of it. */
  readonly encoding: string
}

/** Far enough away. */
const EXPIRY_MS = 4_000_000_000_000
const LONG = 'abc'.repeat(100)

function form(
  name: string,
  [version, type]: readonly [version: number, type: number],
  encoding: string,
  body: Piece,
  ...commands: readonly (readonly string[])[]
): Form {
  return { name, version, type, encoding, body: join(body), commands }
}

const string = (name: string, encoding: string, value: string, body: Piece) =>
  form(name, [1, 0], encoding, body, ['SET', 'k', value])

/** Strings, in each way in which one can be written. They are elsewhere too, in place of any other. */
const STRINGS = [
  string('a short string', 'embstr', 'hello', text('hello')),
  string('an empty string', 'embstr', '', text('')),
  string('a string with a length of 14 bits', 'raw', LONG, text(LONG)),
  string('a string with a length of 32 bits', 'embstr', 'hello', join(length(5, 32), 'hello')),
  string('a string with a length of 64 bits', 'embstr', 'hello', join(length(5, 64), 'hello')),
  string('an integer of 8 bits', 'int', '-5', integer(-5, 8)),
  string('an integer of 16 bits', 'int', '-300', integer(-300, 16)),
  string('an integer of 32 bits', 'int', '-70000', integer(-70000, 32)),
  string('an integer as text', 'int', '12', text('12')),
  string('a compressed string', 'raw', LONG, packed(LONG)),
]

/** With numbers as such, which small collections hold in as few bytes as they need. */
const MIXED = ['a', '', 'x'.repeat(60), 12, 13, -5, 200, -300, 70000, -9000000, 5000000000]
const MIXED_TEXT = MIXED.map(String)

const LISTS = [
  form(
    'a list of elements',
    [1, 1],
    'listpack',
    join(length(4), text('a'), integer(-300, 16), text(''), packed(LONG)),
    ['RPUSH', 'k', 'a', '-300', '', LONG],
  ),
  form('a list in a ziplist', [2, 10], 'listpack', text(ziplist(MIXED)), [
    'RPUSH',
    'k',
    ...MIXED_TEXT,
  ]),
  form(
    'a list in a ziplist with long elements',
    [2, 10],
    'listpack',
    packed(ziplist(['p'.repeat(300), 'q'.repeat(252), 7, LONG])),
    ['RPUSH', 'k', 'p'.repeat(300), 'q'.repeat(252), '7', LONG],
  ),
  form(
    'a list in ziplists',
    [7, 14],
    'quicklist',
    join(length(3), text(ziplist(MIXED)), text(ziplist([])), packed(ziplist(['z'.repeat(9000)]))),
    ['RPUSH', 'k', ...MIXED_TEXT, 'z'.repeat(9000)],
  ),
  form(
    'a list in listpacks, of which one element stands alone',
    [10, 18],
    'quicklist',
    join(
      length(3),
      [2],
      text(listpack(MIXED)),
      [1],
      packed('y'.repeat(9000)),
      [2],
      packed(listpack([LONG])),
    ),
    ['RPUSH', 'k', ...MIXED_TEXT, 'y'.repeat(9000), LONG],
  ),
  form(
    'a list in a listpack that is not written as we do',
    [10, 18],
    'listpack',
    join(length(1), [2], text(listpack(['7', 5, 'a'], [1]))),
    ['RPUSH', 'k', '7', '5', 'a'],
  ),
]

const SETS = [
  form(
    'a set of members',
    [1, 2],
    'hashtable',
    join(length(3), text('a'), integer(7, 8), packed(LONG)),
    ['SADD', 'k', 'a', '7', LONG],
  ),
  form('a set of 16 bits', [2, 11], 'intset', text(intset(16, [-300, 0, 7])), [
    'SADD',
    'k',
    '-300',
    '0',
    '7',
  ]),
  form('a set of 32 bits', [2, 11], 'intset', text(intset(32, [-300, 70000])), [
    'SADD',
    'k',
    '-300',
    '70000',
  ]),
  form('a set of 64 bits', [2, 11], 'intset', text(intset(64, [-5000000000n, 3n])), [
    'SADD',
    'k',
    '-5000000000',
    '3',
  ]),
  form('a set in a listpack', [11, 20], 'listpack', text(listpack(MIXED)), [
    'SADD',
    'k',
    ...MIXED_TEXT,
  ]),
]

const SCORES = ['ZADD', 'k', '1', 'a', '2.5', 'b', '-inf', 'c', 'inf', 'd']

const SORTED = [
  form(
    'a sorted set with scores as text',
    [1, 3],
    'listpack',
    join(length(4), text('a'), [1], '1', text('b'), [3], '2.5', text('c'), [255], text('d'), [254]),
    SCORES,
  ),
  form(
    'a sorted set in a ziplist',
    [2, 12],
    'listpack',
    text(ziplist(['c', '-inf', 'a', 1, 'b', '2.5', 'd', 'inf'])),
    SCORES,
  ),
  form(
    'a sorted set in a ziplist that is out of order',
    [2, 12],
    'listpack',
    text(ziplist(['b', '2.5', 'a', 1, 'd', 'inf', 'c', '-inf'])),
    SCORES,
  ),
  form(
    'a sorted set with scores in eight bytes',
    [8, 5],
    'listpack',
    join(
      length(4),
      ...[
        ['d', Infinity],
        ['b', 2.5],
        ['a', 1],
        ['c', -Infinity],
      ].map(([member, score]) => join(text(String(member)), double(Number(score)))),
    ),
    SCORES,
  ),
  form(
    'a sorted set in a listpack',
    [10, 17],
    'listpack',
    text(listpack(['c', '-inf', 'a', 1, 'b', '2.5', 'd', 'inf'])),
    SCORES,
  ),
]

const TIMED = [
  ['HSET', 'k', 'f', 'v', 'g', '7', 'h', 'w'],
  ['HPEXPIREAT', 'k', String(EXPIRY_MS), 'FIELDS', '1', 'f'],
  ['HPEXPIREAT', 'k', String(EXPIRY_MS + 500), 'FIELDS', '1', 'g'],
]

const HASHES = [
  form(
    'a hash of fields',
    [1, 4],
    'listpack',
    join(length(2), text('f'), text('v'), integer(7, 8), packed('w'.repeat(60))),
    ['HSET', 'k', 'f', 'v', '7', 'w'.repeat(60)],
  ),
  form(
    'a hash in a zipmap',
    [2, 9],
    'listpack',
    text(
      zipmap(
        [
          ['f', 'v'],
          ['g', '7'],
          ['', ''],
        ],
        3,
      ),
    ),
    ['HSET', 'k', 'f', 'v', 'g', '7', '', ''],
  ),
  form(
    'a hash in a zipmap with a long value',
    [2, 9],
    'hashtable',
    text(
      zipmap([
        ['f', LONG],
        ['g', '7'],
      ]),
    ),
    ['HSET', 'k', 'f', LONG, 'g', '7'],
  ),
  form('a hash in a ziplist', [4, 13], 'listpack', text(ziplist(['f', 'v', 7, -300, '', ''])), [
    'HSET',
    'k',
    'f',
    'v',
    '7',
    '-300',
    '',
    '',
  ]),
  form('a hash in a listpack', [10, 16], 'listpack', text(listpack(['f', 'v', 7, -300, '', ''])), [
    'HSET',
    'k',
    'f',
    'v',
    '7',
    '-300',
    '',
    '',
  ]),
  form(
    'a hash of fields with expiries of a pre-release',
    [12, 22],
    'listpackex',
    join(
      length(3),
      length(EXPIRY_MS),
      text('f'),
      text('v'),
      length(EXPIRY_MS + 500),
      text('g'),
      text('7'),
      length(0),
      text('h'),
      text('w'),
    ),
    ...TIMED,
  ),
  form(
    'a hash in a listpack with expiries of a pre-release',
    [12, 23],
    'listpackex',
    text(listpack(['f', 'v', EXPIRY_MS, 'g', 7, EXPIRY_MS + 500, 'h', 'w', 0])),
    ...TIMED,
  ),
  form(
    'a hash of fields with expiries',
    [12, 24],
    'listpackex',
    join(
      low(EXPIRY_MS, 8),
      length(3),
      length(1),
      text('f'),
      text('v'),
      length(501),
      text('g'),
      text('7'),
      length(0),
      text('h'),
      text('w'),
    ),
    ...TIMED,
  ),
  form(
    'a hash in a listpack with expiries',
    [12, 25],
    'listpackex',
    join(
      low(EXPIRY_MS, 8),
      text(listpack(['f', 'v', EXPIRY_MS, 'g', 7, EXPIRY_MS + 500, 'h', 'w', 0])),
    ),
    ...TIMED,
  ),
  form(
    'a hash of fields with expiries of Valkey',
    [80, 22],
    'listpackex',
    join(
      length(3),
      text('f'),
      text('v'),
      low(EXPIRY_MS, 8),
      text('g'),
      text('7'),
      low(EXPIRY_MS + 500, 8),
      text('h'),
      text('w'),
      low(-1, 8),
    ),
    ...TIMED,
  ),
]

const SEEN_MS = 1_700_000_000_000
const ACTIVE_MS = 1_600_000_000_000
const DELIVERED_MS = 1_690_000_000_000

/** Two entries with the fields of the block, of which the second is deleted, and one with its own. */
const BLOCK = listpack([
  ...[2, 1, 2, 'f', 'g', 0],
  ...[2, 0, 1, 'a', 'b', 5],
  ...[3, 0, 2, 'c', 7, 5],
  ...[0, 5, 0, 1, 'other', 'x', 6],
])

/** Its blocks, how many entries they have, and the last id. */
const ENTRIES = join(
  length(1),
  text(streamId(1000, 0)),
  text(BLOCK),
  length(2),
  length(1005),
  length(0),
)

/** The first id, the highest that was deleted, and how many were ever added. */
const FACTS = join(length(1000), length(1), length(1000), length(2), length(3))

/** One group with one pending entry, which `me` has, and an idle consumer. */
const groups = (isCounted: boolean, isActivityKnown: boolean) => {
  const active = isActivityKnown ? low(ACTIVE_MS, 8) : ''
  const never = isActivityKnown ? low(-1, 8) : ''
  const pending = join(length(1), streamId(1000, 1))
  return join(
    ...[length(1), text('group'), length(1005), length(0), isCounted ? length(2) : ''],
    ...[pending, low(DELIVERED_MS, 8), length(2)],
    ...[length(2), text('me'), low(SEEN_MS, 8), active, pending],
    ...[text('idle'), low(SEEN_MS, 8), never, length(0)],
  )
}

const ADDED = [
  ['XADD', 'k', '1000-1', 'f', 'a', 'g', 'b'],
  ['XADD', 'k', '1005-0', 'other', 'x'],
]
const REMOVED = [
  ['XADD', 'k', '1000-1', 'f', 'a', 'g', 'b'],
  ['XADD', 'k', '1000-2', 'f', 'c', 'g', '7'],
  ['XADD', 'k', '1005-0', 'other', 'x'],
  ['XDEL', 'k', '1000-2'],
]
const READ = [
  ['XGROUP', 'CREATE', 'k', 'group', '1005-0', 'ENTRIESREAD', '2'],
  ['XGROUP', 'CREATECONSUMER', 'k', 'group', 'idle'],
  `XCLAIM k group me 0 1000-1 TIME ${DELIVERED_MS} RETRYCOUNT 2 FORCE JUSTID`.split(' '),
]

const STREAMS = [
  form('a stream', [9, 15], 'stream', join(ENTRIES, groups(false, false)), ...ADDED, ...READ),
  form(
    'a stream that knows what was added',
    [10, 19],
    'stream',
    join(ENTRIES, FACTS, groups(true, false)),
    ...REMOVED,
    ...READ,
  ),
  form(
    'a stream that knows when consumers were active',
    [11, 21],
    'stream',
    join(ENTRIES, FACTS, groups(true, true)),
    ...REMOVED,
    ...READ,
  ),
]

/** When the consumer `me` of the last of the streams was seen and active. */
export const CONSUMER_TIMES = { seenMs: SEEN_MS, activeMs: ACTIVE_MS } as const

/** All forms. */
export const RDB_FORMS: readonly Form[] = [
  ...STRINGS,
  ...LISTS,
  ...SETS,
  ...SORTED,
  ...HASHES,
  ...STREAMS,
]

/** Whether snapshots of a version can have a form. */
export function isIn({ version, type }: Form, ofSnapshot: number): boolean {
  if (version === 80 || ofSnapshot === 80) {
    // From 22 on, the numbers mean other things there.
    return ofSnapshot === 80 && (version === 80 || type < 22)
  }
  return version <= ofSnapshot
}
