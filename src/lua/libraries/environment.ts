/** `getfenv` and `setfenv`: the globals that functions see. */
import type { Realm } from '../realm.ts'
import { argumentError } from '../runtime/failures.ts'
import { type Level, raise, readLevels } from '../runtime/frames.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'
import { checkInt, checkTable } from './arguments.ts'
import { install } from './callbacks.ts'

/** Installs `getfenv` and `setfenv`. */
export function environmentLibrary(realm: Realm): void {
  const { core } = realm
  install(realm.globals, {
    getfenv(target: LuaValue): LuaResult {
      const callee = functionAt(target === undefined ? 1 : target, arguments.length)
      if (callee === undefined) return core.threadGlobals
      return isCompiled(callee) ? core.environments.of(callee) : core.threadGlobals
    },
    setfenv(target: LuaValue, globals: LuaValue): LuaResult {
      const table = checkTable(globals, 2, arguments.length)
      const callee = functionAt(target, arguments.length)
      if (target === 0) {
        core.threadGlobals = table
        return []
      }
      if (callee === undefined || !isCompiled(callee)) {
        return raise("'setfenv' cannot change environment of given object")
      }
      core.environments.set(callee, table)
      return callee
    },
  })
}

/** A function as it is, or that at a level of the stack; `undefined` when it is not of a script. */
function functionAt(target: LuaValue, count: number): LuaFunction | undefined {
  if (typeof target === 'function') return target
  const level = checkInt(target, 1, count)
  if (level < 0) argumentError(1, 'level must be non-negative')
  if (level === 0) return undefined
  const found: Level | undefined = readLevels(level)[level - 1]
  if (found === undefined) return argumentError(1, 'invalid level')
  if (found.isLost) raise(`no function environment for tail call at level ${level}`)
  return found.running
}

/** Whether a function was written in Lua: those have names by which errors find their places. */
export function isCompiled(callee: LuaFunction): boolean {
  return /^f\d+$/.test(callee.name)
}
