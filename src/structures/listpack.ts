/**
 * A listpack: elements one after another in one stretch of bytes, byte for byte as the reference
 * has them in memory and in its files.
 *
 *     total size : 4   count : 2   element … element   0xFF        low byte first
 *
 * Elements are named by where they begin, counted from the start of the stretch, and can be walked
 * both ways; how one is written is in `listpack-element.ts`. A count of 65535 means that the
 * elements must be counted. Searching compares bytes where they stand; nothing here makes objects.
 *
 * The text that is put in must not stand in the same stretch, which may move.
 */
import { equalBytes, Slice } from '../bytes/index.ts'
import {
  currentNumber,
  END,
  encodedSize,
  high,
  low,
  numberSize,
  parseNumber,
  readNumber,
  readWayBack,
  setNumber,
  textOffset,
  textSize,
  wayBackSize,
  writeDigits,
  writeNumber,
  writeText,
} from './listpack-element.ts'
import { findElement, findLastElement } from './listpack-find.ts'
import type { Stretch } from './stretch.ts'

const HEADER_BYTES = 6
const COUNT_UNKNOWN = 65535

/** No listpack grows beyond this, as in the reference. */
const SIZE_MAX = 2 ** 30

/** A listpack without elements. */
export const LISTPACK_EMPTY: Uint8Array = Uint8Array.of(7, 0, 0, 0, 0, 0, END)

/** How many elements there are. */
export function listpackCount(s: Stretch): number {
  const count = headerCount(s)
  return count === COUNT_UNKNOWN ? countElements(s) : count
}

function headerCount(s: Stretch): number {
  return s.bytes[s.start + 4]! | (s.bytes[s.start + 5]! << 8)
}

/** Counts by walking, and notes the count where the header has room for it. */
function countElements(s: Stretch): number {
  let count = 0
  for (let at = firstAt(s); at >= 0; at = nextAt(s, at)) count++
  if (count < COUNT_UNKNOWN) setCount(s, count)
  return count
}

function setCount(s: Stretch, count: number): void {
  s.bytes[s.start + 4] = count
  s.bytes[s.start + 5] = count >> 8
}

/** Whether `added` more bytes keep it within the size that listpacks are held to. */
export function listpackFits(s: Stretch, added: number): boolean {
  return s.size + added <= SIZE_MAX
}

/** The first element; -1 when there is none. */
export function firstAt(s: Stretch): number {
  return s.bytes[s.start + HEADER_BYTES] === END ? -1 : HEADER_BYTES
}

/** The last element; -1 when there is none. */
export function lastAt(s: Stretch): number {
  return previousAt(s, s.size - 1)
}

/** The place after the last element: where to insert in order to append. */
export function endAt(s: Stretch): number {
  return s.size - 1
}

/** The element after the one at `at`; -1 after the last. */
export function nextAt(s: Stretch, at: number): number {
  const size = encodedSize(s.bytes, s.start + at)
  const next = at + size + wayBackSize(size)
  return s.bytes[s.start + next] === END ? -1 : next
}

/** The element before `at`, which may be the end; -1 before the first. */
export function previousAt(s: Stretch, at: number): number {
  if (at === HEADER_BYTES) return -1
  const size = readWayBack(s.bytes, s.start + at - 1)
  return at - size - wayBackSize(size)
}

/** The element at an index, which counts from the end when negative; -1 when there is none. */
export function seekAt(s: Stretch, index: number): number {
  const count = headerCount(s)
  if (count === COUNT_UNKNOWN) {
    const steps = Math.min(Math.abs(index), SIZE_MAX) | 0
    return index < 0 ? walkBack(s, steps) : walkOn(s, steps)
  }
  if (index < 0) index += count
  if (index < 0 || index >= count) return -1
  // As an integer, whatever it was: with a double, a walk takes twice the time.
  const from = index | 0
  return from * 2 > count ? walkBack(s, count - from) : walkOn(s, from)
}

/** Both walks are written out: most elements are short, and an index can pass thousands. */
function walkOn(s: Stretch, index: number): number {
  const { bytes, start } = s
  let i = start + HEADER_BYTES
  let tag = bytes[i]!
  for (; index > 0 && tag !== END; index--) {
    if (tag < 0x80) i += 2
    else if (tag < 0xc0) i += (tag & 0x3f) + 2
    else {
      const size = encodedSize(bytes, i)
      i += size + wayBackSize(size)
    }
    tag = bytes[i]!
  }
  return tag === END ? -1 : i - start
}

function walkBack(s: Stretch, steps: number): number {
  const { bytes, start } = s
  const first = start + HEADER_BYTES
  let i = start + s.size - 1
  for (; steps > 0 && i > first; steps--) {
    let size = bytes[i - 1]!
    if (size > 127) size = readWayBack(bytes, i - 1)
    i -= size + wayBackSize(size)
  }
  return steps > 0 ? -1 : i - start
}

