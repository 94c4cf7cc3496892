/** Bit offsets among the arguments, whose bound is that of the strings they point into. */
import { parseInt64, parseShortInt, type Slice } from '../../bytes/index.ts'
import { type Call, ReplyError } from '../../engine/index.ts'
import { stringBytesMax } from '../string/access.ts'

const HASH = 35
/** Products of two numbers up to here are exact. */
const EXACT_MAX = 2 ** 46

const badOffset = () => new ReplyError('ERR bit offset is not an integer or out of range')

/** Reads the number of a bit. */
export function readBitOffset(call: Call, argument: Slice): number {
  const { bytes, start, end } = argument
  return boundedOffset(call, bytes, start, end, 1)
}

/** Reads the number of a bit, or with a `#` before it the number of a field of `bits` bits. */
export function readFieldOffset(call: Call, argument: Slice, bits: number): number {
  const { bytes, start, end } = argument
  if (start < end && bytes[start] === HASH) return boundedOffset(call, bytes, start + 1, end, bits)
  return boundedOffset(call, bytes, start, end, 1)
}

function boundedOffset(
  call: Call,
  bytes: Uint8Array,
  start: number,
  end: number,
  times: number,
): number {
  let offset = parseShortInt(bytes, start, end) * times
  if (!(Math.abs(offset) <= EXACT_MAX)) {
    const value = parseInt64(bytes, start, end)
    if (value === undefined) throw badOffset()
    // The reference multiplies in 64 bits, and takes what comes around as if it had been asked for.
    offset = Number(BigInt.asIntN(64, value * BigInt(times)))
  }
  if (offset < 0 || Math.floor(offset / 8) >= stringBytesMax(call)) throw badOffset()
  return offset
}
