/**
 * Leaves of an ordered tree: pairs of a score and a ref in rising order, in one arena block.
 *
 *     0   count 2 · start 2      pairs, and unused places before the first
 *     4   next 4 · previous 4    the neighbours, `NONE` at the ends
 *    12   places 4
 *    16   scores, 8 × places
 *         refs, 4 × places
 *
 * The pairs stand anywhere in the places, so that taking one out or putting one in moves the shorter
 * side, and both ends are cheap.
 */
import { type Arena, doubleOffset, NONE, type Ref, wordOffset } from '../arena/index.ts'

/** Pairs in a full leaf: a block of 832 bytes. */
export const LEAF_PAIRS_MAX = 68
const HEAD_WORDS = 4
const HEAD_DOUBLES = 2
/** Sizes that the only leaf of a small tree goes through: blocks of 64 to 832 bytes. */
const PLACES_BY_STEP = [4, 9, 20, 41, LEAF_PAIRS_MAX]

/** An empty leaf. With `fromEnd` its first pair goes to the last place, to grow downwards. */
export function newLeaf(arena: Arena, places: number, fromEnd: boolean): Ref {
  const leaf = arena.allocate(HEAD_WORDS * 4 + places * 12)
  const words = arena.words[leaf >>> 17]!
  const at = wordOffset(leaf)
  words[at] = (fromEnd ? places : 0) << 16
  words[at + 1] = NONE
  words[at + 2] = NONE
  words[at + 3] = places
  return leaf
}

/** The size for the leaf of a tree with a few pairs. */
export function placesFor(pairs: number): number {
  return PLACES_BY_STEP.find((places) => places >= pairs) ?? LEAF_PAIRS_MAX
}

/** How many pairs a leaf has. */
export function leafCount(arena: Arena, leaf: Ref): number {
  return arena.words[leaf >>> 17]![wordOffset(leaf)]! & 0xffff
}

/** How many pairs a leaf has room for. */
export function leafPlaces(arena: Arena, leaf: Ref): number {
  return arena.words[leaf >>> 17]![wordOffset(leaf) + 3]!
}

/** The leaf after a leaf. */
export function leafNext(arena: Arena, leaf: Ref): Ref {
  return arena.words[leaf >>> 17]![wordOffset(leaf) + 1]!
}

/** The leaf before a leaf. */
export function leafPrevious(arena: Arena, leaf: Ref): Ref {
  return arena.words[leaf >>> 17]![wordOffset(leaf) + 2]!
}

/** Lets two leaves, or a leaf and `NONE`, be neighbours. */
export function linkLeaves(arena: Arena, left: Ref, right: Ref): void {
  if (left !== NONE) arena.words[left >>> 17]![wordOffset(left) + 1] = right
  if (right !== NONE) arena.words[right >>> 17]![wordOffset(right) + 2] = left
}

/** Where the score of pair `index` stands among the doubles of the leaf's page. */
export function scorePlace(arena: Arena, leaf: Ref, index: number): number {
  const start = arena.words[leaf >>> 17]![wordOffset(leaf)]! >>> 16
  return doubleOffset(leaf) + HEAD_DOUBLES + start + index
}

/** Where the ref of pair `index` stands among the words of the leaf's page. */
export function refPlace(arena: Arena, leaf: Ref, index: number): number {
  const words = arena.words[leaf >>> 17]!
  const at = wordOffset(leaf)
  return at + HEAD_WORDS + words[at + 3]! * 2 + (words[at]! >>> 16) + index
}

