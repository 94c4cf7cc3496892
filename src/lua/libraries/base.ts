/** The basic functions: types, numbers, tables and iteration. */
import { LuaError } from '../errors.ts'
import { formatNumber, parseNumber } from '../numbers.ts'
import type { Realm } from '../realm.ts'
import { argumentError, argumentTypeError } from '../runtime/failures.ts'
import { placeAt, positioned, raise, raiseValue } from '../runtime/frames.ts'
import type { KnownIterators } from '../runtime/helpers.ts'
import { beforeLibraryWrite } from '../runtime/operations.ts'
import { addressOf, typeName } from '../runtime/type-names.ts'
import { LuaTable } from '../table.ts'
import { LuaUserdata } from '../userdata.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import { checkAny, checkInt, checkInteger, checkString, checkTable } from './arguments.ts'
import { install, withCallbacks } from './callbacks.ts'

/** So many values fit on the reference's stack. */
const STACK_VALUES_MAX = 8000

/** Installs the basic functions. @returns the iterators that loops know */
export function baseLibrary(realm: Realm): KnownIterators {
  const { core } = realm
  const version = '_VERSION'
  install(realm.globals, {
    type(value: LuaValue): string {
      checkAny(1, arguments.length)
      return typeName(value)
    },
    tonumber,
    tostring: tostringOf(realm),
    next,
    pairs,
    ipairs,
    select,
    unpack: unpackOf(realm),
    rawequal(a: LuaValue, b: LuaValue): boolean {
      checkAny(1, arguments.length)
      checkAny(2, arguments.length)
      return a === b
    },
    rawget(table: LuaValue, key: LuaValue): LuaValue {
      checkTable(table, 1, arguments.length)
      checkAny(2, arguments.length)
      return (table as LuaTable).get(key)
    },
    rawset,
    getmetatable(value: LuaValue): LuaValue {
      checkAny(1, arguments.length)
      const metatable = core.metatableOf(value)
      return metatable?.get('__metatable') ?? metatable
    },
    setmetatable,
    collectgarbage: collectgarbageOf(realm),
    gcinfo: () => Math.floor(realm.meter.options.heapUsed() / 1024),
    newproxy,
    [version]: 'Lua 5.1',
  })
  return { next, nextElement }
}

function tonumber(value: LuaValue, base: LuaValue): LuaValue {
  const radix = base === undefined ? 10 : checkInt(base, 2, arguments.length)
  if (radix === 10) {
    if (typeof value === 'number') return value
    if (typeof value === 'string') return parseNumber(value)
    checkAny(1, arguments.length)
    return undefined
  }
  const text = checkString(value, 1, arguments.length)
  if (radix < 2 || radix > 36) argumentError(2, 'base out of range')
  return parseDigits(text, radix)
}

/** An integer in a base, as `strtoul` reads it: a minus sign makes it wrap around, a zero byte ends it. */
function parseDigits(text: string, radix: number): number | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9a-zA-Z]+)[ \t\n\v\f\r]*(?:\0|$)/.exec(text)
  if (match === null) return undefined
  // Only in base 16 is there a prefix that is no digits.
  const digits = radix === 16 ? match[2]!.replace(/^0x(?=[0-9a-f])/i, '') : match[2]!
  let value = 0n
  for (const digit of digits.toLowerCase()) {
    const number = Number.parseInt(digit, 36)
    if (!(number < radix)) return undefined
    value = value * BigInt(radix) + BigInt(number)
  }
  const limit = 2n ** 64n
  if (value >= limit) value = limit - 1n
  else if (match[1] === '-') value = (limit - value) % limit
  return Number(value)
}

/** A value as text, without metatables. */
export function plainText(value: LuaValue): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return formatNumber(value)
    case 'undefined':
      return 'nil'
    case 'boolean':
      return `${value}`
    case 'function':
      return `function: ${addressOf(value)}`
    default:
      if (value instanceof LuaUserdata && value.label !== undefined) {
        return `userdata: ${value.label}`
      }
      return `${typeName(value)}: ${addressOf(value)}`
  }
}

function tostringOf(realm: Realm): LuaFunction {
  const { core } = realm
  const { callable } = realm.operations
  const slow = withCallbacks(core, function* (value) {
    const handler = core.metatableOf(value)?.get('__tostring')
    if (handler === undefined) return plainText(value)
    const [text] = yield [callable(handler), [value]]
    return text
  })
  return function tostring(value: LuaValue): LuaResult {
    checkAny(1, arguments.length)
    if (core.metatableOf(value) === undefined || typeof value === 'string') return plainText(value)
    return slow(value)
  }
}

function next(table: LuaValue, key: LuaValue): LuaResult {
  const owner = checkTable(table, 1, arguments.length)
  const place = owner.placeOf(key)
  if (place === undefined) throw new LuaError("invalid key to 'next'", placeAt(1))
  const following = owner.advance(place)
  return following === 0 ? undefined : [owner.keyAt(following), owner.valueAt(following)]
}

