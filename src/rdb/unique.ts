/** Finds elements of a listpack that are there twice. */
import type { KeyHasher } from '../bytes/index.ts'
import { equalBytes } from '../bytes/index.ts'
import { afterElement, firstAt, nextAt, type Stretch } from '../structures/index.ts'

export class UniqueCheck {
  readonly #hasher: KeyHasher
  /** By hash, where an element begins. */
  #places = new Int32Array(64)

  constructor(hasher: KeyHasher) {
    this.#hasher = hasher
  }

  /**
   * Whether no two of the first elements of `count` tuples of `width` are equal. Elements of equal
   * text have equal bytes, as the listpack is canonical.
   */
  isUnique(s: Stretch, count: number, width: number): boolean {
    let size = 64
    while (size < count * 2) size *= 2
    if (this.#places.length < size) this.#places = new Int32Array(size)
    const places = this.#places
    places.fill(0, 0, size)
    const { bytes, start } = s
    for (let at = firstAt(s); at >= 0; ) {
      const end = afterElement(s, at)
      let slot = this.#hasher.hash(bytes, start + at, start + end) & (size - 1)
      for (; places[slot] !== 0; slot = (slot + 1) & (size - 1)) {
        const other = places[slot]!
        const length = end - at
        if (afterElement(s, other) - other !== length) continue
        if (equalBytes(bytes, start + other, bytes, start + at, length)) return false
      }
      places[slot] = at
      for (let i = 0; i < width && at >= 0; i++) at = nextAt(s, at)
    }
    if (size > 65536) this.#places = new Int32Array(64)
    return true
  }
}