/**
 * Lets `into` stand for the element at `at`: its text where it is, or the digits of a number in
 * the slice's own room, where they stay until the slice is used again.
 */
export function readElement(s: Stretch, at: number, into: Slice): Slice {
  const bytes = s.bytes
  const i = s.start + at
  const offset = textOffset(bytes[i]!)
  if (offset > 0) {
    into.bytes = bytes
    into.start = i + offset
    into.end = i + encodedSize(bytes, i)
    return into
  }
  readNumber(bytes, i)
  into.bytes = into.room()
  into.start = 0
  into.end = writeDigits(into.bytes, 0)
  return into
}

/** The number at `at`; `NaN` when the element is text or beyond ±2^53. */
export function elementNumber(s: Stretch, at: number): number {
  return readNumber(s.bytes, s.start + at) ? currentNumber() : Number.NaN
}

/** Whether the element at `at` is `bytes[start, end)`. */
export function elementEquals(
  s: Stretch,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const held = s.bytes
  const i = s.start + at
  const offset = textOffset(held[i]!)
  if (offset > 0) {
    const length = end - start
    if (encodedSize(held, i) - offset !== length) return false
    return equalBytes(held, i + offset, bytes, start, length)
  }
  if (!parseNumber(bytes, start, end)) return false
  const wantedHigh = high
  const wantedLow = low
  return readNumber(held, i) && low === wantedLow && high === wantedHigh
}

/** How many bytes `bytes[start, end)` would take as an element. */
export function elementSize(bytes: Uint8Array, start: number, end: number): number {
  const size = parseNumber(bytes, start, end) ? numberSize() : textSize(end - start)
  return size + wayBackSize(size)
}

/** How many bytes a whole number within ±2^53 would take as an element. */
export function integerSize(value: number): number {
  setNumber(value)
  return numberSize() + 1
}

/** Puts an element before the one at `at`, or last when that is `endAt`. */
export function insertElement(
  s: Stretch,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  put(s, at, 0, bytes, start, end)
  addToCount(s, 1)
}

/** Puts an element last. */
export function appendElement(s: Stretch, bytes: Uint8Array, start: number, end: number): void {
  insertElement(s, s.size - 1, bytes, start, end)
}

/** Puts an element first. */
export function prependElement(s: Stretch, bytes: Uint8Array, start: number, end: number): void {
  insertElement(s, HEADER_BYTES, bytes, start, end)
}

/** Puts another element in the place of the one at `at`. */
export function replaceElement(
  s: Stretch,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  put(s, at, wholeSize(s, at), bytes, start, end)
}

/** Puts a whole number within ±2^53 before the element at `at`, or last when that is `endAt`. */
export function insertInteger(s: Stretch, at: number, value: number): void {
  setNumber(value)
  putNumber(s, at, 0)
  addToCount(s, 1)
}

/** Puts a whole number within ±2^53 last. */
export function appendInteger(s: Stretch, value: number): void {
  insertInteger(s, s.size - 1, value)
}

/** Puts a whole number within ±2^53 in the place of the element at `at`. */
export function replaceInteger(s: Stretch, at: number, value: number): void {
  setNumber(value)
  putNumber(s, at, wholeSize(s, at))
}

/**
 * Takes out up to `count` elements from the one at `at` on. What followed them is at `at` then.
 * @returns how many were taken out.
 */
export function removeElements(s: Stretch, at: number, count: number): number {
  let past = at
  let removed = 0
  while (removed < count && s.bytes[s.start + past] !== END) {
    past += wholeSize(s, past)
    removed++
  }
  if (removed === 0) return 0
  s.splice(at, past - at, 0)
  setTotal(s)
  addToCount(s, -removed)
  return removed
}

/** Bytes of the element at `at` with its way back. */
function wholeSize(s: Stretch, at: number): number {
  const size = encodedSize(s.bytes, s.start + at)
  return size + wayBackSize(size)
}

function put(
  s: Stretch,
  at: number,
  removed: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  if (parseNumber(bytes, start, end)) {
    putNumber(s, at, removed)
    return
  }
  const size = textSize(end - start)
  s.splice(at, removed, size + wayBackSize(size))
  writeText(s.bytes, s.start + at, bytes, start, end, s.dataView)
  setTotal(s)
}

function putNumber(s: Stretch, at: number, removed: number): void {
  s.splice(at, removed, numberSize() + 1)
  writeNumber(s.bytes, s.start + at)
  setTotal(s)
}

/** Notes in the header that `added` elements were put in, or taken out when it is negative. */
export function noteElements(s: Stretch, added: number): void {
  setTotal(s)
  addToCount(s, added)
}

