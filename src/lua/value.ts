/**
 * How values of Lua look in JavaScript.
 *
 * | Lua | JavaScript |
 * | --- | --- |
 * | nil | `undefined` |
 * | boolean, number | the same |
 * | string | a string with one character, 0 to 255, for each byte |
 * | table | `LuaTable` |
 * | function | a function that takes and gives values of Lua, see `LuaFunction` |
 * | thread | `LuaThread` |
 * | userdata | `LuaUserdata` |
 *
 * An array is never a value: it is a list of results.
 */
import type { LuaTable } from './table.ts'
import type { LuaThread } from './thread.ts'
import type { LuaUserdata } from './userdata.ts'

/** Any value that a variable of Lua can have. */
export type LuaValue =
  | undefined
  | boolean
  | number
  | string
  | LuaTable
  | LuaFunction
  | LuaThread
  | LuaUserdata

/** What a function gives: one value as itself; none or several (one is allowed too) as an array. */
export type LuaResult = LuaValue | readonly LuaValue[]

/**
 * A function of Lua, compiled or from a library. An argument that was not given is `undefined`, which
 * is nil; `arguments.length` or a rest parameter tells how many there were. `this` means nothing.
 */
export type LuaFunction = ((...args: LuaValue[]) => LuaResult) & {
  /** Called instead where nobody takes the results: it does the same, and gives none. */
  forEffect?: LuaFunction
}

/** The result of a function that gives nothing at all, which is not the same as nil. */
export const NOTHING: readonly LuaValue[] = []

/** The first of a function's results; nil when there is none. */
export function firstOf(result: LuaResult): LuaValue {
  return isList(result) ? result[0] : result
}

/** All of a function's results. */
export function listOf(result: LuaResult): readonly LuaValue[] {
  return isList(result) ? result : [result]
}

/** Whether a result is a list, of none or several values. */
export function isList(result: LuaResult): result is readonly LuaValue[] {
  return Array.isArray(result)
}
