/** What SORT is asked for. */
import type { Slice } from '../../../bytes/index.ts'
import { type Args, syntaxError } from '../../../engine/index.ts'
import { isConstant } from './pattern.ts'

/** The options. */
export interface SortRequest {
  isDescending: boolean
  /** By the bytes, and not by the numbers that they read as. */
  isAlpha: boolean
  /** What is passed over, and how many are wanted; a negative number is all. */
  offset: number
  count: number
  /** Whose values are compared in the place of the elements. */
  by: Slice | undefined
  /** By a pattern that is the same for all elements: nothing is sorted. */
  isUnsorted: boolean
  /** What is answered in the place of the elements. */
  gets: Slice[]
  target: Slice | undefined
}

/** Reads the options; STORE is one only where `takesStore`. */
export function readSort(args: Args, takesStore: boolean): SortRequest {
  const request: SortRequest = {
    isDescending: false,
    isAlpha: false,
    offset: 0,
    count: -1,
    by: undefined,
    isUnsorted: false,
    gets: [],
    target: undefined,
  }
  while (args.left > 0) {
    if (args.take('ASC')) request.isDescending = false
    else if (args.take('DESC')) request.isDescending = true
    else if (args.take('ALPHA')) request.isAlpha = true
    else if (args.left > 2 && args.take('LIMIT')) {
      request.offset = args.int()
      request.count = args.int()
    } else if (takesStore && args.left > 1 && args.take('STORE')) request.target = args.key()
    else if (args.left > 1 && args.take('BY')) {
      request.by = args.next()
      // Given once, it holds, whatever a later pattern says.
      if (isConstant(request.by)) request.isUnsorted = true
    } else if (args.left > 1 && args.take('GET')) request.gets.push(args.next())
    else throw syntaxError()
  }
  return request
}
