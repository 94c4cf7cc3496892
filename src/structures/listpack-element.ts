/**
 * How one element of a listpack is written, in the reference's bytes:
 *
 *     0xxxxxxx                    a number from 0 to 127
 *     10llllll text               up to 63 bytes
 *     110xxxxx xxxxxxxx           a number of 13 bits, high bits first
 *     1110llll llllllll text      up to 4095 bytes, high bits first
 *     0xF0 l l l l text           longer; low byte first, as in all that follow
 *     0xF1 0xF2 0xF3 0xF4         numbers of 16, 24, 32 and 64 bits
 *     then the size of all that, 7 bits a byte, read from its end: the way back
 *
 * Text that reads as a 64-bit integer is kept as a number. Numbers are pairs of 32-bit words here,
 * so that none of the 64 bits is lost and none becomes an object.
 */
import { copyBytes, copyWords, parseShortInt, viewOf, writeInt } from '../bytes/index.ts'

/** Longer texts are copied by the system's own means. */
const WORDS_BYTES_MAX = 96

/** The byte after the last element. */
export const END = 0xff

const TEXT_32 = 0xf0
const INT_16 = 0xf1
const INT_32 = 0xf3
const INT_64 = 0xf4

const TWO_32 = 4294967296
/** The longest decimal form of a 64-bit integer. */
const DIGITS_MAX = 20
const MAGNITUDE_HIGH_MAX = 0x7fffffff

/** The number that was parsed, read or given last: the upper word, signed. */
export let high = 0
/** Its lower word, signed too. */
export let low = 0

/** Makes a whole number within ±2^53 the current one. */
export function setNumber(value: number): void {
  low = value | 0
  high = value === low ? low >> 31 : Math.floor(value / TWO_32) | 0
}

/** Makes the pair of words, upper and lower, the current number. */
export function setWords(upper: number, lower: number): void {
  high = upper | 0
  low = lower | 0
}

/** Makes the text the current number. @returns whether it is a 64-bit integer in canonical form. */
export function parseNumber(bytes: Uint8Array, start: number, end: number): boolean {
  // The first byte settles most texts.
  const first = bytes[start]!
  const size = end - start
  if (size === 0 || size > DIGITS_MAX || first > 57 || (first < 48 && first !== 45)) return false
  const value = parseShortInt(bytes, start, end)
  if (!Number.isNaN(value)) {
    setNumber(value)
    return true
  }
  return size > 15 && parseLongNumber(bytes, first === 45 ? start + 1 : start, end, first === 45)
}

function parseLongNumber(bytes: Uint8Array, at: number, end: number, isNegative: boolean): boolean {
  if (bytes[at] === 48) return false
  let upper = 0
  let lower = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return false
    lower = lower * 10 + digit
    const carry = Math.floor(lower / TWO_32)
    lower -= carry * TWO_32
    upper = upper * 10 + carry
    if (upper > MAGNITUDE_HIGH_MAX) {
      // Only -2^63 has a magnitude that needs this bit, and none can follow it.
      if (!isNegative || upper !== 0x80000000 || lower !== 0 || at + 1 < end) return false
    }
  }
  low = lower | 0
  high = upper | 0
  if (isNegative) negate()
  return true
}

function negate(): void {
  low = -low | 0
  high = low === 0 ? -high | 0 : ~high
}

