/** Whether bytes from elsewhere are a listpack: files and RESTORE may bring anything. */
import {
  END,
  encodedSize,
  isTag,
  numberSize,
  parseNumber,
  readNumber,
  readWayBack,
  textOffset,
  textSize,
  wayBackSize,
} from './listpack-element.ts'

const HEADER_BYTES = 6
const COUNT_UNKNOWN = 65535

/**
 * Whether `bytes[start, end)` is a whole listpack: sizes, count, each element and its way back.
 * Reads nothing outside the range.
 */
export function isListpackValid(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start
  if (size < HEADER_BYTES + 1 || end > bytes.length || bytes[end - 1] !== END) return false
  let total = 0
  for (let i = 3; i >= 0; i--) total = total * 256 + bytes[start + i]!
  if (total !== size) return false
  let count = 0
  let at = start + HEADER_BYTES
  // The last byte is the end mark, so that a way back is never looked for outside the elements.
  while (at < end - 1) {
    const next = validNext(bytes, at, end - 1)
    if (next < 0) return false
    at = next
    count++
  }
  const noted = bytes[start + 4]! | (bytes[start + 5]! << 8)
  return noted === count || noted === COUNT_UNKNOWN
}

/** The end of the element at `at`; -1 when it is none, or does not end before `end`. */
function validNext(bytes: Uint8Array, at: number, end: number): number {
  const tag = bytes[at]!
  // What tells the size of a text must be inside before it is read.
  if (!isTag(tag) || at + textOffset(tag) > end) return -1
  const size = encodedSize(bytes, at)
  const next = at + size + wayBackSize(size)
  if (next > end) return -1
  return readWayBack(bytes, next - 1) === size ? next : -1
}

/**
 * Whether each element of a valid listpack is written in the one way in which we write it, as
 * searching supposes: a number as short as it can be, and no text that reads as one.
 */
export function isListpackCanonical(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + HEADER_BYTES; at < end - 1; ) {
    const tag = bytes[at]!
    const size = encodedSize(bytes, at)
    const offset = textOffset(tag)
    if (offset === 0) {
      readNumber(bytes, at)
      if (numberSize() !== size) return false
    } else {
      if (textSize(size - offset) !== size) return false
      if (parseNumber(bytes, at + offset, at + size)) return false
    }
    at += size + wayBackSize(size)
  }
  return true
}
