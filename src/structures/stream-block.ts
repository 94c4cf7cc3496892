/**
 * One block of a stream: a listpack with up to some hundred entries, element by element as the
 * reference has it in memory and in its files.
 *
 *     master   live · deleted · count of fields · field … field · 0
 *     entry    flags · ms · seq · count of fields · field · value … · elements before this one
 *     entry    flags · ms · seq · value … · elements before this one           with SAME_FIELDS
 *
 * `ms` and `seq` are counted from the block's own id, which is that of its first entry. An entry that
 * was deleted stays, with a flag. The last element of an entry is the way back to its first; the 0 of
 * the master says that there is no entry before.
 */

import type { Slice } from '../bytes/index.ts'
import type { WideId } from './id-tree.ts'
import {
  currentNumber,
  END,
  encodedSize,
  high,
  low,
  readNumber,
  readWayBack,
  textOffset,
  wayBackSize,
  writeDigits,
} from './listpack-element.ts'

/** The flag of an entry that was deleted. */
export const ENTRY_DELETED = 1
/** The flag of an entry that has the fields of the master, and so names none itself. */
export const ENTRY_SAME_FIELDS = 2

/** Where the first element begins: how many entries are live. */
export const LIVE_AT = 6

/** Reads a block, entry by entry, where it stands. All offsets count from the start of `bytes`. */
export class BlockReader {
  /** Lent until the block is changed. */
  bytes: Uint8Array = new Uint8Array(0)
  /** Where the block begins. */
  start = 0
  /** How many entries are live, and how many were deleted. */
  live = 0
  deleted = 0
  /** How many fields the master has, and where the first is. */
  masterFieldCount = 0
  masterFieldsAt = 0
  /** The block's own id, from which those of its entries are counted. */
  ownMsHigh = 0
  ownMsLow = 0
  ownSeqHigh = 0
  ownSeqLow = 0

  /** The entry where the reader is: where it begins, */
  entryAt = 0
  flags = 0
  /** its id, */
  msHigh = 0
  msLow = 0
  seqHigh = 0
  seqLow = 0
  /** how many pairs of field and value it has, */
  fieldCount = 0
  /** and where its fields and values begin, or its values alone with the master's fields. */
  bodyAt = 0
  /** Where they end, once that is known. */
  #bodyEnd = 0

  /** Opens the block at `bytes[start]` whose id is the four words at `idAt`. No entry is read yet. */
  open(bytes: Uint8Array, start: number, words: Int32Array, idAt: number): void {
    this.bytes = bytes
    this.start = start
    this.ownMsHigh = words[idAt]!
    this.ownMsLow = words[idAt + 1]!
    this.ownSeqHigh = words[idAt + 2]!
    this.ownSeqLow = words[idAt + 3]!
    let at = start + LIVE_AT
    this.live = this.#numberAt(at)
    at = this.after(at)
    this.deleted = this.#numberAt(at)
    at = this.after(at)
    this.masterFieldCount = this.#numberAt(at)
    at = this.after(at)
    this.masterFieldsAt = at
  }

  get isDeleted(): boolean {
    return (this.flags & ENTRY_DELETED) !== 0
  }

  /** Whether the fields of the entry are those of the master. */
  get hasMasterFields(): boolean {
    return (this.flags & ENTRY_SAME_FIELDS) !== 0
  }

  /** Goes to the first entry, deleted or not. @returns whether there is one. */
  first(): boolean {
    let at = this.masterFieldsAt
    for (let i = this.masterFieldCount; i > 0; i--) at = this.after(at)
    return this.#read(this.after(at))
  }

  /** Goes to the entry after this one. @returns whether there is one. */
  next(): boolean {
    return this.#read(this.after(this.#endOfBody()))
  }

  /** Goes to the last entry of a block of `size` bytes. @returns whether there is one. */
  last(size: number): boolean {
    return this.#readBefore(this.start + size - 1)
  }

  /** Goes to the entry before this one. @returns whether there is one. */
  previous(): boolean {
    return this.#readBefore(this.entryAt)
  }

