/**
 * A hash table of nodes over the arena, grown one segment at a time (extendible hashing), so that no
 * step of its growth takes longer than moving one segment's entries.
 *
 *     directory   2^depth refs, chosen by the top bits of the hash; several may name one segment
 *     segment     up to 64 chunks, chosen by the low bits of the hash; one arena block
 *     chunk       64 bytes: 12 refs · 12 tags (a byte of the hash each) · passed · spare
 *
 * An entry whose chunk is full goes to the next one with room, and each chunk it passed counts it in
 * `passed`, so a search stops at the first chunk that nothing passed, and deleting leaves no grave.
 * The spare bytes of a segment's first chunk hold its depth and its count of entries.
 *
 * Iteration goes by the low bits of the hash, reversed, then by the top bits: an order that neither a
 * split nor a merge changes. A cursor is a place in that order, so what is there throughout a scan
 * is returned, however the table grows and shrinks meanwhile.
 */
import { type Arena, blockOffset, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { type KeyHasher, Slice } from '../bytes/index.ts'
import { keyEquals, keyOf } from './node.ts'
import { reverse6, segmentCount, setSegmentCount } from './segment.ts'
import { tagHits } from './tags.ts'

const CHUNK_WORDS = 16
const CHUNK_BYTES = 64
const SLOTS = 12
const TAGS_AT = 48
const PASSED_AT = 60
/** In the first chunk only. */
const DEPTH_AT = 61
const CHUNKS_MIN = 4
const CHUNKS_MAX = 64
/** A segment is split, or doubled while it is small, when it is fuller than this. */
const FILL_MAX = 0.86
/** Two neighbours are merged when together they are emptier than this. */
const FILL_MERGE = 0.4
/** A sparse segment looks at its neighbour each time that so many entries have left it. */
const MERGE_LOOK_EVERY = 16
const DEPTH_MAX = 26
const SPAN = 2 ** 26
/** `passed` at this value no longer counts: it stays until the segment is rebuilt. */
const PASSED_MAX = 255

export class Dict {
  readonly #arena: Arena
  readonly #hasher: KeyHasher
  #directory = new Int32Array(1)
  #depth = 0
  #chunkMask = CHUNKS_MIN - 1
  #count = 0
  #segments = 0
  readonly #key = new Slice(new Uint8Array(0), 0, 0)
  /** What `find` found last, and where. Valid until the dict changes. */
  #found: Ref = NONE
  #foundSegment: Ref = NONE
  #foundChunk = 0
  #foundSlot = 0

  constructor(arena: Arena, hasher: KeyHasher) {
    this.#arena = arena
    this.#hasher = hasher
  }

  /** How many nodes there are. */
  get count(): number {
    return this.#count
  }

  /** How many slots there are. */
  get slots(): number {
    return this.#segments * (this.#chunkMask + 1) * SLOTS
  }

  /** Bytes of the table itself, without the nodes. */
  get tableBytes(): number {
    return this.#segments * (this.#chunkMask + 1) * CHUNK_BYTES
  }

  /** The node whose key is `bytes[start, end)`, whose hash is `hash`; `NONE` when there is none. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): Ref {
    const depth = this.#depth
    const segment = this.#directory[depth === 0 ? 0 : hash >>> (32 - depth)]! >>> 0
    if (segment === NONE) return NONE
    const words = this.#arena.words[segment >>> 17]!
    const mask = this.#chunkMask
    const view = this.#hasher.viewOf(bytes)
    const pattern = Math.imul((hash >>> 6) & 0xff, 0x01010101)
    let chunk = hash & mask
    for (let step = 0; step <= mask; step++) {
      const base = (blockOffset(segment) >>> 2) + chunk * CHUNK_WORDS
      let hits = tagHits(words, base + SLOTS, pattern)
      while (hits !== 0) {
        const slot = 31 - Math.clz32(hits & -hits)
        const node = words[base + slot]! >>> 0
        if (node !== NONE && keyEquals(this.#arena, node, bytes, start, end, view)) {
          this.#found = node
          this.#foundSegment = segment
          this.#foundChunk = chunk
          this.#foundSlot = slot
          return node
        }
        hits &= hits - 1
      }
      // The byte after the tags counts the entries that went past this chunk.
      if ((words[base + SLOTS + 3]! & 0xff) === 0) return NONE
      chunk = (chunk + 1) & mask
    }
    return NONE
  }

  /** Reads the chunk where a hash belongs, so that it is in the cache. */
  touchChunk(hash: number): number {
    const depth = this.#depth
    const segment = this.#directory[depth === 0 ? 0 : hash >>> (32 - depth)]! >>> 0
    const at = wordOffset(segment) + (hash & this.#chunkMask) * CHUNK_WORDS + SLOTS
    return segment === NONE ? 0 : this.#arena.words[segment >>> 17]![at]!
  }

  /** Reads the first node in its chunk whose tag is that of a hash, so that it is in the cache. */
  touchNode(hash: number): number {
    const depth = this.#depth
    const segment = this.#directory[depth === 0 ? 0 : hash >>> (32 - depth)]! >>> 0
    if (segment === NONE) return 0
    const words = this.#arena.words[segment >>> 17]!
    const base = wordOffset(segment) + (hash & this.#chunkMask) * CHUNK_WORDS
    const pattern = Math.imul((hash >>> 6) & 0xff, 0x01010101)
    const hits = tagHits(words, base + SLOTS, pattern)
    if (hits === 0) return 0
    const node = words[base + 31 - Math.clz32(hits & -hits)]! >>> 0
    if (node === NONE) return 0
    const nodeWords = this.#arena.words[node >>> 17]!
    const at = wordOffset(node)
    // A small node may lie in two lines of the cache.
    return nodeWords[at]! + nodeWords[Math.min(at + 8, nodeWords.length - 1)]!
  }

  /** Puts `node` in the place of `old`. Their keys are equal. Neither is freed. */
  replace(old: Ref, node: Ref): void {
    if (this.#found !== old) this.#locate(old, this.hashOf(old))
    const at = wordOffset(this.#foundSegment) + this.#foundChunk * CHUNK_WORDS + this.#foundSlot
    this.#arena.words[this.#foundSegment >>> 17]![at] = node
    this.#found = node
  }

  /** Takes out a node that is there. It is not freed. */
  remove(node: Ref): void {
    const hash = this.hashOf(node)
    this.#locate(node, hash)
    this.#found = NONE
    const segment = this.#foundSegment
    const page = segment >>> 17
    const pageBytes = this.#arena.bytes[page]!
    const first = blockOffset(segment)
    const base = first + this.#foundChunk * CHUNK_BYTES
    this.#arena.words[page]![(base >>> 2) + this.#foundSlot] = NONE
    pageBytes[base + TAGS_AT + this.#foundSlot] = 0
    for (let chunk = hash & this.#chunkMask; chunk !== this.#foundChunk; ) {
      const passedAt = first + chunk * CHUNK_BYTES + PASSED_AT
      if (pageBytes[passedAt] !== PASSED_MAX) pageBytes[passedAt]!--
      chunk = (chunk + 1) & this.#chunkMask
    }
    this.#count--
    const left = segmentCount(pageBytes, first) - 1
    setSegmentCount(pageBytes, first, left)
    const isSparse = left < (FILL_MERGE / 2) * CHUNKS_MAX * SLOTS
    // Looking at the neighbour costs a miss of the cache, so it is done now and then.
    if (isSparse && this.#depth > 0 && left % MERGE_LOOK_EVERY === 0) this.#tryMerge(hash)
  }

  /** Adds a node whose key, hashed to `hash`, is not there yet. */
  insert(node: Ref, hash: number): void {
    this.#found = NONE
    for (;;) {
      const depth = this.#depth
      let segment = this.#directory[depth === 0 ? 0 : hash >>> (32 - depth)]! >>> 0
      if (segment === NONE) segment = this.#begin()
      const first = blockOffset(segment)
      const pageBytes = this.#arena.bytes[segment >>> 17]!
      const count = segmentCount(pageBytes, first)
      if (count < (this.#chunkMask + 1) * SLOTS * FILL_MAX) {
        this.#place(segment, node, hash)
        setSegmentCount(pageBytes, first, count + 1)
        this.#count++
        return
      }
      this.#grow(segment, hash)
    }
  }

  /** Forgets every node without freeing any. The caller frees what `eachSegment` showed it. */
  clear(): void {
    this.#eachOwnSegment((segment) => this.#arena.free(segment))
    this.#directory = new Int32Array(1)
    this.#depth = 0
    this.#chunkMask = CHUNKS_MIN - 1
    this.#count = 0
    this.#segments = 0
    this.#found = NONE
  }

  /**
   * Visits the nodes at `cursor` and goes one step on.
   * @returns the next cursor, or 0 when this was the last step.
   */
  scan(cursor: number, visit: (node: Ref) => void): number {
    if (this.#count === 0) return 0
    const bits = 31 - Math.clz32(this.#chunkMask + 1)
    const major = Math.floor(cursor / SPAN) & 63
    const chunk = reverse6(major) & this.#chunkMask
    const prefix = (cursor % SPAN) * 64
    const depth = this.#depth
    const segment = this.#directory[depth === 0 ? 0 : prefix >>> (32 - depth)]! >>> 0
    if (segment !== NONE) this.#visitHome(segment, chunk, visit)
    const span = 2 ** (26 - this.#depthOf(segment))
    const next = Math.floor((cursor % SPAN) / span) * span + span
    if (next < SPAN) return major * SPAN + next
    const step = 64 >> bits
    const nextMajor = (Math.floor(major / step) + 1) * step
    return nextMajor >= 64 ? 0 : nextMajor * SPAN
  }

  /** Any node, each with the same chance; `NONE` when the dict is empty. */
  random(uint32: () => number): Ref {
    if (this.#count === 0) return NONE
    const slots = (this.#chunkMask + 1) * SLOTS
    for (;;) {
      const index = this.#depth === 0 ? 0 : uint32() >>> (32 - this.#depth)
      const segment = this.#directory[index]! >>> 0
      if (segment === NONE) continue
      // A segment that several places name would be drawn more often: only the first counts.
      if (index % 2 ** (this.#depth - this.#depthOf(segment)) !== 0) continue
      const slot = uint32() % slots
      const chunk = (slot / SLOTS) | 0
      const at = wordOffset(segment) + chunk * CHUNK_WORDS + (slot - chunk * SLOTS)
      const node = this.#arena.words[segment >>> 17]![at]! >>> 0
      if (node !== NONE) return node
    }
  }

  /** How many segments there are: the bound of `eachInSegment`'s steps. */
  get directorySize(): number {
    return this.#directory.length
  }

  /**
   * Visits every node of the segment at a place of the directory, for walks that do not change the
   * dict between steps. @returns the next place, or `directorySize` at the end.
   */
  eachInSegment(place: number, visit: (node: Ref) => void): number {
    const segment = this.#directory[place]! >>> 0
    if (segment === NONE) return this.#directory.length
    const words = this.#arena.words[segment >>> 17]!
    for (let chunk = 0; chunk <= this.#chunkMask; chunk++) {
      const base = wordOffset(segment) + chunk * CHUNK_WORDS
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[base + slot]! >>> 0
        if (node !== NONE) visit(node)
      }
    }
    return place + 2 ** (this.#depth - this.#depthOf(segment))
  }

  /** Visits every node. The dict must not change meanwhile. */
  each(visit: (node: Ref) => void): void {
    if (this.#count === 0) return
    for (let at = 0; at < this.#directory.length; ) at = this.eachInSegment(at, visit)
  }

  /** Throws when an invariant does not hold. For tests; visits everything. */
  check(): void {
    let total = 0
    for (let at = 0; at < this.#directory.length; ) {
      const segment = this.#directory[at]! >>> 0
      if (segment === NONE) break
      let count = 0
      const place = at
      at = this.eachInSegment(at, (node) => {
        count++
        const hash = this.hashOf(node)
        const index = this.#depth === 0 ? 0 : hash >>> (32 - this.#depth)
        if (index < place || index >= at + 2 ** this.#depth) throw new Error('a node is astray')
        const { bytes, start, end } = keyOf(this.#arena, node, this.#key)
        if (this.find(bytes, start, end, hash) !== node) throw new Error('a node is not found')
      })
      const bytes = this.#arena.bytes[segment >>> 17]!
      if (segmentCount(bytes, blockOffset(segment)) !== count) throw new Error('segment count')
      total += count
    }
    if (total !== this.#count) throw new Error(`count is ${this.#count}, not ${total}`)
  }

  /** The hash of a node's key. */
  hashOf(node: Ref): number {
    const key = keyOf(this.#arena, node, this.#key)
    return this.#hasher.hash(key.bytes, key.start, key.end)
  }

  /** Lets the found place be that of a node that is there. Mostly it was found a moment ago. */
  #locate(node: Ref, hash: number): void {
    if (this.#found === node) return
    const depth = this.#depth
    const segment = this.#directory[depth === 0 ? 0 : hash >>> (32 - depth)]! >>> 0
    const words = this.#arena.words[segment >>> 17]!
    const mask = this.#chunkMask
    // The node itself is looked for, not its key, so no entry but the wanted one is read.
    for (let step = 0; step <= mask && segment !== NONE; step++) {
      const chunk = (hash + step) & mask
      const base = wordOffset(segment) + chunk * CHUNK_WORDS
      for (let slot = 0; slot < SLOTS; slot++) {
        if (words[base + slot]! >>> 0 !== node) continue
        this.#found = node
        this.#foundSegment = segment
        this.#foundChunk = chunk
        this.#foundSlot = slot
        return
      }
      if ((words[base + SLOTS + 3]! & 0xff) === 0) break
    }
    throw new Error('a node that should be in the dict is not')
  }

  #begin(): Ref {
    const segment = this.#newSegment(0)
    this.#directory[0] = segment
    return segment
  }

  #newSegment(depth: number): Ref {
    const size = (this.#chunkMask + 1) * CHUNK_BYTES
    const segment = this.#arena.allocate(size)
    const at = wordOffset(segment)
    this.#arena.words[segment >>> 17]!.fill(0, at, at + (size >>> 2))
    this.#arena.bytes[segment >>> 17]![blockOffset(segment) + DEPTH_AT] = depth
    this.#segments++
    return segment
  }

  #dropSegment(segment: Ref): void {
    this.#arena.free(segment)
    this.#segments--
  }

  #depthOf(segment: Ref): number {
    if (segment === NONE) return 0
    return this.#arena.bytes[segment >>> 17]![blockOffset(segment) + DEPTH_AT]!
  }

  #place(segment: Ref, node: Ref, hash: number): void {
    const page = segment >>> 17
    const words = this.#arena.words[page]!
    const pageBytes = this.#arena.bytes[page]!
    const mask = this.#chunkMask
    for (let chunk = hash & mask; ; chunk = (chunk + 1) & mask) {
      const base = blockOffset(segment) + chunk * CHUNK_BYTES
      for (let slot = 0; slot < SLOTS; slot++) {
        if (words[(base >>> 2) + slot] !== NONE) continue
        words[(base >>> 2) + slot] = node
        pageBytes[base + TAGS_AT + slot] = (hash >>> 6) & 0xff
        return
      }
      if (pageBytes[base + PASSED_AT] !== PASSED_MAX) pageBytes[base + PASSED_AT]!++
    }
  }

  /** Makes room where `hash` belongs: doubles the only segment while it is small, or splits. */
  #grow(segment: Ref, hash: number): void {
    if (this.#chunkMask + 1 < CHUNKS_MAX) {
      this.#chunkMask = this.#chunkMask * 2 + 1
      this.#directory[0] = this.#rebuilt(segment, 0)
      return
    }
    const depth = this.#depthOf(segment)
    if (depth >= DEPTH_MAX) throw new RangeError('a dict segment cannot be split further')
    if (depth === this.#depth) this.#doubleDirectory()
    const low = this.#newSegment(depth + 1)
    const high = this.#newSegment(depth + 1)
    const bit = 31 - depth
    this.#eachNode(segment, (node) => {
      const nodeHash = this.hashOf(node)
      this.#placeCounted((nodeHash >>> bit) & 1 ? high : low, node, nodeHash)
    })
    this.#dropSegment(segment)
    this.#point(hash, depth, low, high)
  }

  /** Lets the places of the directory that share the top `depth` bits of `hash` name two segments. */
  #point(hash: number, depth: number, low: Ref, high: Ref): void {
    const span = 2 ** (this.#depth - depth)
    const from = depth === 0 ? 0 : (hash >>> (32 - depth)) * span
    this.#directory.fill(low, from, from + span / 2)
    this.#directory.fill(high, from + span / 2, from + span)
  }

  #doubleDirectory(): void {
    const wider = new Int32Array(this.#directory.length * 2)
    for (let i = 0; i < this.#directory.length; i++) {
      wider[i * 2] = this.#directory[i]!
      wider[i * 2 + 1] = this.#directory[i]!
    }
    this.#directory = wider
    this.#depth++
  }

  #rebuilt(segment: Ref, depth: number): Ref {
    const fresh = this.#newSegment(depth)
    const size = this.#arena.sizeOf(segment)
    this.#eachNode(segment, (node) => this.#placeCounted(fresh, node, this.hashOf(node)), size)
    this.#dropSegment(segment)
    return fresh
  }

  #placeCounted(segment: Ref, node: Ref, hash: number): void {
    this.#place(segment, node, hash)
    const pageBytes = this.#arena.bytes[segment >>> 17]!
    const first = blockOffset(segment)
    setSegmentCount(pageBytes, first, segmentCount(pageBytes, first) + 1)
  }

  #eachNode(
    segment: Ref,
    visit: (node: Ref) => void,
    sizeBytes = (this.#chunkMask + 1) * CHUNK_BYTES,
  ): void {
    const words = this.#arena.words[segment >>> 17]!
    const first = wordOffset(segment)
    for (let at = first; at < first + (sizeBytes >>> 2); at += CHUNK_WORDS) {
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[at + slot]! >>> 0
        if (node !== NONE) visit(node)
      }
    }
  }

  /** Merges the segment of `hash` with its neighbour when both are nearly empty. */
  #tryMerge(hash: number): void {
    const segment = this.#directory[hash >>> (32 - this.#depth)]! >>> 0
    const depth = this.#depthOf(segment)
    if (depth === 0) return
    const span = 2 ** (this.#depth - depth)
    const place = (hash >>> (32 - depth)) * span
    const buddy = this.#directory[place ^ span]! >>> 0
    if (this.#depthOf(buddy) !== depth) return
    const together =
      segmentCount(this.#arena.bytes[segment >>> 17]!, blockOffset(segment)) +
      segmentCount(this.#arena.bytes[buddy >>> 17]!, blockOffset(buddy))
    if (together > FILL_MERGE * CHUNKS_MAX * SLOTS) return
    const merged = this.#newSegment(depth - 1)
    for (const old of [segment, buddy]) {
      this.#eachNode(old, (node) => this.#placeCounted(merged, node, this.hashOf(node)))
      this.#dropSegment(old)
    }
    this.#directory.fill(
      merged,
      Math.min(place, place ^ span),
      Math.max(place, place ^ span) + span,
    )
    // Halving is looked at seldom: it reads the whole directory.
    if (this.#segments * 4 <= this.#directory.length) this.#halveDirectory()
  }

  #halveDirectory(): void {
    while (this.#depth > 0) {
      for (let i = 0; i < this.#directory.length; i += 2) {
        if (this.#directory[i] !== this.#directory[i + 1]) return
      }
      this.#directory = this.#directory.filter((_, i) => i % 2 === 0)
      this.#depth--
    }
  }

  #eachOwnSegment(visit: (segment: Ref) => void): void {
    let last: Ref = NONE
    for (const place of this.#directory) {
      const segment = place >>> 0
      if (segment !== last && segment !== NONE) visit(segment)
      last = segment
    }
  }

  /** Visits the nodes that belong to `chunk`, which may stand in one of those after it. */
  #visitHome(segment: Ref, home: number, visit: (node: Ref) => void): void {
    const pageBytes = this.#arena.bytes[segment >>> 17]!
    const words = this.#arena.words[segment >>> 17]!
    const mask = this.#chunkMask
    const nodes: Ref[] = []
    for (let step = 0, chunk = home; step <= mask; step++, chunk = (chunk + 1) & mask) {
      const base = blockOffset(segment) + chunk * CHUNK_BYTES
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[(base >>> 2) + slot]! >>> 0
        if (node !== NONE && (this.hashOf(node) & mask) === home) nodes.push(node)
      }
      if (pageBytes[base + PASSED_AT] === 0) break
    }
    for (const node of nodes) visit(node)
  }
}
