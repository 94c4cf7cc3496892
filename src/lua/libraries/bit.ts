/** `bit`: operations on 32 bits. Numbers wrap around, and fractions are rounded to the nearest even. */
import type { Realm } from '../realm.ts'
import { LuaTable } from '../table.ts'
import type { LuaFunction, LuaValue } from '../value.ts'
import { argumentError, looseNumber, typeNameAt } from './argument-list.ts'

/** Adding 2^52 + 2^51 leaves the integer that is nearest to a number in its low bits. */
const ROUNDING = 6755399441055744
const number = new Float64Array(1)
const words = new Uint32Array(number.buffer)
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

/** Puts `bit` into the globals of a realm. */
export function installBit(realm: Realm): void {
  const bit = new LuaTable()
  for (const [name, run] of Object.entries(functions)) bit.set(name, run)
  realm.globals.set('bit', bit)
}

/** An argument as a signed integer of 32 bits. */
function bitsAt(args: readonly LuaValue[], at: number): number {
  const value = args[at]
  if (typeof value === 'number' && (value | 0) === value) return value
  const given = looseNumber(value)
  if (given === undefined) argumentError(at + 1, `number expected, got ${typeNameAt(args, at)}`)
  number[0] = given + ROUNDING
  return words[LOW]! | 0
}

/** From the first argument, then from the last backwards: so errors name the same one. */
function folded(fold: (a: number, b: number) => number): LuaFunction {
  return (...args) => {
    let bits = bitsAt(args, 0)
    for (let at = args.length - 1; at > 0; at--) bits = fold(bits, bitsAt(args, at))
    return bits
  }
}

function shifted(shift: (bits: number, by: number) => number): LuaFunction {
  return (...args) => {
    const bits = bitsAt(args, 0)
    return shift(bits, bitsAt(args, 1) & 31)
  }
}

const functions: Readonly<Record<string, LuaFunction>> = {
  tobit: (...args) => bitsAt(args, 0),
  bnot: (...args) => ~bitsAt(args, 0),
  band: folded((a, b) => a & b),
  bor: folded((a, b) => a | b),
  bxor: folded((a, b) => a ^ b),
  lshift: shifted((bits, by) => bits << by),
  rshift: shifted((bits, by) => (bits >>> by) | 0),
  arshift: shifted((bits, by) => bits >> by),
  rol: shifted((bits, by) => (bits << by) | (bits >>> (32 - by))),
  ror: shifted((bits, by) => (bits << (32 - by)) | (bits >>> by)),
  bswap: (...args) => {
    const bits = bitsAt(args, 0)
    return (bits >>> 24) | ((bits >>> 8) & 0xff00) | ((bits & 0xff00) << 8) | (bits << 24)
  },
  tohex: (...args) => {
    const bits = bitsAt(args, 0)
    const digits = args.length < 2 ? 8 : bitsAt(args, 1)
    const text = (bits >>> 0).toString(16).padStart(8, '0')
    const shown = Math.min(Math.abs(digits), 8)
    const last = text.slice(8 - shown)
    return digits < 0 ? last.toUpperCase() : last
  },
}
