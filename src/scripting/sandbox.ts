/** What scripts find in their globals, and that they may not change it. */
import { LuaTable, type LuaValue, READONLY, type Realm, raise } from '../lua/index.ts'

/** Globals of the language that scripts are not given. */
const TAKEN_AWAY = ['print', 'dofile', 'loadfile', 'require', 'module', 'package', 'io', 'debug']

/** Takes away what scripts must not have. */
export function removeDangers(globals: LuaTable): void {
  for (const name of TAKEN_AWAY) globals.set(name, undefined)
}

/** Whoever asks a table for what it does not have is told that there is no such global. */
export function refuseUnknown(table: LuaTable): void {
  const metatable = new LuaTable()
  metatable.set('__index', (...args: LuaValue[]) => {
    const [, name] = args
    if (args.length !== 2) raise('Wrong number of arguments to luaProtectedTableError')
    if (typeof name !== 'string' && typeof name !== 'number') {
      raise('Second argument to luaProtectedTableError must be a string or number')
    }
    return raise(`Script attempted to access nonexistent global variable '${name}'`)
  })
  table.metatable = metatable
}

/** Lets nobody change a table, those in it, and their metatables. */
export function protect(table: LuaTable): void {
  if ((table.guard & READONLY) !== 0) return
  table.guard |= READONLY
  for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
    const value = table.valueAt(at)
    if (value instanceof LuaTable) protect(value)
  }
  if (table.metatable !== undefined) protect(table.metatable)
}

/** Locks the globals of a realm for scripts. */
export function lockGlobals({ globals }: Realm): void {
  refuseUnknown(globals)
  protect(globals)
}

/** What the globals of functions lead to: the library while it is loaded, everything when they run. */
export interface FunctionGlobals {
  /** The metatable whose `__index` says what the globals are. */
  readonly metatable: LuaTable
  readonly everything: LuaTable
  readonly library: LuaTable
}

/**
 * Puts the globals of a realm into a table behind an empty one, so that loading a library can see
 * others: `library` is what `redis` is then.
 */
export function splitGlobals({ globals }: Realm, library: LuaTable): FunctionGlobals {
  const everything = new LuaTable()
  for (const [name, value] of [...globals.entries()]) {
    everything.set(name, value === globals ? everything : value)
    globals.set(name, undefined)
  }
  refuseUnknown(everything)
  protect(everything)
  const loading = new LuaTable()
  refuseUnknown(library)
  loading.set('redis', library)
  loading.set('server', library)
  refuseUnknown(loading)
  protect(loading)
  const metatable = new LuaTable()
  metatable.set('__index', everything)
  globals.metatable = metatable
  protect(globals)
  return { metatable, everything, library: loading }
}
