/**
 * The arena: 1 MiB pages, each cut into blocks of one size class.
 *
 *     Ref (32 bits)   [ page : 15 | offset in 8-byte units : 17 ]
 *     page            [ block | block | block | … | rest ]       all of one class
 *     free block      [ ref of the next free block in this page : 4 | … ]
 *
 * Each page has its own free list, and each class a list of the pages that have room, so a page
 * that empties is given back whole. Page 0 is never used, which makes `NONE` (0) no block.
 * Values above `SMALL_BYTES_MAX` get a buffer of their own and an id instead of a `Ref`.
 *
 * Invariant: `usedBytes` is the sum of the sizes of all blocks and large buffers handed out.
 */
import { CLASS_BYTES, classFor, SMALL_BYTES_MAX } from './size-classes.ts'
import { SparePages } from './spare-pages.ts'

export { SMALL_BYTES_MAX }

/** Names a small block; 0 is none. An unsigned 32-bit number. */
export type Ref = number

/** The `Ref` of no block. */
export const NONE: Ref = 0

const PAGE_BYTES = 1 << 20
const UNIT_MASK = 0x1ffff
const PAGES_MAX = 1 << 15
/** Tables of pages begin with room for so many. */
const PAGES_MIN = 1 << 10
/**
 * The allocator under V8 hands out large buffers 16 bytes past a page border. Starting the views
 * here puts blocks of 64 bytes on cache lines of their own; elsewhere it does no harm.
 */
const ALIGN_BYTES = 48

/** The page that a block is in. */
export function pageOf(ref: Ref): number {
  return ref >>> 17
}

/** Where a block begins in its page, in bytes. */
export function blockOffset(ref: Ref): number {
  return (ref & UNIT_MASK) << 3
}

/** Where a block begins in its page, in 32-bit words. */
export function wordOffset(ref: Ref): number {
  return (ref & UNIT_MASK) << 1
}

/** Where a block begins in its page, in doubles. */
export function doubleOffset(ref: Ref): number {
  return ref & UNIT_MASK
}

/**
 * Pages of blocks up to this size are in shared buffers. V8 counts other buffers as memory that a
 * collection might free, and once they come to some tens of megabytes it marks for two to ten
 * milliseconds at each new one, in vain. Shared ones it does not count, but it also copies ranges in
 * them several times more slowly, which matters where blocks are long.
 */
const SHARED_BLOCK_BYTES_MAX = 512
const SHARED_CLASSES = classFor(SHARED_BLOCK_BYTES_MAX) + 1

const NO_BYTES = new Uint8Array(0)
const NO_WORDS = new Int32Array(0)
const NO_DOUBLES = new Float64Array(0)
const NO_VIEW = new DataView(new ArrayBuffer(0))

export class Arena {
  /** The bytes of each page. Blocks never move while a command runs. */
  readonly bytes: Uint8Array[] = [NO_BYTES]
  /** The same memory as 32-bit words. */
  readonly words: Int32Array[] = [NO_WORDS]
  /** The same memory as doubles. */
  readonly doubles: Float64Array[] = [NO_DOUBLES]
  /** The same memory for words that are not aligned. */
  readonly views: DataView[] = [NO_VIEW]
  /** Bytes handed out. */
  usedBytes = 0
  /** The largest `usedBytes` ever seen. */
  peakBytes = 0
  /** Bytes held from the system for pages and large buffers. */
  heldBytes = 0

  // By page. They grow with the number of pages.
  #class = new Uint8Array(PAGES_MIN)
  #free = new Int32Array(PAGES_MIN)
  #live = new Int32Array(PAGES_MIN)
  #bump = new Int32Array(PAGES_MIN)
  #next = new Int32Array(PAGES_MIN)
  #previous = new Int32Array(PAGES_MIN)
  /** By class, the first page with room; 0 is none. */
  readonly #roomy = new Int32Array(CLASS_BYTES.length)
  readonly #freePages: number[] = []
  readonly #spares: SparePages
  readonly #large: (Uint8Array | undefined)[] = [undefined]
  readonly #freeLarge: number[] = []

