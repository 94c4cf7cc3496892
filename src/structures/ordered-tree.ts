/**
 * An order-statistic B+ tree over the arena: pairs of a score and a ref of a node, by score, then by the
 * node's key. Inner nodes count what is below each child, so that rank and selection
 * by rank take as many steps as the tree has levels. The leaves are linked, for walks in both
 * directions.
 *
 *     inner     [ smallest pair, child, count ] × 63           ordered-inner.ts
 *     leaf      scores · refs, up to 68 pairs, and neighbours   ordered-leaf.ts
 *
 * One object serves all trees of a kind. What is particular to one stands in a root of
 * `TREE_ROOT_BYTES` bytes in the value that owns it, not aligned:
 *
 *     0   root 4 · count 4 · depth 1
 *
 * `open` reads it, and every change writes it back. Nodes are not the tree's: it reads their keys while
 * it looks for a place, so a node is freed after its pair was taken out.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { compareKey, keyOf } from './node.ts'
import { checkTree } from './ordered-check.ts'
import { childOf, countOf, innerCount, minRefsAt, minScoresAt } from './ordered-inner.ts'
import { leafCount, leafNext, leafPrevious, refPlace, scorePlace } from './ordered-leaf.ts'
import { OrderedPath } from './ordered-path.ts'
import { countBelow, countUpTo } from './ordered-search.ts'
import { readUint32, writeUint32 } from './segment.ts'

/** The size of a root in bytes. Zeros are an empty tree. */
export const TREE_ROOT_BYTES = 9

const NO_BYTES = new Uint8Array(0)
const NO_DOUBLES = new Float64Array(0)
const NO_WORDS = new Int32Array(0)
const COUNT_AT = 4
const DEPTH_AT = 8

export class OrderedTree {
  readonly #arena: Arena
  readonly #path: OrderedPath
  #bytes: Uint8Array = NO_BYTES
  #at = 0
  #count = 0
  /** What is looked for among equal scores. */
  #ref: Ref = NONE
  readonly #key = new Slice(NO_BYTES, 0, 0)
  /** The leaf that the cursor is in, and where its pairs stand in the views of its page. */
  #leaf: Ref = NONE
  #index = 0
  #leafCount = 0
  #scores = 0
  #refs = 0
  #doubles: Float64Array = NO_DOUBLES
  #words: Int32Array = NO_WORDS
  /** The pair that the cursor is at. Valid until the tree changes. */
  score = 0
  ref: Ref = NONE

  constructor(arena: Arena) {
    this.#arena = arena
    this.#path = new OrderedPath(arena)
  }

  /** How many pairs there are. */
  get count(): number {
    return this.#count
  }

  /** Goes on with the tree whose root is at `at`. The bytes stay where they are until the next call. */
  open(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes
    this.#at = at
    this.#path.root = readUint32(bytes, at)
    this.#path.depth = bytes[at + DEPTH_AT]!
    this.#count = readUint32(bytes, at + COUNT_AT)
  }

  // ---- changes

  /** Adds a pair that is not there. */
  insert(score: number, ref: Ref): void {
    this.#aimAfter(score, ref)
    this.#path.insert(score, ref)
    this.#count++
    this.#save()
  }

  /** Adds a pair that belongs after all others: nothing is compared. */
  append(score: number, ref: Ref): void {
    this.#aimAtEnd()
    this.#path.insert(score, ref)
    this.#count++
    this.#save()
  }

  /** Takes out a pair that is there. */
  remove(score: number, ref: Ref): void {
    this.#aimAt(score, ref)
    this.#path.remove(1)
    this.#count--
    this.#save()
  }

  /** Takes out the pair that `seek` has just set the cursor to. */
  removeHere(): void {
    this.#path.remove(1)
    this.#count--
    this.#save()
  }

