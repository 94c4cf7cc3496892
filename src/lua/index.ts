/**
 * Lua 5.1, compiled to JavaScript. Knows nothing of keys or commands: hosts put their functions into
 * the globals, compile chunks, and run them.
 *
 * ```text
 * machine = new LuaMachine({ …, setup(realm) { put functions into realm.globals } })
 * chunk   = machine.compile(source, '@user_script')           throws a LuaError: syntax
 * outcome = machine.start({ enter: (realm) => ({ callee: chunk.main(realm), args: [] }) })
 *           ├ done    values
 *           ├ failed  error (LuaError: value, place)
 *           └ paused  machine.resume() goes on for another slice, machine.kill() forgets the run
 * ```
 *
 * **Values** are described in `value.ts`: strings have one character a byte, nil is `undefined`, an
 * array is a list of results and never a value.
 *
 * **Functions of libraries** are JavaScript functions that take the arguments one by one and give a
 * `LuaResult`: `(a, b) => value`, `() => NOTHING`, `() => [x, y]`. They go into tables by
 * `table.set('name', fn)`. They raise errors by throwing: `raise('text')` puts chunk and line of the
 * caller before the text, `argumentError(1, 'text')` writes `bad argument #1 to 'name' (text)` with the
 * name that the script called, `throw new LuaError(value)` raises any value. `checkString`,
 * `checkNumber`, `checkInteger`, `checkTable` read arguments as the reference's libraries do.
 *
 * **Time.** A run begins in plain functions, as fast as JavaScript is. When its slice is spent it is
 * abandoned and begun again in generators, which can be paused; calls to functions that were made with
 * `realm.hostFunction` are then answered with what they gave the first time. Everything else that a
 * script can call must depend on its arguments only.
 */
export { LuaError, type LuaPlace } from './errors.ts'
export {
  checkAny,
  checkInt,
  checkInteger,
  checkNumber,
  checkString,
  checkTable,
  optionalInteger,
} from './libraries/arguments.ts'
export { plainText } from './libraries/base.ts'
export { installDataLibraries } from './libraries/data.ts'
export { type JsonOptions, jsonDefaults } from './libraries/json-options.ts'
export {
  Chunk,
  type Entry,
  LuaMachine,
  type MachineOptions,
  type Outcome,
} from './machine.ts'
export type { Meter, MeterOptions } from './meter.ts'
export { formatNumber, parseNumber } from './numbers.ts'
export type { Realm } from './realm.ts'
export { argumentError, argumentTypeError } from './runtime/failures.ts'
export { placeAt, raise } from './runtime/frames.ts'
export type { RealmMode } from './runtime/realm-core.ts'
export { addressOf, typeName } from './runtime/type-names.ts'
export { LuaTable, READONLY } from './table.ts'
export { LuaThread } from './thread.ts'
export { LuaUserdata } from './userdata.ts'
export {
  firstOf,
  isList,
  type LuaFunction,
  type LuaResult,
  type LuaValue,
  listOf,
  NOTHING,
} from './value.ts'
