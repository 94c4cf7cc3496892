/**
 * Byte strings gathered in one growing buffer, named by the order in which they came: for work on many
 * at once, without an object for each.
 */
import { compareRanges, copyBytes } from './compare.ts'
import type { Slice } from './slice.ts'

const START_BYTES = 1024
/** A cleared one keeps room for no more than this. */
const KEPT_BYTES_MAX = 2 ** 20

export class Gathered {
  /** How many there are. */
  count = 0
  #bytes = new Uint8Array(START_BYTES)
  /** Where each ends, after a zero. */
  readonly #ends: number[] = [0]

  /** Begins again without any. A buffer that has become large is given up. */
  clear(): void {
    this.count = 0
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = new Uint8Array(START_BYTES)
    if (this.#ends.length > KEPT_BYTES_MAX) this.#ends.length = 1
  }

  /** Adds `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const at = this.#ends[this.count]!
    const past = at + end - start
    if (past > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(past, this.#bytes.length * 2))
      wider.set(this.#bytes.subarray(0, at))
      this.#bytes = wider
    }
    copyBytes(bytes, start, end, this.#bytes, at)
    this.#ends[++this.count] = past
  }

  /** Lets `into` stand for the one that came as number `index`, from 0. Lent until the next `add`. */
  read(index: number, into: Slice): Slice {
    into.bytes = this.#bytes
    into.start = this.#ends[index]!
    into.end = this.#ends[index + 1]!
    return into
  }

  /** How long it is, in bytes. */
  sizeOf(index: number): number {
    return this.#ends[index + 1]! - this.#ends[index]!
  }

  /** Orders two of them by their bytes, the shorter first when one begins the other. */
  compare(a: number, b: number): number {
    const bytes = this.#bytes
    const ends = this.#ends
    return compareRanges(bytes, ends[a]!, ends[a + 1]!, bytes, ends[b]!, ends[b + 1]!)
  }
}
