/** `struct`: numbers and strings as the bytes of a structure of C, and back. */
import type { Realm } from '../realm.ts'
import { LuaTable } from '../table.ts'
import type { LuaResult, LuaValue } from '../value.ts'
import {
  argumentError,
  looseNumber,
  numberAt,
  optionalIntegerAt,
  raise,
  STACK_MAX,
  textAt,
} from './argument-list.ts'
import { PackFormat } from './pack-format.ts'

const scratch = new DataView(new ArrayBuffer(8))
const TWO_32 = 2 ** 32
const TOO_SHORT = 'data string too short'
/** Integers of so many bytes are exact as numbers. */
const EXACT_BYTES = 6

/** Puts `struct` into the globals of a realm. */
export function installStruct(realm: Realm): void {
  const struct = new LuaTable()
  struct.set('pack', pack)
  struct.set('unpack', unpack)
  struct.set('size', sizeOf)
  realm.globals.set('struct', struct)
}

function pack(...args: LuaValue[]): LuaResult {
  const format = new PackFormat(textAt(args, 0))
  // Behind the arguments the reference marks where its own values begin.
  args.push(undefined)
  let packed = ''
  let at = 1
  while (format.next()) {
    packed += '\0'.repeat(format.padding(packed.length))
    switch (format.letter) {
      case 'x':
        packed += '\0'
        break
      case 'f':
      case 'd':
        packed += floatBytes(numberAt(args, at++), format)
        break
      case 'c':
      case 's':
        packed += textBytes(args, at++, format)
        break
      default:
        if (isInteger(format.letter)) packed += integerBytes(numberAt(args, at++), format)
        else format.control()
    }
  }
  return packed
}

function textBytes(args: readonly LuaValue[], at: number, { letter, size }: PackFormat): string {
  const text = textAt(args, at)
  // The reference names the argument after the one that it means.
  if (text.length < size) argumentError(at + 2, 'string too short')
  const part = size === 0 ? text : text.slice(0, size)
  return letter === 's' ? `${part}\0` : part
}

function isInteger(letter: string): boolean {
  return letter !== '' && 'bBhHlLTiI'.includes(letter)
}

function floatBytes(value: number, { size, isBigEndian }: PackFormat): string {
  if (size === 4) scratch.setFloat32(0, value, !isBigEndian)
  else scratch.setFloat64(0, value, !isBigEndian)
  let text = ''
  for (let i = 0; i < size; i++) text += String.fromCharCode(scratch.getUint8(i))
  return text
}

/** The low bytes of a number; those beyond eight are zero, whatever its sign. */
function integerBytes(value: number, { size, isBigEndian }: PackFormat): string {
  const { high, low } = halves(value)
  let text = ''
  for (let i = 0; i < size; i++) {
    const place = isBigEndian ? size - 1 - i : i
    const byte = place < 4 ? low >>> (8 * place) : place < 8 ? high >>> (8 * (place - 4)) : 0
    text += String.fromCharCode(byte & 0xff)
  }
  return text
}

/** A number as an integer of 64 bits, as the processor converts what has no place there. */
function halves(value: number): { high: number; low: number } {
  if (Number.isNaN(value) || value < -(2 ** 63)) return { high: 0x80000000, low: 0 }
  if (value >= 2 ** 64) return { high: 0, low: 0 }
  const whole = Math.trunc(value)
  const high = Math.floor(whole / TWO_32)
  return { high: high >>> 0, low: whole - high * TWO_32 }
}

function unpack(...args: LuaValue[]): LuaResult {
  const format = new PackFormat(textAt(args, 0))
  const data = textAt(args, 1)
  const first = optionalIntegerAt(args, 2, 1)
  if (first === 0) argumentError(3, 'offset must be 1 or greater')
  let at = first - 1
  const values: LuaValue[] = []
  while (format.next()) {
    at += format.padding(at)
    if (at < 0 || at > data.length - format.size) argumentError(2, TOO_SHORT)
    if (Math.min(args.length, 3) + values.length + 2 > STACK_MAX) {
      raise('stack overflow (too many results)')
    }
    at += readElement(format, data, at, values)
  }
  values.push(at + 1)
  return values
}

/** Reads one element. @returns its size */
function readElement(format: PackFormat, data: string, at: number, values: LuaValue[]): number {
  const { letter, size } = format
  switch (letter) {
    case 'x':
      return size
    case 'f':
    case 'd':
      values.push(readFloat(data, at, format))
      return size
    case 'c': {
      const length = size === 0 ? lengthBefore(values, data.length - at) : size
      values.push(data.slice(at, at + length))
      return length
    }
    case 's': {
      const end = data.indexOf('\0', at)
      if (end < 0) raise('unfinished string in data')
      values.push(data.slice(at, end))
      return end - at + 1
    }
    default:
      if (isInteger(letter)) values.push(readInteger(data, at, format))
      else format.control()
      return size
  }
}

/** Takes the length of a string from the number that was read before it. */
function lengthBefore(values: LuaValue[], left: number): number {
  const length = looseNumber(values[values.length - 1])
  if (length === undefined) raise("format 'c0' needs a previous size")
  values.pop()
  if (!(length > -1 && Math.trunc(length) <= left)) argumentError(2, TOO_SHORT)
  return Math.trunc(length)
}

function readFloat(data: string, at: number, { size, isBigEndian }: PackFormat): number {
  for (let i = 0; i < size; i++) scratch.setUint8(i, data.charCodeAt(at + i))
  return size === 4 ? scratch.getFloat32(0, !isBigEndian) : scratch.getFloat64(0, !isBigEndian)
}

function readInteger(data: string, at: number, { letter, size, isBigEndian }: PackFormat): number {
  const isSigned = letter >= 'a'
  if (size > EXACT_BYTES) return readWide(data, at, { size, isBigEndian, isSigned })
  let value = 0
  for (let i = 0; i < size; i++) {
    value = value * 256 + data.charCodeAt(isBigEndian ? at + i : at + size - 1 - i)
  }
  return isSigned && value >= 2 ** (size * 8 - 1) && size > 0 ? value - 2 ** (size * 8) : value
}

/** Only the low 64 bits of wider integers count; their sign is then looked for where it is not. */
function readWide(
  data: string,
  at: number,
  options: { readonly size: number; readonly isBigEndian: boolean; readonly isSigned: boolean },
): number {
  const { size, isBigEndian, isSigned } = options
  let bits = 0n
  for (let i = 0; i < size; i++) {
    bits = (bits << 8n) | BigInt(data.charCodeAt(isBigEndian ? at + i : at + size - 1 - i))
  }
  bits = BigInt.asUintN(64, bits)
  if (!isSigned) return Number(bits)
  const mask = BigInt.asUintN(64, -1n << BigInt((size * 8 - 1) & 63))
  return Number(BigInt.asIntN(64, (bits & mask) === 0n ? bits : bits | mask))
}

function sizeOf(...args: LuaValue[]): LuaResult {
  const format = new PackFormat(textAt(args, 0))
  let size = 0
  while (format.next()) {
    size += format.padding(size)
    if (format.letter === 's') argumentError(1, "option 's' has no fixed size")
    if (format.letter === 'c' && format.size === 0) {
      argumentError(1, "option 'c0' has no fixed size")
    }
    if (!/[0-9A-Za-z]/.test(format.letter)) format.control()
    size += format.size
  }
  return size
}
