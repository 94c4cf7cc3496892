/**
 * What an element does to a HyperLogLog: its hash names one register by the lowest 14 bits, and a
 * value for it by the zeros that follow them.
 *
 * The hash is MurmurHash64A (Appleby) with the seed that all implementations of this format share,
 * since sketches are merged across servers. Its 64-bit products are made of two halves of 32 bits, of
 * which the high half of one product goes by 16 bits: no bigint, no object.
 */

/** The multiplier 0xc6a4a7935bd1e995, by halves, the lower one by quarters. */
const M_HIGH = 0xc6a4a793 | 0
const M_LOW = 0x5bd1e995 | 0
const M_QUARTER_1 = 0x5bd1
const M_QUARTER_0 = 0xe995
const SEED = 0xadc83b19 | 0

/** Bits of the hash that name the register. */
const INDEX_BITS = 14
const INDEX_MASK = (1 << INDEX_BITS) - 1
/** The value that stands for no set bit behind those of the register. */
const NO_BIT = 64 - INDEX_BITS + 1

/** The high 32 bits of `low` times the lower half of the multiplier, both without sign. */
function carried(low: number): number {
  const a1 = low >>> 16
  const a0 = low & 0xffff
  const middle = a1 * M_QUARTER_0 + ((a0 * M_QUARTER_0) >>> 16)
  const other = a0 * M_QUARTER_1 + (middle & 0xffff)
  return (a1 * M_QUARTER_1 + (middle >>> 16) + (other >>> 16)) | 0
}

/** The high half of `high:low` times the multiplier, cut to 64 bits. Its low half is a plain product. */
function highProduct(high: number, low: number): number {
  return (carried(low) + Math.imul(high, M_LOW) + Math.imul(low, M_HIGH)) | 0
}

/**
 * The register of the element `bytes[start, end)` and the value that it asks for.
 * @returns the register in the low 14 bits, and the value, 1 to 51, above them.
 */
export function registerOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  let high = highProduct(0, length)
  let low = SEED ^ Math.imul(length, M_LOW)
  let at = start
  for (const wordsEnd = start + (length & ~7); at < wordsEnd; at += 8) {
    let wordLow =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    let wordHigh =
      bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)
    wordHigh = highProduct(wordHigh, wordLow)
    wordLow = Math.imul(wordLow, M_LOW)
    // A shift by 47 leaves nothing but the top of the high half, in the low one.
    wordLow ^= wordHigh >>> 15
    high ^= highProduct(wordHigh, wordLow)
    low ^= Math.imul(wordLow, M_LOW)
    high = highProduct(high, low)
    low = Math.imul(low, M_LOW)
  }
  if (at < end) {
    for (let shift = 0; at < end; at++, shift += 8) {
      if (shift < 32) low ^= bytes[at]! << shift
      else high ^= bytes[at]! << (shift - 32)
    }
    high = highProduct(high, low)
    low = Math.imul(low, M_LOW)
  }
  low ^= high >>> 15
  high = highProduct(high, low)
  low = Math.imul(low, M_LOW)
  low ^= high >>> 15
  return (low & INDEX_MASK) | (valueIn(high, low >>> INDEX_BITS) << INDEX_BITS)
}

/** The place, counted from 1, of the lowest set bit of `high` with the 18 bits of `low` below it. */
function valueIn(high: number, low: number): number {
  if (low !== 0) return 32 - Math.clz32(low & -low)
  if (high !== 0) return 32 - INDEX_BITS + 32 - Math.clz32(high & -high)
  return NO_BIT
}
