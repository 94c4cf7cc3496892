/**
 * How functions of libraries read their arguments: index from 1, and how many were given, since nil is
 * not the same as nothing in messages.
 */
import { formatNumber, parseNumber } from '../numbers.ts'
import { argumentError, argumentTypeError } from '../runtime/failures.ts'
import { LuaTable } from '../table.ts'
import type { LuaValue } from '../value.ts'

/** A number, or a string that is one. */
export function checkNumber(value: LuaValue, index: number, count: number): number {
  if (typeof value === 'number') return value
  const number = typeof value === 'string' ? parseNumber(value) : undefined
  if (number !== undefined) return number
  return argumentTypeError(index, 'number', value, index <= count)
}

/** A number without its fraction, as a 64-bit integer of C. */
export function checkInteger(value: LuaValue, index: number, count: number): number {
  const number = Math.trunc(checkNumber(value, index, count))
  return number >= -(2 ** 63) && number < 2 ** 63 ? number : -(2 ** 63)
}

/** A number without its fraction, as a 32-bit integer of C. */
export function checkInt(value: LuaValue, index: number, count: number): number {
  return checkInteger(value, index, count) | 0
}

/** An integer; nil and nothing stand for a default. */
export function optionalInteger(
  value: LuaValue,
  index: number,
  count: number,
  otherwise: number,
): number {
  return value === undefined ? otherwise : checkInteger(value, index, count)
}

/** A string, or a number as one. */
export function checkString(value: LuaValue, index: number, count: number): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatNumber(value)
  return argumentTypeError(index, 'string', value, index <= count)
}

/** A table. */
export function checkTable(value: LuaValue, index: number, count: number): LuaTable {
  if (value instanceof LuaTable) return value
  return argumentTypeError(index, 'table', value, index <= count)
}

/** Anything, nil included, but not nothing. */
export function checkAny(index: number, count: number): void {
  if (index > count) argumentError(index, 'value expected')
}
