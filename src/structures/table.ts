/**
 * What a dict stands on: its segments, the directory that finds them, and how both grow and shrink
 * (the picture is in dict.ts).
 *
 * All that is particular to one table fits a *root* of sixteen bytes, so that a value in an entry can
 * be a whole dict and one `Table` can serve millions of them: `load` takes over what a root says,
 * `save` writes it back. Zeros are an empty table.
 *
 *     0   count      4   nodes
 *     4   top        4   the only segment while depth is 0, else the directory: the ref of a block,
 *                        or the id of a large buffer when it does not fit one
 *     8   segments   4
 *     12  depth      1
 *     13  chunk mask 1   chunks of a segment, less one
 *     14  spare      2   see release.ts
 *
 * The root may stand at any byte of a page.
 */
import {
  type Arena,
  blockOffset,
  NONE,
  type Ref,
  SMALL_BYTES_MAX,
  wordOffset,
} from '../arena/index.ts'
import { type KeyHasher, Slice } from '../bytes/index.ts'
import { HUGE_KEY, headOf, keyOf, keySize, keyStart } from './node.ts'
import {
  CHUNK_BYTES,
  CHUNK_WORDS,
  CHUNKS_MAX,
  DEPTH_AT,
  PASSED_AT,
  PASSED_MAX,
  readUint32,
  SLOTS,
  segmentCount,
  segmentDepth,
  setSegmentCount,
  TAGS_AT,
  writeUint32,
} from './segment.ts'

/** Bytes of a root. */
export const ROOT_BYTES = 16
/** Where the parts of a root stand. */
export const ROOT_TOP_AT = 4
export const ROOT_SEGMENTS_AT = 8
export const ROOT_DEPTH_AT = 12
export const ROOT_MASK_AT = 13
export const ROOT_SPARE_AT = 14

/** A segment is split, or doubled while it is alone and small, when it is fuller than this. */
const FILL_MAX = 0.86
/** Segments that are made beforehand are to be as full on average, so that few will be split. */
const FILL_RESERVED = 0.78
/** Two neighbours are merged when together they are emptier than this. */
const FILL_MERGE = 0.4
/** The only segment is halved when it is emptier than this. */
const FILL_HALVE = 0.125
/** A sparse segment looks at its neighbour each time that so many entries have left it. */
const MERGE_LOOK_EVERY = 16
const DEPTH_MAX = 26
/** A directory of this depth is the largest that fits a block. */
export const DEPTH_IN_BLOCK_MAX = Math.log2(SMALL_BYTES_MAX / 4)
const NO_WORDS = new Int32Array(0)

export class Table {
  readonly arena: Arena
  readonly hasher: KeyHasher
  count = 0
  segments = 0
  depth = 0
  chunkMask = 0
  /** As in the root, but as a signed number: those are small integers to the engine. */
  top = 0
  /** The directory is `words[base, base + 2^depth)`, while depth is not 0. */
  words: Int32Array = NO_WORDS
  base = 0
  /** The large buffer that `words` are a view of, so that it is not made anew each time. */
  #viewed: Uint8Array | undefined
  readonly #key = new Slice(new Uint8Array(0), 0, 0)
  #touched = 0

  constructor(arena: Arena, hasher: KeyHasher) {
    this.arena = arena
    this.hasher = hasher
  }

  /** Stands for the table of a root from now on. */
  load(bytes: Uint8Array, at: number): void {
    this.count = readUint32(bytes, at)
    this.top = readUint32(bytes, at + ROOT_TOP_AT) | 0
    this.segments = readUint32(bytes, at + ROOT_SEGMENTS_AT)
    this.chunkMask = bytes[at + ROOT_MASK_AT]!
    const depth = bytes[at + ROOT_DEPTH_AT]!
    this.depth = depth
    if (depth !== 0) this.#reachDirectory()
  }

  /** Writes the root. */
  save(bytes: Uint8Array, at: number): void {
    writeUint32(bytes, at, this.count)
    writeUint32(bytes, at + ROOT_TOP_AT, this.top)
    writeUint32(bytes, at + ROOT_SEGMENTS_AT, this.segments)
    bytes[at + ROOT_DEPTH_AT] = this.depth
    bytes[at + ROOT_MASK_AT] = this.chunkMask
  }

  /** The segment where a hash belongs; `NONE` while the table has none. */
  segmentOf(hash: number): Ref {
    const { depth } = this
    return (depth === 0 ? this.top : this.words[this.base + (hash >>> (32 - depth))]!) >>> 0
  }

  /** The segment at a place of the directory, which has `2 ** depth` of them. */
  segmentAt(place: number): Ref {
    return (this.depth === 0 ? this.top : this.words[this.base + place]!) >>> 0
  }

  /** How many places of the directory name a segment. */
  spanOf(segment: Ref): number {
    return 1 << (this.depth - segmentDepth(this.arena, segment))
  }

