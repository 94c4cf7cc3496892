/** The errors of the language, in the reference's words. */
import { LuaError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import type { LuaValue } from '../value.ts'
import { operandHere, positioned, raise, readLevels } from './frames.ts'
import { typeName } from './type-names.ts'

/**
 * An operation met a value of a wrong type. The message says what the script calls it, when it is the
 * operand with the given index at the place; -1 when it is none.
 */
export function raiseType(operation: string, value: LuaValue, index: number): never {
  const { place, operand } = operandHere(index)
  const what = operand === undefined ? 'a' : `${operand.kind} '${operand.name}' (a`
  const end = operand === undefined ? '' : ')'
  const message = `attempt to ${operation} ${what} ${typeName(value)} value${end}`
  throw new LuaError(positioned(place, message), place)
}

/** Two values that have no order. */
export function raiseCompare(left: LuaValue, right: LuaValue): never {
  raise(compareMessage(left, right))
}

/** That two values have no order. */
export function compareMessage(left: LuaValue, right: LuaValue): string {
  const [a, b] = [typeName(left), typeName(right)]
  // The reference compares the third letters of the names, so these two are one to it.
  if (/^(string|thread)$/.test(a) && /^(string|thread)$/.test(b)) {
    return `attempt to compare two ${a} values`
  }
  return a === b ? `attempt to compare two ${a} values` : `attempt to compare ${a} with ${b}`
}

/** `bad argument #1 to 'name' (message)`, with the name by which the script called the function. */
export function argumentError(index: number, message: string): never {
  const site = readLevels(1)[0]?.site
  const operand = site?.isCall === true ? site.operands[0] : undefined
  const name = operand?.name ?? '?'
  if (operand?.kind === 'method') {
    if (index === 1) raise(`calling '${name}' on bad self (${message})`)
    raise(`bad argument #${index - 1} to '${name}' (${message})`)
  }
  raise(`bad argument #${index} to '${name}' (${message})`)
}

/** An argument has another type than it should. `undefined` counts as not given when it is the last. */
export function argumentTypeError(
  index: number,
  expected: string,
  value: LuaValue,
  isGiven = value !== undefined,
): never {
  const actual = isGiven ? typeName(value) : 'no value'
  argumentError(index, `${expected} expected, got ${actual}`)
}

/** The stack is full. Where the call stood that was too much is the place of the error. */
export function raiseOverflow(meter: Meter, bytes: number): never {
  // The function that found out does not count as called.
  meter.room += bytes
  raise('stack overflow', 2)
}
