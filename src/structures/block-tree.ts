/**
 * A B+ tree over the arena, without its keys: nodes, splits, merges and links. What orders the
 * entries is the business of a `KeyOrder` (`id-tree.ts`, `name-tree.ts`).
 *
 *     owner   some block with two words for the tree: [ top node ref | count of entries ]
 *     node    [ count : 16, level : 16 | previous leaf | next leaf | entries … ]
 *     leaf    an entry is its key (`keyWords`) and its payload (`payloadWords`)
 *     inner   an entry is a key that is above none in its child, and the child's ref; the key of the
 *             first entry means nothing, as everything below the second goes there
 *
 * Nodes grow with what is in them, so a tree of one entry costs one small block. A node that is full
 * is split in halves, but at the end of the tree it stays full and a new one begins: what comes in
 * rising order packs densely. A node that has become sparse is joined with a neighbour.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { TreeCursor } from './tree-cursor.ts'
import {
  HEAD_WORDS,
  NEXT,
  NODE_ENTRIES_MAX,
  type PayloadVisitor,
  PREVIOUS,
  TreeNodes,
} from './tree-nodes.ts'

/** Two neighbours are joined when they hold no more than this together. */
const JOINED_MAX = NODE_ENTRIES_MAX / 2
/** A node of at most so many places is left as it is, however few are taken. */
const SMALL_PLACES = 8
/** More levels than any arena can hold. */
const LEVELS_MAX = 16

/** Sizes of a tree's parts, in words, and where its two words stand in the owner's block. */
export interface TreeShape {
  readonly rootAt: number
  readonly keyWords: number
  readonly payloadWords: number
}

/** What orders the entries of a tree. It knows the key that is sought. */
export interface KeyOrder<Key> {
  /** From now on this key is sought. */
  aim(key: Key): void
  /**
   * Which of `count` entries from word `at` on, `stride` words each, is the last whose key is not
   * above the sought one; -1 when all are above. `level` is 0 in leaves.
   */
  locate(words: Int32Array, at: number, count: number, stride: number, level: number): number
  /** How the key of the entry at `at` in a leaf compares with the sought one: 0 when equal. */
  compare(words: Int32Array, at: number): number
  /** Writes the sought key to the entry at `at` in a leaf. */
  writeKey(words: Int32Array, at: number): void
  /** How the key of the entry at one cursor compares with that at another. For tests. */
  compareEntries(a: TreeCursor, b: TreeCursor): number
}

export class BlockTree<Key> {
  readonly nodes: TreeNodes
  /** Where the payload of an entry begins, in words from the entry. */
  readonly payloadAt: number
  readonly #arena: Arena
  readonly #order: KeyOrder<Key>
  readonly #rootAt: number
  /** The way to where the last descent ended, the top first, and the entry taken in each node. */
  readonly #way = new Int32Array(LEVELS_MAX)
  readonly #slots = new Int32Array(LEVELS_MAX)
  #depth = 0
  /** Where the last entry was put in. */
  #putNode: Ref = NONE
  #putIndex = 0

  constructor(arena: Arena, order: KeyOrder<Key>, shape: TreeShape) {
    this.#arena = arena
    this.#order = order
    this.nodes = new TreeNodes(arena, shape.keyWords, shape.payloadWords)
    this.payloadAt = shape.keyWords
    this.#rootAt = shape.rootAt
  }

  // ---- reading

  /** Makes the tree of a new owner an empty one. */
  begin(owner: Ref): void {
    this.#setTop(owner, NONE)
    this.#arena.words[owner >>> 17]![wordOffset(owner) + this.#rootAt + 1] = 0
  }

  /** How many entries there are. */
  count(owner: Ref): number {
    return this.#arena.words[owner >>> 17]![wordOffset(owner) + this.#rootAt + 1]! >>> 0
  }