  /** Gives a pair that is there another score. Where it keeps its place, that is all that is done. */
  move(score: number, ref: Ref, newScore: number): void {
    this.#aimAt(score, ref)
    const { leaf, index } = this.#path
    const doubles = this.#arena.doubles[leaf >>> 17]!
    const place = scorePlace(this.#arena, leaf, index)
    const last = leafCount(this.#arena, leaf) - 1
    const isAboveBefore =
      index > 0 ? doubles[place - 1]! < newScore : leafPrevious(this.#arena, leaf) === NONE
    const isBelowAfter =
      index < last ? doubles[place + 1]! > newScore : leafNext(this.#arena, leaf) === NONE
    if (isAboveBefore && isBelowAfter) {
      doubles[place] = newScore
      if (index === 0) this.#path.setMin(newScore, ref)
      return
    }
    this.#path.remove(1)
    this.#aimAfter(newScore, ref)
    this.#path.insert(newScore, ref)
    this.#save()
  }

  /**
   * Takes out pairs from a rank on, at most `count` and at most those of one leaf, after `visit` has
   * seen the ref of each. @returns how many. `visit` may free nodes, but not change the tree.
   */
  removeSome(rank: number, count: number, visit: (ref: Ref) => void): number {
    const path = this.#path
    this.#aimAtRank(rank)
    const { leaf, index } = path
    const removed = Math.min(count, leafCount(this.#arena, leaf) - index)
    const words = this.#arena.words[leaf >>> 17]!
    const place = refPlace(this.#arena, leaf, index)
    for (let i = 0; i < removed; i++) visit(words[place + i]! >>> 0)
    path.remove(removed)
    this.#count -= removed
    this.#save()
    return removed
  }

  /** Frees about `budget` blocks of the tree, which can only be freed then. @returns whether it is empty. */
  free(budget: number): boolean {
    const isFree = this.#path.free(budget)
    if (isFree) {
      this.#path.depth = 0
      this.#count = 0
    }
    this.#save()
    return isFree
  }

  // ---- ranks

  /** How many pairs are before one that is there. */
  rankOf(score: number, ref: Ref): number {
    this.#aimAt(score, ref)
    return this.#path.rank()
  }

  /** How many pairs have a lower score, or with `orEqual` a score that is not higher. */
  rankOfScore(score: number, orEqual: boolean): number {
    if (this.#path.root === NONE) return 0
    this.#descendByScore(score, orEqual)
    return this.#path.rank()
  }

  /**
   * How many pairs have a lower key, or with `orEqual` one that is not higher. It means something where
   * all scores are equal.
   */
  rankOfKey(bytes: Uint8Array, start: number, end: number, orEqual: boolean): number {
    if (this.#path.root === NONE) return 0
    this.#descendByKey(bytes, start, end, orEqual ? 1 : 0)
    return this.#path.rank()
  }

  // ---- walking

  /** Sets the cursor to the pair of a rank. @returns whether there is one. */
  seek(rank: number): boolean {
    if (rank < 0 || rank >= this.#count) return false
    this.#aimAtRank(rank)
    this.#enter(this.#path.leaf, this.#path.index)
    this.#look()
    return true
  }

  /** Sets the cursor to the next pair. @returns whether there is one. */
  next(): boolean {
    if (++this.#index === this.#leafCount) {
      const next = leafNext(this.#arena, this.#leaf)
      if (next === NONE) return false
      this.#enter(next, 0)
    }
    this.#look()
    return true
  }

  /** Sets the cursor to the pair before. @returns whether there is one. */
  previous(): boolean {
    if (--this.#index < 0) {
      const previous = leafPrevious(this.#arena, this.#leaf)
      if (previous === NONE) return false
      this.#enter(previous, leafCount(this.#arena, previous) - 1)
    }
    this.#look()
    return true
  }

  /**
   * Writes the refs of the pairs behind the cursor into `into`, or of those before it where none is
   * behind it: as many as there is room for and its leaf has. @returns how many.
   */
  gatherNear(into: Int32Array): number {
    const index = this.#index
    const after = this.#leafCount - index - 1
    const step = after > 0 ? 1 : -1
    const count = Math.min(into.length, after > 0 ? after : index)
    for (let i = 1; i <= count; i++) into[i - 1] = this.#words[this.#refs + index + i * step]!
    return count
  }

  /** Throws when an invariant does not hold. For tests; walks the whole tree. */
  check(): void {
    const { root, depth } = this.#path
    checkTree(this.#arena, { root, depth, count: this.#count })
  }

  /** Bytes of the blocks of the tree, without the root. */
  get ownedBytes(): number {
    const { root, depth } = this.#path
    return root === NONE ? 0 : this.#bytesOf(root, depth)
  }

  #bytesOf(block: Ref, depth: number): number {
    const size = this.#arena.sizeOf(block)
    if (depth === 0) return size
    const children = innerCount(this.#arena, block)
    // Below an inner node all leaves are of one size.
    if (depth === 1) return size + children * this.#arena.sizeOf(childOf(this.#arena, block, 0))
    let sum = size
    for (let i = 0; i < children; i++)
      sum += this.#bytesOf(childOf(this.#arena, block, i), depth - 1)
    return sum
  }

  /** Sets the cursor to a pair of a leaf. */
  #enter(leaf: Ref, index: number): void {
    const arena = this.#arena
    this.#leaf = leaf
    this.#index = index
    this.#leafCount = leafCount(arena, leaf)
    this.#scores = scorePlace(arena, leaf, 0)
    this.#refs = refPlace(arena, leaf, 0)
    this.#doubles = arena.doubles[leaf >>> 17]!
    this.#words = arena.words[leaf >>> 17]!
  }

  #look(): void {
    const index = this.#index
    this.score = this.#doubles[this.#scores + index]!
    this.ref = this.#words[this.#refs + index]! >>> 0
  }

  #save(): void {
    const bytes = this.#bytes
    const at = this.#at
    writeUint32(bytes, at, this.#path.root)
    writeUint32(bytes, at + COUNT_AT, this.#count)
    bytes[at + DEPTH_AT] = this.#path.depth
  }

  // ---- looking for places

  /** To the place behind all pairs that are not above this one. */
  #aimAfter(score: number, ref: Ref): void {
    // Signed, as it stands in the blocks.
    this.#ref = ref | 0
    if (this.#path.root !== NONE) {
      keyOf(this.#arena, ref, this.#key)
      this.#descend(score)
    }
  }

  /** To a pair that is there. */
  #aimAt(score: number, ref: Ref): void {
    this.#aimAfter(score, ref)
    const { leaf } = this.#path
    const index = --this.#path.index
    const isThere =
      index >= 0 &&
      this.#arena.words[leaf >>> 17]![refPlace(this.#arena, leaf, index)]! >>> 0 === ref
    if (!isThere) throw new Error('a pair that should be in the ordered tree is not')
  }

  #aimAtEnd(): void {
    const path = this.#path
    if (path.root === NONE) return
    let block = path.root
    for (let level = path.depth - 1; level >= 0; level--) {
      const last = innerCount(this.#arena, block) - 1
      path.nodes[level] = block
      path.indexes[level] = last
      block = childOf(this.#arena, block, last)
    }
    path.leaf = block
    path.index = leafCount(this.#arena, block)
  }

  #aimAtRank(rank: number): void {
    const path = this.#path
    let block = path.root
    for (let level = path.depth - 1; level >= 0; level--) {
      let index = 0
      for (let below = countOf(this.#arena, block, 0); rank >= below; ) {
        rank -= below
        below = countOf(this.#arena, block, ++index)
      }
      path.nodes[level] = block
      path.indexes[level] = index
      block = childOf(this.#arena, block, index)
    }
    path.leaf = block
    path.index = rank
  }

  #descend(score: number): void {
    const path = this.#path
    const { arena } = path
    let block = path.root
    for (let level = path.depth - 1; level >= 0; level--) {
      // What is before the second child's smallest pair is in the first child.
      const after = this.#after(
        block,
        minScoresAt(block),
        minRefsAt(block),
        1,
        innerCount(arena, block),
        score,
      )
      path.nodes[level] = block
      path.indexes[level] = after - 1
      block = childOf(arena, block, after - 1)
    }
    path.leaf = block
    const scores = scorePlace(arena, block, 0)
    path.index = this.#after(
      block,
      scores,
      refPlace(arena, block, 0),
      0,
      leafCount(arena, block),
      score,
    )
  }

  /** The first of the pairs `low` to `high` in a block that is above what is looked for. */
  #after(
    block: Ref,
    scores: number,
    refs: number,
    low: number,
    high: number,
    score: number,
  ): number {
    const doubles = this.#arena.doubles[block >>> 17]!
    low += countBelow(doubles, scores + low, high - low, score)
    if (low === high || doubles[scores + low] !== score) return low
    const words = this.#arena.words[block >>> 17]!
    let end = low + countUpTo(doubles, scores + low, high - low, score)
    while (low < end) {
      const middle = (low + end) >>> 1
      if (this.#isNotAbove(words[refs + middle]!)) low = middle + 1
      else end = middle
    }
    return low
  }

  #isNotAbove(ref: Ref): boolean {
    if (ref === this.#ref) return true
    const key = this.#key
    return compareKey(this.#arena, ref, key.bytes, key.start, key.end) <= 0
  }

  #descendByScore(score: number, orEqual: boolean): void {
    const path = this.#path
    const { arena } = path
    let block = path.root
    for (let level = path.depth - 1; level >= 0; level--) {
      const scores = arena.doubles[block >>> 17]!
      const second = minScoresAt(block) + 1
      const count = innerCount(arena, block) - 1
      const index = orEqual
        ? countUpTo(scores, second, count, score)
        : countBelow(scores, second, count, score)
      path.nodes[level] = block
      path.indexes[level] = index
      block = childOf(arena, block, index)
    }
    path.leaf = block
    const scores = arena.doubles[block >>> 17]!
    const first = scorePlace(arena, block, 0)
    const count = leafCount(arena, block)
    path.index = orEqual
      ? countUpTo(scores, first, count, score)
      : countBelow(scores, first, count, score)
  }

  /** `above` is 1 to go behind keys that are equal, 0 to stay before them. */
  #descendByKey(bytes: Uint8Array, start: number, end: number, above: 0 | 1): void {
    const path = this.#path
    const { arena } = path
    const after = (block: Ref, refs: number, low: number, high: number) => {
      const words = arena.words[block >>> 17]!
      while (low < high) {
        const middle = (low + high) >>> 1
        const order = compareKey(arena, words[refs + middle]!, bytes, start, end)
        if (order < above) low = middle + 1
        else high = middle
      }
      return low
    }
    let block = path.root
    for (let level = path.depth - 1; level >= 0; level--) {
      const index = after(block, minRefsAt(block), 1, innerCount(arena, block)) - 1
      path.nodes[level] = block
      path.indexes[level] = index
      block = childOf(arena, block, index)
    }
    path.leaf = block
    path.index = after(block, refPlace(arena, block, 0), 0, leafCount(arena, block))
  }
}
