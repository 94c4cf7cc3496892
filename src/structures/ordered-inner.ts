/**
 * Inner nodes of an ordered tree: children in rising order, each with the count of pairs below it and
 * the smallest of them, in one arena block.
 *
 *     0   count 4 · spare 4
 *     8   scores of the smallest pairs, 8 × 63
 *         their refs, the children, the counts, 4 × 63 each
 */
import { type Arena, doubleOffset, type Ref, wordOffset } from '../arena/index.ts'

/** Children of a full inner node: a block of 1280 bytes. */
export const INNER_CHILDREN_MAX = 63
/** The size of an inner node in bytes. */
export const INNER_BYTES = 8 + INNER_CHILDREN_MAX * 20
const SCORES_AT = 1
const REFS_AT = 2 + INNER_CHILDREN_MAX * 2
const CHILDREN_AT = REFS_AT + INNER_CHILDREN_MAX
const COUNTS_AT = CHILDREN_AT + INNER_CHILDREN_MAX

/** An inner node without children. */
export function newInner(arena: Arena): Ref {
  const inner = arena.allocate(INNER_BYTES)
  arena.words[inner >>> 17]![wordOffset(inner)] = 0
  return inner
}

/** How many children an inner node has. */
export function innerCount(arena: Arena, inner: Ref): number {
  return arena.words[inner >>> 17]![wordOffset(inner)]!
}

/** Forgets children at the end. */
export function setInnerCount(arena: Arena, inner: Ref, count: number): void {
  arena.words[inner >>> 17]![wordOffset(inner)] = count
}

/** A child. */
export function childOf(arena: Arena, inner: Ref, index: number): Ref {
  return arena.words[inner >>> 17]![wordOffset(inner) + CHILDREN_AT + index]!
}

/** Puts another block in the place of a child. */
export function setChild(arena: Arena, inner: Ref, index: number, child: Ref): void {
  arena.words[inner >>> 17]![wordOffset(inner) + CHILDREN_AT + index] = child
}

/** The score of the smallest pair below a child. */
export function minScoreOf(arena: Arena, inner: Ref, index: number): number {
  return arena.doubles[inner >>> 17]![doubleOffset(inner) + SCORES_AT + index]!
}

/** Where the score of the smallest pair below child 0 stands among the doubles of the page. */
export function minScoresAt(inner: Ref): number {
  return doubleOffset(inner) + SCORES_AT
}

/** Where the ref of the smallest pair below child 0 stands among the words of the page. */
export function minRefsAt(inner: Ref): number {
  return wordOffset(inner) + REFS_AT
}

/** The ref of the smallest pair below a child. */
export function minRefOf(arena: Arena, inner: Ref, index: number): Ref {
  return arena.words[inner >>> 17]![wordOffset(inner) + REFS_AT + index]!
}

/** Says which pair is the smallest below a child. */
export function setMin(arena: Arena, inner: Ref, index: number, score: number, ref: Ref): void {
  arena.doubles[inner >>> 17]![doubleOffset(inner) + SCORES_AT + index] = score
  arena.words[inner >>> 17]![wordOffset(inner) + REFS_AT + index] = ref
}

/** How many pairs are below a child. */
export function countOf(arena: Arena, inner: Ref, index: number): number {
  return arena.words[inner >>> 17]![wordOffset(inner) + COUNTS_AT + index]! >>> 0
}

/** Adds to the count of pairs below a child. */
export function addToCount(arena: Arena, inner: Ref, index: number, by: number): void {
  arena.words[inner >>> 17]![wordOffset(inner) + COUNTS_AT + index]! += by
}

/** How many pairs are below the children before `index`. */
export function countBefore(arena: Arena, inner: Ref, index: number): number {
  const words = arena.words[inner >>> 17]!
  const at = wordOffset(inner) + COUNTS_AT
  let sum = 0
  for (let i = at; i < at + index; i++) sum += words[i]! >>> 0
  return sum
}

/** Puts a child in at `index`. There is room. */
export function insertChild(
  arena: Arena,
  inner: Ref,
  index: number,
  child: Ref,
  count: number,
): void {
  const words = arena.words[inner >>> 17]!
  const doubles = arena.doubles[inner >>> 17]!
  const at = wordOffset(inner)
  const end = words[at]!
  const scores = doubleOffset(inner) + SCORES_AT
  doubles.copyWithin(scores + index + 1, scores + index, scores + end)
  for (let i = at + end; i > at + index; i--) {
    words[REFS_AT + i] = words[REFS_AT + i - 1]!
    words[CHILDREN_AT + i] = words[CHILDREN_AT + i - 1]!
    words[COUNTS_AT + i] = words[COUNTS_AT + i - 1]!
  }
  words[at + CHILDREN_AT + index] = child
  words[at + COUNTS_AT + index] = count
  words[at] = end + 1
}

/** Takes a child out. */
export function removeChild(arena: Arena, inner: Ref, index: number): void {
  const words = arena.words[inner >>> 17]!
  const doubles = arena.doubles[inner >>> 17]!
  const at = wordOffset(inner)
  const end = words[at]! - 1
  const scores = doubleOffset(inner) + SCORES_AT
  doubles.copyWithin(scores + index, scores + index + 1, scores + end + 1)
  for (let i = at + index; i < at + end; i++) {
    words[REFS_AT + i] = words[REFS_AT + i + 1]!
    words[CHILDREN_AT + i] = words[CHILDREN_AT + i + 1]!
    words[COUNTS_AT + i] = words[COUNTS_AT + i + 1]!
  }
  words[at] = end
}

/** Gives the children from `index` on to the end of another inner node, where there is room. */
export function moveChildren(arena: Arena, from: Ref, index: number, to: Ref): void {
  const words = arena.words[from >>> 17]!
  const toWords = arena.words[to >>> 17]!
  const at = wordOffset(from)
  const toAt = wordOffset(to)
  const moved = words[at]! - index
  const end = toWords[toAt]!
  for (let i = 0; i < moved; i++) {
    setMin(arena, to, end + i, minScoreOf(arena, from, index + i), words[at + REFS_AT + index + i]!)
    toWords[toAt + CHILDREN_AT + end + i] = words[at + CHILDREN_AT + index + i]!
    toWords[toAt + COUNTS_AT + end + i] = words[at + COUNTS_AT + index + i]!
  }
  words[at] = index
  toWords[toAt] = end + moved
}
