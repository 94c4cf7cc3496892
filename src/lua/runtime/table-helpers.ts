/** How table constructors are carried out. */
import { LuaTable } from '../table.ts'
import { LuaUserdata } from '../userdata.ts'
import type { LuaValue } from '../value.ts'
import { storeChecked } from './operations.ts'

/** Stands for the key of an item that has none. */
export const POSITIONAL = new LuaUserdata('positional')

/** `{ a, b, c }`: the array begins with an unused element. */
export function arrayTable(array: LuaValue[]): LuaTable {
  const table = new LuaTable()
  table.takeArray(array)
  // The reference's instruction has few bits for the size, so large ones are rounded up.
  if (array.length > 16) table.arraySize = roundedSize(array.length - 1)
  return table
}

/** `{ a, b, f() }`: the number of elements was not known. */
export function openTable(array: LuaValue[]): LuaTable {
  const table = new LuaTable()
  table.takeArray(array)
  return table
}

/** `{ a = 1, b = 2 }`: distinct names and their values. */
export function recordTable(keys: LuaValue[], values: LuaValue[]): LuaTable {
  const table = new LuaTable()
  table.takeFields(keys, values)
  return table
}

/** Items of all kinds: keys and values in turn, and what comes at the end. */
export function mixedTable(pairs: readonly LuaValue[], rest: readonly LuaValue[] = []): LuaTable {
  const table = new LuaTable()
  const array: LuaValue[] = [undefined]
  let fields = 0
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] === POSITIONAL) array.push(pairs[at + 1])
    else fields++
  }
  for (const value of rest) array.push(value)
  table.arraySize = array.length - 1
  table.nodeCount = fields < 2 ? fields : 2 ** (32 - Math.clz32(fields - 1))
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] !== POSITIONAL) storeChecked(table, pairs[at], pairs[at + 1])
  }
  // Elements come after all fields, and may replace some.
  for (let key = 1; key < array.length; key++) table.setNumber(key, array[key])
  return table
}

/** The table `arg` of a function with `...`. */
export function argTable(values: readonly LuaValue[]): LuaTable {
  const table = openTable([undefined, ...values])
  table.set('n', values.length)
  return table
}

/** A size as the nearest that the reference's instruction can hold: eight steps between powers. */
function roundedSize(size: number): number {
  let exponent = 0
  let mantissa = size
  while (mantissa >= 16) {
    mantissa = (mantissa + 1) >> 1
    exponent++
  }
  return mantissa * 2 ** exponent
}
