/**
 * Small hashes as one listpack, in the reference's order: pairs of field and value, new ones last.
 * Where fields can expire they are triples with the expiry in milliseconds since 1970, or 0; the
 * earliest comes first, of equal ones the newest, and those without an expiry are last.
 *
 * A field is named by where its first element begins.
 */
import { copyBytes, equalBytes, type Slice } from '../bytes/index.ts'
import {
  appendTexts,
  type ElementSink,
  elementNumber,
  endAt,
  findTuple,
  firstAt,
  insertPair,
  insertTriple,
  listpackCount,
  moveTriple,
  narrowTriples,
  nextAt,
  passTuples,
  readElement,
  removeElements,
  replaceElement,
  type Texts,
  widenPairs,
} from '../structures/index.ts'
import { ENCODING_LISTPACKEX } from './encodings.ts'
import type { Slot } from './slot.ts'

export class HashPack {
  /** How many fields there are. */
  count(value: Slot): number {
    return listpackCount(value) / widthOf(value)
  }

  /** Where a field is; -1 when it is missing. */
  find(value: Slot, { bytes, start, end }: Slice): number {
    return findTuple(value, widthOf(value), bytes, start, end)
  }

  /** The first field; -1 when there is none. */
  first(value: Slot): number {
    return firstAt(value)
  }

  /** The field after the one at `at`; -1 after the last. */
  next(value: Slot, at: number): number {
    const contentAt = nextAt(value, at)
    const last = value.encoding === ENCODING_LISTPACKEX ? nextAt(value, contentAt) : contentAt
    return nextAt(value, last)
  }

  /** Lets `into` stand for the name of the field at `at`. */
  field(value: Slot, at: number, into: Slice): Slice {
    return readElement(value, at, into)
  }

  /** Lets `into` stand for the value of the field at `at`. */
  content(value: Slot, at: number, into: Slice): Slice {
    return readElement(value, nextAt(value, at), into)
  }

  /** When the field at `at` expires, in milliseconds since 1970; 0 is never. */
  expiry(value: Slot, at: number): number {
    if (value.encoding !== ENCODING_LISTPACKEX) return 0
    return elementNumber(value, nextAt(value, nextAt(value, at)))
  }

  /** The first field that does not expire at `timeMs` or before; -1 when there is none. */
  firstAfter(value: Slot, timeMs: number): number {
    let at = firstAt(value)
    if (value.encoding === ENCODING_LISTPACKEX) {
      while (at >= 0 && this.#isDue(value, at, timeMs)) at = this.next(value, at)
    }
    return at
  }

  /** How many fields expire at `timeMs` or before. */
  dueCount(value: Slot, timeMs: number): number {
    let count = 0
    let at = firstAt(value)
    for (; at >= 0 && this.#isDue(value, at, timeMs); at = this.next(value, at)) count++
    return count
  }

  #isDue(value: Slot, at: number, timeMs: number): boolean {
    const expiryMs = this.expiry(value, at)
    return expiryMs !== 0 && expiryMs <= timeMs
  }

  /** Hands on the names or the values of the fields from the one at `at` on, or both in turn. */
  pass(value: Slot, at: number, names: boolean, contents: boolean, sink: ElementSink): void {
    passTuples(value, at, widthOf(value), (names ? 1 : 0) | (contents ? 2 : 0), sink)
  }

  /** Adds a field that is missing. */
  add(value: Slot, field: Slice, content: Slice): void {
    if (value.encoding === ENCODING_LISTPACKEX) {
      insertTriple(value, endAt(value), field, content, 0)
    } else insertPair(value, endAt(value), field, content)
  }

  /**
   * Adds pairs of texts, all at once.
   * @returns false when one of the fields is there already, or comes twice; then nothing was done.
   */
  addAll(value: Slot, texts: Texts, from: number, to: number): boolean {
    const { bytes, starts, ends } = texts
    for (let i = from; i < to; i += 2) {
      const start = starts[i]!
      const size = ends[i]! - start
      for (let j = from; j < i; j += 2) {
        if (ends[j]! - starts[j]! !== size) continue
        if (equalBytes(bytes, start, bytes, starts[j]!, size)) return false
      }
      if (findTuple(value, 2, bytes, start, start + size) >= 0) return false
    }
    appendTexts(value, texts, from, to)
    return true
  }

  /** Gives the field at `at` another value. */
  replace(value: Slot, at: number, content: Slice): void {
    replaceElement(value, nextAt(value, at), content.bytes, content.start, content.end)
  }

  /** Takes out the field at `at`. */
  remove(value: Slot, at: number): void {
    removeElements(value, at, widthOf(value))
  }

  /** Gives the field at `at` an expiry, 0 for none, and the place that goes with it. */
  setExpiry(value: Slot, at: number, expiryMs: number): void {
    const to = expiryMs === 0 ? endAt(value) : placeFor(value, at, expiryMs)
    moveTriple(value, at, to, expiryMs)
  }

  /** Makes room for expiries. */
  widen(value: Slot): void {
    const wide = widenPairs(value)
    value.reset(ENCODING_LISTPACKEX, wide.length)
    copyBytes(wide, 0, wide.length, value.bytes, value.start)
  }

  /** The bytes without the room for expiries, of a hash that has it. */
  narrowed(value: Slot): Uint8Array {
    return narrowTriples(value)
  }
}

/** A copy of a small hash in a buffer of its own, to be read only. */
export function copyOfPack({ bytes, start, size, encoding }: Slot): Slot {
  const fixed = () => {
    throw new Error('a copy of a hash was changed')
  }
  return {
    bytes: bytes.slice(start, start + size),
    start: 0,
    size,
    encoding,
    splice: fixed,
    reset: fixed,
  }
}

/** How many elements a field takes. */
function widthOf({ encoding }: Slot): number {
  return encoding === ENCODING_LISTPACKEX ? 3 : 2
}

/** Before which field one of this expiry stands, the one at `own` left out. */
function placeFor(s: Slot, own: number, expiryMs: number): number {
  for (let at = firstAt(s); at >= 0; ) {
    const expiryAt = nextAt(s, nextAt(s, at))
    if (at !== own) {
      const other = elementNumber(s, expiryAt)
      if (other === 0 || other >= expiryMs) return at
    }
    at = nextAt(s, expiryAt)
  }
  return endAt(s)
}
