/** Unions, intersections and differences of sorted sets and sets, as the reference computes them. */
import type { Slice } from '../../bytes/index.ts'
import type { Source } from './sources.ts'

type Add = (member: Slice, score: number) => void
type Combine = (held: number, score: number) => number

/** Small sets come first: the order shows where adding rounds. */
function bySize(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => a.count - b.count)
}

/** A score times a weight; an infinity times nothing is nothing. */
function weighted({ weight }: Source, score: number): number {
  const product = weight * score
  return Number.isNaN(product) ? 0 : product
}

/** Visits all members of a source. */
function eachOf(source: Source, visit: Add): void {
  source.each((member, score) => {
    visit(member, score)
    return true
  })
}

/** Adds each member of each source, with its score times the weight of the source. */
export function unite(sources: readonly Source[], add: Add): void {
  for (const source of bySize(sources)) {
    eachOf(source, (member, score) => add(member, weighted(source, score)))
  }
}

/** Adds each member that all sources have, with what `combine` makes of its scores. */
export function intersect(sources: readonly Source[], combine: Combine, add: Add): void {
  const [first, ...others] = bySize(sources)
  eachOf(first!, (member, score) => {
    let sum = weighted(first!, score)
    for (const other of others) {
      const found = other.entry === first!.entry ? score : other.find(member)
      if (Number.isNaN(found)) return
      sum = combine(sum, found * other.weight)
    }
    add(member, sum)
  })
}

/** How many members all sources have, counted up to `limit` where that is not 0. */
export function intersectionCount(sources: readonly Source[], limit: number): number {
  const [first, ...others] = bySize(sources)
  const different = others.filter(({ entry }) => entry !== first!.entry)
  let count = 0
  first!.each((member) => {
    if (different.every((other) => !Number.isNaN(other.find(member)))) count++
    return limit === 0 || count < limit
  })
  return count
}

/**
 * Adds each member of the first source that no other has: by looking each up in the others, or by
 * taking out again what the others have, after which `remove` says how many are left. Whichever is
 * less work.
 */
export function differ(
  sources: readonly Source[],
  add: Add,
  remove: (member: Slice) => number,
): void {
  const [first, ...others] = sources
  if (others.some(({ entry }) => entry === first!.entry)) return
  const total = others.reduce((sum, { count }) => sum + count, first!.count)
  if ((first!.count * sources.length) / 2 <= total) {
    // The largest will have it most probably.
    const largestFirst = bySize(others).reverse()
    eachOf(first!, (member, score) => {
      if (largestFirst.every((other) => Number.isNaN(other.find(member)))) add(member, score)
    })
    return
  }
  eachOf(first!, add)
  let left = first!.count
  for (const other of others) {
    if (left === 0) return
    other.each((member) => {
      left = remove(member)
      return left > 0
    })
  }
}
