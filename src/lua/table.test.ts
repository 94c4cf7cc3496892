import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { LuaTable } from './table.ts'
import type { LuaValue } from './value.ts'

test('a table holds what a map would, in whatever order it is filled and emptied', () => {
  const random = seeded()
  for (let round = 0; round < 50; round++) {
    const table = new LuaTable()
    const model = new Map<LuaValue, LuaValue>()
    const width = random.between(1, 60)
    for (let step = 0; step < 400; step++) {
      const number = random.between(-2, width)
      const key: LuaValue = random.between(0, 3) === 0 ? `k${number}` : number
      const value = random.between(0, 2) === 0 ? undefined : step
      table.set(key, value)
      if (value === undefined) model.delete(key)
      else model.set(key, value)
      assert.equal(table.get(key), value)
    }
    check(table, model)
  }
})

function check(table: LuaTable, model: ReadonlyMap<LuaValue, LuaValue>): void {
  for (const [key, value] of model) assert.equal(table.get(key), value, String(key))
  assert.deepEqual(new Map(table.entries()), new Map(orderedLike(table, model)))
  const border = table.length
  if (border > 0) assert.notEqual(table.get(border), undefined)
  assert.equal(table.get(border + 1), undefined)
}

/** The model's entries in the order of the table, which must have them all. */
function orderedLike(table: LuaTable, model: ReadonlyMap<LuaValue, LuaValue>) {
  const keys = [...table.entries()].map(([key]) => key)
  assert.equal(keys.length, model.size)
  return keys.map((key) => [key, model.get(key)] as const)
}

test('a walk meets each key once, also when it takes keys away', () => {
  const table = new LuaTable()
  for (let at = 1; at <= 50; at++) table.set(at % 3 === 0 ? `k${at}` : at, at)
  let met = 0
  for (let place = table.advance(0); place !== 0; place = table.advance(place)) {
    met++
    table.set(table.keyAt(place), undefined)
  }
  assert.equal(met, 50)
  assert.equal(table.advance(0), 0)
})

test('keys that cannot stand in an array are fields', () => {
  const table = new LuaTable()
  const keys: LuaValue[] = [0, -1, 1.5, 2 ** 53, 1e300, Infinity, '1', true, table]
  for (const [at, key] of keys.entries()) table.set(key, at)
  for (const [at, key] of keys.entries()) assert.equal(table.get(key), at)
  assert.equal(table.length, 0)
})

/** The sizes of a table's parts, by the rule of the reference, worked out from all its keys. */
function sizesWith(keys: readonly LuaValue[]): { arraySize: number; nodeCount: number } {
  const powerAbove = (count: number) => {
    let power = count === 0 ? 0 : 1
    while (power > 0 && power < count) power *= 2
    return power
  }
  const integers = keys.filter((key): key is number => typeof key === 'number')
  let arraySize = 0
  for (let size = 1; size <= 64; size *= 2) {
    if (integers.filter((key) => key <= size).length > size / 2) arraySize = size
  }
  const inArray = integers.filter((key) => key <= arraySize).length
  return { arraySize, nodeCount: powerAbove(keys.length - inArray) }
}

test('a table that grows has the sizes of the reference, whatever its keys are', () => {
  const random = seeded()
  for (let round = 0; round < 300; round++) {
    const table = new LuaTable()
    const keys: LuaValue[] = []
    let sizes = { arraySize: 0, nodeCount: 0 }
    const names = random.pick([0, 0.1, 0.5, 1])
    for (let step = 0; step < 40; step++) {
      const isName = random.chance(names)
      const key = isName ? `k${step}` : random.chance(0.8) ? step + 1 : random.between(1, 60)
      if (keys.includes(key)) continue
      const inNodes = keys.filter((one) => !(typeof one === 'number' && one <= sizes.arraySize))
      const hasPlace = typeof key === 'number' && key <= sizes.arraySize
      keys.push(key)
      if (!hasPlace && inNodes.length >= sizes.nodeCount) sizes = sizesWith(keys)
      table.set(key, step)
      const { arraySize, nodeCount } = table
      assert.deepEqual({ arraySize, nodeCount }, sizes)
    }
    for (const key of keys) assert.notEqual(table.get(key), undefined)
  }
})