/** Puts a pair in at `index`. There is room. */
export function insertPair(arena: Arena, leaf: Ref, index: number, score: number, ref: Ref): void {
  const words = arena.words[leaf >>> 17]!
  const doubles = arena.doubles[leaf >>> 17]!
  const at = wordOffset(leaf)
  const count = words[at]! & 0xffff
  let start = words[at]! >>> 16
  const places = words[at + 3]!
  const scores = doubleOffset(leaf) + HEAD_DOUBLES
  const refs = at + HEAD_WORDS + places * 2
  if (start > 0 && (index * 2 < count || start + count === places)) {
    start--
    for (let i = start; i < start + index; i++) {
      doubles[scores + i] = doubles[scores + i + 1]!
      words[refs + i] = words[refs + i + 1]!
    }
  } else {
    for (let i = start + count; i > start + index; i--) {
      doubles[scores + i] = doubles[scores + i - 1]!
      words[refs + i] = words[refs + i - 1]!
    }
  }
  doubles[scores + start + index] = score
  words[refs + start + index] = ref
  words[at] = (count + 1) | (start << 16)
}

/** Takes `removed` pairs out from `index` on. */
export function removePairs(arena: Arena, leaf: Ref, index: number, removed: number): void {
  const words = arena.words[leaf >>> 17]!
  const doubles = arena.doubles[leaf >>> 17]!
  const at = wordOffset(leaf)
  const count = words[at]! & 0xffff
  let start = words[at]! >>> 16
  const scores = doubleOffset(leaf) + HEAD_DOUBLES
  const refs = at + HEAD_WORDS + words[at + 3]! * 2
  if (index * 2 + removed < count) {
    for (let i = start + index - 1; i >= start; i--) {
      doubles[scores + i + removed] = doubles[scores + i]!
      words[refs + i + removed] = words[refs + i]!
    }
    start += removed
  } else {
    for (let i = start + index; i < start + count - removed; i++) {
      doubles[scores + i] = doubles[scores + i + removed]!
      words[refs + i] = words[refs + i + removed]!
    }
  }
  words[at] = (count - removed) | (start << 16)
}

/**
 * Gives the pairs from `index` on to an empty leaf, in whose middle they come to stand: what is put in
 * next may belong at either end.
 */
export function movePairs(arena: Arena, from: Ref, index: number, to: Ref): void {
  const count = leafCount(arena, from)
  const moved = count - index
  const words = arena.words[to >>> 17]!
  const at = wordOffset(to)
  const start = (words[at + 3]! - moved) >> 1
  words[at] = start << 16
  copyPairs(arena, from, index, to, moved)
  arena.words[from >>> 17]![wordOffset(from)]! -= moved
}

/** Puts all pairs of `right` behind those of `left`, where there is room for them. */
export function appendPairs(arena: Arena, left: Ref, right: Ref): void {
  const words = arena.words[left >>> 17]!
  const doubles = arena.doubles[left >>> 17]!
  const at = wordOffset(left)
  const count = words[at]! & 0xffff
  const start = words[at]! >>> 16
  const places = words[at + 3]!
  const more = leafCount(arena, right)
  if (start + count + more > places) {
    const scores = doubleOffset(left) + HEAD_DOUBLES
    const refs = at + HEAD_WORDS + places * 2
    doubles.copyWithin(scores, scores + start, scores + start + count)
    words.copyWithin(refs, refs + start, refs + start + count)
    words[at] = count
  }
  copyPairs(arena, right, 0, left, more)
}

function copyPairs(arena: Arena, from: Ref, index: number, to: Ref, count: number): void {
  const end = leafCount(arena, to)
  const scores = scorePlace(arena, from, index)
  const refs = refPlace(arena, from, index)
  const toScores = scorePlace(arena, to, end)
  const toRefs = refPlace(arena, to, end)
  const doubles = arena.doubles[from >>> 17]!
  const words = arena.words[from >>> 17]!
  const toDoubles = arena.doubles[to >>> 17]!
  const toWords = arena.words[to >>> 17]!
  for (let i = 0; i < count; i++) {
    toDoubles[toScores + i] = doubles[scores + i]!
    toWords[toRefs + i] = words[refs + i]!
  }
  toWords[wordOffset(to)]! += count
}
