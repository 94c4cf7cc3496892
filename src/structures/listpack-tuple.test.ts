/** Pairs and triples against single elements, byte for byte. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from './buffer-stretch.ts'
import {
  appendElement,
  appendInteger,
  endAt,
  LISTPACK_EMPTY,
  listpackCount,
  seekAt,
} from './listpack.ts'
import { isListpackValid } from './listpack-check.ts'
import { insertPair, insertTriple, moveTriple, widenPairs } from './listpack-tuple.ts'

type Triple = readonly [first: Uint8Array, second: Uint8Array, third: number]

function anyBytes(random: Seeded): Uint8Array {
  if (random.chance(0.4)) return Buffer.from(String(random.between(-40_000, 40_000)))
  return random.bytes(random.pick([0, 1, 5, 63, 64, 127, 128, 600]))
}

const anyTime = (random: Seeded) => random.pick([0, 5, 200, 40_000, 2 ** 31, 2 ** 46 - 1])

function packed(elements: readonly (Uint8Array | number)[]): Uint8Array {
  const s = new BufferStretch(LISTPACK_EMPTY)
  for (const element of elements) {
    if (typeof element === 'number') appendInteger(s, element)
    else appendElement(s, element, 0, element.length)
  }
  return s.view()
}

test('pairs are put in as two elements would be', () => {
  const random = seeded()
  const s = new BufferStretch(LISTPACK_EMPTY)
  const model: Uint8Array[] = []
  for (let step = 0; step < 200; step++) {
    const first = anyBytes(random)
    const second = anyBytes(random)
    const index = random.between(0, model.length / 2) * 2
    const at = index === model.length ? endAt(s) : seekAt(s, index)
    insertPair(s, at, sliceOf(first), sliceOf(second))
    model.splice(index, 0, first, second)
    assert.deepEqual(s.view(), packed(model))
  }
  const wide = model.flatMap((element, i) => (i % 2 === 0 ? [element] : [element, 0]))
  assert.deepEqual(widenPairs(s), packed(wide))
})

test('an empty listpack widens to an empty one', () => {
  assert.deepEqual(widenPairs(new BufferStretch(LISTPACK_EMPTY)), LISTPACK_EMPTY)
})

test('triples are put in and moved as three elements would be', () => {
  const random = seeded()
  const s = new BufferStretch(LISTPACK_EMPTY)
  const model: Triple[] = []
  const placeOf = (index: number) => (index === model.length ? endAt(s) : seekAt(s, index * 3))
  for (let step = 0; step < 300; step++) {
    if (model.length > 0 && random.chance(0.6)) {
      const from = random.between(0, model.length - 1)
      const to = random.between(0, model.length)
      const [first, second] = model[from]!
      const time = anyTime(random)
      moveTriple(s, placeOf(from), placeOf(to), time)
      model.splice(from, 1)
      model.splice(to > from ? to - 1 : to, 0, [first, second, time])
    } else {
      const triple: Triple = [anyBytes(random), anyBytes(random), anyTime(random)]
      const index = random.between(0, model.length)
      insertTriple(s, placeOf(index), sliceOf(triple[0]), sliceOf(triple[1]), triple[2])
      model.splice(index, 0, triple)
    }
    assert.deepEqual(s.view(), packed(model.flat()))
    assert.equal(listpackCount(s), model.length * 3)
  }
  assert.ok(isListpackValid(s.view(), 0, s.size))
})
