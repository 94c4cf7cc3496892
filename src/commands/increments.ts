/** Adding to 64-bit integers that are held as text: INCR and its family, and HINCRBY. */
import {
  INT64_MAX,
  INT64_MIN,
  parseInt64,
  parseShortInt,
  Slice,
  sliceOf,
  writeInt,
} from '../bytes/index.ts'
import { type Args, ReplyError } from '../engine/index.ts'

/** Below this sums of two are exact as doubles. */
const EXACT_MAX = 2 ** 51

const overflow = () => new ReplyError('ERR increment or decrement would overflow')
const digits = new Slice(new Uint8Array(24), 0, 0)

/** Reads an increment. Small ones are numbers, so that the common case makes no bigint. */
export function readIncrement(args: Args): number | bigint {
  const { at } = args
  const { bytes, start, end } = args.next()
  const short = parseShortInt(bytes, start, end)
  if (Math.abs(short) < EXACT_MAX) return short
  args.at = at
  return args.int64()
}

/** The sum of what `held` reads as and an increment. Throws `refusal` when `held` is no integer. */
export function addTo(held: Slice, by: number | bigint, refusal: () => unknown): number | bigint {
  const short = parseShortInt(held.bytes, held.start, held.end)
  if (typeof by === 'number' && Math.abs(short) < EXACT_MAX) return short + by
  const value = parseInt64(held.bytes, held.start, held.end)
  if (value === undefined) throw refusal()
  const sum = value + BigInt(by)
  if (sum > INT64_MAX || sum < INT64_MIN) throw overflow()
  return sum
}

/** A 64-bit integer in decimal. One slice serves all calls. */
export function decimal(value: number | bigint): Slice {
  if (typeof value === 'bigint') return sliceOf(Buffer.from(value.toString(), 'latin1'))
  digits.end = writeInt(value, digits.bytes, 0)
  return digits
}
