/** `cmsgpack`: values as MessagePack, and back. */
import type { Realm } from '../realm.ts'
import { LuaTable } from '../table.ts'
import type { LuaResult, LuaValue } from '../value.ts'
import {
  argumentError,
  integerAt,
  optionalIntegerAt,
  raise,
  STACK_MAX,
  textAt,
} from './argument-list.ts'
import { MessageReader } from './message-reader.ts'

/** Tables that lie deeper are packed as nil. */
const NESTING_MAX = 16
const TWO_32 = 2 ** 32
const scratch = new DataView(new ArrayBuffer(8))

/** Puts `cmsgpack` into the globals of a realm. */
export function installCmsgpack(realm: Realm): void {
  const library = new LuaTable()
  library.set('pack', pack)
  library.set('unpack', (...args: LuaValue[]) => unpackFrom(args, 0, 0))
  library.set('unpack_one', (...args: LuaValue[]) => {
    const offset = optionalIntegerAt(args, 1, 0)
    return unpackFrom(args, 1, offset)
  })
  library.set('unpack_limit', (...args: LuaValue[]) => {
    const limit = integerAt(args, 1)
    return unpackFrom(args, limit, optionalIntegerAt(args, 2, 0))
  })
  library.set('_NAME', 'cmsgpack')
  library.set('_VERSION', 'lua-cmsgpack 0.4.0')
  library.set('_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo')
  library.set('_DESCRIPTION', 'MessagePack C implementation for Lua')
  realm.globals.set('cmsgpack', library)
}

function pack(...args: LuaValue[]): LuaResult {
  if (args.length === 0) argumentError(0, 'MessagePack pack needs input.')
  if (args.length * 2 > STACK_MAX) argumentError(0, 'Too many arguments for MessagePack pack.')
  let packed = ''
  for (const value of args) packed += encoded(value, 0)
  return packed
}

function encoded(value: LuaValue, level: number): string {
  switch (typeof value) {
    case 'string':
      return lengthOf(value) + value
    case 'number':
      return encodedNumber(value)
    case 'boolean':
      return value ? '\xc3' : '\xc2'
    default:
      return value instanceof LuaTable && level < NESTING_MAX
        ? encodedTable(value, level + 1)
        : '\xc0'
  }
}

function lengthOf({ length }: string): string {
  if (length < 32) return String.fromCharCode(0xa0 | length)
  return length < 256 ? `\xd9${String.fromCharCode(length)}` : sized('\xda', '\xdb', length)
}

/** A first byte and a length, of 16 or of 32 bits. */
function sized(short: string, long: string, count: number): string {
  return count < 65536 ? short + bigEndian(count, 2) : long + bigEndian(count, 4)
}

function bigEndian(value: number, size: number): string {
  let text = ''
  for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    text += String.fromCharCode((value >>> shift) & 0xff)
  }
  return text
}

function encodedNumber(value: number): string {
  if (!Number.isInteger(value) || value >= 2 ** 63 || value < -(2 ** 63)) return encodedFloat(value)
  if (value >= 0) {
    if (value < 128) return String.fromCharCode(value)
    if (value < 256) return `\xcc${String.fromCharCode(value)}`
    if (value < 65536) return `\xcd${bigEndian(value, 2)}`
    if (value < TWO_32) return `\xce${bigEndian(value, 4)}`
    return `\xcf${wide(value)}`
  }
  if (value >= -32) return String.fromCharCode(value & 0xff)
  if (value >= -128) return `\xd0${String.fromCharCode(value & 0xff)}`
  if (value >= -32768) return `\xd1${bigEndian(value, 2)}`
  if (value >= -(2 ** 31)) return `\xd2${bigEndian(value, 4)}`
  return `\xd3${wide(value)}`
}

function wide(value: number): string {
  const high = Math.floor(value / TWO_32)
  return bigEndian(high, 4) + bigEndian(value - high * TWO_32, 4)
}

function encodedFloat(value: number): string {
  if (Math.fround(value) === value) {
    scratch.setFloat32(0, value)
    return `\xca${bigEndian(scratch.getUint32(0), 4)}`
  }
  scratch.setFloat64(0, value)
  // The one that is no number has a sign where the reference runs.
  const high = Number.isNaN(value) ? 0xfff80000 : scratch.getUint32(0)
  return `\xcb${bigEndian(high, 4)}${bigEndian(scratch.getUint32(4), 4)}`
}

function encodedTable(table: LuaTable, level: number): string {
  const count = arrayCount(table)
  if (count < 0) return encodedMap(table, level)
  let text = count < 16 ? String.fromCharCode(0x90 | count) : sized('\xdc', '\xdd', count)
  for (let at = 1; at <= count; at++) text += encoded(table.get(at), level)
  return text
}

function encodedMap(table: LuaTable, level: number): string {
  let count = 0
  let text = ''
  for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
    text += encoded(table.keyAt(at), level) + encoded(table.valueAt(at), level)
    count++
  }
  const header = count < 16 ? String.fromCharCode(0x80 | count) : sized('\xde', '\xdf', count)
  return header + text
}

/** How many elements a table has when its keys are 1 to that number; else -1. */
function arrayCount(table: LuaTable): number {
  let count = 0
  let max = 0
  for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
    const key = table.keyAt(at)
    if (typeof key !== 'number' || key <= 0 || (key | 0) !== key) return -1
    if (key > max) max = key
    count++
  }
  return max === count ? count : -1
}

/** Unpacks from an offset; without limit and offset everything, and says no place to go on at. */
function unpackFrom(args: readonly LuaValue[], limit: number, offset: number): LuaResult {
  const text = textAt(args, 0)
  if (offset < 0 || limit < 0) {
    const numbers = `offset of ${offset | 0} and limit of ${text.length}`
    raise(`Invalid request to unpack with ${numbers}.`)
  }
  if (offset > text.length) {
    raise(`Start offset ${offset | 0} greater than input length ${text.length}.`)
  }
  const isWhole = limit === 0 && offset === 0
  const reader = new MessageReader(text, offset)
  const values: LuaValue[] = isWhole ? [] : [undefined]
  const first = values.length
  while (!reader.isAtEnd && (isWhole || values.length - first < limit)) {
    reader.stack = 1 + values.length - first
    values.push(reader.read())
  }
  if (!isWhole) values[0] = reader.isAtEnd ? -1 : reader.at
  return values
}
