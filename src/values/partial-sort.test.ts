import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { sortPart } from './partial-sort.ts'

test('the part that is asked for stands where a full sort has it, and nothing is lost', () => {
  const random = seeded()
  for (let step = 0; step < 400; step++) {
    const count = random.between(0, step % 10 === 0 ? 3000 : 60)
    const range = random.pick([1, 3, 100, 1e6])
    const items = Array.from({ length: count }, () => random.between(0, range))
    const sorted = [...items].sort((a, b) => a - b)
    const first = random.between(0, count)
    const last = random.between(first, count)
    sortPart(items, first, last, (a, b) => a - b)
    assert.deepEqual(items.slice(first, last + 1), sorted.slice(first, last + 1))
    assert.deepEqual(
      items.sort((a, b) => a - b),
      sorted,
    )
  }
})

test('what is sorted, reversed or all the same takes no deep recursion', () => {
  const count = 100_000
  const shapes = [
    (i: number) => i,
    (i: number) => count - i,
    () => 1,
    (i: number) => i % 2,
    (i: number) => Math.abs(i - count / 2),
  ]
  for (const shape of shapes) {
    const items = Array.from({ length: count }, (_, i) => shape(i))
    const sorted = [...items].sort((a, b) => a - b)
    sortPart(items, 0, count - 1, (a, b) => a - b)
    assert.deepEqual(items, sorted)
  }
})
