/**
 * The memory of one block of a stream, as a stretch: a block of the arena, or a buffer of its own
 * when it is long. Where it is stands in the payload of the tree's entry, two words: a ref or the id
 * of a large buffer, and which of the two.
 */
import { type Arena, blockOffset, SMALL_BYTES_MAX } from '../arena/index.ts'
import { copyBytes } from '../bytes/index.ts'
import type { Stretch } from '../structures/index.ts'

/** Words of the payload. */
export const ROOM_WORDS = 2

/** A block that is appended to doubles at first, and then grows by so much at a time. */
const SPARE_BYTES_MAX = 1024
const SMALL = 0
const LARGE = 1

export class BlockRoom implements Stretch {
  readonly #arena: Arena
  #words: Int32Array = new Int32Array(0)
  #at = 0
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  size = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Goes to the block whose place stands at `at`, without looking at what is in it. */
  place(words: Int32Array, at: number): void {
    this.#words = words
    this.#at = at
  }

  /** Goes to the block whose place stands at `at`. */
  open(words: Int32Array, at: number): void {
    this.place(words, at)
    this.#look()
    const { bytes, start } = this
    this.size =
      bytes[start]! |
      (bytes[start + 1]! << 8) |
      (bytes[start + 2]! << 16) |
      (bytes[start + 3]! << 24)
  }

  /**
   * Makes room for a copy of the block `content[0, size)`, of `capacity` bytes at least, and notes its
   * place at `at`.
   */
  create(words: Int32Array, at: number, content: Uint8Array, size: number, capacity: number): void {
    this.#words = words
    this.#at = at
    this.#allocate(Math.max(size, capacity))
    this.#look()
    copyBytes(content, 0, size, this.bytes, this.start)
    this.size = size
  }

  /**
   * Makes sure that there are `extra` more bytes behind the block, and some to spare.
   * @returns whether the block is elsewhere now.
   */
  reserve(extra: number): boolean {
    const { size } = this
    if (size + extra <= this.capacity) return false
    this.#moveTo(size + extra + Math.min(size, SPARE_BYTES_MAX))
    return true
  }

  /** Gives back what the block does not need, if that is worth it. */
  shrink(): void {
    if (!this.#isLarge) {
      if (!this.#arena.fits(this.#words[this.#at]! >>> 0, this.size)) this.#moveTo(this.size)
    } else if (this.size < this.capacity) this.#moveTo(this.size)
  }

  /** The block of `size` bytes now, after something was written behind its end. */
  grewTo(size: number): void {
    this.size = size
  }

  splice(at: number, removed: number, inserted: number): void {
    if (inserted > removed) this.reserve(inserted - removed)
    if (inserted !== removed) {
      const { bytes, start } = this
      bytes.copyWithin(start + at + inserted, start + at + removed, start + this.size)
    }
    this.size += inserted - removed
  }

  /** Bytes that the block could have where it is: what the arena gave. */
  get capacity(): number {
    const place = this.#words[this.#at]!
    return this.#isLarge ? this.#arena.large(place).length : this.#arena.sizeOf(place >>> 0)
  }

  /** Goes to the block whose place stands at `at`, and puts the place of a copy there. */
  cloneAt(words: Int32Array, at: number): void {
    this.open(words, at)
    const { bytes, start, size } = this
    this.#allocate(size)
    this.#look()
    copyBytes(bytes, start, start + size, this.bytes, this.start)
  }

  /** Frees the block. */
  release(): void {
    const place = this.#words[this.#at]!
    if (this.#isLarge) this.#arena.freeLarge(place)
    else this.#arena.free(place >>> 0)
  }

  get #isLarge(): boolean {
    return this.#words[this.#at + 1] === LARGE
  }

  #look(): void {
    const place = this.#words[this.#at]!
    if (this.#isLarge) {
      this.bytes = this.#arena.large(place)
      this.start = 0
    } else {
      this.bytes = this.#arena.bytes[place >>> 17]!
      this.start = blockOffset(place >>> 0)
    }
  }

  #allocate(capacity: number): void {
    const isLarge = capacity > SMALL_BYTES_MAX
    this.#words[this.#at] = isLarge
      ? this.#arena.allocateLarge(capacity)
      : this.#arena.allocate(capacity)
    this.#words[this.#at + 1] = isLarge ? LARGE : SMALL
  }

  #moveTo(capacity: number): void {
    const { bytes, start, size } = this
    const place = this.#words[this.#at]!
    const wasLarge = this.#isLarge
    this.#allocate(capacity)
    this.#look()
    copyBytes(bytes, start, start + size, this.bytes, this.start)
    if (wasLarge) this.#arena.freeLarge(place)
    else this.#arena.free(place >>> 0)
  }
}
