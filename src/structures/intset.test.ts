/** Intsets against sorted arrays of bigints, and against bytes that the reference wrote. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from './buffer-stretch.ts'
import {
  currentText,
  INTSET_EMPTY,
  intsetAdd,
  intsetCount,
  intsetHas,
  intsetRemove,
  intsetRemoveAt,
  intsetSeek,
  intsetsNext,
  intsetText,
  isIntsetValid,
} from './intset.ts'
import { parseNumber } from './listpack-element.ts'

const EDGES = [15n, 16n, 31n, 32n, 53n, 63n].flatMap((bits) =>
  [-2n, -1n, 0n, 1n].flatMap((more) => [2n ** bits + more, -(2n ** bits) + more]),
)
const fits = (value: bigint) => BigInt.asIntN(64, value) === value

function makeCurrent(value: bigint): void {
  const text = `${value}`
  assert.ok(parseNumber(fromLatin1(text), 0, text.length))
}

function valuesOf(s: BufferStretch): bigint[] {
  const slice = new Slice(s.bytes, 0, 0)
  return Array.from({ length: intsetCount(s) }, (_, i) => BigInt(intsetText(s, i, slice).latin1()))
}

function randomValue(random: Seeded, widthMax: number): bigint {
  const fitting = EDGES.filter((edge) => BigInt.asIntN(widthMax * 8, edge) === edge)
  if (random.chance(0.2)) return random.pick(fitting.length > 0 ? fitting : [0n])
  if (random.chance(0.5)) return BigInt(random.between(-40, 40))
  const bits = BigInt(random.uint32()) * 2n ** 32n + BigInt(random.uint32())
  return BigInt.asIntN(widthMax * 8, bits)
}

test('an intset holds what a sorted array holds, in whichever width', () => {
  const random = seeded()
  for (let round = 0; round < 60; round++) {
    const s = new BufferStretch(INTSET_EMPTY)
    const model = new Set<bigint>()
    const widthMax = random.pick([2, 4, 8])
    for (let step = 0; step < 400; step++) {
      const known = [...model]
      const value =
        known.length > 0 && random.chance(0.3) ? random.pick(known) : randomValue(random, widthMax)
      makeCurrent(value)
      assert.equal(intsetHas(s), model.has(value), `${value}`)
      if (random.chance(step < 250 ? 0.7 : 0.2)) {
        assert.equal(intsetAdd(s), !model.has(value))
        model.add(value)
      } else if (model.size > 0 && random.chance(0.2)) {
        const index = random.between(0, model.size - 1)
        model.delete(valuesOf(s)[index]!)
        intsetRemoveAt(s, index)
      } else {
        assert.equal(intsetRemove(s), model.delete(value))
      }
      if (step % 20 !== 0 || model.size === 0) continue
      assert.ok(isIntsetValid(s))
      const sorted = [...model].sort((a, b) => (a < b ? -1 : 1))
      assert.deepEqual(valuesOf(s), sorted)
    }
  }
})

test('seeking from an index finds what is at or after it', () => {
  const random = seeded()
  for (let round = 0; round < 200; round++) {
    const s = new BufferStretch(INTSET_EMPTY)
    for (let n = random.between(1, 60); n > 0; n--) {
      makeCurrent(randomValue(random, random.pick([2, 4, 8])))
      intsetAdd(s)
    }
    const values = valuesOf(s)
    for (let n = 0; n < 40; n++) {
      const value = random.chance(0.5) ? random.pick(values) : randomValue(random, 8)
      const least = values.findIndex((each) => each >= value)
      const place = least < 0 ? values.length : least
      makeCurrent(value)
      const found = intsetSeek(s, random.between(0, place))
      assert.equal(found, values[place] === value ? place : ~place, `${value} in ${values}`)
    }
  }
})

test('several intsets are merged in order', () => {
  const random = seeded()
  for (let round = 0; round < 100; round++) {
    const all = new Set<bigint>()
    const sets = Array.from({ length: random.between(1, 5) }, () => {
      const s = new BufferStretch(INTSET_EMPTY)
      for (let n = random.between(0, 40); n > 0; n--) {
        const value = randomValue(random, random.pick([2, 4, 8]))
        makeCurrent(value)
        intsetAdd(s)
        all.add(value)
      }
      return s
    })
    const merged: bigint[] = []
    const places = new Int32Array(sets.length)
    const slice = new Slice(new Uint8Array(0), 0, 0)
    while (intsetsNext(sets, places)) merged.push(BigInt(currentText(slice).latin1()))
    assert.deepEqual(
      merged,
      [...all].sort((a, b) => (a < b ? -1 : 1)),
    )
  }
})

test('an intset is written in the bytes of the reference', () => {
  // What DEBUG of the reference, or a dump of it, shows for these sets.
  const cases: [bigint[], string][] = [
    [[], '0200000000000000'],
    [[3n, 1n, 2n], '0200000003000000010002000300'],
    [[-32768n, 32767n], '02000000020000000080ff7f'],
    [[5n, 32768n], '04000000020000000500000000800000'],
    [[5n, -32769n], '0400000002000000ff7fffff05000000'],
    [[1n, 2n ** 31n], '080000000200000001000000000000000000008000000000'],
    [[1n, -(2n ** 63n)], '080000000200000000000000000000800100000000000000'],
  ]
  for (const [values, hex] of cases) {
    const s = new BufferStretch(INTSET_EMPTY)
    for (const value of values) {
      makeCurrent(value)
      intsetAdd(s)
    }
    assert.equal(Buffer.from(s.view()).toString('hex'), hex)
  }
})

test('every value at an edge is found among all the others', () => {
  const s = new BufferStretch(INTSET_EMPTY)
  const values = [...new Set(EDGES.filter(fits))]
  for (const value of values) {
    makeCurrent(value)
    assert.ok(intsetAdd(s))
  }
  for (const value of values) {
    makeCurrent(value)
    assert.ok(intsetHas(s) && !intsetAdd(s), `${value}`)
  }
  assert.deepEqual(
    valuesOf(s),
    values.sort((a, b) => (a < b ? -1 : 1)),
  )
})

test('bytes that are no intset are told from one', () => {
  const valid = (hex: string) => isIntsetValid(new BufferStretch(Buffer.from(hex, 'hex')))
  assert.ok(valid('0200000002000000ffff0100'))
  assert.ok(valid('0800000001000000ffffffffffffffff'))
  for (const hex of [
    '',
    '02000000000000',
    '0200000000000000',
    '0300000001000000010203',
    '0200000002000000ffff01',
    '0200000002000000ffff010000',
    '02000000020000000100ffff',
    '020000000200000001000100',
    '02010000010000000100',
    '0200000001000080ffff0100',
    '040000000200000001000000ffffffff',
    '080000000200000000000000010000000000000000000080',
  ]) {
    assert.ok(!valid(hex), hex)
  }
})
