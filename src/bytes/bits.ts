/**
 * Counting and finding bits in ranges of bytes. Bit 0 is the highest bit of the first byte, as in
 * SETBIT.
 *
 * Long ranges are walked in aligned 32-bit words. Counting folds eight words with carry-save adders
 * (Harley and Seal; see Warren, "Hacker's Delight", §5-1), so that the costly sum over the bits of a
 * word is made once for eight of them.
 */

/** Ranges shorter than this are not worth a view in words. */
const WORDS_MIN_BYTES = 64

/** The offset of the first byte from `start` on that stands at a word's border in its buffer. */
function alignedFrom(bytes: Uint8Array, start: number): number {
  return start + ((4 - ((bytes.byteOffset + start) & 3)) & 3)
}

/** How many bits of a 32-bit word are set. */
function bitsOfWord(word: number): number {
  word -= (word >>> 1) & 0x55555555
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** How many bits of `bytes[start, end)` are set. */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  let at = start
  if (end - start >= WORDS_MIN_BYTES) {
    const from = alignedFrom(bytes, start)
    for (; at < from; at++) count += bitsOfWord(bytes[at]!)
    const length = (end - from) >>> 2
    count += countWords(new Int32Array(bytes.buffer, bytes.byteOffset + from, length))
    at = from + length * 4
  }
  for (; at < end; at++) count += bitsOfWord(bytes[at]!)
  return count
}

function countWords(words: Int32Array): number {
  const folded = words.length & ~7
  let ones = 0
  let twos = 0
  let fours = 0
  let eights = 0
  for (let i = 0; i < folded; i += 8) {
    const a = words[i]!
    const b = words[i + 1]!
    const c = words[i + 2]!
    const d = words[i + 3]!
    const e = words[i + 4]!
    const f = words[i + 5]!
    const g = words[i + 6]!
    const h = words[i + 7]!
    // Each adder takes three words of one weight and gives a sum and a carry of the next.
    const ab = ones ^ a
    const twosA = (ones & a) | (ab & b)
    const abc = ab ^ b
    const cd = abc ^ c
    const twosB = (abc & c) | (cd & d)
    const abcd = cd ^ d
    const ef = abcd ^ e
    const twosC = (abcd & e) | (ef & f)
    const abcdef = ef ^ f
    const gh = abcdef ^ g
    const twosD = (abcdef & g) | (gh & h)
    ones = gh ^ h
    const firstTwos = twos ^ twosA
    const foursA = (twos & twosA) | (firstTwos & twosB)
    const halfTwos = firstTwos ^ twosB
    const lastTwos = halfTwos ^ twosC
    const foursB = (halfTwos & twosC) | (lastTwos & twosD)
    twos = lastTwos ^ twosD
    const firstFours = fours ^ foursA
    eights += bitsOfWord((fours & foursA) | (firstFours & foursB))
    fours = firstFours ^ foursB
  }
  let count = 8 * eights + 4 * bitsOfWord(fours) + 2 * bitsOfWord(twos) + bitsOfWord(ones)
  for (let i = folded; i < words.length; i++) count += bitsOfWord(words[i]!)
  return count
}

/** How many of the bits `first` to `last` (both included, counted from `start`) are set. */
export function countBitRange(
  bytes: Uint8Array,
  start: number,
  first: number,
  last: number,
): number {
  const from = start + Math.floor(first / 8)
  const to = start + Math.floor(last / 8)
  const head = bytes[from]! & headMask(first)
  if (from === to) return bitsOfWord(head & tailMask(last))
  return bitsOfWord(head) + countBits(bytes, from + 1, to) + bitsOfWord(bytes[to]! & tailMask(last))
}

/**
 * Finds the first bit of that value among the bits `first` to `last` (both included, counted from
 * `start`).
 * @returns its number from `start`, or -1.
 */
export function findBit(
  bytes: Uint8Array,
  start: number,
  range: { readonly first: number; readonly last: number },
  bit: 0 | 1,
): number {
  const from = start + Math.floor(range.first / 8)
  const to = start + Math.floor(range.last / 8)
  // With its bits turned, a byte is searched for a set one in both cases.
  const turn = bit === 1 ? 0 : 0xff
  let at = from
  let byte = (bytes[at]! ^ turn) & headMask(range.first)
  if (byte === 0 && at < to) {
    at = findOtherByte(bytes, from + 1, to, turn)
    byte = bytes[at]! ^ turn
  }
  if (at === to) byte &= tailMask(range.last)
  return byte === 0 ? -1 : (at - start) * 8 + Math.clz32(byte) - 24
}

/** The offset of the first byte of `bytes[start, end)` that is not `skipped` (0 or 255), or `end`. */
function findOtherByte(bytes: Uint8Array, start: number, end: number, skipped: number): number {
  let at = start
  if (end - start >= WORDS_MIN_BYTES) {
    const from = alignedFrom(bytes, start)
    for (; at < from; at++) if (bytes[at] !== skipped) return at
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (end - from) >>> 2)
    const skippedWord = skipped === 0 ? 0 : -1
    let i = 0
    while (i < words.length && words[i] === skippedWord) i++
    at = from + i * 4
  }
  while (at < end && bytes[at] === skipped) at++
  return at
}

/** The bits of a byte from number `first` on. */
function headMask(first: number): number {
  return 0xff >>> (first % 8)
}

/** The bits of a byte up to number `last`. */
function tailMask(last: number): number {
  return (0xff << (7 - (last % 8))) & 0xff
}