  /** An empty arena. It takes empty pages from `spares`, and leaves them there. */
  constructor(spares: SparePages = new SparePages()) {
    this.#spares = spares
  }

  /**
   * A block of at least `sizeBytes` (1 to `SMALL_BYTES_MAX`). Its content is not cleared.
   * Throws a `RangeError` when the arena's 32 GiB of small blocks are used up.
   */
  allocate(sizeBytes: number): Ref {
    const sizeClass = classFor(sizeBytes)
    const size = CLASS_BYTES[sizeClass]!
    const page = this.#roomy[sizeClass]! || this.#addPage(sizeClass)
    this.usedBytes += size
    if (this.usedBytes > this.peakBytes) this.peakBytes = this.usedBytes
    this.#live[page]!++
    let ref = this.#free[page]! >>> 0
    if (ref !== NONE) {
      const next = this.words[page]![wordOffset(ref)]!
      this.#free[page] = next
      if (next === NONE && this.#bump[page]! + size > PAGE_BYTES) this.#unlink(page, sizeClass)
      return ref
    }
    const at = this.#bump[page]!
    ref = ((page << 17) | (at >>> 3)) >>> 0
    this.#bump[page] = at + size
    if (at + size + size > PAGE_BYTES) this.#unlink(page, sizeClass)
    return ref
  }

  /** Takes a block back. The caller holds the only reference to it. */
  free(ref: Ref): void {
    const page = ref >>> 17
    const sizeClass = this.#class[page]!
    const size = CLASS_BYTES[sizeClass]!
    this.usedBytes -= size
    const wasFull = this.#free[page] === NONE && this.#bump[page]! + size > PAGE_BYTES
    this.words[page]![wordOffset(ref)] = this.#free[page]!
    this.#free[page] = ref
    if (wasFull) this.#link(page, sizeClass)
    const live = this.#live[page]! - 1
    this.#live[page] = live
    if (live === 0) this.#releasePage(page, sizeClass)
  }

  /** The size in bytes of the block at `ref`, which is at least what was asked for. */
  sizeOf(ref: Ref): number {
    return CLASS_BYTES[this.#class[ref >>> 17]!]!
  }

  /** Whether a block for `sizeBytes` would be of the same size as the one at `ref`. */
  fits(ref: Ref, sizeBytes: number): boolean {
    return sizeBytes <= SMALL_BYTES_MAX && this.#class[ref >>> 17] === classFor(sizeBytes)
  }

  /** A buffer of its own for a long value, cleared. @returns its id, never 0. */
  allocateLarge(sizeBytes: number): number {
    return this.adoptLarge(new Uint8Array(sizeBytes))
  }

  /** Makes the arena the owner of a buffer that already holds a long value. @returns its id. */
  adoptLarge(buffer: Uint8Array): number {
    const id = this.#freeLarge.pop() ?? this.#large.length
    this.#large[id] = buffer
    const size = buffer.buffer.byteLength
    this.usedBytes += size
    this.heldBytes += size
    if (this.usedBytes > this.peakBytes) this.peakBytes = this.usedBytes
    return id
  }

  /** The buffer behind an id. */
  large(id: number): Uint8Array {
    return this.#large[id]!
  }

  /** Gives a long value's buffer back. */
  freeLarge(id: number): void {
    const size = this.#large[id]!.buffer.byteLength
    this.usedBytes -= size
    this.heldBytes -= size
    this.#large[id] = undefined
    this.#freeLarge.push(id)
  }

  /** Bytes of empty pages that are kept, until `dropSpares`, and are not in `heldBytes`. */
  get spareBytes(): number {
    return this.#spares.shared.length * PAGE_BYTES
  }

  /** Lets the collector have the empty pages that are kept. */
  dropSpares(): void {
    this.#spares.shared.length = 0
  }

  /** Leaves all pages to the next arena that has the same spares. Nobody may use this one any more. */
  retire(): void {
    for (let page = 1; page < this.bytes.length; page++) {
      if (this.bytes[page]!.length > 0) this.#dropPage(page)
    }
  }

  /** Throws when an invariant does not hold. For tests; walks every page. */
  check(): void {
    let used = 0
    for (let page = 1; page < this.bytes.length; page++) {
      if (this.bytes[page]!.length === 0) continue
      const size = CLASS_BYTES[this.#class[page]!]!
      let free = 0
      for (let ref = this.#free[page]! >>> 0; ref !== NONE; free++) {
        if (ref >>> 17 !== page) throw new Error('a free list leaves its page')
        if (free * size >= this.#bump[page]!) throw new Error('a free list has a loop')
        ref = this.words[page]![wordOffset(ref)]! >>> 0
      }
      if (this.#bump[page]! / size - free !== this.#live[page]) throw new Error('lost blocks')
      used += this.#live[page]! * size
    }
    for (const buffer of this.#large) used += buffer?.buffer.byteLength ?? 0
    if (used !== this.usedBytes) throw new Error(`usedBytes is ${this.usedBytes}, not ${used}`)
  }

  #addPage(sizeClass: number): number {
    const page = this.#freePages.pop() ?? this.bytes.length
    if (page >= PAGES_MAX) throw new RangeError('the arena is full: 32 GiB of small blocks')
    if (page >= this.#class.length) this.#widenTables()
    const buffer = this.#takeBuffer(sizeClass)
    this.bytes[page] = new Uint8Array(buffer, ALIGN_BYTES, PAGE_BYTES)
    this.words[page] = new Int32Array(buffer, ALIGN_BYTES, PAGE_BYTES / 4)
    this.doubles[page] = new Float64Array(buffer, ALIGN_BYTES, PAGE_BYTES / 8)
    this.views[page] = new DataView(buffer, ALIGN_BYTES, PAGE_BYTES)
    this.heldBytes += PAGE_BYTES
    this.#class[page] = sizeClass
    this.#free[page] = NONE
    this.#live[page] = 0
    this.#bump[page] = 0
    this.#link(page, sizeClass)
    return page
  }

  #widenTables(): void {
    const length = 2 * this.#class.length
    const widened = (table: Int32Array) => {
      const wider = new Int32Array(length)
      wider.set(table)
      return wider
    }
    const classes = new Uint8Array(length)
    classes.set(this.#class)
    this.#class = classes
    this.#free = widened(this.#free)
    this.#live = widened(this.#live)
    this.#bump = widened(this.#bump)
    this.#next = widened(this.#next)
    this.#previous = widened(this.#previous)
  }

  #takeBuffer(sizeClass: number): ArrayBufferLike {
    const size = PAGE_BYTES + 64
    if (sizeClass < SHARED_CLASSES) return this.#spares.shared.pop() ?? new SharedArrayBuffer(size)
    return this.#spares.plain.pop() ?? new ArrayBuffer(size)
  }

  #releasePage(page: number, sizeClass: number): void {
    // The last page with room stays, or a block freed and taken again would cost a page each time.
    if (this.#roomy[sizeClass] === page && this.#next[page] === 0) {
      this.#free[page] = NONE
      this.#bump[page] = 0
      return
    }
    this.#unlink(page, sizeClass)
    this.#dropPage(page)
  }

  #dropPage(page: number): void {
    this.#spares.keep(this.bytes[page]!.buffer)
    this.bytes[page] = NO_BYTES
    this.words[page] = NO_WORDS
    this.doubles[page] = NO_DOUBLES
    this.views[page] = NO_VIEW
    this.heldBytes -= PAGE_BYTES
    this.#freePages.push(page)
  }

  #link(page: number, sizeClass: number): void {
    const first = this.#roomy[sizeClass]!
    this.#next[page] = first
    this.#previous[page] = 0
    if (first !== 0) this.#previous[first] = page
    this.#roomy[sizeClass] = page
  }

  #unlink(page: number, sizeClass: number): void {
    const next = this.#next[page]!
    const previous = this.#previous[page]!
    if (next !== 0) this.#previous[next] = previous
    if (previous !== 0) this.#next[previous] = next
    else this.#roomy[sizeClass] = next
  }
}
