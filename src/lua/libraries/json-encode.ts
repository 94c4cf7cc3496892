/** Writes values of Lua as JSON. */
import { formatGeneral } from '../numbers.ts'
import { LuaTable } from '../table.ts'
import type { LuaValue } from '../value.ts'
import { raise, STACK_MAX, typeName } from './argument-list.ts'
import { JSON_NULL, type JsonOptions } from './json-options.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const ESCAPED = /[\0-\x1f"/\\\x7f]/g
const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '/': '\\/',
  '\\': '\\\\',
}

/** A value as JSON. Raises an error for what JSON has no words for. */
export function encodeJson(value: LuaValue, options: JsonOptions): string {
  return new Encoder(options).encoded(value)
}

class Encoder {
  readonly #options: JsonOptions
  #depth = 0
  /** Values that the reference would have on its stack. */
  #stack = 1

  constructor(options: JsonOptions) {
    this.#options = options
  }

  encoded(value: LuaValue): string {
    switch (typeof value) {
      case 'string':
        return quoted(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'undefined':
        return 'null'
      default:
        if (value instanceof LuaTable) return this.#table(value)
        if (value === JSON_NULL) return 'null'
        return refuse(value, 'type not supported')
    }
  }

  #table(table: LuaTable): string {
    this.#depth++
    if (this.#depth > this.#options.encodeDepthMax || this.#stack + 3 > STACK_MAX) {
      raise(`Cannot serialise, excessive nesting (${this.#depth})`)
    }
    const length = arrayLength(table, this.#options)
    const text = length > 0 ? this.#array(table, length) : this.#object(table)
    this.#depth--
    return text
  }

  #array(table: LuaTable, length: number): string {
    this.#stack++
    let text = '['
    for (let at = 1; at <= length; at++) {
      if (at > 1) text += ','
      text += this.encoded(table.get(at))
    }
    this.#stack--
    return `${text}]`
  }

  #object(table: LuaTable): string {
    this.#stack += 2
    let text = '{'
    for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
      if (text.length > 1) text += ','
      const key = table.keyAt(at)
      if (typeof key === 'string') text += `${quoted(key)}:`
      else if (typeof key === 'number') text += `"${this.#number(key)}":`
      else refuse(key, 'table key must be a number or string')
      text += this.encoded(table.valueAt(at))
    }
    this.#stack -= 2
    return `${text}}`
  }

  #number(value: number): string {
    const { encodesInvalid, precision } = this.#options
    if (!Number.isFinite(value)) {
      if (encodesInvalid === 'null') return 'null'
      if (encodesInvalid === 'off') return refuse(value, 'must not be NaN or Inf')
      if (Number.isNaN(value)) return 'nan'
    } else if (precision === 14 && (value | 0) === value && value !== 0) return `${value}`
    return formatGeneral(value, precision, false)
  }
}

function quoted(text: string): string {
  ESCAPED.lastIndex = 0
  if (!ESCAPED.test(text)) return `"${text}"`
  return `"${text.replace(ESCAPED, escapeOf)}"`
}

function escapeOf(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function refuse(value: LuaValue, reason: string): never {
  raise(`Cannot serialise ${typeName(value)}: ${reason}`)
}

/** The largest index when all keys can be those of an array; -1 when it is to be an object. */
function arrayLength(table: LuaTable, options: JsonOptions): number {
  let max = 0
  let count = 0
  for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
    const key = table.keyAt(at)
    if (typeof key !== 'number' || key < 1 || Math.floor(key) !== key) return -1
    // Indices of the reference have 32 bits, and larger numbers all become one.
    if (key > max) max = key > 2147483647 ? -2147483648 : key
    count++
  }
  const { sparseRatio, sparseSafe, convertsSparse } = options
  if (sparseRatio > 0 && max > count * sparseRatio && max > sparseSafe) {
    if (!convertsSparse) refuse(table, 'excessively sparse array')
    return -1
  }
  return max
}
