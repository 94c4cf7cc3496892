/** The order of the elements: by number or by bytes, of themselves or of what a pattern names. */
import type { Gathered } from '../../../bytes/index.ts'
import type { Call } from '../../../engine/index.ts'
import { sortPart } from '../../../values/index.ts'
import { orderByScore } from './order-by-score.ts'
import { textComparison } from './order-by-text.ts'
import type { SortRequest } from './request.ts'

/** Indexes of elements from `first` to `last` that are wanted. */
export interface Wanted {
  readonly first: number
  readonly last: number
}

/**
 * The numbers of the elements in their order, right at least where they are wanted. Where texts are
 * equal their order is the reference's, unless `isUnstable`: then the elements' bytes decide.
 */
export function sortElements(
  call: Call,
  elements: Gathered,
  request: SortRequest,
  { first, last }: Wanted,
  isUnstable: boolean,
): number[] {
  const { isAlpha, by, isDescending } = request
  // Scores, and bytes where those are equal, leave no choice.
  if (!isAlpha) return orderByScore(call, elements, by, isDescending)
  const numbers: number[] = []
  for (let i = 0; i < elements.count; i++) numbers.push(i)
  const ascending = textComparison(call, elements, request, isUnstable)
  const compare = isDescending ? (a: number, b: number) => -ascending(a, b) : ascending
  const isPart = first !== 0 || last !== elements.count - 1
  if (by !== undefined && isPart) sortPart(numbers, first, last, compare)
  else numbers.sort(compare)
  return numbers
}
