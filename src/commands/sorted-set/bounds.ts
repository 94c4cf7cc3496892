/**
 * The ends of ranges, by score and by member, and the ranks that lie between them. Every range is one
 * of ranks in the end.
 */
import { latin1, parseDouble, Slice } from '../../bytes/index.ts'
import { ReplyError } from '../../engine/index.ts'
import type { Slot, SortedSets } from '../../values/index.ts'

const OPEN = 40
const CLOSED = 91

/** The members whose rank is `from` or above and below `to`; none where `to` is not above `from`. */
export interface Ranks {
  readonly from: number
  readonly to: number
}

/** What a range holds: the members that `ranks` finds in a set. */
export interface Bounds {
  ranks(sets: SortedSets, value: Slot): Ranks
}

/** Reads the ends of a range by score, such as `1.5`, `(1.5` and `-inf`. */
export function readScoreBounds(min: Slice, max: Slice): Bounds {
  const isAbove = isOpen(min)
  const isBelow = isOpen(max)
  const low = readScore(min)
  const high = readScore(max)
  return {
    ranks: (sets, value) => ({
      from: sets.rankOfScore(value, low, isAbove),
      to: sets.rankOfScore(value, high, !isBelow),
    }),
  }
}

/** Reads the ends of a range by member: `[a`, `(a`, `-` and `+`. */
export function readLexBounds(min: Slice, max: Slice): Bounds {
  const low = readMember(min)
  const high = readMember(max)
  const isAbove = isOpen(min)
  const isBelow = isOpen(max)
  return {
    ranks: (sets, value) => ({
      from: rankOf(sets, value, low, isAbove),
      to: rankOf(sets, value, high, !isBelow),
    }),
  }
}

/** The ranks of a range whose ends count from the last member where they are negative. */
export function ranksOf(count: number, start: number, stop: number): Ranks {
  return {
    from: Math.max(0, start < 0 ? count + start : start),
    to: Math.min(count, (stop < 0 ? count + stop : stop) + 1),
  }
}

function isOpen({ bytes, start, end }: Slice): boolean {
  return end > start && bytes[start] === OPEN
}

/** A score ends at a zero byte, and without any digits it is 0, as in the reference. */
function readScore(bound: Slice): number {
  const { bytes, end } = bound
  const start = isOpen(bound) ? bound.start + 1 : bound.start
  if (start === end) return 0
  let score = parseDouble(bytes, start, end)
  if (!Number.isNaN(score)) return score
  const zero = bytes.subarray(start, end).indexOf(0)
  if (zero === 0) return 0
  if (zero > 0) score = parseDouble(bytes, start, start + zero)
  if (Number.isNaN(score)) throw new ReplyError('ERR min or max is not a float')
  return score
}

function readMember({ bytes, start, end }: Slice): Slice | 'lowest' | 'highest' {
  const first = end > start ? bytes[start] : 0
  if (first === OPEN || first === CLOSED) return new Slice(bytes, start + 1, end)
  const text = latin1(bytes, start, end).split('\0', 1)[0]!
  if (text === '+') return 'highest'
  if (text === '-') return 'lowest'
  throw new ReplyError('ERR min or max not valid string range item')
}

function rankOf(
  sets: SortedSets,
  value: Slot,
  member: Slice | 'lowest' | 'highest',
  orEqual: boolean,
): number {
  if (member === 'lowest') return 0
  if (member === 'highest') return sets.count(value)
  return sets.rankOfMember(value, member, orEqual)
}
