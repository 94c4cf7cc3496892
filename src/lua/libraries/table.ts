/** `table`: functions on the array part. All access is raw. */
import { formatNumber } from '../numbers.ts'
import type { Realm } from '../realm.ts'
import { argumentTypeError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import { beforeLibraryWrite } from '../runtime/operations.ts'
import { typeName } from '../runtime/type-names.ts'
import { LuaTable } from '../table.ts'
import { type LuaFunction, type LuaResult, type LuaValue, NOTHING } from '../value.ts'
import { checkInt, checkString, checkTable } from './arguments.ts'
import { install, withCallbacks } from './callbacks.ts'
import { sortOf } from './sort.ts'

/** The table `table`. */
export function tableLibrary(realm: Realm): LuaTable {
  const library = new LuaTable()
  install(library, {
    insert: insertOf(realm),
    remove: removeOf(realm),
    concat: concatOf(realm),
    sort: sortOf(realm),
    foreach: foreachOf(realm),
    foreachi: foreachiOf(realm),
    maxn,
    getn(table: LuaValue): number {
      return checkTable(table, 1, arguments.length).length
    },
    setn(table: LuaValue): LuaResult {
      checkTable(table, 1, arguments.length)
      return raise("'setn' is obsolete")
    },
  })
  return library
}

function insertOf(realm: Realm): LuaFunction {
  return function insert(target: LuaValue, first: LuaValue, second: LuaValue): LuaResult {
    const count = arguments.length
    const table = checkTable(target, 1, count)
    const end = table.length + 1
    if (count === 2) {
      if (table.guard !== 0) beforeLibraryWrite(table)
      table.setNumber(end, first)
      return NOTHING
    }
    if (count !== 3) return raise("wrong number of arguments to 'insert'")
    const at = checkInt(first, 2, count)
    if (table.guard !== 0) beforeLibraryWrite(table)
    realm.meter.fuel -= Math.max(0, end - at) >>> 4
    for (let key = Math.max(end, at); key > at; key--) {
      table.setNumber(key, table.getNumber(key - 1))
    }
    table.setNumber(at, second)
    return NOTHING
  }
}

function removeOf(realm: Realm): LuaFunction {
  return function remove(target: LuaValue, position: LuaValue): LuaResult {
    const table = checkTable(target, 1, arguments.length)
    const end = table.length
    const at = position === undefined ? end : checkInt(position, 2, arguments.length)
    if (at < 1 || at > end) return NOTHING
    if (table.guard !== 0) beforeLibraryWrite(table)
    realm.meter.fuel -= (end - at) >>> 4
    const removed = table.getNumber(at)
    for (let key = at; key < end; key++) table.setNumber(key, table.getNumber(key + 1))
    table.setNumber(end, undefined)
    return removed
  }
}

function concatOf(realm: Realm): LuaFunction {
  return function concat(
    target: LuaValue,
    separator: LuaValue,
    from: LuaValue,
    to: LuaValue,
  ): LuaResult {
    const count = arguments.length
    const between = separator === undefined ? '' : checkString(separator, 2, count)
    const table = checkTable(target, 1, count)
    const start = from === undefined ? 1 : checkInt(from, 3, count)
    const end = to === undefined ? table.length : checkInt(to, 4, count)
    let text = ''
    for (let at = start; at <= end; at++) {
      const value = table.getNumber(at)
      if (typeof value === 'string') text += value
      else if (typeof value === 'number') text += formatNumber(value)
      else {
        raise(`invalid value (${typeName(value)}) at index ${at} in table for 'concat'`)
      }
      if (at < end) text += between
      if (text.length > 1 << 20 && (at & 63) === 0) realm.meter.checkMemory(text.length)
    }
    realm.meter.fuel -= Math.max(0, end - start) >>> 3
    if (text.length > 1024) realm.meter.charge(text.length)
    return text
  }
}

function maxn(target: LuaValue): LuaResult {
  const table = checkTable(target, 1, arguments.length)
  let largest = table.array.length - 1
  for (let at = 0; at < table.keys.length; at++) {
    const key = table.keys[at]
    if (typeof key === 'number' && key > largest && table.values[at] !== undefined) largest = key
  }
  return largest
}

function checkFunction(value: LuaValue, index: number, count: number): LuaFunction {
  if (typeof value === 'function') return value
  return argumentTypeError(index, 'function', value, index <= count)
}

function foreachOf(realm: Realm): LuaFunction {
  const work = withCallbacks(realm.core, function* (target, callee) {
    const table = target as LuaTable
    for (let at = table.advance(0); at !== 0; at = table.advance(at)) {
      const [result] = yield [callee as LuaFunction, [table.keyAt(at), table.valueAt(at)]]
      if (result !== undefined) return result
    }
    return NOTHING
  })
  return function foreach(target: LuaValue, callee: LuaValue): LuaResult {
    const table = checkTable(target, 1, arguments.length)
    return work(table, checkFunction(callee, 2, arguments.length))
  }
}

function foreachiOf(realm: Realm): LuaFunction {
  const work = withCallbacks(realm.core, function* (target, callee) {
    const table = target as LuaTable
    const end = table.length
    for (let at = 1; at <= end; at++) {
      const [result] = yield [callee as LuaFunction, [at, table.getNumber(at)]]
      if (result !== undefined) return result
    }
    return NOTHING
  })
  return function foreachi(target: LuaValue, callee: LuaValue): LuaResult {
    const table = checkTable(target, 1, arguments.length)
    return work(table, checkFunction(callee, 2, arguments.length))
  }
}
