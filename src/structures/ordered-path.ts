/**
 * The way from the root of an ordered tree to one pair, and the changes of the tree along it.
 *
 * Level 0 is the inner node above the leaf, level `depth - 1` is the root. A leaf or an inner node
 * that is full is split in halves, but at either end of the tree it stays full and the newcomer begins
 * another, so that what comes in order fills the leaves. Neighbours that together have become sparse
 * are joined; what has become empty is freed.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import {
  addToCount,
  childOf,
  countBefore,
  countOf,
  INNER_CHILDREN_MAX,
  innerCount,
  insertChild,
  minRefOf,
  minScoreOf,
  moveChildren,
  newInner,
  removeChild,
  setInnerCount,
  setMin,
} from './ordered-inner.ts'
import {
  appendPairs,
  insertPair,
  LEAF_PAIRS_MAX,
  leafCount,
  leafNext,
  leafPlaces,
  leafPrevious,
  linkLeaves,
  movePairs,
  newLeaf,
  placesFor,
  refPlace,
  removePairs,
  scorePlace,
} from './ordered-leaf.ts'

/** More levels than any tree has: 2^32 pairs are in seven. */
const LEVELS_MAX = 16
/** A leaf with fewer pairs looks for a neighbour to join. */
const LEAF_PAIRS_MIN = LEAF_PAIRS_MAX / 2
/** Joining leaves room, or the next pair would split again. */
const JOINED_PAIRS_MAX = (LEAF_PAIRS_MAX * 3) / 4
const INNER_CHILDREN_MIN = INNER_CHILDREN_MAX >> 1
const JOINED_CHILDREN_MAX = (INNER_CHILDREN_MAX * 3) >> 2

export class OrderedPath {
  readonly arena: Arena
  root: Ref = NONE
  /** Levels of inner nodes. */
  depth = 0
  /** The inner nodes on the way, and which child of each comes next. */
  readonly nodes = new Int32Array(LEVELS_MAX)
  readonly indexes = new Int32Array(LEVELS_MAX)
  leaf: Ref = NONE
  /** The pair in the leaf; its count is the place after the last. */
  index = 0

  constructor(arena: Arena) {
    this.arena = arena
  }

  /** How many pairs stand before this place. */
  rank(): number {
    let rank = this.index
    for (let level = 0; level < this.depth; level++) {
      rank += countBefore(this.arena, this.nodes[level]!, this.indexes[level]!)
    }
    return rank
  }

  /** Puts a pair in here. */
  insert(score: number, ref: Ref): void {
    const { arena } = this
    if (this.root === NONE) {
      this.root = this.leaf = newLeaf(arena, placesFor(1), false)
      this.index = 0
    } else if (leafCount(arena, this.leaf) === leafPlaces(arena, this.leaf)) {
      this.#makeRoom(score, ref)
    }
    insertPair(arena, this.leaf, this.index, score, ref)
    for (let level = 0; level < this.depth; level++) {
      addToCount(arena, this.nodes[level]!, this.indexes[level]!, 1)
    }
    if (this.index === 0) this.setMin(score, ref)
  }

  /** Takes out `removed` pairs of this leaf from here on. The path leads nowhere afterwards. */
  remove(removed: number): void {
    const { arena, leaf } = this
    removePairs(arena, leaf, this.index, removed)
    for (let level = 0; level < this.depth; level++) {
      addToCount(arena, this.nodes[level]!, this.indexes[level]!, -removed)
    }
    const left = leafCount(arena, leaf)
    if (left === 0) {
      linkLeaves(arena, leafPrevious(arena, leaf), leafNext(arena, leaf))
      arena.free(leaf)
      this.#removeChild(0)
      return
    }
    if (this.index === 0) {
      const score = arena.doubles[leaf >>> 17]![scorePlace(arena, leaf, 0)]!
      this.setMin(score, arena.words[leaf >>> 17]![refPlace(arena, leaf, 0)]!)
    }
    if (left < LEAF_PAIRS_MIN && this.depth > 0) this.#joinLeaf()
  }

  /** Says above the leaf that its first pair is another now. */
  setMin(score: number, ref: Ref, level = 0): void {
    for (; level < this.depth; level++) {
      const index = this.indexes[level]!
      setMin(this.arena, this.nodes[level]!, index, score, ref)
      if (index > 0) return
    }
  }

