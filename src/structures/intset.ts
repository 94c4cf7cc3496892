/**
 * A set of 64-bit integers in order, byte for byte as the reference has it in memory and in its files:
 *
 *     width : 4   count : 4   integer … integer        low byte first
 *
 * All integers have the same width: 2, 4 or 8 bytes, what the widest ever put in needs. They come and
 * go as the current number of `listpack-element.ts`, a pair of words, so that none of the 64 bits is
 * lost and none becomes an object.
 */
import type { Slice } from '../bytes/index.ts'
import { high, low, setWords, writeDigits } from './listpack-element.ts'
import { readUint32, writeUint32 } from './segment.ts'
import type { Stretch } from './stretch.ts'

const HEADER_BYTES = 8

/** An intset without integers. */
export const INTSET_EMPTY: Uint8Array = Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)

/** How many integers there are. */
export function intsetCount({ bytes, start }: Stretch): number {
  return readUint32(bytes, start + 4)
}

/** Whether the current number is in the set. */
export function intsetHas(s: Stretch): boolean {
  return currentWidth() <= widthOf(s) && search(s) >= 0
}

/**
 * Looks for the current number from an index on, which is quick when it is near.
 * @returns its index, or `~` of that of the first integer above it.
 */
export function intsetSeek(s: Stretch, from: number): number {
  const { bytes, start } = s
  const width = widthOf(s)
  const count = intsetCount(s)
  if (currentWidth() > width) return ~(high < 0 ? from : count)
  let least = from
  let at = from
  for (let step = 1; at < count; step *= 2) {
    const order = compareAt(bytes, start, at, width)
    if (order === 0) return at
    if (order < 0) break
    least = at + 1
    at += step
  }
  return searchBetween(bytes, start, width, least, Math.min(at, count) - 1)
}

/** Puts the current number in. @returns whether it was not there. */
export function intsetAdd(s: Stretch): boolean {
  const width = currentWidth()
  if (width > widthOf(s)) {
    widenAndAdd(s, width)
    return true
  }
  const found = search(s)
  if (found >= 0) return false
  const count = intsetCount(s)
  const wide = widthOf(s)
  const at = HEADER_BYTES + ~found * wide
  s.splice(at, 0, wide)
  writeCurrent(s.bytes, s.start + at, wide)
  setCount(s, count + 1)
  return true
}

/** Takes the current number out. @returns whether it was there. */
export function intsetRemove(s: Stretch): boolean {
  if (currentWidth() > widthOf(s)) return false
  const index = search(s)
  if (index < 0) return false
  intsetRemoveAt(s, index)
  return true
}

/** Takes the integer at an index out. */
export function intsetRemoveAt(s: Stretch, index: number): void {
  const width = widthOf(s)
  const count = intsetCount(s)
  s.splice(HEADER_BYTES + index * width, width, 0)
  setCount(s, count - 1)
}

/** Makes the integer at an index the current number. */
export function intsetRead(s: Stretch, index: number): void {
  readAt(s.bytes, s.start, index, widthOf(s))
}

/**
 * Makes the least of the integers at some places, one in each set, the current number, and goes on
 * past it in every set that has it. @returns false when all sets are at their end.
 */
export function intsetsNext(sets: readonly Stretch[], places: Int32Array): boolean {
  let isFound = false
  let upper = 0
  let lower = 0
  for (let i = 0; i < sets.length; i++) {
    const s = sets[i]!
    if (places[i]! >= intsetCount(s)) continue
    intsetRead(s, places[i]!)
    if (isFound && (high > upper || (high === upper && low >>> 0 >= lower >>> 0))) continue
    isFound = true
    upper = high
    lower = low
  }
  if (!isFound) return false
  for (let i = 0; i < sets.length; i++) {
    const s = sets[i]!
    if (places[i]! >= intsetCount(s)) continue
    intsetRead(s, places[i]!)
    if (high === upper && low === lower) places[i]!++
  }
  setWords(upper, lower)
  return true
}

/** Lets `into` stand for the digits of the current number, in the slice's own room. */
export function currentText(into: Slice): Slice {
  into.bytes = into.room()
  into.start = 0
  into.end = writeDigits(into.bytes, 0)
  return into
}

