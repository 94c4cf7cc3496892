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
 *
 * A database has a `Dict` of its own. Large sets and hashes have none: their state is a root of
 * `ROOT_BYTES` in the value of their entry (table.ts), and one `Dict` serves all values of a type.
 *
 *     dict.open(value.bytes, value.start)          // zeros are an empty dict
 *     const hash = dict.hash(bytes, start, end)
 *     if (dict.find(bytes, start, end, hash) === NONE) {
 *       dict.insert(newMember(arena, bytes, start, end, 0), hash)
 *       dict.save()                                // after changes, before another `open`
 *     }
 *
 * A command that needs several values at once takes as many dicts. `release` gives the memory of a
 * large dict back in steps, and `cloneAll` makes a copy's nodes its own.
 */
import { type Arena, blockOffset, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { type KeyHasher, Slice, viewOf } from '../bytes/index.ts'
import { keyEquals, keyOf } from './node.ts'
import {
  CHUNK_BYTES,
  CHUNK_WORDS,
  PASSED_AT,
  reverse6,
  SLOTS,
  segmentCount,
  segmentDepth,
} from './segment.ts'
import { Table } from './table.ts'
import { tagHits } from './tags.ts'

/** Places of the directory at its deepest: a cursor counts them below the chunk. */
const SPAN = 2 ** 26
const NO_BYTES = new Uint8Array(0)

/** The most nodes that one step of `gather` gives. */
export const GATHER_MAX = 64 * SLOTS

export class Dict {
  readonly #arena: Arena
  readonly #hasher: KeyHasher
  readonly #table: Table
  /** Where the root of the opened dict stands. */
  #bytes: Uint8Array = NO_BYTES
  #at = 0
  readonly #key = new Slice(NO_BYTES, 0, 0)
  /** What was read to be in the cache, kept so that no compiler can find it to be without use. */
  touched = 0
  /** What `find` or `random` found last, and where. Valid until the dict changes. */
  #found: Ref = NONE
  #foundSegment: Ref = NONE
  #foundChunk = 0
  #foundSlot = 0
  /** The hash that `findAgain` was given last. */
  #soughtHash = 0

  constructor(arena: Arena, hasher: KeyHasher) {
    this.#arena = arena
    this.#hasher = hasher
    this.#table = new Table(arena, hasher)
  }

  /** Stands for the dict whose root begins at `bytes[at]`, until the next call. */
  open(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes
    this.#at = at
    this.#found = NONE
    this.#table.load(bytes, at)
  }

  /** Writes the root of the opened dict back: to be called after changes. */
  save(): void {
    this.#table.save(this.#bytes, this.#at)
  }

  /** Writes the root to where another owner keeps it, who goes on with `releaseDict`. */
  saveTo(bytes: Uint8Array, at: number): void {
    this.#table.save(bytes, at)
  }

  /** How many nodes there are. */
  get count(): number {
    return this.#table.count
  }

  /** How many slots there are. */
  get slots(): number {
    return this.#table.segments * (this.#table.chunkMask + 1) * SLOTS
  }

  /** Bytes of the table itself, without the nodes. */
  get tableBytes(): number {
    return this.#table.bytes
  }

  /** The hash of a key, which the other calls ask for. */
  hash(bytes: Uint8Array, start: number, end: number): number {
    return this.#hasher.hash(bytes, start, end)
  }

  /** The same as `find`, and quicker where it is often the node that was found last. */
  findAgain(bytes: Uint8Array, start: number, end: number, hash: number): Ref {
    const last = this.#found
    if (hash === this.#soughtHash && last !== NONE) {
      if (keyEquals(this.#arena, last, bytes, start, end, viewOf(bytes))) return last
    }
    this.#soughtHash = hash
    return this.find(bytes, start, end, hash)
  }

  /** The node whose key is `bytes[start, end)`, whose hash is `hash`; `NONE` when there is none. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): Ref {
    const table = this.#table
    const segment = table.segmentOf(hash)
    if (segment === NONE) return NONE
    const words = this.#arena.words[segment >>> 17]!
    const mask = table.chunkMask
    const view = viewOf(bytes)
    const pattern = Math.imul((hash >>> 6) & 0xff, 0x01010101)
    let chunk = hash & mask
    for (let step = 0; step <= mask; step++) {
      const base = (blockOffset(segment) >>> 2) + chunk * CHUNK_WORDS
      let hits = tagHits(words, base + SLOTS, pattern)
      while (hits !== 0) {
        const slot = 31 - Math.clz32(hits & -hits)
        const node = words[base + slot]! >>> 0
        if (node !== NONE && keyEquals(this.#arena, node, bytes, start, end, view)) {
          this.#foundAt(node, segment, chunk, slot)
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
    const segment = this.#table.segmentOf(hash)
    const at = wordOffset(segment) + (hash & this.#table.chunkMask) * CHUNK_WORDS + SLOTS
    return segment === NONE ? 0 : this.#arena.words[segment >>> 17]![at]!
  }

  /** Reads all of a segment that is needed for taking out a node of this hash. */
  touchRemoval(hash: number): number {
    const segment = this.#table.segmentOf(hash)
    if (segment === NONE) return 0
    const words = this.#arena.words[segment >>> 17]!
    const at = wordOffset(segment)
    // The segment's count stands in its first chunk.
    return words[at]! + words[at + (hash & this.#table.chunkMask) * CHUNK_WORDS]!
  }

  /** The first node in its chunk whose tag is that of a hash, which mostly is the right one. */
  guess(hash: number): Ref {
    const segment = this.#table.segmentOf(hash)
    if (segment === NONE) return NONE
    const words = this.#arena.words[segment >>> 17]!
    const base = wordOffset(segment) + (hash & this.#table.chunkMask) * CHUNK_WORDS
    const pattern = Math.imul((hash >>> 6) & 0xff, 0x01010101)
    const hits = tagHits(words, base + SLOTS, pattern)
    return hits === 0 ? NONE : words[base + 31 - Math.clz32(hits & -hits)]! >>> 0
  }

  /** Reads the node of `guess`, so that it is in the cache. @returns the node. */
  touchGuess(hash: number): Ref {
    const node = this.guess(hash)
    if (node !== NONE) this.touched = this.#read(node)
    return node
  }

  /** The same where the node does not matter. @returns something without meaning. */
  touchNode(hash: number): number {
    const node = this.guess(hash)
    return node === NONE ? 0 : this.#read(node)
  }

  #read(node: Ref): number {
    const nodeWords = this.#arena.words[node >>> 17]!
    const at = wordOffset(node)
    // A small node may lie in two lines of the cache.
    return (nodeWords[at]! + nodeWords[Math.min(at + 8, nodeWords.length - 1)]!) | 0
  }

  /** Puts `node` in the place of `old`. Their keys are equal. Neither is freed. */
  replace(old: Ref, node: Ref): void {
    if (this.#found !== old) this.#locate(old, this.hashOf(old))
    const at = wordOffset(this.#foundSegment) + this.#foundChunk * CHUNK_WORDS + this.#foundSlot
    this.#arena.words[this.#foundSegment >>> 17]![at] = node
    this.#found = node
  }

  /** Takes out a node that is there. It is not freed. Whoever knows the hash of its key says so. */
  remove(node: Ref, hash: number = this.hashOf(node)): void {
    this.#locate(node, hash)
    this.#found = NONE
    this.#table.remove(this.#foundSegment, this.#foundChunk, this.#foundSlot, hash)
  }

  /** Adds a node whose key, hashed to `hash`, is not there yet. */
  insert(node: Ref, hash: number): void {
    this.#found = NONE
    this.#table.insert(node, hash)
  }

  /** Makes an empty dict wide enough for `count` nodes, so that it need not grow step by step. */
  reserve(count: number): void {
    this.#table.reserve(count)
  }

  /** Forgets every node without freeing any. The caller frees them, see `eachInSegment`. */
  clear(): void {
    this.#found = NONE
    this.#table.clear()
  }

  /**
   * The root was copied, byte by byte, from that of another dict: gives this one segments and nodes
   * of its own. `clone` makes a copy of a node.
   */
  cloneAll(clone: (node: Ref) => Ref): void {
    this.#table.cloneAll(clone)
  }

  /**
   * Visits the nodes at `cursor` and goes one step on.
   * @returns the next cursor, or 0 when this was the last step.
   */
  scan(cursor: number, visit: (node: Ref) => void): number {
    const table = this.#table
    if (table.count === 0) return 0
    const bits = 31 - Math.clz32(table.chunkMask + 1)
    const major = Math.floor(cursor / SPAN) & 63
    const chunk = reverse6(major) & table.chunkMask
    const segment = table.segmentOf((cursor % SPAN) * 64)
    if (segment !== NONE) this.#visitHome(segment, chunk, visit)
    const span = 2 ** (26 - segmentDepth(this.#arena, segment))
    const next = Math.floor((cursor % SPAN) / span) * span + span
    if (next < SPAN) return major * SPAN + next
    const step = 64 >> bits
    const nextMajor = (Math.floor(major / step) + 1) * step
    return nextMajor >= 64 ? 0 : nextMajor * SPAN
  }

  /** Any node, each with the same chance; `NONE` when the dict is empty. */
  random(uint32: () => number): Ref {
    const table = this.#table
    if (table.count === 0) return NONE
    const { depth } = table
    const slots = (table.chunkMask + 1) * SLOTS
    for (;;) {
      const place = depth === 0 ? 0 : uint32() >>> (32 - depth)
      const segment = table.segmentAt(place)
      // A segment that several places name would be drawn more often: only the first counts.
      if (place !== 0 && table.segmentAt(place - 1) === segment) continue
      // Known to be 32 bits wide, it is divided as an integer.
      const at = (uint32() >>> 0) % slots
      const chunk = (at / SLOTS) | 0
      const slot = at - chunk * SLOTS
      const words = this.#arena.words[segment >>> 17]!
      const node = words[wordOffset(segment) + chunk * CHUNK_WORDS + slot]! >>> 0
      if (node === NONE) continue
      this.#foundAt(node, segment, chunk, slot)
      return node
    }
  }

  /**
   * Some nodes that stand near each other in a segment drawn at random: strangers, since hashes put
   * them there. Writes up to `count` refs, as signed numbers, into `into`.
   * @returns how many; 0 only when the dict is empty.
   */
  sample(uint32: () => number, into: Int32Array, count: number): number {
    const first = this.random(uint32)
    if (first === NONE) return 0
    const { chunkMask } = this.#table
    const words = this.#arena.words[this.#foundSegment >>> 17]!
    const base = wordOffset(this.#foundSegment)
    into[0] = first | 0
    let found = 1
    let chunk = this.#foundChunk
    let slot = this.#foundSlot
    for (let left = (chunkMask + 1) * SLOTS - 1; left > 0 && found < count; left--) {
      slot++
      if (slot === SLOTS) {
        slot = 0
        chunk = (chunk + 1) & chunkMask
      }
      const node = words[base + chunk * CHUNK_WORDS + slot]!
      if (node !== NONE) into[found++] = node
    }
    return found
  }

  /** How many places the directory has: the bound of the walks below. */
  get directorySize(): number {
    return 1 << this.#table.depth
  }

  /**
   * Visits every node of the segment at a place of the directory, for walks that do not change the
   * dict between steps. @returns the next place, or `directorySize` at the end.
   */
  eachInSegment(place: number, visit: (node: Ref) => void): number {
    const table = this.#table
    const segment = table.segmentAt(place)
    if (segment === NONE) return this.directorySize
    const words = this.#arena.words[segment >>> 17]!
    for (let chunk = 0; chunk <= table.chunkMask; chunk++) {
      const base = wordOffset(segment) + chunk * CHUNK_WORDS
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[base + slot]! >>> 0
        if (node !== NONE) visit(node)
      }
    }
    return place + table.spanOf(segment)
  }

  /** Visits every node. The dict must not change meanwhile. */
  each(visit: (node: Ref) => void): void {
    for (let at = 0; at < this.directorySize; ) at = this.eachInSegment(at, visit)
  }

  /**
   * `eachInSegment` without a call for each node: writes the refs, as signed numbers, into `into`,
   * which has room for `GATHER_MAX`. The next place is `place + spanAt(place)`.
   * @returns how many.
   */
  gather(place: number, into: Int32Array): number {
    const table = this.#table
    const segment = table.segmentAt(place)
    if (segment === NONE) return 0
    const words = this.#arena.words[segment >>> 17]!
    const end = wordOffset(segment) + (table.chunkMask + 1) * CHUNK_WORDS
    let count = 0
    for (let base = wordOffset(segment); base < end; base += CHUNK_WORDS) {
      for (let slot = 0; slot < SLOTS; slot++) {
        const node = words[base + slot]!
        if (node !== NONE) into[count++] = node
      }
    }
    return count
  }

  /** How many places of the directory name the segment at `place`. */
  spanAt(place: number): number {
    return this.#table.spanOf(this.#table.segmentAt(place))
  }

  /** Throws when an invariant does not hold. For tests; visits everything. */
  check(): void {
    const { depth, count } = this.#table
    let total = 0
    for (let at = 0; at < this.directorySize; ) {
      const segment = this.#table.segmentAt(at)
      if (segment === NONE) break
      let held = 0
      const place = at
      at = this.eachInSegment(at, (node) => {
        held++
        const hash = this.hashOf(node)
        const index = depth === 0 ? 0 : hash >>> (32 - depth)
        if (index < place || index >= place + this.spanAt(place))
          throw new Error('a node is astray')
        const { bytes, start, end } = keyOf(this.#arena, node, this.#key)
        if (this.find(bytes, start, end, hash) !== node) throw new Error('a node is not found')
      })
      const bytes = this.#arena.bytes[segment >>> 17]!
      if (segmentCount(bytes, blockOffset(segment)) !== held) throw new Error('segment count')
      total += held
    }
    if (total !== count) throw new Error(`count is ${count}, not ${total}`)
  }

  /** The hash of a node's key. */
  hashOf(node: Ref): number {
    return this.#table.hashOf(node)
  }

  #foundAt(node: Ref, segment: Ref, chunk: number, slot: number): void {
    this.#found = node
    this.#foundSegment = segment
    this.#foundChunk = chunk
    this.#foundSlot = slot
  }

  /** Lets the found place be that of a node that is there. Mostly it was found a moment ago. */
  #locate(node: Ref, hash: number): void {
    if (this.#found === node) return
    const segment = this.#table.segmentOf(hash)
    const words = this.#arena.words[segment >>> 17]!
    const mask = this.#table.chunkMask
    // The node itself is looked for, not its key, so no entry but the wanted one is read.
    for (let step = 0; step <= mask && segment !== NONE; step++) {
      const chunk = (hash + step) & mask
      const base = wordOffset(segment) + chunk * CHUNK_WORDS
      for (let slot = 0; slot < SLOTS; slot++) {
        if (words[base + slot]! >>> 0 !== node) continue
        this.#foundAt(node, segment, chunk, slot)
        return
      }
      if ((words[base + SLOTS + 3]! & 0xff) === 0) break
    }
    throw new Error('a node that should be in the dict is not')
  }

  /** Visits the nodes that belong to `chunk`, which may stand in one of those after it. */
  #visitHome(segment: Ref, home: number, visit: (node: Ref) => void): void {
    const pageBytes = this.#arena.bytes[segment >>> 17]!
    const words = this.#arena.words[segment >>> 17]!
    const mask = this.#table.chunkMask
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
