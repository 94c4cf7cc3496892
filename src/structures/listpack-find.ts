/**
 * Finding an element in a listpack: what every lookup in a small collection does, and the only way is
 * to look at one element after the other.
 *
 * An element is written in one way only, so the one that is looked for is known by its first byte,
 * and those that begin otherwise are not read. Names that are numbered differ at their end, so the
 * last byte is compared first. A table gives the step to the next element for all first bytes but
 * those of long texts. Against decoding each element it is three times as fast.
 */
import { equalBytes } from '../bytes/index.ts'
import {
  END,
  encodedSize,
  numberSize,
  parseNumber,
  readWayBack,
  wayBackSize,
  writeNumber,
} from './listpack-element.ts'
import type { Stretch } from './stretch.ts'

/** Where the first element begins. */
const HEADER_BYTES = 6
/** Text below this is written with its size in the first byte. */
const SHORT_TEXT_BYTES = 64
/** The first byte of the text of no bytes. */
const SHORT_TEXT_TAG = 0x80
const LONG_TEXT_TAG = 0xe0
const LONGEST_TEXT_TAG = 0xf0
const LONG_TEXT_BYTES = 4096

/** By first byte, the bytes of an element with its way back; 0 where the bytes that follow decide. */
const STEPS = Uint8Array.from({ length: 256 }, (_, tag) => {
  const isLongText = tag >= LONG_TEXT_TAG && tag <= LONGEST_TEXT_TAG
  if (isLongText || tag > 0xf4) return 0
  return encodedSize(Uint8Array.of(tag), 0) + 1
})

/** The needle, when it is a number, as it would be written, with its way back. */
const written = new Uint8Array(10)

/**
 * The first element from `from` on that is `bytes[start, end)`. Between those that are compared,
 * `skip` are passed over: 1 finds fields among fields and values.
 * @returns -1 when there is none.
 */
export function findElement(
  s: Stretch,
  from: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  skip: number,
): number {
  if (from < 0) return -1
  const length = end - start
  let at: number
  if (parseNumber(bytes, start, end)) {
    writeNumber(written, 0)
    const size = numberSize()
    at = find(s.bytes, s.start + from, written[0]!, written, 1, size - 1, 1, skip)
  } else if (length < SHORT_TEXT_BYTES) {
    at = find(s.bytes, s.start + from, SHORT_TEXT_TAG | length, bytes, start, length, 1, skip)
  } else if (length < LONG_TEXT_BYTES) {
    const tag = LONG_TEXT_TAG | (length >> 8)
    at = find(s.bytes, s.start + from, tag, bytes, start, length, 2, skip)
  } else at = find(s.bytes, s.start + from, LONGEST_TEXT_TAG, bytes, start, length, 5, skip)
  return at < 0 ? -1 : at - s.start
}

/**
 * The place in `held` of the first element that begins with `tag` and has `needle[start, start +
 * length)` from `offset` on.
 */
function find(
  held: Uint8Array,
  at: number,
  tag: number,
  needle: Uint8Array,
  start: number,
  length: number,
  offset: number,
  skip: number,
): number {
  const lastAt = offset + length - 1
  const last = length > 0 ? needle[start + length - 1]! : tag
  for (;;) {
    const found = held[at]!
    if (found === END) return -1
    if (found === tag && held[at + lastAt] === last) {
      if (isNeedle(held, at, needle, start, length, offset)) return at
    }
    at += STEPS[found]! || longStep(held, at)
    for (let left = skip; left > 0 && held[at] !== END; left--) {
      at += STEPS[held[at]!]! || longStep(held, at)
    }
  }
}

/** The last element that is `bytes[start, end)`, looked for from the end; -1 when there is none. */
export function findLastElement(s: Stretch, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  let at: number
  if (parseNumber(bytes, start, end)) {
    writeNumber(written, 0)
    at = findBack(s, written[0]!, written, 1, numberSize() - 1, 1)
  } else if (length < SHORT_TEXT_BYTES) {
    at = findBack(s, SHORT_TEXT_TAG | length, bytes, start, length, 1)
  } else if (length < LONG_TEXT_BYTES) {
    at = findBack(s, LONG_TEXT_TAG | (length >> 8), bytes, start, length, 2)
  } else at = findBack(s, LONGEST_TEXT_TAG, bytes, start, length, 5)
  return at < 0 ? -1 : at - s.start
}

