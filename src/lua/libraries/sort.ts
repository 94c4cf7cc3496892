/**
 * `table.sort`: a quicksort with the median of three, step by step the reference's, because a comparator
 * that is no order, or that looks at the table meanwhile, tells the difference.
 */

import { LuaError } from '../errors.ts'
import type { Realm } from '../realm.ts'
import { argumentTypeError, compareMessage } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { beforeLibraryWrite, pending, SLOW } from '../runtime/operations.ts'
import type { LuaTable } from '../table.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import { checkTable } from './arguments.ts'
import { type CallRequest, withCallbacks } from './callbacks.ts'

type Comparison = Generator<CallRequest, boolean, readonly LuaValue[]>
type Less = (a: LuaValue, b: LuaValue) => Comparison

/** The function `table.sort` of a realm. */
export function sortOf(realm: Realm): LuaFunction {
  const natural: Less = function* (a, b) {
    const result = naturalOrder(realm, a, b)
    if (result !== SLOW) return result as boolean
    const [value] = yield [pending.callee, pending.args]
    return value !== undefined && value !== false
  }
  const work = withCallbacks(realm.core, function* (target, comparator) {
    const table = target as LuaTable
    const less: Less =
      comparator === undefined
        ? natural
        : function* (a, b) {
            const [value] = yield [comparator as LuaFunction, [a, b]]
            return value !== undefined && value !== false
          }
    yield* sortRange(table, less, 1, table.length)
    return NOTHING
  })
  return function sort(target: LuaValue, comparator: LuaValue): LuaResult {
    const table = checkTable(target, 1, arguments.length)
    const size = table.length
    if (comparator !== undefined && typeof comparator !== 'function') {
      argumentTypeError(2, 'function', comparator)
    }
    if (size > 1 && table.guard !== 0) beforeLibraryWrite(table)
    realm.meter.fuel -= size
    if (comparator === undefined && sortPlain(table, size)) return NOTHING
    return work(table, comparator)
  }
}

function naturalOrder(realm: Realm, a: LuaValue, b: LuaValue) {
  if (typeof a === 'object' && typeof b === 'object') {
    try {
      return realm.operations.lessTry(a, b)
    } catch {
      throw new LuaError(compareMessage(a, b))
    }
  }
  const isPlain = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string')
  if (!isPlain) throw new LuaError(compareMessage(a, b))
  return (a as number) < (b as number)
}

/** Sorts an array of numbers only, or of strings only. @returns whether it was one */
function sortPlain(table: LuaTable, size: number): boolean {
  const { array } = table
  if (array.length - 1 !== size) return false
  const kind = typeof array[1]
  if (kind !== 'number' && kind !== 'string') return size === 0
  for (let at = 1; at <= size; at++) {
    // What is no number has no order, and how it ends up depends on each step.
    if (typeof array[at] !== kind || Number.isNaN(array[at])) return false
  }
  const values = array.slice(1)
  if (kind === 'number')
    Float64Array.from(values as number[])
      .sort()
      .forEach(place)
  else (values as string[]).sort(byteOrder).forEach(place)
  function place(value: LuaValue, at: number): void {
    array[at + 1] = value
  }
  return true
}

function byteOrder(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Sorts the elements from `low` to `high`. */
function* sortRange(table: LuaTable, less: Less, low: number, high: number): Steps {
  while (low < high) {
    if (yield* less(table.getNumber(high), table.getNumber(low))) swap(table, low, high)
    if (high - low === 1) return
    const middle = Math.floor((low + high) / 2)
    if (yield* less(table.getNumber(middle), table.getNumber(low))) swap(table, middle, low)
    else if (yield* less(table.getNumber(high), table.getNumber(middle))) swap(table, middle, high)
    if (high - low === 2) return
    const split = yield* partition(table, less, low, high, middle)
    // The smaller part first, so that the depth stays within the logarithm.
    if (split - low < high - split) {
      yield* sortRange(table, less, low, split - 1)
      low = split + 1
    } else {
      yield* sortRange(table, less, split + 1, high)
      high = split - 1
    }
  }
}

type Steps = Generator<CallRequest, void, readonly LuaValue[]>

/** Puts what is less than the pivot before it, and the rest behind. @returns where the pivot is then */
function* partition(
  table: LuaTable,
  less: Less,
  low: number,
  high: number,
  middle: number,
): Generator<CallRequest, number, readonly LuaValue[]> {
  const pivot = table.getNumber(middle)
  swap(table, middle, high - 1)
  let left = low
  let right = high - 1
  for (;;) {
    while (yield* less(table.getNumber(++left), pivot)) {
      if (left > high) raise('invalid order function for sorting')
    }
    while (yield* less(pivot, table.getNumber(--right))) {
      if (right < low) raise('invalid order function for sorting')
    }
    if (right < left) break
    swap(table, left, right)
  }
  swap(table, high - 1, left)
  return left
}

function swap(table: LuaTable, a: number, b: number): void {
  const value = table.getNumber(a)
  table.setNumber(a, table.getNumber(b))
  table.setNumber(b, value)
}
