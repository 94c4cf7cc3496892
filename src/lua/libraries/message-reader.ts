/** Reads values of Lua from MessagePack. */
import { LuaError } from '../errors.ts'
import { placeAt } from '../runtime/frames.ts'
import { LuaTable } from '../table.ts'
import type { LuaValue } from '../value.ts'
import { raise, STACK_MAX } from './argument-list.ts'

const TOO_MANY = 'too many return values at once; use unpack_one or unpack_limit instead.'
const TWO_32 = 2 ** 32
const scratch = new DataView(new ArrayBuffer(8))

/** A place in a text, which moves on as values are read. */
export class MessageReader {
  readonly #text: string
  at: number
  /** How many values the reference would have on its stack: that is what bounds nesting there. */
  stack = 0

  constructor(text: string, at: number) {
    this.#text = text
    this.at = at
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length
  }

  /** Reads one value. Raises an error when bytes are missing, or stand for nothing. */
  read(): LuaValue {
    this.#need(1)
    if (this.stack + 1 > STACK_MAX) raise(`stack overflow (${TOO_MANY})`)
    const first = this.#text.charCodeAt(this.at)
    if (first < 0x80) return this.#after(1, first)
    if (first >= 0xe0) return this.#after(1, first - 256)
    if (first >= 0xc0) return this.#typed(first)
    if (first >= 0xa0) return this.#string(1, first & 0x1f)
    this.at++
    return first >= 0x90 ? this.#array(first & 0xf) : this.#map(first & 0xf)
  }

  #typed(first: number): LuaValue {
    switch (first) {
      case 0xc0:
        return this.#after(1, undefined)
      case 0xc2:
        return this.#after(1, false)
      case 0xc3:
        return this.#after(1, true)
      case 0xca:
        scratch.setUint32(0, this.#unsigned(4))
        return this.#after(5, scratch.getFloat32(0))
      case 0xcb:
        this.#need(9)
        scratch.setUint32(0, this.#bits(1))
        scratch.setUint32(4, this.#bits(5))
        return this.#after(9, scratch.getFloat64(0))
      case 0xcc:
      case 0xcd:
      case 0xce: {
        const size = 1 << (first - 0xcc)
        return this.#after(1 + size, this.#unsigned(size))
      }
      case 0xd0:
      case 0xd1:
      case 0xd2: {
        const size = 1 << (first - 0xd0)
        const shift = 32 - 8 * size
        return this.#after(1 + size, (this.#unsigned(size) << shift) >> shift)
      }
      // Numbers without a sign that need all 64 bits come out with one.
      case 0xcf:
      case 0xd3:
        this.#need(9)
        return this.#after(9, exact(this.#bits(1) | 0, this.#bits(5)))
      default:
        return this.#counted(first)
    }
  }

  #counted(first: number): LuaValue {
    switch (first) {
      case 0xd9:
      case 0xda:
      case 0xdb: {
        const size = 1 << (first - 0xd9)
        return this.#string(1 + size, this.#unsigned(size))
      }
      case 0xdc:
      case 0xdd:
      case 0xde:
      case 0xdf: {
        const size = first % 2 === 0 ? 2 : 4
        const count = this.#unsigned(size)
        this.at += 1 + size
        return first < 0xde ? this.#array(count) : this.#map(count)
      }
      default:
        return raise('Bad data format in input.')
    }
  }

  #array(count: number): LuaTable {
    const table = new LuaTable()
    this.stack += 2
    for (let i = 1; i <= count; i++) table.setNumber(i, this.read())
    this.stack -= 2
    return table
  }

  #map(count: number): LuaTable {
    const table = new LuaTable()
    this.stack++
    for (let i = 0; i < count; i++) {
      const key = this.read()
      this.stack++
      const value = this.read()
      this.stack--
      if (key === undefined) throw new LuaError('table index is nil', placeAt(1))
      if (Number.isNaN(key)) throw new LuaError('table index is NaN', placeAt(1))
      table.set(key, value)
    }
    this.stack--
    return table
  }

  #string(headerSize: number, length: number): string {
    this.#need(headerSize + length)
    const start = this.at + headerSize
    return this.#after(headerSize + length, this.#text.slice(start, start + length))
  }

  #after<Value extends LuaValue>(size: number, value: Value): Value {
    this.at += size
    return value
  }

  #need(size: number): void {
    if (this.#text.length - this.at < size) raise('Missing bytes in input.')
  }

  /** The number of `size` bytes after the first. */
  #unsigned(size: number): number {
    this.#need(1 + size)
    let value = 0
    for (let i = 1; i <= size; i++) value = value * 256 + this.#text.charCodeAt(this.at + i)
    return value
  }

  #bits(offset: number): number {
    let value = 0
    for (let i = 0; i < 4; i++) value = value * 256 + this.#text.charCodeAt(this.at + offset + i)
    return value
  }
}

/** The nearest number to an integer of 64 bits: rounded once, not in each half. */
function exact(high: number, low: number): number {
  return high * TWO_32 + low
}
