/**
 * What SCAN, SSCAN, HSCAN and ZSCAN have in common: the cursor, the options, and how far one call
 * goes.
 *
 *     const key = args.key()
 *     const cursor = readCursor(args)          // refused first, then a missing key, then the options
 *     const value = readValue(db, key, TYPE_SET)
 *     if (value === undefined) return replyEmptyScan(reply)
 *     const options = readScanOptions(args, 'members')
 *     const next = scanOn(cursor, options.count, (at, visit) => dict.scan(at, visit), (node) => …)
 */
import { globMatches, INT64_MIN, type Slice } from '../bytes/index.ts'
import { type Args, type Call, ReplyError, syntaxError } from '../engine/index.ts'
import { TYPE_NAMES } from '../keyspace/index.ts'

const STAR = 42
const COUNT_DEFAULT = 10
/** A scan ends after this many steps for each element that was asked for, however few it found. */
const STEPS_PER_ELEMENT = 10
const UINT64_MAX = '18446744073709551615'
const CURSOR_BYTES_MAX = 1024

const invalidCursor = () => new ReplyError('ERR invalid cursor')

/** The options of a scan. */
export interface ScanOptions {
  /** How many elements to look at. */
  readonly count: number
  /** Absent when every element fits. */
  readonly pattern: Slice | undefined
  /** The type of keys that fit, of a scan over keys. */
  readonly type: number | undefined
  /** Only the fields are wanted, of a scan over fields. */
  readonly isWithoutValues: boolean
}

/** Whether a key, member or field fits a pattern. */
export function matches(pattern: Slice, name: Slice): boolean {
  const { bytes, start, end } = pattern
  return globMatches(bytes, start, end, name.bytes, name.start, name.end, false)
}

/** The pattern, or nothing for `*`, which fits the empty name too. */
export function asPattern(argument: Slice): Slice | undefined {
  const isAll = argument.length === 1 && argument.bytes[argument.start] === STAR
  return isAll ? undefined : argument
}

/**
 * Any unsigned 64-bit number is a cursor, though only those that a scan gave lead on. Other than in
 * the rest of the protocol, spaces and zeros may stand before it, and a number that is not in its
 * shortest form may be negative and then counts from 2^64.
 */
export function readCursor(args: Args): number {
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

/** Reads all arguments that are left as options of a scan over keys, members or fields. */
export function readScanOptions(args: Args, over: 'keys' | 'members' | 'fields'): ScanOptions {
  let count = COUNT_DEFAULT
  let pattern: Slice | undefined
  let type: number | undefined
  let isWithoutValues = false
  while (args.left > 0) {
    if (args.take('NOVALUES')) {
      if (over !== 'fields') {
        throw new ReplyError('ERR NOVALUES option can only be used in HSCAN')
      }
      isWithoutValues = true
      continue
    }
    if (args.left < 2) throw syntaxError()
    if (args.take('COUNT')) {
      count = args.int()
      if (count < 1) throw syntaxError()
    } else if (args.take('MATCH')) pattern = asPattern(args.next())
    else if (over === 'keys' && args.take('TYPE')) type = readType(args)
    else throw syntaxError()
  }
  return { count, pattern, type, isWithoutValues }
}

/**
 * Goes on from a cursor until `count` elements have been looked at.
 * @returns the next cursor, 0 at the end.
 */
export function scanOn(
  cursor: number,
  count: number,
  step: (cursor: number, visit: (element: number) => void) => number,
  visit: (element: number) => void,
): number {
  let looked = 0
  let next = cursor
  let steps = count * STEPS_PER_ELEMENT
  const look = (element: number) => {
    looked++
    visit(element)
  }
  do {
    next = step(next, look)
  } while (next !== 0 && steps-- > 0 && looked < count)
  return next
}

/** What a scan over nothing replies. */
export function replyEmptyScan(reply: Call['reply']): void {
  reply.array(2)
  reply.bulkInt(0)
  reply.array(0)
}
