/**
 * How a HyperLogLog stands in a string. The bytes are the reference's, so that a value can move
 * between servers by GET and SET.
 *
 *     "HYLL" · encoding 1 · zeros 3 · cached cardinality 8, little endian · registers
 *
 * The highest bit of the cardinality says that it has to be counted anew.
 *
 *     dense     16384 registers of 6 bits, each from the low bits of its first byte on
 *     sparse    00nnnnnn             n + 1 registers that are 0
 *               01nnnnnn nnnnnnnn    n + 1 registers that are 0, high bits first
 *               1vvvvvnn             n + 1 registers that are v + 1
 */
import type { Stretch } from '../structures/index.ts'

/** How many registers there are. */
export const REGISTERS = 16384
/** Where the registers begin. */
export const SKETCH_HEADER_BYTES = 16
/** The size of a dense one. */
export const DENSE_SKETCH_BYTES = SKETCH_HEADER_BYTES + (REGISTERS * 6) / 8

const ENCODING_AT = 4
const CARDINALITY_AT = 8
const DENSE = 0
const SPARSE = 1
const STALE = 0x80
/** Below this in the high half, a count is exact as a number. */
const EXACT_HIGH_MAX = 2 ** 21
const MAGIC = [72, 89, 76, 76]
/** All registers in one run of zeros. */
const EMPTY = Uint8Array.of(...MAGIC, SPARSE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff)

/** A sketch of nothing: sparse, its count known to be 0. Lent; not to be changed. */
export function emptySketch(): Uint8Array {
  return EMPTY
}

/** Whether a string has the head of a sketch and a size that goes with it. */
export function isSketch({ bytes, start, size }: Stretch): boolean {
  if (size < SKETCH_HEADER_BYTES) return false
  for (let i = 0; i < MAGIC.length; i++) if (bytes[start + i] !== MAGIC[i]) return false
  const encoding = bytes[start + ENCODING_AT]
  return encoding === SPARSE || (encoding === DENSE && size === DENSE_SKETCH_BYTES)
}

/** Whether a sketch is dense. */
export function isDense({ bytes, start }: Stretch): boolean {
  return bytes[start + ENCODING_AT] === DENSE
}

/** Takes the head of a sparse sketch for that of a dense one. */
export function markDense({ bytes, start }: Stretch): void {
  bytes[start + ENCODING_AT] = DENSE
}

/**
 * The cardinality that was counted last, a bigint where a number could round it, or `undefined` when
 * registers have changed since.
 */
export function cachedCount({ bytes, start }: Stretch): number | bigint | undefined {
  const at = start + CARDINALITY_AT
  if (bytes[at + 7]! & STALE) return undefined
  const high = word(bytes, at + 4)
  const low = word(bytes, at)
  return high < EXACT_HIGH_MAX ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low)
}

/** Keeps a cardinality for the next who asks. */
export function cacheCount({ bytes, start }: Stretch, count: number | bigint): void {
  let rest = BigInt.asUintN(64, BigInt(count))
  for (let i = 0; i < 8; i++, rest >>= 8n) {
    bytes[start + CARDINALITY_AT + i] = Number(rest & 0xffn)
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/** Says that registers have changed. */
export function forgetCount({ bytes, start }: Stretch): void {
  const at = start + CARDINALITY_AT + 7
  bytes[at] = bytes[at]! | STALE
}
