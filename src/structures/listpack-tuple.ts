/**
 * Elements of a listpack that belong together: pairs, as of a field and its value, and triples of a
 * pair and a whole number. They are put in at once, so that the bytes after them move only once.
 */
import { copyBytes, Slice } from '../bytes/index.ts'
import {
  type ElementSink,
  elementSize,
  firstAt,
  integerSize,
  listpackCount,
  nextAt,
  noteElements,
  readElement,
} from './listpack.ts'
import {
  END,
  encodedSize,
  numberSize,
  parseNumber,
  setNumber,
  textOffset,
  textSize,
  wayBackSize,
  writeNumber,
  writeText,
} from './listpack-element.ts'
import type { Stretch } from './stretch.ts'

const passed = new Slice(new Uint8Array(0), 0, 0)
/** Room for most triples that change their place. */
const room = new Uint8Array(512)

/** Puts two elements before the one at `at`, or last when that is `endAt`. */
export function insertPair(s: Stretch, at: number, first: Slice, second: Slice): void {
  const firstSize = elementSize(first.bytes, first.start, first.end)
  const secondSize = elementSize(second.bytes, second.start, second.end)
  s.splice(at, 0, firstSize + secondSize)
  write(s, at, first)
  write(s, at + firstSize, second)
  noteElements(s, 2)
}

/** Puts two elements and a whole number within ±2^53 there. */
export function insertTriple(
  s: Stretch,
  at: number,
  first: Slice,
  second: Slice,
  third: number,
): void {
  const firstSize = elementSize(first.bytes, first.start, first.end)
  const secondSize = elementSize(second.bytes, second.start, second.end)
  s.splice(at, 0, firstSize + secondSize + integerSize(third))
  write(s, at, first)
  write(s, at + firstSize, second)
  writeInteger(s, at + firstSize + secondSize, third)
  noteElements(s, 3)
}

/** Several texts: text `i` is `bytes[starts[i], ends[i])`, and those from `from` up to `to` count. */
export interface Texts {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Puts texts in last, one after the other. */
export function appendTexts(s: Stretch, { bytes, starts, ends }: Texts, from: number, to: number) {
  let size = 0
  for (let i = from; i < to; i++) size += elementSize(bytes, starts[i]!, ends[i]!)
  let at = s.size - 1
  s.splice(at, 0, size)
  const held = s.bytes
  const view = s.dataView
  at += s.start
  for (let i = from; i < to; i++) {
    if (parseNumber(bytes, starts[i]!, ends[i]!)) {
      writeNumber(held, at)
      at += numberSize() + 1
    } else {
      writeText(held, at, bytes, starts[i]!, ends[i]!, view)
      const whole = textSize(ends[i]! - starts[i]!)
      at += whole + wayBackSize(whole)
    }
  }
  noteElements(s, to - from)
}

/**
 * Takes a triple out from `from` and puts it in before the element at `to`, or last when that is
 * `endAt`, with another number. `to` is a place before the move, and not inside of the triple.
 */
export function moveTriple(s: Stretch, from: number, to: number, third: number): void {
  const thirdAt = nextAt(s, nextAt(s, from))
  const kept = thirdAt - from
  const removed = kept + wholeSize(s, thirdAt)
  const held = kept <= room.length ? room : new Uint8Array(kept)
  copyBytes(s.bytes, s.start + from, s.start + thirdAt, held, 0)
  const added = kept + integerSize(third)
  // Only what stands between the two places has another offset afterwards.
  s.splice(from, removed, 0)
  const at = to > from ? to - removed : to
  s.splice(at, 0, added)
  copyBytes(held, 0, kept, s.bytes, s.start + at)
  writeInteger(s, at + kept, third)
  noteElements(s, 0)
}

/**
 * Hands on elements of tuples of `width` elements, from the tuple at `at` to the end: those whose bit
 * is set in `wanted`, of which 1 is the first of a tuple and 2 the second.
 */
export function passTuples(
  s: Stretch,
  at: number,
  width: number,
  wanted: number,
  sink: ElementSink,
): void {
  if (at < 0) return
  const { bytes, start } = s
  let part = 1
  for (let i = start + at; bytes[i] !== END; ) {
    const tag = bytes[i]!
    const isShort = (tag & 0xc0) === 0x80
    const size = isShort ? 1 + (tag & 0x3f) : encodedSize(bytes, i)
    if (wanted & part) {
      const offset = isShort ? 1 : textOffset(tag)
      if (offset > 0) sink.bulk(bytes, i + offset, i + size)
      else {
        readElement(s, i - start, passed)
        sink.bulk(passed.bytes, 0, passed.end)
      }
    }
    part = part === 1 << (width - 1) ? 1 : part << 1
    i += size + wayBackSize(size)
  }
}

/** The bytes of a listpack of pairs as one of triples, whose third elements are all zero. */
export function widenPairs(s: Stretch): Uint8Array {
  const { bytes, start } = s
  const pairs = listpackCount(s) / 2
  const wide = new Uint8Array(s.size + pairs * integerSize(0))
  const from = firstAt(s)
  let to = from < 0 ? s.size - 1 : from
  copyBytes(bytes, start, start + to, wide, 0)
  for (let at = from; at >= 0; ) {
    const secondAt = nextAt(s, at)
    const past = secondAt + wholeSize(s, secondAt)
    copyBytes(bytes, start + at, start + past, wide, to)
    to += past - at
    setNumber(0)
    writeNumber(wide, to)
    to += integerSize(0)
    at = nextAt(s, secondAt)
  }
  wide[to] = END
  noteElements({ bytes: wide, start: 0, size: wide.length, splice: () => {} }, pairs)
  return wide
}

/** The reverse: a listpack of triples as one of pairs, without the third elements. */
export function narrowTriples(s: Stretch): Uint8Array {
  const { bytes, start } = s
  const triples = listpackCount(s) / 3
  const narrow = new Uint8Array(s.size)
  const from = firstAt(s)
  let to = from < 0 ? s.size - 1 : from
  copyBytes(bytes, start, start + to, narrow, 0)
  for (let at = from; at >= 0; ) {
    const thirdAt = nextAt(s, nextAt(s, at))
    copyBytes(bytes, start + at, start + thirdAt, narrow, to)
    to += thirdAt - at
    at = nextAt(s, thirdAt)
  }
  narrow[to] = END
  const pairs = narrow.subarray(0, to + 1)
  noteElements({ bytes: pairs, start: 0, size: pairs.length, splice: () => {} }, -triples)
  return pairs
}

function wholeSize(s: Stretch, at: number): number {
  const size = encodedSize(s.bytes, s.start + at)
  return size + wayBackSize(size)
}

function write(s: Stretch, at: number, { bytes, start, end }: Slice): void {
  if (parseNumber(bytes, start, end)) writeNumber(s.bytes, s.start + at)
  else writeText(s.bytes, s.start + at, bytes, start, end, s.dataView)
}

function writeInteger(s: Stretch, at: number, value: number): void {
  setNumber(value)
  writeNumber(s.bytes, s.start + at)
}
