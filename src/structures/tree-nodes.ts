/**
 * The nodes of a block tree as they lie in the arena.
 *
 *     node    [ count : 16, level : 16 | previous leaf | next leaf | entries … ]
 *     leaf    level 0; an entry is its key and its payload
 *     inner   an entry is a key and the ref of a child
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'

/** Entries of a node. */
export const NODE_ENTRIES_MAX = 64
/** Words before the first entry. */
export const HEAD_WORDS = 3
/** Where a leaf has the ref of the one before it. */
export const PREVIOUS = 1
/** Where a leaf has the ref of the one after it. */
export const NEXT = 2

/** Called with the place of an entry's payload. */
export type PayloadVisitor = (words: Int32Array, payloadAt: number) => void

export class TreeNodes {
  readonly arena: Arena
  /** Words of a key; the payload, or the child's ref, comes after it. */
  readonly keyWords: number
  /** Words of an entry in a leaf. */
  readonly leafStride: number
  /** Words of an entry above the leaves. */
  readonly innerStride: number
  /** The leaf that was cloned last. */
  #cloned: Ref = NONE

  constructor(arena: Arena, keyWords: number, payloadWords: number) {
    this.arena = arena
    this.keyWords = keyWords
    this.leafStride = keyWords + payloadWords
    this.innerStride = keyWords + 1
  }

  /** An empty node with room for so many entries. */
  create(level: number, places: number): Ref {
    const stride = level === 0 ? this.leafStride : this.innerStride
    const node = this.arena.allocate((HEAD_WORDS + places * stride) * 4)
    const words = this.arena.words[node >>> 17]!
    const at = wordOffset(node)
    words[at] = level << 16
    words[at + PREVIOUS] = NONE
    words[at + NEXT] = NONE
    return node
  }

  /** How many entries a node has. */
  count(node: Ref): number {
    return this.arena.words[node >>> 17]![wordOffset(node)]! & 0xffff
  }

  setCount(node: Ref, count: number): void {
    const words = this.arena.words[node >>> 17]!
    const at = wordOffset(node)
    words[at] = (words[at]! & ~0xffff) | count
  }

  /** How far a node is above the leaves. */
  level(node: Ref): number {
    return this.arena.words[node >>> 17]![wordOffset(node)]! >>> 16
  }

  /** Words of an entry of a node. */
  stride(node: Ref): number {
    return this.level(node) === 0 ? this.leafStride : this.innerStride
  }

  /** How many entries fit where a node stands. */
  capacity(node: Ref): number {
    const words = (this.arena.sizeOf(node) >>> 2) - HEAD_WORDS
    return Math.min(NODE_ENTRIES_MAX, Math.floor(words / this.stride(node)))
  }

  /** Where an entry begins in the page of its node, in words. */
  entryAt(node: Ref, index: number, stride: number): number {
    return wordOffset(node) + HEAD_WORDS + index * stride
  }

  /** A child of a node above the leaves. */
  child(node: Ref, index: number): Ref {
    const at = this.entryAt(node, index, this.innerStride) + this.keyWords
    return this.arena.words[node >>> 17]![at]! >>> 0
  }

  /** Lets the entry at `at` lead to `child`, by the key that the child begins with. */
  writeChild(words: Int32Array, at: number, child: Ref): void {
    const from = this.arena.words[child >>> 17]!
    const first = wordOffset(child) + HEAD_WORDS
    for (let i = 0; i < this.keyWords; i++) words[at + i] = from[first + i]!
    words[at + this.keyWords] = child
  }

  /** The first leaf below a node, or the node itself. */
  leafBelow(node: Ref): Ref {
    while (this.level(node) > 0) node = this.child(node, 0)
    return node
  }

  /** The neighbour of a leaf: `PREVIOUS` or `NEXT`. */
  link(leaf: Ref, which: number): Ref {
    return this.arena.words[leaf >>> 17]![wordOffset(leaf) + which]! >>> 0
  }

