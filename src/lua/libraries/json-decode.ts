/** Reads JSON into values of Lua. A zero byte ends a text, as it ends a string of C. */
import { parseNumber } from '../numbers.ts'
import { LuaTable } from '../table.ts'
import type { LuaValue } from '../value.ts'
import { raise, STACK_MAX } from './argument-list.ts'
import { JSON_NULL, type JsonOptions } from './json-options.ts'

/** What the reference calls its tokens, in errors. */
type Token =
  | 'T_OBJ_BEGIN'
  | 'T_OBJ_END'
  | 'T_ARR_BEGIN'
  | 'T_ARR_END'
  | 'T_STRING'
  | 'T_NUMBER'
  | 'T_BOOLEAN'
  | 'T_NULL'
  | 'T_COLON'
  | 'T_COMMA'
  | 'T_END'
  | 'T_ERROR'

const SINGLE: Readonly<Record<string, Token>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ',': 'T_COMMA',
  ':': 'T_COLON',
  '\0': 'T_END',
}
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
}
/** What `strtod` takes from the beginning of a text. */
const NUMBER =
  /[+-]?(?:0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan(?:\(\w*\))?)/iy
/** Numbers that JSON does not know. */
const INVALID = /\+|-?(?:0x|0\d|inf|nan)/iy
const PLAIN_STRING = /[^"\\\0]*/y
const HEX = /[\da-f]{4}/iy

/** The value that a text stands for. Raises an error that says where it is wrong. */
export function decodeJson(text: string, options: JsonOptions): LuaValue {
  if (text.length >= 2 && (text[0] === '\0' || text[1] === '\0')) {
    raise('JSON parser does not support UTF-16 or UTF-32')
  }
  return new Decoder(text, options).whole()
}

class Decoder {
  readonly #text: string
  readonly #options: JsonOptions
  #at = 0
  #depth = 0
  /** Values that the reference would have on its stack. */
  #stack = 1
  #token: Token = 'T_END'
  /** Where the token began; of a wrong one, where it is wrong. */
  #index = 0
  #value: LuaValue
  #wrong = ''

  constructor(text: string, options: JsonOptions) {
    this.#text = text
    this.#options = options
  }

  whole(): LuaValue {
    this.#next()
    const value = this.#read()
    this.#next()
    if (this.#token !== 'T_END') this.#refuse('the end')
    return value
  }

  /** The value that begins with the current token. */
  #read(): LuaValue {
    switch (this.#token) {
      case 'T_STRING':
      case 'T_NUMBER':
      case 'T_BOOLEAN':
        return this.#value
      case 'T_NULL':
        return JSON_NULL
      case 'T_OBJ_BEGIN':
        return this.#object()
      case 'T_ARR_BEGIN':
        return this.#array()
      default:
        return this.#refuse('value')
    }
  }

  #object(): LuaTable {
    this.#descend(3)
    const table = new LuaTable()
    this.#stack += 2
    this.#next()
    while (this.#token !== 'T_OBJ_END') {
      if (this.#token !== 'T_STRING') this.#refuse('object key string')
      const key = this.#value
      if (this.#next() !== 'T_COLON') this.#refuse('colon')
      this.#next()
      table.set(key, this.#read())
      const after = this.#next()
      if (after === 'T_OBJ_END') break
      if (after !== 'T_COMMA') this.#refuse('comma or object end')
      // Nothing may end after a comma.
      if (this.#next() === 'T_OBJ_END') this.#refuse('object key string')
    }
    this.#stack -= 2
    this.#depth--
    return table
  }

  #array(): LuaTable {
    this.#descend(2)
    const items: LuaValue[] = []
    this.#stack++
    this.#next()
    while (this.#token !== 'T_ARR_END' || items.length > 0) {
      items.push(this.#read())
      const after = this.#next()
      if (after === 'T_ARR_END') break
      if (after !== 'T_COMMA') this.#refuse('comma or array end')
      this.#next()
    }
    this.#stack--
    this.#depth--
    const table = new LuaTable()
    for (let at = 0; at < items.length; at++) table.setNumber(at + 1, items[at])
    return table
  }

  #descend(slots: number): void {
    this.#depth++
    if (this.#depth <= this.#options.decodeDepthMax && this.#stack + slots <= STACK_MAX) return
    raise(`Found too many nested data structures (${this.#depth}) at character ${this.#at}`)
  }

  #refuse(expected: string): never {
    const found = this.#token === 'T_ERROR' ? this.#wrong : this.#token
    raise(`Expected ${expected} but found ${found} at character ${this.#index + 1}`)
  }

  #fail(wrong: string): void {
    this.#token = 'T_ERROR'
    this.#index = this.#at
    this.#wrong = wrong
  }

  #next(): Token {
    this.#take()
    return this.#token
  }

  /** Takes the next token. */
  #take(): void {
    const text = this.#text
    let code = text.charCodeAt(this.#at)
    while (code === 32 || code === 9 || code === 10 || code === 13) {
      code = text.charCodeAt(++this.#at)
    }
    this.#index = this.#at
    if (code === 34) {
      this.#string()
      return
    }
    const first = text[this.#at] ?? '\0'
    const single = SINGLE[first]
    if (single !== undefined) {
      this.#token = single
      // The end is found again and again.
      if (single !== 'T_END') this.#at++
      return
    }
    this.#word(first)
  }

  #word(first: string): void {
    if (first === '-' || (first >= '0' && first <= '9')) {
      if (!this.#options.decodesInvalid && this.#matches(INVALID)) this.#fail('invalid number')
      else this.#number()
    } else if (!this.#takeWord('true', true) && !this.#takeWord('false', false)) {
      if (this.#text.startsWith('null', this.#at)) {
        this.#token = 'T_NULL'
        this.#at += 4
      } else if (this.#options.decodesInvalid && this.#matches(INVALID)) this.#number()
      else this.#fail('invalid token')
    }
  }

  #takeWord(word: string, value: boolean): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#token = 'T_BOOLEAN'
    this.#value = value
    this.#at += word.length
    return true
  }

  #matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#text)
  }

  #number(): void {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) {
      this.#fail('invalid number')
      return
    }
    this.#token = 'T_NUMBER'
    this.#value = parseNumber(match[0])
    this.#at += match[0].length
  }

  #string(): void {
    let value = ''
    this.#at++
    for (;;) {
      PLAIN_STRING.lastIndex = this.#at
      PLAIN_STRING.test(this.#text)
      const end = PLAIN_STRING.lastIndex
      value += this.#text.slice(this.#at, end)
      this.#at = end
      const character = this.#text[end]
      if (character === '"') break
      if (character !== '\\') {
        this.#fail('unexpected end of string')
        return
      }
      const part = this.#escape()
      if (part === undefined) return
      value += part
    }
    this.#at++
    this.#token = 'T_STRING'
    this.#value = value
  }

  /** Takes an escape. @returns what it stands for, or `undefined` after having failed */
  #escape(): string | undefined {
    const letter = this.#text[this.#at + 1] ?? '\0'
    if (letter === 'u') {
      const part = this.#unicode()
      if (part === undefined) this.#fail('invalid unicode escape code')
      return part
    }
    const part = ESCAPES[letter]
    if (part === undefined) this.#fail('invalid escape code')
    else this.#at += 2
    return part
  }

  /** A code of four digits, or two of them that belong together, in UTF-8. */
  #unicode(): string | undefined {
    const high = this.#hex(this.#at + 2)
    if (high === undefined) return undefined
    if ((high & 0xf800) !== 0xd800) {
      this.#at += 6
      return utf8(high)
    }
    if ((high & 0x400) !== 0 || !this.#text.startsWith('\\u', this.#at + 6)) return undefined
    const low = this.#hex(this.#at + 8)
    if (low === undefined || (low & 0xfc00) !== 0xdc00) return undefined
    this.#at += 12
    return utf8((((high & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000)
  }

  #hex(at: number): number | undefined {
    HEX.lastIndex = at
    const match = HEX.exec(this.#text)
    return match === null ? undefined : Number.parseInt(match[0], 16)
  }
}

/** A code point in UTF-8, one character a byte. */
function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code)
  const tail = (shift: number) => 0x80 | ((code >> shift) & 0x3f)
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), tail(0))
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), tail(6), tail(0))
  return String.fromCharCode(0xf0 | (code >> 18), tail(12), tail(6), tail(0))
}
