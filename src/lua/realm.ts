/**
 * A world of globals. A machine has two of them: one whose functions are plain JavaScript functions,
 * and a second, made when it is first needed, whose functions are generators and can be paused.
 */

import type { Meter } from './meter.ts'
import type { LuaTable } from './table.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** How the functions of a realm run. */
export type RealmMode = 'plain' | 'pausable'

/** One world: its globals, and how libraries are put into it. */
export interface Realm {
  readonly mode: RealmMode
  /** The table of globals, `_G`; the libraries of the language are in it. */
  readonly globals: LuaTable
  /** What the run may still use. Functions with long loops take from its fuel. */
  readonly meter: Meter
  /**
   * A function of the host whose results depend on more than its arguments, or that changes something
   * outside. A pausable run that repeats a plain one gets the results that were given then, and the
   * function is not called again. Tables that it gives must be new ones.
   */
  hostFunction(run: LuaFunction): LuaFunction
  /**
   * Calls a function, as the library functions with callbacks do. In a plain realm only: functions of
   * a host that take callbacks keep them, and name them as an entry of a later run.
   */
  call(callee: LuaValue, args: readonly LuaValue[]): readonly LuaValue[]
}