/** As `find`, backwards from the end. */
function findBack(
  s: Stretch,
  tag: number,
  needle: Uint8Array,
  start: number,
  length: number,
  offset: number,
): number {
  const held = s.bytes
  const lastAt = offset + length - 1
  const last = length > 0 ? needle[start + length - 1]! : tag
  const first = s.start + HEADER_BYTES
  for (let at = s.start + s.size - 1; at > first; ) {
    at -= stepBack(held, at)
    if (held[at] === tag && held[at + lastAt] === last) {
      if (isNeedle(held, at, needle, start, length, offset)) return at
    }
  }
  return -1
}

/**
 * The tuple of `width` elements, 1 to 3, whose first is `bytes[start, end)`, which no other tuple's is.
 *
 * It is looked for from both ends at once. Where an element begins is known only when the one before
 * it has been read, so a search is a chain of loads that each wait for the last; two chains that do
 * not depend on each other take hardly longer than one, and together go only half as far.
 * @returns -1 when there is none.
 */
export function findTuple(
  s: Stretch,
  width: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start
  let at: number
  if (parseNumber(bytes, start, end)) {
    writeNumber(written, 0)
    at = findFirst(s, width, written[0]!, written, 1, numberSize() - 1, 1)
  } else if (length < SHORT_TEXT_BYTES) {
    at = findFirst(s, width, SHORT_TEXT_TAG | length, bytes, start, length, 1)
  } else if (length < LONG_TEXT_BYTES) {
    at = findFirst(s, width, LONG_TEXT_TAG | (length >> 8), bytes, start, length, 2)
  } else at = findFirst(s, width, LONGEST_TEXT_TAG, bytes, start, length, 5)
  return at < 0 ? -1 : at - s.start
}

/** The place of the tuple whose first element is the needle, as for `find`. */
function findFirst(
  s: Stretch,
  width: number,
  tag: number,
  needle: Uint8Array,
  start: number,
  length: number,
  offset: number,
): number {
  const held = s.bytes
  const lastAt = offset + length - 1
  const last = length > 0 ? needle[start + length - 1]! : tag
  let front = s.start + HEADER_BYTES
  let back = s.start + s.size - 1
  // Written out for both ends: with a loop over the elements of a tuple it takes twice as long.
  while (front < back) {
    if (held[front] === tag && held[front + lastAt] === last) {
      if (isNeedle(held, front, needle, start, length, offset)) return front
    }
    front += STEPS[held[front]!]! || longStep(held, front)
    if (width > 1) front += STEPS[held[front]!]! || longStep(held, front)
    if (width === 3) front += STEPS[held[front]!]! || longStep(held, front)
    if (front >= back) break
    back -= stepBack(held, back)
    if (width > 1) back -= stepBack(held, back)
    if (width === 3) back -= stepBack(held, back)
    if (held[back] === tag && held[back + lastAt] === last) {
      if (isNeedle(held, back, needle, start, length, offset)) return back
    }
  }
  return -1
}

/** Whether the element at `at`, whose first byte is right, is the needle. */
function isNeedle(
  held: Uint8Array,
  at: number,
  needle: Uint8Array,
  start: number,
  length: number,
  offset: number,
): boolean {
  const isSized = offset === 1 || encodedSize(held, at) === offset + length
  return isSized && equalBytes(held, at + offset, needle, start, length)
}

/** Bytes of the element that ends before `at`. */
function stepBack(held: Uint8Array, at: number): number {
  const size = held[at - 1]!
  if (size < 128) return size + 1
  const long = readWayBack(held, at - 1)
  return long + wayBackSize(long)
}

function longStep(held: Uint8Array, at: number): number {
  const size = encodedSize(held, at)
  return size + wayBackSize(size)
}