  /** The leaf is full: lets the path lead to a place with room for a pair that belongs here. */
  #makeRoom(score: number, ref: Ref): void {
    const { arena, leaf } = this
    const count = leafCount(arena, leaf)
    if (count < LEAF_PAIRS_MAX) {
      this.root = this.leaf = newLeaf(arena, placesFor(count + 1), false)
      appendPairs(arena, this.leaf, leaf)
      arena.free(leaf)
      return
    }
    const isFirst = this.index === 0 && leafPrevious(arena, leaf) === NONE
    const isLast = this.index === count && leafNext(arena, leaf) === NONE
    const fresh = newLeaf(arena, LEAF_PAIRS_MAX, isFirst)
    if (isFirst) {
      linkLeaves(arena, fresh, leaf)
      this.#insertChild(0, fresh, { after: 0, follows: true, score, ref, count: 0 })
      this.leaf = fresh
      return
    }
    linkLeaves(arena, fresh, leafNext(arena, leaf))
    linkLeaves(arena, leaf, fresh)
    if (isLast) {
      this.#insertChild(0, fresh, { after: 1, follows: true, score, ref, count: 0 })
      this.leaf = fresh
      this.index = 0
      return
    }
    const half = count >> 1
    movePairs(arena, leaf, half, fresh)
    const follows = this.index > half
    this.#insertChild(0, fresh, {
      after: 1,
      follows,
      score: arena.doubles[fresh >>> 17]![scorePlace(arena, fresh, 0)]!,
      ref: arena.words[fresh >>> 17]![refPlace(arena, fresh, 0)]!,
      count: count - half,
    })
    if (!follows) return
    this.leaf = fresh
    this.index -= half
  }

  /**
   * Adds a child to the node at a level, beside the one that the path leads through, and lets the path
   * lead through it if it is to follow. Pairs that it has were those of its neighbour.
   */
  #insertChild(level: number, child: Ref, place: NewChild): void {
    const { arena } = this
    if (level === this.depth) this.#addLevel(place.count)
    let at = this.indexes[level]! + place.after
    if (innerCount(arena, this.nodes[level]!) === INNER_CHILDREN_MAX) {
      at = this.#splitInner(level, at, place)
    }
    const inner = this.nodes[level]!
    insertChild(arena, inner, at, child, place.count)
    setMin(arena, inner, at, place.score, place.ref)
    if (place.count > 0) addToCount(arena, inner, at - 1, -place.count)
    this.indexes[level] = place.follows ? at : at - place.after
  }

  /**
   * Splits the full node at a level, where a child is to come to stand at `at`, so that the path leads
   * to the half with that place. @returns the place there.
   */
  #splitInner(level: number, at: number, { count, score, ref }: NewChild): number {
    const { arena } = this
    const inner = this.nodes[level]!
    const fresh = newInner(arena)
    if (count === 0 && (at === 0 || at === INNER_CHILDREN_MAX)) {
      // What is new is at an end of the tree.
      const after = at === 0 ? 0 : 1
      this.#insertChild(level + 1, fresh, { after, follows: true, score, ref, count: 0 })
      this.nodes[level] = fresh
      return 0
    }
    const half = (INNER_CHILDREN_MAX + 1) >> 1
    moveChildren(arena, inner, half, fresh)
    // At the border the child goes to the left half, where the one before it is.
    const isRight = at > half
    this.#insertChild(level + 1, fresh, {
      after: 1,
      follows: isRight,
      score: minScoreOf(arena, fresh, 0),
      ref: minRefOf(arena, fresh, 0),
      count: countBefore(arena, fresh, INNER_CHILDREN_MAX - half),
    })
    if (!isRight) return at
    this.nodes[level] = fresh
    return at - half
  }

  /** Puts a new root above the old one, which has given `given` pairs to a neighbour to come. */
  #addLevel(given: number): void {
    const { arena, root, depth } = this
    const inner = newInner(arena)
    const isLeaf = depth === 0
    const count = isLeaf
      ? leafCount(arena, root)
      : countBefore(arena, root, innerCount(arena, root))
    insertChild(arena, inner, 0, root, count + given)
    if (isLeaf) {
      const score = arena.doubles[root >>> 17]![scorePlace(arena, root, 0)]!
      setMin(arena, inner, 0, score, arena.words[root >>> 17]![refPlace(arena, root, 0)]!)
    } else setMin(arena, inner, 0, minScoreOf(arena, root, 0), minRefOf(arena, root, 0))
    this.root = inner
    this.nodes[depth] = inner
    this.indexes[depth] = 0
    this.depth++
  }

  /** The child on the path at a level is gone: takes it out of its parent, and what that empties. */
  #removeChild(level: number): void {
    const { arena } = this
    if (level === this.depth) {
      this.root = NONE
      this.depth = 0
      return
    }
    const inner = this.nodes[level]!
    const index = this.indexes[level]!
    removeChild(arena, inner, index)
    const left = innerCount(arena, inner)
    if (left === 0) {
      arena.free(inner)
      this.#removeChild(level + 1)
      return
    }
    if (index === 0) this.setMin(minScoreOf(arena, inner, 0), minRefOf(arena, inner, 0), level + 1)
    if (level === this.depth - 1) this.#dropRoots()
    else if (left < INNER_CHILDREN_MIN) this.#joinInner(level)
  }

  /** A root with one child gives way to it. */
  #dropRoots(): void {
    const { arena } = this
    while (this.depth > 0 && innerCount(arena, this.root) === 1) {
      const root = this.root
      this.root = childOf(arena, root, 0)
      this.depth--
      arena.free(root)
    }
  }

  /** Joins the leaf with the one after it, or before it, where both together are sparse. */
  #joinLeaf(): void {
    const parent = this.nodes[0]!
    const index = this.indexes[0]!
    const room = JOINED_PAIRS_MAX - leafCount(this.arena, this.leaf)
    const last = innerCount(this.arena, parent) - 1
    if (index < last && countOf(this.arena, parent, index + 1) <= room) this.#joinLeaves(index)
    else if (index > 0 && countOf(this.arena, parent, index - 1) <= room) {
      this.#joinLeaves(index - 1)
    }
  }

  /** Gives the pairs of the leaf after the child `left` to that one. */
  #joinLeaves(left: number): void {
    const { arena } = this
    const kept = childOf(arena, this.nodes[0]!, left)
    const gone = childOf(arena, this.nodes[0]!, left + 1)
    appendPairs(arena, kept, gone)
    linkLeaves(arena, kept, leafNext(arena, gone))
    this.#joined(0, left, gone)
  }

  /** The same for the inner node at a level, which is not the root. */
  #joinInner(level: number): void {
    const { arena } = this
    const parent = this.nodes[level + 1]!
    const index = this.indexes[level + 1]!
    const room = JOINED_CHILDREN_MAX - innerCount(arena, this.nodes[level]!)
    const fits = (at: number) =>
      at >= 0 &&
      at < innerCount(arena, parent) &&
      innerCount(arena, childOf(arena, parent, at)) <= room
    const left = fits(index + 1) ? index : fits(index - 1) ? index - 1 : -1
    if (left < 0) return
    const gone = childOf(arena, parent, left + 1)
    moveChildren(arena, gone, 0, childOf(arena, parent, left))
    this.#joined(level + 1, left, gone)
  }

  /** The child after `left` of the node at a level has given all that it had to `left`. */
  #joined(level: number, left: number, gone: Ref): void {
    const { arena } = this
    const parent = this.nodes[level]!
    addToCount(arena, parent, left, countOf(arena, parent, left + 1))
    arena.free(gone)
    this.indexes[level] = left + 1
    this.#removeChild(level)
  }

  /**
   * Frees about `budget` blocks, from the last on. What is left can only be freed further.
   * @returns whether nothing is left.
   */
  free(budget: number): boolean {
    const { arena } = this
    while (this.root !== NONE && budget > 0) {
      let block = this.root
      for (let level = this.depth - 1; level >= 0; level--) {
        this.nodes[level] = block
        block = childOf(arena, block, innerCount(arena, block) - 1)
      }
      arena.free(block)
      budget--
      let level = 0
      for (; level < this.depth; level++) {
        const inner = this.nodes[level]!
        const left = innerCount(arena, inner) - 1
        setInnerCount(arena, inner, left)
        if (left > 0) break
        arena.free(inner)
        budget--
      }
      if (level === this.depth) this.root = NONE
    }
    return this.root === NONE
  }
}

/** A child that is put in, and where. */
interface NewChild {
  /** 1 behind the child that the path leads through, 0 before it. */
  readonly after: 0 | 1
  /** Whether the path leads through it from now on. */
  readonly follows: boolean
  /** Its smallest pair. */
  readonly score: number
  readonly ref: Ref
  /** How many pairs it took over from the child before it; 0 at the ends of the tree. */
  readonly count: number
}
