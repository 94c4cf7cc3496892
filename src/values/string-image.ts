/**
 * A long string as it was at one instant, while its bytes go on changing. It is read from its beginning
 * to its end; a page of it that is still ahead is copied before it changes for the first time.
 *
 *     bytes   0 ──── read ────► at ──── as they stand ──── [ copied ] ──── as they stand ────► size
 *
 * A string that grows keeps what it had, wherever it goes; so what is ahead and was not copied is found
 * in the entry, whatever buffer that has by then.
 */
import { type Arena, blockOffset, type Ref } from '../arena/index.ts'
import { headOf, readUint32, valueStart } from '../structures/index.ts'

/** What is copied before a byte of it changes. */
const PAGE_BYTES = 4096
/** What one step reads at most. */
export const STRING_STEP_BYTES: number = 16 * PAGE_BYTES

export class StringImage {
  readonly kind = 'string'
  /** How many bytes there were. */
  readonly size: number
  readonly #arena: Arena
  /** The entry whose value is a large buffer with the string. */
  #entry: Ref
  /** By number, blocks with those pages that were copied and are not read. */
  readonly #copies = new Map<number, Ref>()
  /** The reader's place. */
  #at = 0

  /** The instant is now. */
  constructor(arena: Arena, entry: Ref, size: number) {
    this.#arena = arena
    this.#entry = entry
    this.size = size
  }

  /** The value is in another entry from now on. */
  moved(entry: Ref): void {
    this.#entry = entry
  }

  /** Visits some bytes, which follow each other, in ranges that are lent. @returns whether there are more. */
  step(visit: (bytes: Uint8Array, start: number, end: number) => void): boolean {
    const stop = Math.min(this.size, this.#at + STRING_STEP_BYTES)
    while (this.#at < stop) {
      const page = this.#at / PAGE_BYTES
      const end = Math.min(stop, this.#at + PAGE_BYTES)
      const copy = this.#copies.get(page)
      if (copy === undefined) visit(this.#held, this.#at, end)
      else {
        const start = blockOffset(copy)
        visit(this.#arena.bytes[copy >>> 17]!, start, start + end - this.#at)
        this.#copies.delete(page)
        this.#arena.free(copy)
      }
      this.#at = end
    }
    return this.#at < this.size
  }

  /** The bytes `[from, to)` are about to change; those beyond the end had not been there. */
  before(from: number, to: number): void {
    const end = Math.min(to, this.size)
    from = Math.max(from, this.#at)
    if (from >= end) return
    for (let page = Math.floor(from / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      if (this.#copies.has(page)) continue
      const copy = this.#arena.allocate(PAGE_BYTES)
      const start = page * PAGE_BYTES
      const held = this.#held.subarray(start, Math.min(this.size, start + PAGE_BYTES))
      this.#arena.bytes[copy >>> 17]!.set(held, blockOffset(copy))
      this.#copies.set(page, copy)
    }
  }

  /** The buffer of the entry. */
  get #held(): Uint8Array {
    const { bytes } = this.#arena
    const at = valueStart(this.#arena, this.#entry, headOf(this.#arena, this.#entry))
    return this.#arena.large(readUint32(bytes[this.#entry >>> 17]!, at))
  }

  /** Frees about `budget` of the copies. @returns whether there are none any more. */
  free(budget: number): boolean {
    for (const [page, copy] of this.#copies) {
      if (budget-- <= 0) return false
      this.#copies.delete(page)
      this.#arena.free(copy)
    }
    return true
  }
}