/** Lets `into` stand for the digits of the integer at an index, in the slice's own room. */
export function intsetText(s: Stretch, index: number, into: Slice): Slice {
  intsetRead(s, index)
  return currentText(into)
}

/** Whether a stretch is an intset that is not empty: of the right size, in order, no integer twice. */
export function isIntsetValid(s: Stretch): boolean {
  if (s.size < HEADER_BYTES) return false
  const width = readUint32(s.bytes, s.start)
  if (width !== 2 && width !== 4 && width !== 8) return false
  const count = intsetCount(s)
  if (count === 0 || HEADER_BYTES + count * width !== s.size) return false
  for (let index = 1; index < count; index++) {
    intsetRead(s, index - 1)
    if (compareAt(s.bytes, s.start, index, width) >= 0) return false
  }
  return true
}

/** Of the four bytes the first says all. */
function widthOf({ bytes, start }: Stretch): number {
  return bytes[start]!
}

/** Bytes that the current number needs. */
function currentWidth(): number {
  if (high !== low >> 31) return 8
  return (low << 16) >> 16 === low ? 2 : 4
}

function setCount({ bytes, start }: Stretch, count: number): void {
  writeUint32(bytes, start + 4, count)
}

/** The index of the current number, which fits the width; when it is not there, `~` of its place. */
function search(s: Stretch): number {
  const { bytes, start } = s
  const width = widthOf(s)
  const last = intsetCount(s) - 1
  // Mostly numbers come in order.
  if (last < 0 || compareAt(bytes, start, last, width) > 0) return ~(last + 1)
  return searchBetween(bytes, start, width, 0, last)
}

/** The same where only the integers from `from` to `to` may be it. */
function searchBetween(
  bytes: Uint8Array,
  start: number,
  width: number,
  from: number,
  to: number,
): number {
  while (from <= to) {
    const middle = (from + to) >>> 1
    const order = compareAt(bytes, start, middle, width)
    if (order === 0) return middle
    if (order > 0) from = middle + 1
    else to = middle - 1
  }
  return ~from
}

/** Above 0 when the current number is greater than the integer at an index, below when less. */
function compareAt(bytes: Uint8Array, start: number, index: number, width: number): number {
  const at = start + HEADER_BYTES + index * width
  if (width === 2) return low - (((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16)
  const lower = readWord(bytes, at)
  if (width === 4) return low - lower
  const upper = readWord(bytes, at + 4)
  return high === upper ? (low >>> 0) - (lower >>> 0) : high - upper
}

function readAt(bytes: Uint8Array, start: number, index: number, width: number): void {
  const at = start + HEADER_BYTES + index * width
  if (width === 8) {
    setWords(readWord(bytes, at + 4), readWord(bytes, at))
    return
  }
  const lower =
    width === 2 ? ((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16 : readWord(bytes, at)
  setWords(lower >> 31, lower)
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function writeCurrent(bytes: Uint8Array, at: number, width: number): void {
  bytes[at] = low
  bytes[at + 1] = low >> 8
  if (width === 2) return
  bytes[at + 2] = low >> 16
  bytes[at + 3] = low >> 24
  if (width === 8) writeUint32(bytes, at + 4, high)
}

/** Puts in a number that needs more bytes than the others: it is beyond them, at one of the ends. */
function widenAndAdd(s: Stretch, width: number): void {
  const old = widthOf(s)
  const count = intsetCount(s)
  const upper = high
  const lower = low
  s.splice(s.size, 0, count * (width - old) + width)
  const { bytes, start } = s
  const shift = upper < 0 ? 1 : 0
  // From the last on, so that none is written over before it is read.
  for (let index = count - 1; index >= 0; index--) {
    readAt(bytes, start, index, old)
    writeCurrent(bytes, start + HEADER_BYTES + (index + shift) * width, width)
  }
  setWords(upper, lower)
  writeCurrent(bytes, start + HEADER_BYTES + (upper < 0 ? 0 : count) * width, width)
  bytes[start] = width
  setCount(s, count + 1)
}
