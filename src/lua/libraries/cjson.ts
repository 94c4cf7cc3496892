/**
 * `cjson`: values as JSON, and back. What its options say holds for all scripts of a machine, so it is
 * kept outside of its realms; a run that is repeated finds the options as they were when it began.
 */
import type { Realm } from '../realm.ts'
import { LuaTable } from '../table.ts'
import type { LuaFunction, LuaResult, LuaValue } from '../value.ts'
import { argumentError, integerAt, textAt } from './argument-list.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import { JSON_NULL, type JsonOptions, jsonDefaults } from './json-options.ts'

const INT_MAX = 2147483647

/** Puts `cjson` with these options, which scripts may change, into the globals of a realm. */
export function installCjson(realm: Realm, options: JsonOptions): void {
  realm.globals.set('cjson', cjsonWith(options))
}

function cjsonWith(options: JsonOptions): LuaTable {
  const cjson = new LuaTable()
  const one = (run: (value: LuaValue) => LuaResult): LuaFunction => {
    return (...args) => {
      if (args.length !== 1) argumentError(1, 'expected 1 argument')
      return run(args[0])
    }
  }
  cjson.set(
    'encode',
    one((value) => encodeJson(value, options)),
  )
  cjson.set(
    'decode',
    one((value) => decodeJson(textAt([value], 0), options)),
  )
  for (const [name, setting] of Object.entries(settings)) {
    cjson.set(name, (...args: LuaValue[]) => setting(options, args))
  }
  cjson.set('new', () => cjsonWith(jsonDefaults()))
  cjson.set('null', JSON_NULL)
  cjson.set('_NAME', 'cjson')
  cjson.set('_VERSION', '2.1.0')
  return cjson
}

type Setting = (options: JsonOptions, args: readonly LuaValue[]) => LuaResult

const settings: Readonly<Record<string, Setting>> = {
  encode_sparse_array: (options, args) => {
    expectAtMost(args, 3)
    options.convertsSparse = switchAt(args, 0, options.convertsSparse)
    options.sparseRatio = intAt(args, 1, options.sparseRatio, 0, INT_MAX)
    options.sparseSafe = intAt(args, 2, options.sparseSafe, 0, INT_MAX)
    return [options.convertsSparse, options.sparseRatio, options.sparseSafe]
  },
  encode_max_depth: (options, args) => {
    expectAtMost(args, 1)
    options.encodeDepthMax = intAt(args, 0, options.encodeDepthMax, 1, INT_MAX)
    return options.encodeDepthMax
  },
  decode_max_depth: (options, args) => {
    expectAtMost(args, 1)
    options.decodeDepthMax = intAt(args, 0, options.decodeDepthMax, 1, INT_MAX)
    return options.decodeDepthMax
  },
  encode_number_precision: (options, args) => {
    expectAtMost(args, 1)
    options.precision = intAt(args, 0, options.precision, 1, 14)
    return options.precision
  },
  encode_keep_buffer: (options, args) => {
    expectAtMost(args, 1)
    options.keepsBuffer = switchAt(args, 0, options.keepsBuffer)
    return options.keepsBuffer
  },
  encode_invalid_numbers: (options, args) => {
    expectAtMost(args, 1)
    if (args[0] === true) options.encodesInvalid = 'on'
    else if (args[0] === false) options.encodesInvalid = 'off'
    else if (args[0] !== undefined) {
      options.encodesInvalid = optionAt(args, 0, ['off', 'on', 'null'])
    }
    return options.encodesInvalid === 'null' ? 'null' : options.encodesInvalid === 'on'
  },
  decode_invalid_numbers: (options, args) => {
    expectAtMost(args, 1)
    options.decodesInvalid = switchAt(args, 0, options.decodesInvalid)
    return options.decodesInvalid
  },
}

function expectAtMost(args: readonly LuaValue[], count: number): void {
  if (args.length > count) argumentError(count + 1, 'found too many arguments')
}

function switchAt(args: readonly LuaValue[], at: number, current: boolean): boolean {
  const value = args[at]
  if (value === undefined) return current
  return typeof value === 'boolean' ? value : optionAt(args, at, ['off', 'on']) === 'on'
}

function optionAt<Option extends string>(
  args: readonly LuaValue[],
  at: number,
  options: readonly Option[],
): Option {
  const text = textAt(args, at)
  const found = options.find((option) => option === text)
  return found ?? argumentError(at + 1, `invalid option '${text}'`)
}

/** The reference complains of the first argument, whichever it is. */
function intAt(
  args: readonly LuaValue[],
  at: number,
  current: number,
  min: number,
  max: number,
): number {
  if (args[at] === undefined) return current
  const value = integerAt(args, at) | 0
  if (value < min || value > max) argumentError(1, `expected integer between ${min} and ${max}`)
  return value
}