  /** The hash of a node's key. */
  hashOf(node: Ref): number {
    const head = headOf(this.arena, node)
    if (head & (HUGE_KEY << 8)) {
      const key = keyOf(this.arena, node, this.#key)
      return this.hasher.hash(key.bytes, key.start, key.end)
    }
    const size = keySize(this.arena, node, head)
    return this.hasher.hashWords(this.arena.words[node >>> 17]!, keyStart(node, head) >>> 2, size)
  }

  /** Bytes of the segments and the directory. */
  get bytes(): number {
    const segments = this.segments * (this.chunkMask + 1) * CHUNK_BYTES
    return segments + (this.depth === 0 ? 0 : 4 * 2 ** this.depth)
  }

  /** Makes an empty table wide enough for `count` nodes, so that it need not grow step by step. */
  reserve(count: number): void {
    if (this.top !== NONE) return
    while (this.chunkMask + 1 < CHUNKS_MAX && count >= this.#fullAt) {
      this.chunkMask = this.chunkMask * 2 + 1
    }
    let depth = 0
    while (depth < DEPTH_MAX && count > SLOTS * CHUNKS_MAX * FILL_RESERVED * (1 << depth)) depth++
    if (depth === 0) return
    this.#makeDirectory(depth)
    for (let place = 0; place < 1 << depth; place++) {
      this.words[this.base + place] = this.#newSegment(depth)
    }
  }

  /** Puts a node in, and grows before that where there is no room. */
  insert(node: Ref, hash: number): void {
    for (;;) {
      let segment = this.segmentOf(hash)
      if (segment === NONE) {
        segment = this.#newSegment(0)
        this.top = segment | 0
      }
      const first = blockOffset(segment)
      const bytes = this.arena.bytes[segment >>> 17]!
      const count = segmentCount(bytes, first)
      if (count < this.#fullAt) {
        this.#place(segment, node, hash)
        setSegmentCount(bytes, first, count + 1)
        this.count++
        return
      }
      this.#grow(segment, hash)
    }
  }

  /** Takes the node out that stands in `slot` of `chunk`, and shrinks where that left much room. */
  remove(segment: Ref, chunk: number, slot: number, hash: number): void {
    const page = segment >>> 17
    const bytes = this.arena.bytes[page]!
    const first = blockOffset(segment)
    const base = first + chunk * CHUNK_BYTES
    this.arena.words[page]![(base >>> 2) + slot] = NONE
    bytes[base + TAGS_AT + slot] = 0
    for (let passed = hash & this.chunkMask; passed !== chunk; ) {
      const passedAt = first + passed * CHUNK_BYTES + PASSED_AT
      if (bytes[passedAt] !== PASSED_MAX) bytes[passedAt]!--
      passed = (passed + 1) & this.chunkMask
    }
    this.count--
    const left = segmentCount(bytes, first) - 1
    setSegmentCount(bytes, first, left)
    if (this.depth === 0) {
      if (left < this.chunkMask * SLOTS * FILL_HALVE) this.#halve(segment)
      return
    }
    const isSparse = left < (FILL_MERGE / 2) * CHUNKS_MAX * SLOTS
    // Looking at the neighbour costs a miss of the cache, so it is done now and then.
    if (isSparse && left % MERGE_LOOK_EVERY === 0) this.#tryMerge(hash)
  }

  /** Frees the segments and the directory, but no node, and is empty again. */
  clear(): void {
    if (this.top === NONE) return
    for (let place = 0; place < 2 ** this.depth; ) {
      const segment = this.segmentAt(place)
      place += this.spanOf(segment)
      this.arena.free(segment)
    }
    if (this.depth !== 0) freeDirectory(this.arena, this.top >>> 0, this.depth)
    this.count = 0
    this.segments = 0
    this.depth = 0
    this.chunkMask = 0
    this.top = NONE
  }

  /**
   * The root was copied, byte by byte, from that of another dict: gives this one segments and nodes
   * of its own. `clone` makes a copy of a node.
   */
  cloneAll(clone: (node: Ref) => Ref): void {
    if (this.top === NONE) return
    const { arena, depth, words, base } = this
    if (depth === 0) {
      this.top = this.#cloneSegment(this.top >>> 0, clone) | 0
      return
    }
    this.#makeDirectory(depth)
    for (let place = 0; place < 2 ** depth; ) {
      const segment = words[base + place]! >>> 0
      const span = 2 ** (depth - segmentDepth(arena, segment))
      const from = this.base + place
      this.words.fill(this.#cloneSegment(segment, clone), from, from + span)
      place += span
    }
  }

  #cloneSegment(segment: Ref, clone: (node: Ref) => Ref): Ref {
    const { arena } = this
    const size = (this.chunkMask + 1) * CHUNK_WORDS
    const fresh = arena.allocate(size * 4)
    const at = wordOffset(segment)
    const from = arena.words[segment >>> 17]!
    const to = arena.words[fresh >>> 17]!
    // Hashes are the same, so everything stands where it stood.
    to.set(from.subarray(at, at + size), wordOffset(fresh))
    for (let chunk = 0; chunk < size; chunk += CHUNK_WORDS) {
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = from[at + chunk + slot]! >>> 0
        if (node !== NONE) to[wordOffset(fresh) + chunk + slot] = clone(node)
      }
    }
    return fresh
  }