  /** How the entry's id compares with another: below 0, 0, or above 0. */
  compare(id: WideId): number {
    return (
      (this.msHigh >>> 0) - (id.msHigh >>> 0) ||
      (this.msLow >>> 0) - (id.msLow >>> 0) ||
      (this.seqHigh >>> 0) - (id.seqHigh >>> 0) ||
      (this.seqLow >>> 0) - (id.seqLow >>> 0)
    )
  }

  /** Lets `into` stand for the text of the element at `at`, or for the digits of a number. Lent. */
  textAt(at: number, into: Slice): Slice {
    const bytes = this.bytes
    const offset = textOffset(bytes[at]!)
    if (offset > 0) {
      into.bytes = bytes
      into.start = at + offset
      into.end = at + encodedSize(bytes, at)
      return into
    }
    readNumber(bytes, at)
    into.bytes = into.room()
    into.start = 0
    into.end = writeDigits(into.bytes, 0)
    return into
  }

  /** Visits the fields and values of the entry one after the other, as `part`. */
  eachPart(part: Slice, visit: (part: Slice) => void): void {
    let at = this.bodyAt
    let fieldAt = this.masterFieldsAt
    for (let i = this.fieldCount; i > 0; i--) {
      if (this.hasMasterFields) {
        visit(this.textAt(fieldAt, part))
        fieldAt = this.after(fieldAt)
      } else {
        visit(this.textAt(at, part))
        at = this.after(at)
      }
      visit(this.textAt(at, part))
      at = this.after(at)
    }
  }

  /** The offset after the element at `at`. */
  after(at: number): number {
    // Most are numbers below 128 or short texts: walking over entries is walking over these.
    const tag = this.bytes[at]!
    if (tag < 0x80) return at + 2
    if (tag < 0xc0) return at + 2 + (tag & 0x3f)
    const size = encodedSize(this.bytes, at)
    return at + size + wayBackSize(size)
  }

  /** Whoever has read all fields and values tells where they end, so that nobody walks them again. */
  passBody(end: number): void {
    this.#bodyEnd = end
  }

  /** The offset after the entry's last value, where its last element begins. */
  #endOfBody(): number {
    if (this.#bodyEnd > 0) return this.#bodyEnd
    let at = this.bodyAt
    const parts = this.hasMasterFields ? this.fieldCount : this.fieldCount * 2
    for (let i = parts; i > 0; i--) at = this.after(at)
    return at
  }

  #numberAt(at: number): number {
    const byte = this.bytes[at]!
    if (byte < 128) return byte
    readNumber(this.bytes, at)
    return currentNumber()
  }

  /** The offset of the element before the one at `at`. */
  #before(at: number): number {
    const size = readWayBack(this.bytes, at - 1)
    return at - size - wayBackSize(size)
  }

  #readBefore(at: number): boolean {
    let first = this.#before(at)
    const elements = this.#numberAt(first)
    if (elements === 0) return false
    for (let i = elements; i > 0; i--) first = this.#before(first)
    return this.#read(first)
  }

  #read(at: number): boolean {
    const bytes = this.bytes
    if (bytes[at] === END) return false
    this.entryAt = at
    this.flags = this.#numberAt(at)
    at = this.after(at)
    if (bytes[at] === 0) {
      this.msHigh = this.ownMsHigh
      this.msLow = this.ownMsLow
    } else {
      readNumber(bytes, at)
      const msLow = (this.ownMsLow >>> 0) + (low >>> 0)
      this.msHigh = (this.ownMsHigh + high + (msLow > 0xffffffff ? 1 : 0)) | 0
      this.msLow = msLow | 0
    }
    at = this.after(at)
    readNumber(bytes, at)
    const seqLow = (this.ownSeqLow >>> 0) + (low >>> 0)
    this.seqHigh = (this.ownSeqHigh + high + (seqLow > 0xffffffff ? 1 : 0)) | 0
    this.seqLow = seqLow | 0
    at = this.after(at)
    if (this.hasMasterFields) this.fieldCount = this.masterFieldCount
    else {
      this.fieldCount = this.#numberAt(at)
      at = this.after(at)
    }
    this.bodyAt = at
    this.#bodyEnd = 0
    return true
  }
}
