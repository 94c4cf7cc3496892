/** Values that the language only passes around: `newproxy()`, and marks of hosts such as `cjson.null`. */
import type { LuaTable } from './table.ts'

/** A userdata. Two are equal when they are the same object. */
export class LuaUserdata {
  metatable: LuaTable | undefined
  /** What `tostring` shows after `userdata: `; without one, an address. */
  readonly label: string | undefined

  constructor(label?: string, metatable?: LuaTable) {
    this.label = label
    this.metatable = metatable
  }
}
