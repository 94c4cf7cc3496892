/** What operations and libraries need of the realm that they work for. */
import type { Meter } from '../meter.ts'
import { LuaTable } from '../table.ts'
import { LuaUserdata } from '../userdata.ts'
import type { LuaFunction, LuaValue } from '../value.ts'

/** How the functions of a realm run: as plain functions, or as generators that can be paused. */
export type RealmMode = 'plain' | 'pausable'

/** The state of a realm. */
export class RealmCore {
  readonly mode: RealmMode
  readonly meter: Meter
  readonly globals = new LuaTable()
  /** The metatable that all strings have. */
  readonly stringMetatable = new LuaTable()
  /** The globals that chunks get which are loaded from now on: `setfenv(0, …)` changes them. */
  threadGlobals: LuaTable
  readonly environments: Environments

  constructor(mode: RealmMode, meter: Meter) {
    this.mode = mode
    this.meter = meter
    this.threadGlobals = this.globals
    this.environments = new Environments(this.globals)
  }

  /** The metatable of any value. */
  metatableOf(value: LuaValue): LuaTable | undefined {
    if (value instanceof LuaTable) return value.metatable
    if (typeof value === 'string') return this.stringMetatable
    return value instanceof LuaUserdata ? value.metatable : undefined
  }
}

/** The globals that functions see, where they are not those of the realm. */
export class Environments {
  /** Whether any function was ever given globals of its own: until then nobody asks. */
  isChanged = false
  readonly #globals: LuaTable
  readonly #changed = new WeakMap<LuaFunction, LuaTable>()

  constructor(globals: LuaTable) {
    this.#globals = globals
  }

  /** The globals that a function sees. */
  of(callee: LuaFunction): LuaTable {
    return this.#changed.get(callee) ?? this.#globals
  }

  /** Gives a function other globals. */
  set(callee: LuaFunction, globals: LuaTable): void {
    this.isChanged = true
    this.#changed.set(callee, globals)
  }

  /** A function was made by another, and sees the same globals. */
  inherit(callee: LuaFunction, maker: LuaFunction): void {
    const globals = this.#changed.get(maker)
    if (globals !== undefined) this.#changed.set(callee, globals)
  }
}