function setTotal(s: Stretch): void {
  const { bytes, start, size } = s
  bytes[start] = size
  bytes[start + 1] = size >> 8
  bytes[start + 2] = size >> 16
  bytes[start + 3] = size >> 24
}

/** A count that reaches what the header has room for becomes unknown of itself, and stays so. */
function addToCount(s: Stretch, added: number): void {
  const count = headerCount(s)
  if (count !== COUNT_UNKNOWN) setCount(s, count + added)
}

/** Who takes elements one after another: a reply, a file. */
export interface ElementSink {
  /** An element is `bytes[start, end)`, lent for the call. */
  bulk(bytes: Uint8Array, start: number, end: number): void
  /** The same where there is a view of all of `bytes`. */
  bulkViewed?(view: DataView, bytes: Uint8Array, start: number, end: number): void
  /** Many elements from this buffer are to follow. */
  expectFrom?(bytes: Uint8Array): void
}

/** From so many elements on, a sink is told to expect them. */
const MANY_ELEMENTS = 8

const passed = new Slice(LISTPACK_EMPTY, 0, 0)

/** Hands on the element at `at`. `view` is one of its bytes, where there is one. */
export function passElement(
  s: Stretch,
  at: number,
  sink: ElementSink,
  view: DataView | undefined,
): void {
  const { bytes, start } = s
  const i = start + at
  const tag = bytes[i]!
  const isShort = tag >= 0x80 && tag < 0xc0
  // Short texts, which most elements are, end where their first byte says.
  if (isShort && view !== undefined && sink.bulkViewed !== undefined) {
    sink.bulkViewed(view, bytes, i + 1, i + 1 + (tag & 63))
  } else passElements(s, at, 1, false, sink)
}

/**
 * Hands on up to `count` elements, from the one at `at` to the end or, backwards, to the beginning.
 * @returns how many of `count` there were not.
 */
export function passElements(
  s: Stretch,
  at: number,
  count: number,
  isBackwards: boolean,
  sink: ElementSink,
): number {
  const { bytes, start } = s
  if (count >= MANY_ELEMENTS) sink.expectFrom?.(bytes)
  while (count > 0 && at >= 0) {
    const i = start + at
    const tag = bytes[i]!
    const textEnd = i + 1 + (tag & 63)
    // Short texts, which most elements are, end where their first byte says.
    if (tag >= 0x80 && tag < 0xc0 && !isBackwards) {
      sink.bulk(bytes, i + 1, textEnd)
      count--
      at = bytes[textEnd + 1] === END ? -1 : textEnd + 1 - start
      continue
    }
    const size = encodedSize(bytes, i)
    const offset = textOffset(tag)
    if (offset > 0) sink.bulk(bytes, i + offset, i + size)
    else {
      readElement(s, at, passed)
      sink.bulk(passed.bytes, 0, passed.end)
    }
    count--
    if (isBackwards) at = previousAt(s, at)
    else {
      at += size + wayBackSize(size)
      if (bytes[start + at] === END) at = -1
    }
  }
  return count
}

/**
 * Takes out the elements that are `bytes[start, end)`: the first `limit` of them, or from the end the
 * last. The rest moves together in one pass. @returns how many were taken out.
 */
export function removeEqual(
  s: Stretch,
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
  isFromEnd: boolean,
): number {
  if (isFromEnd && limit === 1) {
    const last = findLastElement(s, bytes, start, end)
    if (last < 0) return 0
    removeElements(s, last, 1)
    return 1
  }
  let kept = isFromEnd ? Math.max(0, countEqual(s, bytes, start, end) - limit) : 0
  let at = findElement(s, firstAt(s), bytes, start, end, 0)
  for (; kept > 0; kept--) at = findElement(s, afterElement(s, at), bytes, start, end, 0)
  let to = at
  let removed = 0
  while (at >= 0 && removed < limit) {
    const rest = afterElement(s, at)
    removed++
    at = removed < limit ? findElement(s, rest, bytes, start, end, 0) : -1
    const restEnd = at >= 0 ? at : s.size
    s.bytes.copyWithin(s.start + to, s.start + rest, s.start + restEnd)
    to += restEnd - rest
  }
  if (removed === 0) return 0
  s.splice(to, s.size - to, 0)
  setTotal(s)
  addToCount(s, -removed)
  return removed
}

function countEqual(s: Stretch, bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  let at = findElement(s, firstAt(s), bytes, start, end, 0)
  for (; at >= 0; count++) at = findElement(s, afterElement(s, at), bytes, start, end, 0)
  return count
}

/** The place after the element at `at`, be it an element or the end. */
export function afterElement(s: Stretch, at: number): number {
  return at + wholeSize(s, at)
}
