/** Counting and finding bits in strings or parts of them. */
import { countBitRange, countBits, findBit, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { readString } from '../string/access.ts'

/** Bits by their numbers, both ends included; empty where `last` is less than `first`. */
interface BitRange {
  readonly first: number
  readonly last: number
}

/** BYTE or BIT. @returns how many bits one is. */
function readUnit(word: Slice): 1 | 8 {
  const text = word.latin1().toUpperCase()
  if (text === 'BIT') return 1
  if (text === 'BYTE') return 8
  throw syntaxError()
}

/** Brings a range, whose ends count from the end where they are negative, into `count` units. */
function clip(first: number, last: number, count: number, unitBits: 1 | 8): BitRange {
  const from = Math.max(0, first < 0 ? count + first : first)
  const to = Math.min(count - 1, Math.max(0, last < 0 ? count + last : last))
  return { first: from * unitBits, last: to * unitBits + unitBits - 1 }
}

function bitCount({ db, reply }: Call, args: Args): void {
  const key = args.key()
  if (args.left === 0) {
    const held = readString(db, key)
    reply.integer(held === undefined ? 0 : countBits(held.bytes, held.start, held.end))
    return
  }
  if (args.left !== 2 && args.left !== 3) throw syntaxError()
  const first = args.int64()
  const last = args.int64()
  const unitBits = args.left > 0 ? readUnit(args.next()) : 8
  const held = readString(db, key)
  // Without this, two ends that lie before the string would both become its first unit.
  const isReversed = first < 0n && last < 0n && first > last
  if (held === undefined || isReversed) {
    reply.integer(0)
    return
  }
  const range = clip(Number(first), Number(last), (held.length * 8) / unitBits, unitBits)
  const isEmpty = range.first > range.last
  reply.integer(isEmpty ? 0 : countBitRange(held.bytes, held.start, range.first, range.last))
}

function bitPosition({ db, reply }: Call, args: Args): void {
  const key = args.key()
  const bit = args.int()
  if (bit !== 0 && bit !== 1) throw new ReplyError('ERR The bit argument must be 1 or 0.')
  if (args.left > 3) throw syntaxError()
  const first = args.left > 0 ? args.int() : 0
  // The unit is looked at before the end, as the order of the errors shows.
  const unitBits = args.left === 2 ? readUnit(args.slice(args.at + 1)) : 8
  const last = args.left > 0 ? args.int() : undefined
  const held = readString(db, key)
  if (held === undefined) {
    reply.integer(bit === 1 ? -1 : 0)
    return
  }
  const range = clip(first, last ?? -1, (held.length * 8) / unitBits, unitBits)
  if (range.first > range.last) {
    reply.integer(-1)
    return
  }
  const found = findBit(held.bytes, held.start, range, bit)
  // Without an end, zeros without end follow the string.
  const isBehind = found === -1 && bit === 0 && last === undefined
  reply.integer(isBehind ? held.length * 8 : found)
}

export const bitRangeCommands: readonly CommandSpec[] = [
  {
    name: 'BITCOUNT',
    syntax: 'key [start:integer end:integer [BYTE | BIT]:unit]:range',
    summary: 'Counts the bits that are set in the string at a key, or in a part of it.',
    since: '2.6.0',
    argumentsSince: { 'range/unit': '7.0.0' },
    complexity: 'O(N)',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['7.0.0', 'The option `BYTE|BIT`.']],
    run: bitCount,
  },
  {
    name: 'BITPOS',
    syntax: 'key bit:integer [start:integer [end:integer [BYTE | BIT]:unit]:end-unit-block]:range',
    summary: 'Finds the first bit that is set or clear in the string at a key, or in a part of it.',
    since: '2.8.7',
    argumentsSince: { 'range/end-unit-block/unit': '7.0.0' },
    complexity: 'O(N)',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['7.0.0', 'The option `BYTE|BIT`.']],
    run: bitPosition,
  },
]