  /** Makes two leaves neighbours; either may be none. */
  join(left: Ref, right: Ref): void {
    if (left !== NONE) this.arena.words[left >>> 17]![wordOffset(left) + NEXT] = right
    if (right !== NONE) this.arena.words[right >>> 17]![wordOffset(right) + PREVIOUS] = left
  }

  /** Opens a gap for an entry, for which there is room. */
  openGap(node: Ref, index: number): void {
    const stride = this.stride(node)
    const count = this.count(node)
    const words = this.arena.words[node >>> 17]!
    const at = this.entryAt(node, index, stride)
    const end = this.entryAt(node, count, stride)
    if (at < end) words.copyWithin(at + stride, at, end)
    this.setCount(node, count + 1)
  }

  /** Takes out an entry. @returns how many are left. */
  closeGap(node: Ref, index: number): number {
    const stride = this.stride(node)
    const count = this.count(node) - 1
    const words = this.arena.words[node >>> 17]!
    const at = this.entryAt(node, index, stride)
    if (index < count) words.copyWithin(at, at + stride, at + (count - index + 1) * stride)
    this.setCount(node, count)
    return count
  }

  /** Copies `count` entries of `from`, the one at `index` first, to the places of `to` from `at` on. */
  copyEntries(from: Ref, index: number, count: number, to: Ref, at: number): void {
    const stride = this.stride(from)
    const source = this.arena.words[from >>> 17]!
    const start = this.entryAt(from, index, stride)
    const part = source.subarray(start, start + count * stride)
    this.arena.words[to >>> 17]!.set(part, this.entryAt(to, at, stride))
  }

  /** Visits the payloads of a leaf. */
  eachInLeaf(leaf: Ref, visit: PayloadVisitor): void {
    const words = this.arena.words[leaf >>> 17]!
    const count = this.count(leaf)
    for (let i = 0; i < count; i++) {
      visit(words, this.entryAt(leaf, i, this.leafStride) + this.keyWords)
    }
  }

  /** Visits a node and all below it. */
  each(node: Ref, visit: (node: Ref) => void): void {
    if (node === NONE) return
    visit(node)
    if (this.level(node) === 0) return
    const count = this.count(node)
    for (let i = 0; i < count; i++) this.each(this.child(node, i), visit)
  }

  /** A copy of a node and all below it. `visit` is told of each payload in the copy. */
  cloneAll(top: Ref, visit: PayloadVisitor | undefined): Ref {
    this.#cloned = NONE
    return this.#clone(top, visit)
  }

  /** Throws when a node is not as it should be. @returns how many entries the leaves have. */
  check(top: Ref): number {
    let entries = 0
    this.each(top, (node) => {
      const count = this.count(node)
      const level = this.level(node)
      if (count === 0) throw new Error('a node is empty')
      if (count > this.capacity(node)) throw new Error('a node is fuller than it can be')
      if (level === 0) {
        entries += count
        return
      }
      if (count === 1 && node === top) throw new Error('the top has one child')
      for (let i = 0; i < count; i++) {
        if (this.level(this.child(node, i)) !== level - 1) throw new Error('leaves differ in depth')
      }
    })
    return entries
  }

  #clone(node: Ref, visit: PayloadVisitor | undefined): Ref {
    const count = this.count(node)
    const level = this.level(node)
    const fresh = this.create(level, count)
    this.copyEntries(node, 0, count, fresh, 0)
    this.setCount(fresh, count)
    if (level === 0) {
      this.join(this.#cloned, fresh)
      this.#cloned = fresh
      if (visit !== undefined) this.eachInLeaf(fresh, visit)
      return fresh
    }
    const words = this.arena.words[fresh >>> 17]!
    for (let i = 0; i < count; i++) {
      const child = this.#clone(this.child(node, i), visit)
      words[this.entryAt(fresh, i, this.innerStride) + this.keyWords] = child
    }
    return fresh
  }
}
