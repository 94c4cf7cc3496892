/**
 * Looks at the keys of entries that follow in a snapshot and reads the places of the table where they will
 * go. In a large table each of these reads waits for memory; reads that do not depend on each other wait
 * together, and the entries that are put in one after another afterwards find their places in the cache.
 *
 * Nothing is believed and nothing kept: what is not of a plain form ends the look, and whether what was
 * seen are entries at all shows when they are read.
 */
import type { Database } from '../keyspace/index.ts'
import {
  ENCODED_INT8,
  ENCODED_INT32,
  OP_EXPIRY_MS,
  OP_EXPIRY_SECONDS,
  OP_FREQUENCY,
  RDB_HASH_LISTPACK,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STRING,
  RDB_ZSET_LISTPACK,
} from './format.ts'

/** Entries looked at together: enough to hide the waiting. */
const ENTRIES_MAX = 32
/** A longer key is not hashed twice. */
const KEY_BYTES_MAX = 256

/** Bytes that were read already. */
export interface Window {
  readonly bytes: Uint8Array
  readonly at: number
  readonly end: number
}

export class ReadAhead {
  readonly #hashes = new Int32Array(ENTRIES_MAX)
  #count = 0
  /** Where the look has come to. */
  #at = 0
  /** What the places held: kept, so that no compiler can find the reads to be without use. */
  touched = 0

  /**
   * Brings the places nearer where the next entries of the window will go in `db`.
   * @returns how many entries that are: the one after them is the next to be looked at.
   */
  look({ bytes, at, end }: Window, db: Database): number {
    const { hasher } = db.keyspace
    this.#at = at
    this.#count = 0
    while (this.#count < ENTRIES_MAX) {
      const type = this.#passNotes(bytes)
      const start = this.#textStart(bytes)
      const size = this.#at - start
      if (size < 0 || size > KEY_BYTES_MAX || this.#at >= end) break
      this.#hashes[this.#count++] = hasher.hash(bytes, start, this.#at)
      if (!isOneString(type) || !this.#passString(bytes) || this.#at >= end) break
    }
    const hashes = this.#hashes
    for (let i = 0; i < this.#count; i++) this.touched += db.dict.touchRemoval(hashes[i]!) & 1
    return this.#count
  }

  /** Passes over what may stand before an entry. @returns the entry's type. */
  #passNotes(bytes: Uint8Array): number {
    for (;;) {
      const code = bytes[this.#at++]!
      if (code === OP_EXPIRY_MS) this.#at += 8
      else if (code === OP_EXPIRY_SECONDS) this.#at += 4
      else if (code === OP_FREQUENCY) this.#at++
      else return code
    }
  }

  /** Passes over a string of plain bytes. @returns where they begin; beyond their end for other forms. */
  #textStart(bytes: Uint8Array): number {
    const first = bytes[this.#at++]!
    if (first >= 0x80) return this.#at + 1
    const size = first < 0x40 ? first : ((first & 0x3f) << 8) | bytes[this.#at++]!
    const start = this.#at
    this.#at += size
    return start
  }

  /** Passes over a string. @returns false for the rare forms. */
  #passString(bytes: Uint8Array): boolean {
    const first = bytes[this.#at]!
    if (first < 0x80) {
      this.#textStart(bytes)
      return true
    }
    const form = first & 0x3f
    if (first < 0xc0 || form < ENCODED_INT8 || form > ENCODED_INT32) return false
    this.#at += 1 + (1 << form)
    return true
  }
}

/** Whether a value of this type is written as one string. */
function isOneString(type: number): boolean {
  return (
    type === RDB_STRING ||
    type === RDB_SET_INTSET ||
    type === RDB_HASH_LISTPACK ||
    type === RDB_ZSET_LISTPACK ||
    type === RDB_SET_LISTPACK
  )
}