/** Makes the number of the element at `at` the current one. @returns false when it is text. */
export function readNumber(bytes: Uint8Array, at: number): boolean {
  const tag = bytes[at]!
  if (tag < 0x80) low = tag
  else if (tag >= 0xc0 && tag < 0xe0) low = ((((tag & 31) << 8) | bytes[at + 1]!) << 19) >> 19
  else if (tag === INT_16) low = ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) >> 16
  else if (tag === 0xf2) low = readWord(bytes, at) >> 8
  else if (tag === INT_32) low = readWord(bytes, at + 1)
  else if (tag === INT_64) {
    low = readWord(bytes, at + 1)
    high = readWord(bytes, at + 5)
    return true
  } else return false
  high = low >> 31
  return true
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** The current number; `NaN` when it is beyond ±2^53. */
export function currentNumber(): number {
  const value = high * TWO_32 + (low >>> 0)
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/** Writes the current number in decimal. @returns the offset after the last digit. */
export function writeDigits(into: Uint8Array, at: number): number {
  if (high === low >> 31) return writeInt(low, into, at)
  const value = high * TWO_32 + (low >>> 0)
  if (Number.isSafeInteger(value)) return writeInt(value, into, at)
  return writeLongDigits(into, at)
}

/** For more than 53 bits: nine digits are split off by long division. */
function writeLongDigits(into: Uint8Array, at: number): number {
  if (high < 0) {
    into[at++] = 45
    // The magnitude of -2^63 is right as an unsigned pair of words.
    negate()
  }
  const unit = 1_000_000_000
  const upper = high >>> 0
  const top = Math.floor(upper / unit)
  const middle = (upper - top * unit) * 65536 + (low >>> 16)
  const quotient = Math.floor(middle / unit)
  const bottom = (middle - quotient * unit) * 65536 + (low & 0xffff)
  const last = Math.floor(bottom / unit)
  let rest = bottom - last * unit
  const end = writeInt(top * TWO_32 + quotient * 65536 + last, into, at) + 9
  for (let i = end - 1; i >= end - 9; i--) {
    const tens = Math.floor(rest / 10)
    into[i] = 48 + rest - tens * 10
    rest = tens
  }
  return end
}

/** Bytes of the element at `at` without the way back. */
export function encodedSize(bytes: Uint8Array, at: number): number {
  const tag = bytes[at]!
  if (tag < 0x80) return 1
  if (tag < 0xc0) return 1 + (tag & 0x3f)
  if (tag < 0xe0) return 2
  if (tag < TEXT_32) return 2 + (((tag & 15) << 8) | bytes[at + 1]!)
  if (tag === TEXT_32) return 5 + (readWord(bytes, at + 1) >>> 0)
  return tag === INT_64 ? 9 : tag - 0xee
}

/** Bytes before the text of an element with this tag; 0 when it is a number, or no element. */
export function textOffset(tag: number): number {
  if (tag < 0x80) return 0
  if (tag < 0xc0) return 1
  if (tag < 0xe0) return 0
  if (tag < TEXT_32) return 2
  return tag === TEXT_32 ? 5 : 0
}

/** Whether a byte can begin an element. */
export function isTag(tag: number): boolean {
  return tag <= INT_64
}

/** Bytes that an element of this size needs for the way back. The odd limits are the reference's. */
export function wayBackSize(size: number): number {
  if (size <= 127) return 1
  if (size < 16383) return 2
  if (size < 2097151) return 3
  return size < 268435455 ? 4 : 5
}

/** Reads the size of an element from the last byte of its way back; -1 when it is none. */
export function readWayBack(bytes: Uint8Array, last: number): number {
  let size = bytes[last]!
  if (size < 128) return size
  size &= 127
  for (let factor = 128; factor < TWO_32; factor *= 128) {
    const byte = bytes[--last]!
    size += (byte & 127) * factor
    if (byte < 128) return size
  }
  return -1
}

/** Bytes that a text of this length takes, without the way back. */
export function textSize(length: number): number {
  return length + (length < 64 ? 1 : length < 4096 ? 2 : 5)
}

/** Bytes that the current number takes, without the way back. */
export function numberSize(): number {
  if (high !== low >> 31) return 9
  if (low >= 0 && low <= 127) return 1
  if (low >= -4096 && low <= 4095) return 2
  if (low >= -32768 && low <= 32767) return 3
  return low >= -8388608 && low <= 8388607 ? 4 : 5
}

/** Writes an element that is text, with its way back. `intoView` is a view of `into`, where there is one. */
export function writeText(
  into: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  intoView?: DataView,
): void {
  const length = end - start
  const size = textSize(length)
  if (length < 64) {
    into[at] = 0x80 | length
  } else if (length < 4096) {
    into[at] = 0xe0 | (length >> 8)
    into[at + 1] = length
  } else {
    into[at] = TEXT_32
    writeWord(length, into, at + 1)
  }
  const textAt = at + size - length
  const view = intoView === undefined || length > WORDS_BYTES_MAX ? undefined : viewOf(bytes)
  if (view === undefined) copyBytes(bytes, start, end, into, textAt)
  else copyWords(view, start, end, intoView!, textAt)
  writeWayBack(size, into, at + size)
}

/** Writes the current number as an element, with its way back. */
export function writeNumber(into: Uint8Array, at: number): void {
  const size = numberSize()
  if (size === 1) {
    into[at] = low
  } else if (size === 2) {
    into[at] = 0xc0 | ((low >> 8) & 31)
    into[at + 1] = low
  } else if (size < 9) {
    into[at] = size + 0xee
    let rest = low
    for (let i = 1; i < size; i++, rest >>= 8) into[at + i] = rest
  } else {
    into[at] = INT_64
    writeWord(low, into, at + 1)
    writeWord(high, into, at + 5)
  }
  into[at + size] = size
}

function writeWord(word: number, into: Uint8Array, at: number): void {
  into[at] = word
  into[at + 1] = word >> 8
  into[at + 2] = word >> 16
  into[at + 3] = word >> 24
}

function writeWayBack(size: number, into: Uint8Array, at: number): void {
  const bytes = wayBackSize(size)
  if (bytes === 1) {
    into[at] = size
    return
  }
  let rest = size
  for (let i = at + bytes - 1; i > at; i--) {
    into[i] = (rest & 127) | 128
    rest = Math.floor(rest / 128)
  }
  into[at] = rest
}
