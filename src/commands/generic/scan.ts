/** Listing keys: all at once, step by step, or one by chance. */
import type { Ref } from '../../arena/index.ts'
import { globMatches, INT64_MIN, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { type Database, TYPE_NAMES } from '../../keyspace/index.ts'

const STAR = 42
const COUNT_DEFAULT = 10
/** A scan ends after this many steps for each key that was asked for, however few it found. */
const STEPS_PER_KEY = 10
const UINT64_MAX = '18446744073709551615'
const CURSOR_BYTES_MAX = 1024

const invalidCursor = () => new ReplyError('ERR invalid cursor')

interface ScanOptions {
  readonly count: number
  /** Absent when every key fits. */
  readonly pattern: Slice | undefined
  readonly type: number | undefined
}

function matches(pattern: Slice, key: Slice): boolean {
  const { bytes, start, end } = pattern
  return globMatches(bytes, start, end, key.bytes, key.start, key.end, false)
}

/** The pattern, or nothing for `*`, which fits the empty key too. */
function asPattern(argument: Slice): Slice | undefined {
  const isAll = argument.length === 1 && argument.bytes[argument.start] === STAR
  return isAll ? undefined : argument
}

/**
 * Any unsigned 64-bit number is a cursor, though only those that a scan gave lead on. Other than in
 * the rest of the protocol, spaces and zeros may stand before it, and a number that is not in its
 * shortest form may be negative and then counts from 2^64.
 */
function readCursor(args: Args): number {
  const argument = args.next()
  const text = argument.length > CURSOR_BYTES_MAX ? '' : argument.latin1().split('\0', 1)[0]!
  const [, sign, digits] = /^[\t-\r ]*([+-]?)0*(\d+)$/.exec(text) ?? []
  const isRefused = digits === undefined || digits.length > UINT64_MAX.length
  if (isRefused || BigInt(digits) > BigInt(UINT64_MAX)) throw invalidCursor()
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits)
  if (/^-[1-9]/.test(text) && value >= INT64_MIN) throw invalidCursor()
  return Number(BigInt.asUintN(64, value))
}

function readType(args: Args): number {
  const name = args.text()
  const type = TYPE_NAMES.findIndex((known) => known !== 'module' && known === name.toLowerCase())
  // The reference ends the name at a zero byte.
  if (type < 0) throw new ReplyError(`ERR unknown type name '${name.split('\0', 1)[0]}'`)
  return type
}

function readOptions(args: Args): ScanOptions {
  let count = COUNT_DEFAULT
  let pattern: Slice | undefined
  let type: number | undefined
  while (args.left > 0) {
    if (args.take('NOVALUES')) {
      throw new ReplyError('ERR NOVALUES option can only be used in HSCAN')
    }
    if (args.left < 2) throw syntaxError()
    if (args.take('COUNT')) {
      count = args.int()
      if (count < 1) throw syntaxError()
    } else if (args.take('MATCH')) pattern = asPattern(args.next())
    else if (args.take('TYPE')) type = readType(args)
    else throw syntaxError()
  }
  return { count, pattern, type }
}

/**
 * Goes on from a cursor until as many keys have been looked at as were asked for.
 * @returns the next cursor and the entries that fit, some of which may be past their time.
 */
function collect(
  db: Database,
  cursor: number,
  { count, pattern, type }: ScanOptions,
): { next: number; found: Ref[] } {
  const found: Ref[] = []
  let looked = 0
  let next = cursor
  let steps = count * STEPS_PER_KEY
  do {
    next = db.scan(next, (entry) => {
      looked++
      if (type !== undefined && db.typeOf(entry) !== type) return
      if (pattern === undefined || matches(pattern, db.keyOf(entry))) found.push(entry)
    })
  } while (next !== 0 && steps-- > 0 && looked < count)
  return { next, found }
}

function scan({ db, reply }: Call, args: Args): void {
  const cursor = readCursor(args)
  const { next, found } = collect(db, cursor, readOptions(args))
  // Looking a key up removes it when its time has come, as any other command would.
  const live = found.filter((entry) => !db.isExpired(entry) || db.peek(db.keyOf(entry)) !== 0)
  reply.array(2)
  reply.bulkInt(next)
  reply.array(live.length)
  for (const entry of live) reply.bulkSlice(db.keyOf(entry))
}

function keys({ db, reply }: Call, args: Args): void {
  const pattern = asPattern(args.next())
  const mark = reply.at
  let count = 0
  db.each((entry) => {
    const key = db.keyOf(entry)
    if (pattern !== undefined && !matches(pattern, key)) return
    reply.bulkSlice(key)
    count++
  })
  reply.arrayAt(mark, count)
}

export const scanCommands: readonly CommandSpec[] = [
  {
    name: 'KEYS',
    syntax: 'pattern',
    summary: 'Replies with every key that fits a pattern. Holds everyone up meanwhile: see SCAN.',
    since: '1.0.0',
    complexity:
      'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
    arity: 2,
    flags: ['readonly'],
    acl: ['dangerous'],
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    run: keys,
  },
  {
    name: 'SCAN',
    syntax: 'cursor:integer [MATCH pattern] [COUNT count:integer] [TYPE type]',
    summary: 'Lists keys step by step; what is there throughout is listed.',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -2,
    flags: ['readonly'],
    tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    run: scan,
  },
  {
    name: 'RANDOMKEY',
    syntax: '',
    summary: 'Replies with any key, each with the same chance.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly'],
    tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
    run({ db, reply }) {
      const entry = db.random()
      if (entry === 0) reply.null()
      else reply.bulkSlice(db.keyOf(entry))
    },
  },
]