  /** A segment with as many nodes as this is full. */
  get #fullAt(): number {
    return (this.chunkMask + 1) * SLOTS * FILL_MAX
  }

  #newSegment(depth: number): Ref {
    const size = (this.chunkMask + 1) * CHUNK_BYTES
    const segment = this.arena.allocate(size)
    const at = wordOffset(segment)
    this.arena.words[segment >>> 17]!.fill(0, at, at + (size >>> 2))
    this.arena.bytes[segment >>> 17]![blockOffset(segment) + DEPTH_AT] = depth
    this.segments++
    return segment
  }

  #dropSegment(segment: Ref): void {
    this.arena.free(segment)
    this.segments--
  }

  #place(segment: Ref, node: Ref, hash: number): void {
    const page = segment >>> 17
    const words = this.arena.words[page]!
    const bytes = this.arena.bytes[page]!
    const mask = this.chunkMask
    for (let chunk = hash & mask; ; chunk = (chunk + 1) & mask) {
      const base = blockOffset(segment) + chunk * CHUNK_BYTES
      for (let slot = 0; slot < SLOTS; slot++) {
        if (words[(base >>> 2) + slot] !== NONE) continue
        words[(base >>> 2) + slot] = node
        bytes[base + TAGS_AT + slot] = (hash >>> 6) & 0xff
        return
      }
      if (bytes[base + PASSED_AT] !== PASSED_MAX) bytes[base + PASSED_AT]!++
    }
  }

  /** Makes room where `hash` belongs: doubles the only segment while it is small, or splits. */
  #grow(segment: Ref, hash: number): void {
    const { chunkMask } = this
    if (chunkMask + 1 < CHUNKS_MAX) {
      this.#remake(segment, chunkMask * 2 + 1)
      return
    }
    const depth = segmentDepth(this.arena, segment)
    if (depth >= DEPTH_MAX) throw new RangeError('a dict segment cannot be split further')
    if (depth === this.depth) this.#doubleDirectory()
    const low = this.#newSegment(depth + 1)
    const high = this.#newSegment(depth + 1)
    this.#deal(segment, chunkMask, low, high, 31 - depth)
    this.#dropSegment(segment)
    // The places that share the top `depth` bits of the hash name two segments from now on.
    const span = 2 ** (this.depth - depth)
    const from = this.base + (depth === 0 ? 0 : (hash >>> (32 - depth)) * span)
    this.words.fill(low, from, from + span / 2)
    this.words.fill(high, from + span / 2, from + span)
  }

  /** Gives the only segment another number of chunks. */
  #remake(segment: Ref, chunkMask: number): void {
    const oldMask = this.chunkMask
    this.chunkMask = chunkMask
    const fresh = this.#newSegment(0)
    this.#deal(segment, oldMask, fresh, fresh, 0)
    this.#dropSegment(segment)
    this.top = fresh | 0
  }

  #halve(segment: Ref): void {
    this.#remake(segment, this.chunkMask >>> 1)
  }

  /**
   * Puts the nodes of a segment of `chunkMask` into two others, by a bit of their hashes. Where there is
   * no choice to be made, the chunk and the tag tell enough of a hash, and the node is not read: all
   * nodes in a chunk belong there when none went past the chunk before it.
   */
  #deal(segment: Ref, chunkMask: number, low: Ref, high: Ref, bit: number): void {
    const words = this.arena.words[segment >>> 17]!
    const bytes = this.arena.bytes[segment >>> 17]!
    const first = wordOffset(segment)
    const isOne = low === high && this.chunkMask <= chunkMask
    let lows = 0
    let highs = 0
    if (!isOne) this.#touchNodes(words, first, first + (chunkMask + 1) * CHUNK_WORDS)
    for (let chunk = 0; chunk <= chunkMask; chunk++) {
      const base = first + chunk * CHUNK_WORDS
      const before = first * 4 + ((chunk - 1) & chunkMask) * CHUNK_BYTES
      const isKnown = isOne && bytes[before + PASSED_AT] === 0
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[base + slot]! >>> 0
        if (node === NONE) continue
        const hash = isKnown ? chunk | (bytes[base * 4 + TAGS_AT + slot]! << 6) : this.hashOf(node)
        const isHigh = low !== high && ((hash >>> bit) & 1) === 1
        if (isHigh) highs++
        else lows++
        this.#place(isHigh ? high : low, node, hash)
      }
    }
    this.#addCount(low, lows)
    this.#addCount(high, highs)
  }

  /**
   * Reads the nodes of the chunks at `words[first, end)`. Their places in memory are all known, so the
   * processor waits for many at a time, and when their keys are hashed they are in the cache.
   */
  #touchNodes(words: Int32Array, first: number, end: number): void {
    const pages = this.arena.words
    let touched = 0
    for (let base = first; base < end; base += CHUNK_WORDS) {
      for (let at = base; at < base + SLOTS; at++) {
        const node = words[at]!
        touched += pages[node >>> 17]![wordOffset(node >>> 0)]!
      }
    }
    // Kept, so that no compiler can find the reads to be without use.
    this.#touched = touched | 0
  }

  /** What `#touchNodes` came to. It means nothing. */
  get touched(): number {
    return this.#touched
  }

  #addCount(segment: Ref, more: number): void {
    const bytes = this.arena.bytes[segment >>> 17]!
    const first = blockOffset(segment)
    setSegmentCount(bytes, first, segmentCount(bytes, first) + more)
  }

  /** Merges the segment of `hash` with its neighbour when both are nearly empty. */
  #tryMerge(hash: number): void {
    const { arena } = this
    const segment = this.segmentOf(hash)
    const depth = segmentDepth(arena, segment)
    if (depth === 0) return
    const span = 2 ** (this.depth - depth)
    const place = (hash >>> (32 - depth)) * span
    const buddy = this.segmentAt(place ^ span)
    if (segmentDepth(arena, buddy) !== depth) return
    const together =
      segmentCount(arena.bytes[segment >>> 17]!, blockOffset(segment)) +
      segmentCount(arena.bytes[buddy >>> 17]!, blockOffset(buddy))
    if (together > FILL_MERGE * CHUNKS_MAX * SLOTS) return
    const merged = this.#newSegment(depth - 1)
    for (const old of [segment, buddy]) {
      this.#deal(old, this.chunkMask, merged, merged, 0)
      this.#dropSegment(old)
    }
    const from = this.base + Math.min(place, place ^ span)
    this.words.fill(merged, from, from + span * 2)
    // Halving is looked at seldom: it reads the whole directory.
    if (this.segments * 4 <= 2 ** this.depth || this.segments === 1) this.#halveDirectory()
  }

  // ---- the directory

  #doubleDirectory(): void {
    const { words, base, top, depth } = this
    this.#makeDirectory(depth + 1)
    if (depth === 0) {
      this.words.fill(top, this.base, this.base + 2)
      return
    }
    for (let place = 0; place < 2 ** depth; place++) {
      this.words[this.base + place * 2] = words[base + place]!
      this.words[this.base + place * 2 + 1] = words[base + place]!
    }
    freeDirectory(this.arena, top >>> 0, depth)
  }

  #halveDirectory(): void {
    while (this.depth > 0 && this.#isTwice()) {
      const { words, base, top, depth } = this
      if (depth === 1) {
        this.depth = 0
        this.top = words[base]!
      } else {
        this.#makeDirectory(depth - 1)
        for (let place = 0; place < 2 ** this.depth; place++) {
          this.words[this.base + place] = words[base + place * 2]!
        }
      }
      freeDirectory(this.arena, top >>> 0, depth)
    }
  }

  /** Whether every segment is named by two places at least. */
  #isTwice(): boolean {
    const { words, base } = this
    for (let at = base; at < base + 2 ** this.depth; at += 2) {
      if (words[at] !== words[at + 1]) return false
    }
    return true
  }

  #makeDirectory(depth: number): void {
    const bytes = 4 * 2 ** depth
    const { arena } = this
    this.top =
      (depth <= DEPTH_IN_BLOCK_MAX ? arena.allocate(bytes) : arena.allocateLarge(bytes)) | 0
    this.depth = depth
    this.#reachDirectory()
  }

  #reachDirectory(): void {
    const top = this.top >>> 0
    if (this.depth <= DEPTH_IN_BLOCK_MAX) {
      this.words = this.arena.words[top >>> 17]!
      this.base = wordOffset(top)
      this.#viewed = undefined
      return
    }
    this.base = 0
    const buffer = this.arena.large(top)
    if (buffer === this.#viewed) return
    this.#viewed = buffer
    this.words = new Int32Array(buffer.buffer, buffer.byteOffset, buffer.length >>> 2)
  }
}

/** Frees the directory that `top` of a root of this depth names. */
export function freeDirectory(arena: Arena, top: number, depth: number): void {
  if (depth <= DEPTH_IN_BLOCK_MAX) arena.free(top)
  else arena.freeLarge(top)
}
