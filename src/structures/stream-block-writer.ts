/**
 * Writing the blocks that `stream-block.ts` reads: beginning one, appending an entry, marking one as
 * deleted. Whoever appends has made room before, so an entry is written in one go.
 */

import { copyBytes, equalBytes } from '../bytes/index.ts'
import type { WideId } from './id-tree.ts'
import { integerSize, replaceInteger } from './listpack.ts'
import {
  END,
  encodedSize,
  high,
  low,
  numberSize,
  parseNumber,
  readNumber,
  setNumber,
  setWords,
  textOffset,
  textSize,
  wayBackSize,
  writeNumber,
  writeText,
} from './listpack-element.ts'
import { type BlockReader, ENTRY_DELETED, ENTRY_SAME_FIELDS, LIVE_AT } from './stream-block.ts'
import type { Stretch } from './stretch.ts'

/** Fields and values as they stand in a request, one after the other. */
export interface PairSource {
  readonly bytes: Uint8Array
  /** By argument, where it begins and ends in `bytes`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Where a block has its size and its count of elements, from its start, and the first element. */
const COUNT_AT = 4
const COUNT_UNKNOWN = 65535
/** Shorter texts have their length in their first byte. */
const SHORT_TEXT_BYTES = 64
/** The most that an element takes beyond its text. */
const ELEMENT_EXTRA_BYTES = 10
/** The numbers of an entry, or of a master, beside its fields and values. */
const NUMBERS_MAX = 6

/** Bytes that are enough for an entry, or for a master, with so many texts of so many bytes in all. */
export function roomFor(texts: number, textBytes: number): number {
  return textBytes + (texts + NUMBERS_MAX) * ELEMENT_EXTRA_BYTES
}

/**
 * Writes a block without entries at `at`, whose master has the fields of `pairs` pairs from argument
 * `from` on; it counts one entry as live, which is to be appended. @returns its size in bytes.
 */
export function beginBlock(
  into: Uint8Array,
  at: number,
  source: PairSource,
  from: number,
  pairs: number,
): number {
  let end = at + LIVE_AT
  end = putInteger(into, end, 1)
  end = putInteger(into, end, 0)
  end = putInteger(into, end, pairs)
  for (let i = 0; i < pairs; i++) end = putArgument(into, end, source, from + i * 2)
  end = putInteger(into, end, 0)
  return finish(into, at, end, 0, pairs + 4)
}

/**
 * Appends an entry to the block where `reader` is, of `size` bytes, after which there is room. The
 * counts of the master are the caller's business. @returns the block's size with the entry.
 */
export function appendEntry(
  reader: BlockReader,
  size: number,
  id: WideId,
  source: PairSource,
  from: number,
  pairs: number,
): number {
  const into = reader.bytes
  const { start } = reader
  const isSame = hasMasterFields(reader, source, from, pairs)
  let end = start + size - 1
  end = putInteger(into, end, isSame ? ENTRY_SAME_FIELDS : 0)
  end = putDifference(into, end, id.msHigh, id.msLow, reader.ownMsHigh, reader.ownMsLow)
  end = putDifference(into, end, id.seqHigh, id.seqLow, reader.ownSeqHigh, reader.ownSeqLow)
  if (!isSame) end = putInteger(into, end, pairs)
  for (let i = 0; i < pairs; i++) {
    if (!isSame) end = putArgument(into, end, source, from + i * 2)
    end = putArgument(into, end, source, from + i * 2 + 1)
  }
  const elements = 3 + (isSame ? pairs : pairs * 2 + 1)
  end = putInteger(into, end, elements)
  const count = into[start + COUNT_AT]! | (into[start + COUNT_AT + 1]! << 8)
  return finish(into, start, end, count, elements + 1)
}

/** Counts one more live entry in the block `block`, whose `live` so far are known. */
export function countLive(block: Stretch, live: number): void {
  // Small numbers are a byte of their own.
  if (live < 127) block.bytes[block.start + LIVE_AT] = live + 1
  else replaceInteger(block, LIVE_AT, live + 1)
}

/** Marks the entry where `reader` is as deleted. The counts of the master stay as they are. */
export function markDeleted(reader: BlockReader): void {
  reader.flags |= ENTRY_DELETED
  reader.bytes[reader.entryAt] = reader.flags
}

/** Sets how many entries of a block are live and how many are deleted. Its entries may move. */
export function setCounts(block: Stretch, live: number, deleted: number): void {
  replaceInteger(block, LIVE_AT, live)
  replaceInteger(block, LIVE_AT + integerSize(live), deleted)
}

/** Whether the master of the block where `reader` is has just the fields of these pairs. */
function hasMasterFields(
  reader: BlockReader,
  source: PairSource,
  from: number,
  pairs: number,
): boolean {
  if (pairs !== reader.masterFieldCount) return false
  let at = reader.masterFieldsAt
  for (let i = 0; i < pairs; i++) {
    const start = source.starts[from + i * 2]!
    const end = source.ends[from + i * 2]!
    if (!isElement(reader.bytes, at, source.bytes, start, end)) return false
    at = reader.after(at)
  }
  return true
}

function isElement(
  held: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const length = end - start
  const tag = held[at]!
  if ((tag & 0xc0) === 0x80) {
    return (tag & 63) === length && equalBytes(held, at + 1, bytes, start, length)
  }
  const offset = textOffset(tag)
  if (offset > 0) {
    if (encodedSize(held, at) - offset !== length) return false
    return equalBytes(held, at + offset, bytes, start, length)
  }
  if (!parseNumber(bytes, start, end)) return false
  const wantedHigh = high
  const wantedLow = low
  return readNumber(held, at) && low === wantedLow && high === wantedHigh
}

function putArgument(into: Uint8Array, at: number, source: PairSource, position: number): number {
  const { bytes } = source
  const start = source.starts[position]!
  const end = source.ends[position]!
  const length = end - start
  if (length < SHORT_TEXT_BYTES && bytes[start]! > 57) {
    // A short text that is no number, as most are: its size before and after it is a byte.
    into[at] = 0x80 | length
    copyBytes(bytes, start, end, into, at + 1)
    into[at + 1 + length] = length + 1
    return at + length + 2
  }
  if (parseNumber(bytes, start, end)) return putNumber(into, at)
  writeText(into, at, bytes, start, end)
  const size = textSize(length)
  return at + size + wayBackSize(size)
}

function putInteger(into: Uint8Array, at: number, value: number): number {
  if (value < 128) return putSmall(into, at, value)
  setNumber(value)
  return putNumber(into, at)
}

/** Puts a number from 0 to 127, as most are. */
function putSmall(into: Uint8Array, at: number, value: number): number {
  into[at] = value
  into[at + 1] = 1
  return at + 2
}

/** Puts the difference of two unsigned numbers of 64 bits. */
function putDifference(
  into: Uint8Array,
  at: number,
  aHigh: number,
  aLow: number,
  bHigh: number,
  bLow: number,
): number {
  const low = aLow - bLow
  if (aHigh === bHigh && low >= 0 && low < 128) return putSmall(into, at, low)
  const borrow = aLow >>> 0 < bLow >>> 0 ? 1 : 0
  setWords(aHigh - bHigh - borrow, low)
  return putNumber(into, at)
}

function putNumber(into: Uint8Array, at: number): number {
  writeNumber(into, at)
  return at + numberSize() + 1
}

/** Ends a block after its last element. @returns its size. */
function finish(
  into: Uint8Array,
  start: number,
  end: number,
  count: number,
  added: number,
): number {
  into[end] = END
  const size = end + 1 - start
  into[start] = size
  into[start + 1] = size >> 8
  into[start + 2] = size >> 16
  into[start + 3] = size >> 24
  const elements = Math.min(COUNT_UNKNOWN, count + added)
  into[start + COUNT_AT] = elements
  into[start + COUNT_AT + 1] = elements >> 8
  return size
}
