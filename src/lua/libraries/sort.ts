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

/** The function `table.sort` of a realm. */
export function sortOf(realm: Realm): LuaFunction {
  const natural = withCallbacks(realm.core, function* (a, b) {
    const result = naturalOrder(realm, a, b)
    return result === SLOW ? (yield [pending.callee, pending.args])[0] : result
  })
  const work = withCallbacks(realm.core, function* (target, comparator) {
    yield* sortSteps(target as LuaTable, comparator as LuaFunction)
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
    return work(table, comparator ?? natural)
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

/**
 * Sorts all elements. One generator with a stack of its own: one that calls itself, or another for each
 * comparison, takes several times as long.
 */
function* sortSteps(
  table: LuaTable,
  less: LuaFunction,
): Generator<CallRequest, void, readonly LuaValue[]> {
  const ranges = [1, table.length]
  while (ranges.length > 0) {
    const high = ranges.pop()!
    const low = ranges.pop()!
    if (low >= high) continue
    if (isTrue(yield [less, [table.getNumber(high), table.getNumber(low)]])) swap(table, low, high)
    if (high - low === 1) continue
    const middle = Math.floor((low + high) / 2)
    if (isTrue(yield [less, [table.getNumber(middle), table.getNumber(low)]])) {
      swap(table, middle, low)
    } else if (isTrue(yield [less, [table.getNumber(high), table.getNumber(middle)]])) {
      swap(table, middle, high)
    }
    if (high - low === 2) continue
    const pivot = table.getNumber(middle)
    swap(table, middle, high - 1)
    let left = low
    let right = high - 1
    for (;;) {
      while (isTrue(yield [less, [table.getNumber(++left), pivot]])) {
        if (left > high) raise('invalid order function for sorting')
      }
      while (isTrue(yield [less, [pivot, table.getNumber(--right)]])) {
        if (right < low) raise('invalid order function for sorting')
      }
      if (right < left) break
      swap(table, left, right)
    }
    swap(table, high - 1, left)
    // The smaller part is done first, so that few ranges wait.
    if (left - low < high - left) ranges.push(left + 1, high, low, left - 1)
    else ranges.push(low, left - 1, left + 1, high)
  }
}

function isTrue([value]: readonly LuaValue[]): boolean {
  return value !== undefined && value !== false
}

function swap(table: LuaTable, a: number, b: number): void {
  const value = table.getNumber(a)
  table.setNumber(a, table.getNumber(b))
  table.setNumber(b, value)
}
