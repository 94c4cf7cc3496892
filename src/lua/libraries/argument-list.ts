/** How the libraries read their arguments: from a list, as those of the reference read their stack. */
import { formatNumber, parseNumber } from '../numbers.ts'
import { argumentError, argumentTypeError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { typeName } from '../runtime/type-names.ts'
import type { LuaValue } from '../value.ts'

export { argumentError, raise, typeName }

/** Values that a function of the reference's libraries can have on its stack. */
export const STACK_MAX = 8000

/** The number that a value is or that its text stands for; `undefined` when it is none. */
export function looseNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** The name of an argument's type, which tells nil from one that was not given. */
export function typeNameAt(args: readonly LuaValue[], at: number): string {
  return at < args.length ? typeName(args[at]) : 'no value'
}

/** An argument as a number. Raises an error when it is none. */
export function numberAt(args: readonly LuaValue[], at: number): number {
  const number = looseNumber(args[at])
  if (number === undefined) argumentTypeError(at + 1, 'number', args[at], at < args.length)
  return number
}

/** An argument as a whole number, what is behind the point cut off. */
export function integerAt(args: readonly LuaValue[], at: number): number {
  const number = numberAt(args, at)
  if (number >= -(2 ** 63) && number < 2 ** 63) return Math.trunc(number)
  // As the processor converts what has no place in 64 bits.
  return -(2 ** 63)
}

/** The same; nil or none is `fallback`. */
export function optionalIntegerAt(args: readonly LuaValue[], at: number, fallback: number): number {
  return args[at] === undefined ? fallback : integerAt(args, at)
}

/** An argument as a string. Raises an error when it is neither string nor number. */
export function textAt(args: readonly LuaValue[], at: number): string {
  const value = args[at]
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatNumber(value)
  return argumentTypeError(at + 1, 'string', value, at < args.length)
}