  /** How many nodes there are, and their bytes as the arena gave them. Walks them. */
  size(owner: Ref): { readonly nodes: number; readonly bytes: number } {
    let nodes = 0
    let bytes = 0
    this.nodes.each(this.#top(owner), (node) => {
      nodes++
      bytes += this.#arena.sizeOf(node)
    })
    return { nodes, bytes }
  }

  /** Moves `cursor` to the first entry. @returns whether there is one. */
  first(owner: Ref, cursor: TreeCursor): boolean {
    const top = this.#top(owner)
    if (top === NONE) return cursor.end()
    return this.#place(cursor, this.nodes.leafBelow(top), 0)
  }

  /** Moves `cursor` to the last entry. @returns whether there is one. */
  last(owner: Ref, cursor: TreeCursor): boolean {
    let node = this.#top(owner)
    if (node === NONE) return cursor.end()
    // Written out: whatever appends begins here.
    for (;;) {
      const words = this.#arena.words[node >>> 17]!
      const at = wordOffset(node)
      const head = words[at]!
      const index = (head & 0xffff) - 1
      if (head < 0x10000) return this.#place(cursor, node, index)
      node = words[at + HEAD_WORDS + index * this.nodes.innerStride + this.payloadAt]! >>> 0
    }
  }

  /** Moves `cursor` to the entry after its own. @returns whether there is one. */
  next(cursor: TreeCursor): boolean {
    const { node, index } = cursor
    if (index + 1 < this.nodes.count(node)) return this.#place(cursor, node, index + 1)
    const after = this.nodes.link(node, NEXT)
    return after === NONE ? cursor.end() : this.#place(cursor, after, 0)
  }

  /** Moves `cursor` to the entry before its own. @returns whether there is one. */
  previous(cursor: TreeCursor): boolean {
    const { node, index } = cursor
    if (index > 0) return this.#place(cursor, node, index - 1)
    const before = this.nodes.link(node, PREVIOUS)
    return before === NONE
      ? cursor.end()
      : this.#place(cursor, before, this.nodes.count(before) - 1)
  }

  /** Moves `cursor` to the entry with a key. @returns whether there is one. */
  find(owner: Ref, key: Key, cursor: TreeCursor): boolean {
    const leaf = this.#descend(owner, key)
    const index = this.#slots[this.#depth]!
    if (leaf === NONE || index < 0) return cursor.end()
    this.#place(cursor, leaf, index)
    return this.#order.compare(cursor.words, cursor.at) === 0 || cursor.end()
  }

  /** Moves `cursor` to the last entry that is not above a key. @returns whether there is one. */
  floor(owner: Ref, key: Key, cursor: TreeCursor): boolean {
    const leaf = this.#descend(owner, key)
    if (leaf === NONE) return cursor.end()
    const index = this.#slots[this.#depth]!
    if (index >= 0) return this.#place(cursor, leaf, index)
    this.#place(cursor, leaf, 0)
    return this.previous(cursor)
  }

  /** Moves `cursor` to the first entry that is not below a key. @returns whether there is one. */
  ceiling(owner: Ref, key: Key, cursor: TreeCursor): boolean {
    const leaf = this.#descend(owner, key)
    if (leaf === NONE) return cursor.end()
    const index = this.#slots[this.#depth]!
    if (index < 0) return this.#place(cursor, leaf, 0)
    this.#place(cursor, leaf, index)
    return this.#order.compare(cursor.words, cursor.at) === 0 || this.next(cursor)
  }

  // ---- changing

  /**
   * Puts in an entry with a key, unless there is one, and moves `cursor` to it. The payload of a new
   * one is for the caller to write. @returns whether it is new.
   */
  insert(owner: Ref, key: Key, cursor: TreeCursor): boolean {
    const leaf = this.#descend(owner, key)
    if (leaf === NONE) {
      const top = this.nodes.create(0, 1)
      this.#setTop(owner, top)
      this.#way[0] = top
      this.#slots[0] = -1
    }
    const index = this.#slots[this.#depth]!
    if (index >= 0) {
      this.#place(cursor, leaf, index)
      if (this.#order.compare(cursor.words, cursor.at) === 0) return false
    }
    this.#insert(owner, this.#depth, index + 1, NONE)
    this.#addToCount(owner, 1)
    return this.#place(cursor, this.#putNode, this.#putIndex)
  }

  /** Takes out the entry with a key. @returns whether there was one. */
  remove(owner: Ref, key: Key): boolean {
    const leaf = this.#descend(owner, key)
    const index = this.#slots[this.#depth]!
    if (leaf === NONE || index < 0) return false
    const at = this.nodes.entryAt(leaf, index, this.nodes.leafStride)
    if (this.#order.compare(this.#arena.words[leaf >>> 17]!, at) !== 0) return false
    this.#remove(owner, this.#depth, index)
    this.#addToCount(owner, -1)
    return true
  }

  /** Takes out the first entry. There must be one. */
  takeFirst(owner: Ref): void {
    this.#descendFirst(owner)
    this.#remove(owner, this.#depth, 0)
    this.#addToCount(owner, -1)
  }

  /**
   * Frees about `budget` leaves from the beginning on. `release` is told of each entry that goes.
   * @returns whether the tree is empty.
   */
  free(owner: Ref, budget: number, release?: PayloadVisitor): boolean {
    for (; budget > 0 && this.#top(owner) !== NONE; budget--) {
      const leaf = this.#descendFirst(owner)
      if (release !== undefined) this.nodes.eachInLeaf(leaf, release)
      this.#addToCount(owner, -this.nodes.count(leaf))
      this.nodes.setCount(leaf, 0)
      this.#removeEmpty(owner, this.#depth)
    }
    return this.#top(owner) === NONE
  }

  /**
   * Gives `target` a copy of the tree of `owner`. `visit` is told of each entry of the copy, whose
   * payload is still that of the original.
   */
  cloneTo(owner: Ref, target: Ref, visit?: PayloadVisitor): void {
    const count = this.count(owner)
    const top = this.#top(owner)
    this.begin(target)
    if (top === NONE) return
    this.#setTop(target, this.nodes.cloneAll(top, visit))
    this.#addToCount(target, count)
  }

  /** Throws when an invariant does not hold. For tests; walks all nodes. */
  check(owner: Ref): void {
    const found = this.nodes.check(this.#top(owner))
    if (found !== this.count(owner)) throw new Error(`${found} entries, not ${this.count(owner)}`)
    const here = new TreeCursor()
    const there = new TreeCursor()
    if (!this.first(owner, here)) return
    there.moveTo(here)
    let steps = 1
    for (; this.next(there); steps++) {
      if (this.#order.compareEntries(here, there) >= 0) throw new Error('entries are out of order')
      here.moveTo(there)
    }
    if (steps !== found) throw new Error('leaves are not linked in order')
    for (; this.previous(here); steps--);
    if (steps !== 1) throw new Error('leaves are not linked backwards')
  }

  // ---- putting in

  /**
   * Puts an entry at `index` of the node at `depth` of the way: the sought key, or `child`. A node
   * that is new by it is put into the one above in turn.
   */
  #insert(owner: Ref, depth: number, index: number, child: Ref): void {
    let node = this.#way[depth]! >>> 0
    const count = this.nodes.count(node)
    const level = this.nodes.level(node)
    let right: Ref = NONE
    if (count < NODE_ENTRIES_MAX) {
      if (count >= this.nodes.capacity(node)) {
        node = this.#resize(owner, depth, count + Math.max(1, count >>> 1))
      }
    } else {
      const isAtEnd = index === count && this.#isLast(depth)
      const from = isAtEnd ? count : count >>> 1
      right = this.#splitOff(node, level, from)
      if (isAtEnd || index > from) {
        node = right
        index -= from
      }
    }
    this.nodes.openGap(node, index)
    const stride = level === 0 ? this.nodes.leafStride : this.nodes.innerStride
    const words = this.#arena.words[node >>> 17]!
    const at = this.nodes.entryAt(node, index, stride)
    if (level === 0) this.#order.writeKey(words, at)
    else this.nodes.writeChild(words, at, child)
    if (right !== NONE) this.#hang(owner, depth, right)
    this.#putNode = node
    this.#putIndex = index
  }

  /** Moves what follows from entry `from` on to a new node to the right. */
  #splitOff(node: Ref, level: number, from: number): Ref {
    const moved = this.nodes.count(node) - from
    const right = this.nodes.create(level, moved + 1)
    this.nodes.copyEntries(node, from, moved, right, 0)
    this.nodes.setCount(node, from)
    this.nodes.setCount(right, moved)
    if (level === 0) {
      this.nodes.join(right, this.nodes.link(node, NEXT))
      this.nodes.join(node, right)
    }
    return right
  }

  /** Puts the node `right` behind the one at `depth` of the way that it was split off. */
  #hang(owner: Ref, depth: number, right: Ref): void {
    if (depth > 0) {
      this.#insert(owner, depth - 1, this.#slots[depth - 1]! + 1, right)
      return
    }
    const left = this.#top(owner)
    const top = this.nodes.create(this.nodes.level(left) + 1, 2)
    const words = this.#arena.words[top >>> 17]!
    const at = this.nodes.entryAt(top, 0, this.nodes.innerStride)
    this.nodes.setCount(top, 2)
    this.nodes.writeChild(words, at, left)
    this.nodes.writeChild(words, at + this.nodes.innerStride, right)
    this.#setTop(owner, top)
  }

  /** Whether the node at `depth` of the way is the last of its level. */
  #isLast(depth: number): boolean {
    for (let i = 0; i < depth; i++) {
      if (this.#slots[i]! !== this.nodes.count(this.#way[i]! >>> 0) - 1) return false
    }
    return true
  }

  // ---- taking out

  #remove(owner: Ref, depth: number, index: number): void {
    const node = this.#way[depth]! >>> 0
    const count = this.nodes.closeGap(node, index)
    if (count === 0) this.#removeEmpty(owner, depth)
    else if (depth === 0) this.#lowerTop(owner, node)
    else if (!this.#joinWithNeighbour(owner, depth, count)) this.#shrink(owner, depth)
  }

  #removeEmpty(owner: Ref, depth: number): void {
    const node = this.#way[depth]! >>> 0
    if (this.nodes.level(node) === 0)
      this.nodes.join(this.nodes.link(node, PREVIOUS), this.nodes.link(node, NEXT))
    this.#arena.free(node)
    if (depth === 0) this.#setTop(owner, NONE)
    else this.#remove(owner, depth - 1, this.#slots[depth - 1]!)
  }

  /** A top with one child is not needed. */
  #lowerTop(owner: Ref, top: Ref): void {
    while (this.nodes.level(top) > 0 && this.nodes.count(top) === 1) {
      const child = this.nodes.child(top, 0)
      this.#arena.free(top)
      this.#setTop(owner, child)
      top = child
    }
    this.#way[0] = top
    this.#shrink(owner, 0)
  }

  #joinWithNeighbour(owner: Ref, depth: number, count: number): boolean {
    if (count >= JOINED_MAX) return false
    const parent = this.#way[depth - 1]! >>> 0
    const slot = this.#slots[depth - 1]!
    const siblings = this.nodes.count(parent)
    if (
      slot + 1 < siblings &&
      count + this.nodes.count(this.nodes.child(parent, slot + 1)) <= JOINED_MAX
    ) {
      this.#joinAt(owner, depth, slot)
      return true
    }
    if (slot > 0 && count + this.nodes.count(this.nodes.child(parent, slot - 1)) <= JOINED_MAX) {
      this.#joinAt(owner, depth, slot - 1)
      return true
    }
    return false
  }

  /** Moves all of child `slot + 1` of the node above `depth` to child `slot`. */
  #joinAt(owner: Ref, depth: number, slot: number): void {
    const parent = this.#way[depth - 1]! >>> 0
    let left = this.nodes.child(parent, slot)
    const right = this.nodes.child(parent, slot + 1)
    const count = this.nodes.count(left)
    const moved = this.nodes.count(right)
    this.#way[depth] = left
    this.#slots[depth - 1] = slot
    if (this.nodes.capacity(left) < count + moved) left = this.#resize(owner, depth, count + moved)
    this.nodes.copyEntries(right, 0, moved, left, count)
    this.nodes.setCount(left, count + moved)
    if (this.nodes.level(left) === 0) this.nodes.join(left, this.nodes.link(right, NEXT))
    else {
      // What was the first of its node has no key of its own: the one above had it.
      const words = this.#arena.words[left >>> 17]!
      const at = this.nodes.entryAt(left, count, this.nodes.innerStride)
      const above = this.#arena.words[parent >>> 17]!
      const aboveAt = this.nodes.entryAt(parent, slot + 1, this.nodes.innerStride)
      for (let i = 0; i < this.payloadAt; i++) words[at + i] = above[aboveAt + i]!
    }
    this.#arena.free(right)
    this.#remove(owner, depth - 1, slot + 1)
  }

  #shrink(owner: Ref, depth: number): void {
    const node = this.#way[depth]! >>> 0
    const places = this.nodes.capacity(node)
    const count = this.nodes.count(node)
    if (places > SMALL_PLACES && count * 4 <= places) this.#resize(owner, depth, count * 2)
  }

  // ---- nodes

  #descend(owner: Ref, key: Key): Ref {
    this.#order.aim(key)
    let node = this.#top(owner)
    let depth = 0
    if (node !== NONE) {
      for (;;) {
        const words = this.#arena.words[node >>> 17]!
        const at = wordOffset(node)
        const count = words[at]! & 0xffff
        const level = words[at]! >>> 16
        const entries = at + HEAD_WORDS
        this.#way[depth] = node
        if (level === 0) {
          this.#slots[depth] = this.#order.locate(words, entries, count, this.nodes.leafStride, 0)
          break
        }
        const stride = this.nodes.innerStride
        const slot = this.#order.locate(words, entries + stride, count - 1, stride, level) + 1
        this.#slots[depth++] = slot
        node = words[entries + slot * stride + this.payloadAt]! >>> 0
      }
    }
    this.#depth = depth
    return node
  }

  #descendFirst(owner: Ref): Ref {
    let node = this.#top(owner)
    let depth = 0
    for (; this.nodes.level(node) > 0; node = this.nodes.child(node, 0)) {
      this.#way[depth] = node
      this.#slots[depth++] = 0
    }
    this.#way[depth] = node
    this.#slots[depth] = 0
    this.#depth = depth
    return node
  }

  #place(cursor: TreeCursor, node: Ref, index: number): boolean {
    cursor.node = node
    cursor.index = index
    cursor.words = this.#arena.words[node >>> 17]!
    cursor.at = wordOffset(node) + HEAD_WORDS + index * this.nodes.leafStride
    return true
  }

  /** Moves the node at `depth` of the way to a block with so many places. */
  #resize(owner: Ref, depth: number, places: number): Ref {
    const node = this.#way[depth]! >>> 0
    const count = this.nodes.count(node)
    const fresh = this.nodes.create(this.nodes.level(node), Math.min(places, NODE_ENTRIES_MAX))
    this.nodes.setCount(fresh, count)
    this.nodes.copyEntries(node, 0, count, fresh, 0)
    if (this.nodes.level(node) === 0) {
      this.nodes.join(this.nodes.link(node, PREVIOUS), fresh)
      this.nodes.join(fresh, this.nodes.link(node, NEXT))
    }
    this.#arena.free(node)
    this.#way[depth] = fresh
    if (depth === 0) this.#setTop(owner, fresh)
    else {
      const parent = this.#way[depth - 1]! >>> 0
      const at = this.nodes.entryAt(parent, this.#slots[depth - 1]!, this.nodes.innerStride)
      this.#arena.words[parent >>> 17]![at + this.payloadAt] = fresh
    }
    return fresh
  }

  #top(owner: Ref): Ref {
    return this.#arena.words[owner >>> 17]![wordOffset(owner) + this.#rootAt]! >>> 0
  }

  #setTop(owner: Ref, top: Ref): void {
    this.#arena.words[owner >>> 17]![wordOffset(owner) + this.#rootAt] = top
  }

  #addToCount(owner: Ref, by: number): void {
    const words = this.#arena.words[owner >>> 17]!
    words[wordOffset(owner) + this.#rootAt + 1]! += by
  }
}
