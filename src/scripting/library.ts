/** One library of functions: what its first line says, and what it registers. */
import { ReplyError } from '../engine/index.ts'
import { type LuaFunction, LuaTable, type LuaValue } from '../lua/index.ts'
import { refuse, textOf } from './api.ts'
import { SCRIPT_FLAGS, type ScriptFlag, shebangOf } from './flags.ts'

/** A function of a library. */
export interface ScriptFunction {
  readonly name: string
  readonly description: string | undefined
  readonly flags: ReadonlySet<ScriptFlag>
  /** For runs that are plain; absent when the library could not be loaded for them. */
  plain: LuaFunction | undefined
  /** For runs that can be left in the middle. */
  readonly pausable: LuaFunction
}

/** A library that is loaded. */
export interface Library {
  readonly name: string
  /** The text, its first line included. */
  readonly code: string
  readonly functions: ReadonlyMap<string, ScriptFunction>
}

/** What a library says of itself. */
export interface LibraryHead {
  readonly name: string
  /** The text after the first line. */
  readonly body: string
}

const NAME_RULE =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one ' +
  'character long'

/** Reads the first line of a library. Throws what is wrong with it. */
export function readLibraryHead(code: string): LibraryHead {
  if (!code.startsWith('#!')) throw new ReplyError('ERR Missing library metadata')
  const shebang = shebangOf(code)
  const [first, ...options] = shebang?.parts ?? []
  if (shebang === undefined || first === undefined) {
    throw new ReplyError('ERR Invalid library metadata')
  }
  let name: string | undefined
  for (const option of options) {
    if (!/^name=/i.test(option)) {
      throw new ReplyError(`ERR Invalid metadata value given: ${option}`)
    }
    if (name !== undefined) {
      throw new ReplyError('ERR Invalid metadata value, name argument was given multiple times')
    }
    name = option.slice('name='.length)
  }
  if (name === undefined) throw new ReplyError('ERR Library name was not given')
  if (!isName(name)) throw new ReplyError(`ERR ${NAME_RULE}`)
  const engine = first.slice(2)
  if (engine.toLowerCase() !== 'lua') throw new ReplyError(`ERR Engine '${engine}' not found`)
  return { name, body: code.slice(shebang.rest) }
}

function isName(name: string): boolean {
  return /^[0-9A-Za-z_]+$/.test(name)
}

/** What `redis.register_function` was given. */
export interface Registration {
  readonly name: string
  readonly description: string | undefined
  readonly flags: ReadonlySet<ScriptFlag>
  readonly callback: LuaFunction
}

/** Reads the arguments of `redis.register_function`. Raises errors of Lua. */
export function readRegistration(args: readonly LuaValue[]): Registration {
  if (args.length < 1 || args.length > 2) {
    refuse('wrong number of arguments to redis.register_function')
  }
  const read = args.length === 1 ? readNamed(args[0]) : readPositional(args)
  if (!isName(read.name)) refuse(NAME_RULE)
  return read
}

function readPositional(args: readonly LuaValue[]): Registration {
  const name = textOf(args[0])
  if (name === undefined) refuse('first argument to redis.register_function must be a string')
  const callback = args[1]
  if (typeof callback !== 'function') {
    refuse('second argument to redis.register_function must be a function')
  }
  return { name, description: undefined, flags: new Set(), callback }
}

function readNamed(options: LuaValue): Registration {
  if (!(options instanceof LuaTable)) {
    refuse(
      'calling redis.register_function with a single argument is only applicable to Lua table ' +
        '(representing named arguments).',
    )
  }
  let name: string | undefined
  let description: string | undefined
  let callback: LuaFunction | undefined
  let flags: ReadonlySet<ScriptFlag> = new Set()
  for (const [key, value] of options.entries()) {
    const option = textOf(key)?.toLowerCase()
    if (option === undefined) {
      refuse('named argument key given to redis.register_function is not a string')
    }
    if (option === 'function_name') name = textOption(option, value)
    else if (option === 'description') description = textOption(option, value)
    else if (option === 'callback') callback = functionOption(value)
    else if (option === 'flags') flags = flagsOption(value)
    else refuse('unknown argument given to redis.register_function')
  }
  if (name === undefined) refuse('redis.register_function must get a function name argument')
  if (callback === undefined) refuse('redis.register_function must get a callback argument')
  return { name, description, flags, callback }
}

function textOption(option: string, value: LuaValue): string {
  const text = textOf(value)
  if (text !== undefined) return text
  return refuse(`${option} argument given to redis.register_function must be a string`)
}

function functionOption(value: LuaValue): LuaFunction {
  if (typeof value === 'function') return value
  return refuse('callback argument given to redis.register_function must be a function')
}

function flagsOption(value: LuaValue): ReadonlySet<ScriptFlag> {
  if (!(value instanceof LuaTable)) {
    refuse('flags argument to redis.register_function must be a table representing function flags')
  }
  const flags = new Set<ScriptFlag>()
  for (let at = 1; value.getNumber(at) !== undefined; at++) {
    const name = textOf(value.getNumber(at))?.toLowerCase()
    const flag = SCRIPT_FLAGS.find((known) => known === name)
    if (flag === undefined) refuse('unknown flag given')
    flags.add(flag)
  }
  return flags
}
