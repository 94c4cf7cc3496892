/** Replies of commands, as they stand in the reply writer, as values of Lua. */
import { latin1 } from '../bytes/index.ts'
import { LuaTable, type LuaValue } from '../lua/index.ts'

const CR = 13
const DASH = 45
/** Integers of so many digits are exact. */
const EXACT_DIGITS = 15

/** Reads one reply after another from bytes that our own writer has written. */
export class ReplyValues {
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0

  /** The value of the reply that begins at `at`. */
  read(bytes: Uint8Array, at: number): LuaValue {
    this.#bytes = bytes
    this.#at = at
    return this.#value()
  }

  #value(): LuaValue {
    const type = this.#bytes[this.#at++]!
    switch (type) {
      case 36: // $
        return this.#bulk()
      case 58: // :
        return this.#integer()
      case 43: // +
        return field('ok', this.#line())
      case DASH:
        return errorTable(this.#line())
      case 42: // *
        return this.#array()
      default:
        return this.#resp3(type)
    }
  }

  #resp3(type: number): LuaValue {
    switch (type) {
      case 95: // _
        this.#at += 2
        return undefined
      case 35: // #
        return this.#line() === 't'
      case 44: // ,
        return field('double', numberOf(this.#line()))
      case 40: // (
        return field('big_number', this.#line())
      case 61: // =
        return this.#verbatim()
      case 37: // %
        return this.#map()
      case 126: // ~
        return this.#set()
      case 124: // |
        return this.#pastAttributes()
      default:
        return this.#array()
    }
  }

  #bulk(): LuaValue {
    const size = this.#integer()
    if (size < 0) return false
    const start = this.#at
    this.#at = start + size + 2
    return latin1(this.#bytes, start, start + size)
  }

  #array(): LuaValue {
    const count = this.#integer()
    if (count < 0) return false
    const items: LuaValue[] = [undefined]
    for (let i = 0; i < count; i++) items.push(this.#value())
    const table = new LuaTable()
    if (count > 0) table.takeArray(items)
    return table
  }

  #verbatim(): LuaValue {
    const size = this.#integer()
    const text = latin1(this.#bytes, this.#at, this.#at + size)
    this.#at += size + 2
    const verbatim = new LuaTable()
    verbatim.takeFields(['string', 'format'], [text.slice(4), text.slice(0, 3)])
    return field('verbatim_string', verbatim)
  }

  #map(): LuaValue {
    const map = new LuaTable()
    const count = this.#integer()
    for (let i = 0; i < count; i++) {
      const key = this.#value()
      map.set(key, this.#value())
    }
    return field('map', map)
  }

  #set(): LuaValue {
    const set = new LuaTable()
    const count = this.#integer()
    for (let i = 0; i < count; i++) set.set(this.#value(), true)
    return field('set', set)
  }

  /** Scripts see the reply without what is said about it. */
  #pastAttributes(): LuaValue {
    const count = this.#integer()
    for (let i = 0; i < count * 2; i++) this.#value()
    return this.#value()
  }

  #line(): string {
    const start = this.#at
    let end = start
    while (this.#bytes[end] !== CR) end++
    this.#at = end + 2
    return latin1(this.#bytes, start, end)
  }

  #integer(): number {
    const bytes = this.#bytes
    const start = this.#at
    let at = start
    const isNegative = bytes[at] === DASH
    if (isNegative) at++
    let value = 0
    let byte = bytes[at]!
    for (; byte !== CR; byte = bytes[++at]!) value = value * 10 + byte - 48
    this.#at = at + 2
    // Rounded once, not at each digit.
    if (at - start > EXACT_DIGITS) return Number(latin1(bytes, start, at))
    return isNegative ? -value : value
  }
}

/** A table with one field. */
export function field(name: string, value: LuaValue): LuaTable {
  const table = new LuaTable()
  table.takeFields([name], [value])
  return table
}

/** An error of a command as a table: one that was counted already when it was made. */
export function errorTable(text: string): LuaTable {
  const table = new LuaTable()
  table.takeFields(['err', 'ignore_error_stats_update'], [codedText(text), true])
  return table
}

/** An error of the library as a table. The text may begin with `-` and a code; else it is an `ERR`. */
export function freshError(text: string): LuaTable {
  return field('err', text.startsWith('-') ? codedText(text.slice(1)) : `ERR ${trimmed(text)}`)
}

/** A text with its code; where there is no blank it has none. */
function codedText(text: string): string {
  const blank = text.indexOf(' ')
  if (blank < 0) return `ERR ${trimmed(text)}`
  return `${text.slice(0, blank)} ${trimmed(text.slice(blank + 1))}`
}

function trimmed(text: string): string {
  return text.replace(/^[\r\n]+|[\r\n]+$/g, '')
}

function numberOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  if (text === '-inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
