/** What must hold of an ordered tree, for tests. */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { compareKey, keyOf } from './node.ts'
import { childOf, countOf, innerCount, minRefOf, minScoreOf } from './ordered-inner.ts'
import {
  leafCount,
  leafNext,
  leafPlaces,
  leafPrevious,
  refPlace,
  scorePlace,
} from './ordered-leaf.ts'

/** A tree as its root says. */
export interface TreeFacts {
  readonly root: Ref
  readonly depth: number
  readonly count: number
}

interface Pair {
  readonly score: number
  readonly ref: Ref
}

/** Throws when an invariant does not hold. Walks the whole tree. */
export function checkTree(arena: Arena, { root, depth, count }: TreeFacts): void {
  const pairs: Pair[] = []
  const leaves: Ref[] = []
  const walk = (block: Ref, level: number): void => {
    if (level === 0) {
      leaves.push(block)
      pairs.push(...pairsOf(arena, block))
      return
    }
    const children = innerCount(arena, block)
    if (children === 0) throw new Error('an inner node has no children')
    for (let i = 0; i < children; i++) {
      const first = pairs.length
      walk(childOf(arena, block, i), level - 1)
      if (pairs.length - first !== countOf(arena, block, i)) throw new Error('a count is wrong')
      const { score, ref } = pairs[first]!
      const isSmallest =
        Object.is(minScoreOf(arena, block, i), score) && minRefOf(arena, block, i) >>> 0 === ref
      if (!isSmallest) throw new Error('the smallest pair below a child is another')
    }
  }
  if (root !== NONE) walk(root, depth)
  if (depth > 0 && innerCount(arena, root) < 2) throw new Error('the root has one child')
  if (pairs.length !== count) throw new Error(`there are ${pairs.length} pairs, not ${count}`)
  checkLinks(arena, leaves)
  for (let i = 1; i < pairs.length; i++) {
    if (!isBefore(arena, pairs[i - 1]!, pairs[i]!)) throw new Error('the order is wrong')
  }
}

function pairsOf(arena: Arena, leaf: Ref): Pair[] {
  const count = leafCount(arena, leaf)
  if (count === 0 || count > leafPlaces(arena, leaf)) throw new Error('a leaf has a wrong count')
  const scores = scorePlace(arena, leaf, 0)
  const refs = refPlace(arena, leaf, 0)
  return Array.from({ length: count }, (_, i) => ({
    score: arena.doubles[leaf >>> 17]![scores + i]!,
    ref: arena.words[leaf >>> 17]![refs + i]! >>> 0,
  }))
}

function checkLinks(arena: Arena, leaves: readonly Ref[]): void {
  leaves.forEach((leaf, i) => {
    const next = leafNext(arena, leaf)
    const previous = leafPrevious(arena, leaf)
    if (next !== (leaves[i + 1] ?? NONE)) throw new Error('a leaf has a wrong neighbour after it')
    if (previous !== (leaves[i - 1] ?? NONE)) throw new Error('a leaf has a wrong one before it')
  })
}

function isBefore(arena: Arena, a: Pair, b: Pair): boolean {
  if (a.score !== b.score) return a.score < b.score
  const key = keyOf(arena, b.ref, new Slice(new Uint8Array(0), 0, 0))
  return compareKey(arena, a.ref, key.bytes, key.start, key.end) < 0
}