function pairs(table: LuaValue): LuaResult {
  return [next, checkTable(table, 1, arguments.length), undefined]
}

function ipairs(table: LuaValue): LuaResult {
  return [nextElement, checkTable(table, 1, arguments.length), 0]
}

function nextElement(table: LuaValue, index: LuaValue): LuaResult {
  const at = checkInt(index, 2, arguments.length) + 1
  const value = checkTable(table, 1, arguments.length).getNumber(at)
  return value === undefined ? undefined : [at, value]
}

function select(index: LuaValue, ...values: LuaValue[]): LuaResult {
  if (index === '#') return values.length
  const count = values.length + 1
  let at = checkInt(index, 1, arguments.length)
  if (at < 0) at = count + at
  else if (at > count) at = count
  if (at < 1) argumentError(1, 'index out of range')
  return values.slice(at - 1)
}

function unpackOf(realm: Realm): LuaFunction {
  return function unpack(table: LuaValue, from: LuaValue, to: LuaValue): LuaResult {
    const owner = checkTable(table, 1, arguments.length)
    const start = from === undefined ? 1 : checkInt(from, 2, arguments.length)
    const end = to === undefined ? owner.length : checkInt(to, 3, arguments.length)
    if (start > end) return NOTHING
    if (end - start + 1 >= STACK_VALUES_MAX) raise('too many results to unpack')
    realm.meter.fuel -= (end - start) >>> 2
    if (start === 1 && end === owner.array.length - 1) return owner.array.slice(1)
    const values: LuaValue[] = []
    for (let at = start; at <= end; at++) values.push(owner.getNumber(at))
    return values
  }
}

function rawset(table: LuaValue, key: LuaValue, value: LuaValue): LuaResult {
  const owner = checkTable(table, 1, arguments.length)
  checkAny(2, arguments.length)
  checkAny(3, arguments.length)
  if (owner.guard !== 0) beforeLibraryWrite(owner)
  if (key === undefined) throw new LuaError('table index is nil')
  if (Number.isNaN(key)) throw new LuaError('table index is NaN')
  owner.set(key, value)
  return owner
}

function setmetatable(table: LuaValue, metatable: LuaValue): LuaResult {
  const owner = checkTable(table, 1, arguments.length)
  if (!(metatable instanceof LuaTable) && (metatable !== undefined || arguments.length < 2)) {
    argumentTypeOrNil()
  }
  if (owner.metatable?.get('__metatable') !== undefined)
    raise('cannot change a protected metatable')
  if (owner.guard !== 0) beforeLibraryWrite(owner)
  owner.metatable = metatable as LuaTable | undefined
  return owner
}

function argumentTypeOrNil(): never {
  return argumentError(2, 'nil or table expected')
}

function collectgarbageOf(realm: Realm): LuaFunction {
  return function collectgarbage(option: LuaValue, argument: LuaValue): LuaResult {
    const name = option === undefined ? 'collect' : checkString(option, 1, arguments.length)
    if (argument !== undefined) checkInteger(argument, 2, arguments.length)
    switch (name) {
      case 'count':
        return realm.meter.options.heapUsed() / 1024
      case 'step':
        return false
      case 'setpause':
      case 'setstepmul':
        return 200
      case 'collect':
      case 'stop':
      case 'restart':
        return 0
      default:
        return argumentError(1, `invalid option '${name}'`)
    }
  }
}

function newproxy(template: LuaValue): LuaResult {
  if (template === undefined || template === false) return new LuaUserdata()
  if (template === true) return new LuaUserdata(undefined, new LuaTable())
  if (template instanceof LuaUserdata && template.metatable !== undefined) {
    return new LuaUserdata(undefined, template.metatable)
  }
  return argumentError(1, 'boolean or proxy expected')
}

/** `error`: a string gets chunk and line of the place at a level. */
export function raiseError(value: LuaValue, level: LuaValue): never {
  const depth = level === undefined ? 1 : checkInt(level, 2, 2)
  if ((typeof value !== 'string' && typeof value !== 'number') || depth <= 0) {
    return raiseValue(value)
  }
  const text = typeof value === 'string' ? value : formatNumber(value)
  if (depth === 1) raise(text)
  // The message tells of the level; where it was raised is still the place of the call.
  return raiseValue(positioned(placeAt(depth), text))
}

/** What `assert` raises when it has no message. */
export function raiseAssertion(values: readonly LuaValue[]): never {
  const [, message] = values
  if (values.length === 0) argumentError(1, 'value expected')
  if (message === undefined) raise('assertion failed!')
  if (typeof message !== 'string' && typeof message !== 'number') {
    argumentTypeError(2, 'string', message)
  }
  return raise(`${typeof message === 'number' ? formatNumber(message) : message}`)
}
