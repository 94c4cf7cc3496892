/** INCR and its family: strings that are 64-bit integers. */
import {
  INT64_MAX,
  INT64_MIN,
  parseInt64,
  parseShortInt,
  Slice,
  sliceOf,
  writeInt,
} from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  notAnInteger,
  ReplyError,
  wrongType,
} from '../../engine/index.ts'
import { ENCODING_INT, KEEP, TYPE_STRING } from '../../keyspace/index.ts'

/** Up to here sums of two are exact as doubles. */
const EXACT_MAX = 2 ** 51

const overflow = () => new ReplyError('ERR increment or decrement would overflow')
const digits = new Slice(new Uint8Array(24), 0, 0)

function add(call: Call, key: Slice, by: number | bigint): void {
  const { db, reply } = call
  const entry = db.peek(key)
  let sum: number | bigint = by
  let heldSize = -1
  if (entry !== 0) {
    if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
    const held = db.stringOf(entry)
    const short = parseShortInt(held.bytes, held.start, held.end)
    if (typeof by === 'number' && Math.abs(short) < EXACT_MAX) sum = short + by
    else sum = exactSum(held, by)
    heldSize = held.end - held.start
  }
  const text = decimal(sum)
  // Mostly there are as many digits as before, and they take the place of the old ones.
  if (text.end - text.start === heldSize) db.overwriteString(entry, text, ENCODING_INT)
  else db.putString(entry, key, text.bytes, text.start, text.end, ENCODING_INT, KEEP)
  db.changed(key, 'incrby', 'string')
  reply.integer(sum)
}

function exactSum(held: Slice, by: number | bigint): bigint {
  const value = parseInt64(held.bytes, held.start, held.end)
  if (value === undefined) throw notAnInteger()
  const sum = value + BigInt(by)
  if (sum > INT64_MAX || sum < INT64_MIN) throw overflow()
  return sum
}

function decimal(value: number | bigint): Slice {
  if (typeof value === 'bigint') return sliceOf(Buffer.from(value.toString(), 'latin1'))
  digits.end = writeInt(value, digits.bytes, 0)
  return digits
}

/** Small steps stay numbers, so that the common case makes no bigint. */
function step(args: Args): number | bigint {
  const value = args.int64()
  return value > -(2n ** 51n) && value < 2n ** 51n ? Number(value) : value
}

export const counterCommands: readonly CommandSpec[] = [
  {
    name: 'INCR',
    syntax: 'key',
    summary: 'Adds one to the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      add(call, args.key(), 1)
    },
  },
  {
    name: 'DECR',
    syntax: 'key',
    summary: 'Takes one from the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      add(call, args.key(), -1)
    },
  },
  {
    name: 'INCRBY',
    syntax: 'key increment:integer',
    summary: 'Adds a number to the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      const key = args.key()
      add(call, key, step(args))
    },
  },
  {
    name: 'DECRBY',
    syntax: 'key decrement:integer',
    summary: 'Takes a number from the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      const key = args.key()
      const by = step(args)
      if (by === INT64_MIN) throw new ReplyError('ERR decrement would overflow')
      add(call, key, -by)
    },
  },
]
