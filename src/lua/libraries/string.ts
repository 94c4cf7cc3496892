/** `string`: functions on bytes, and what patterns find. */
import type { Realm } from '../realm.ts'
import { argumentError, argumentTypeError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { LuaTable } from '../table.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import { checkInt, checkInteger, checkString, optionalInteger } from './arguments.ts'
import { install } from './callbacks.ts'
import { format } from './format.ts'
import { gsubOf } from './gsub.ts'
import { Matcher, readPattern } from './pattern.ts'

/** So many values fit on the reference's stack. */
const STACK_VALUES_MAX = 8000

/** The table `string`, which is also what strings are indexed by. */
export function stringLibrary(realm: Realm): LuaTable {
  const library = new LuaTable()
  const gmatch = gmatchOf(realm)
  install(library, {
    ...simpleFunctions(realm),
    rep: repOf(realm),
    format: (...args: LuaValue[]) => charged(realm, format(...args)),
    find: findOf(realm, true),
    match: findOf(realm, false),
    gmatch,
    gfind: gmatch,
    gsub: gsubOf(realm),
    dump: dumped,
  })
  realm.stringMetatable.set('__index', library)
  return library
}

/** A text that was made, and may be large. */
function charged(realm: Realm, text: string): string {
  if (text.length > 1024) realm.meter.charge(text.length)
  return text
}

/** A place counted from the end when it is negative. */
function fromEnd(place: number, length: number): number {
  const at = place < 0 ? place + length + 1 : place
  return Math.max(at, 0)
}

function simpleFunctions(realm: Realm): Record<string, LuaFunction> {
  return {
    len(value: LuaValue): number {
      return checkString(value, 1, arguments.length).length
    },
    sub(value: LuaValue, from: LuaValue, to: LuaValue): string {
      const count = arguments.length
      const text = checkString(value, 1, count)
      const start = fromEnd(checkInteger(from, 2, count), text.length)
      const end = fromEnd(optionalInteger(to, 3, count, -1), text.length)
      return text.slice(Math.max(start, 1) - 1, Math.min(end, text.length))
    },
    reverse(value: LuaValue): string {
      const text = worked(realm, checkString(value, 1, arguments.length))
      return Buffer.from(text, 'latin1').reverse().toString('latin1')
    },
    lower(value: LuaValue): string {
      const text = worked(realm, checkString(value, 1, arguments.length))
      return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, lowerCase)
    },
    upper(value: LuaValue): string {
      const text = worked(realm, checkString(value, 1, arguments.length))
      return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, upperCase)
    },
    byte(value: LuaValue, from: LuaValue, to: LuaValue): LuaResult {
      const count = arguments.length
      const text = checkString(value, 1, count)
      const start = fromEnd(optionalInteger(from, 2, count, 1), text.length)
      const end = Math.min(fromEnd(optionalInteger(to, 3, count, start), text.length), text.length)
      const first = Math.max(start, 1)
      if (first > end) return NOTHING
      if (first === end) return text.charCodeAt(first - 1)
      if (end - first + 1 >= STACK_VALUES_MAX) raise('stack overflow (string slice too long)')
      return Array.from({ length: end - first + 1 }, (_, at) => text.charCodeAt(first - 1 + at))
    },
    char(...codes: LuaValue[]): string {
      const bytes = codes.map((value, at) => {
        const code = checkInt(value, at + 1, codes.length)
        return code === (code & 255) ? code : argumentError(at + 1, 'invalid value')
      })
      return String.fromCharCode(...bytes)
    },
  }
}

/** A text that is about to be gone through as a whole. */
function worked(realm: Realm, text: string): string {
  realm.meter.fuel -= text.length >>> 4
  return text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the first half of all bytes
const isAscii = (text: string) => /^[\x00-\x7f]*$/.test(text)
const lowerCase = (part: string) => part.toLowerCase()
const upperCase = (part: string) => part.toUpperCase()

function repOf(realm: Realm): LuaFunction {
  return function rep(value: LuaValue, times: LuaValue): string {
    const text = checkString(value, 1, arguments.length)
    const count = checkInt(times, 2, arguments.length)
    if (count <= 0 || text === '') return ''
    const length = text.length * count
    if (length > 1024) realm.meter.charge(length)
    return text.repeat(count)
  }
}

/** `find`, or `match`, which gives the captures alone. */
function findOf(realm: Realm, isFind: boolean): LuaFunction {
  return function find(
    value: LuaValue,
    patternValue: LuaValue,
    from: LuaValue,
    plain: LuaValue,
  ): LuaResult {
    const count = arguments.length
    const text = checkString(value, 1, count)
    const source = checkString(patternValue, 2, count)
    const start = fromEnd(optionalInteger(from, 3, count, 1), text.length) - 1
    const begin = Math.min(Math.max(start, 0), text.length)
    if (isFind && ((plain !== undefined && plain !== false) || isPlain(source))) {
      return findPlain(text, source, begin)
    }
    const pattern = readPattern(source, true)
    const matcher = new Matcher(text, pattern)
    const last = pattern.isAnchored ? begin : text.length
    for (let at = begin; at <= last; at++) {
      const end = matcher.matchAt(at)
      if (end < 0) continue
      realm.meter.fuel -= matcher.steps >>> 4
      if (!isFind) {
        const captures = matcher.captures(at, end)
        return captures.length === 1 ? captures[0] : captures
      }
      if (matcher.captureCount === 0) return [at + 1, end]
      return [at + 1, end, ...matcher.captures(at, end)]
    }
    realm.meter.fuel -= matcher.steps >>> 4
    return undefined
  }
}

/** Whether a pattern up to its first zero byte has no special characters. */
function isPlain(pattern: string): boolean {
  return !/^[^\0]*?[\^$*+?.([%-]/.test(pattern)
}

function findPlain(text: string, part: string, begin: number): LuaResult {
  const at = text.indexOf(part, begin)
  return at < 0 ? undefined : [at + 1, at + part.length]
}

function gmatchOf(realm: Realm): LuaFunction {
  return function gmatch(value: LuaValue, patternValue: LuaValue): LuaResult {
    const text = checkString(value, 1, arguments.length)
    const pattern = readPattern(checkString(patternValue, 2, arguments.length), false)
    let from = 0
    return () => {
      const matcher = new Matcher(text, pattern)
      for (let at = from; at <= text.length; at++) {
        const end = matcher.matchAt(at)
        if (end < 0) continue
        realm.meter.fuel -= matcher.steps >>> 4
        from = end === at ? end + 1 : end
        const captures = matcher.captures(at, end)
        return captures.length === 1 ? captures[0] : captures
      }
      from = text.length + 1
      realm.meter.fuel -= matcher.steps >>> 4
      return NOTHING
    }
  }
}

/** Functions have no binary form: what begins like one is refused by whoever is to load it. */
function dumped(callee: LuaValue): string {
  if (typeof callee !== 'function') {
    argumentTypeError(1, 'function', callee, arguments.length > 0)
  }
  return '\x1bLua'
}
