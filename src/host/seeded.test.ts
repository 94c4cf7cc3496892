import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded, seeded } from './seeded.ts'

test('the same seed gives the same sequence, another seed another', () => {
  const draw = (seed: number) => {
    const random = new Seeded(seed)
    return [random.uint32(), random.between(1, 1000), ...random.bytes(5), random.chance(0.5)]
  }
  assert.deepEqual(draw(7), draw(7))
  assert.notDeepEqual(draw(7), draw(8))
})

test('numbers are inside of their bounds, and every one of them comes', () => {
  const random = seeded()
  const seen = new Set<number>()
  for (let i = 0; i < 1000; i++) seen.add(random.between(-2, 3))
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [-2, -1, 0, 1, 2, 3],
  )
  for (let i = 0; i < 1000; i++) {
    const large = random.between(0, Number.MAX_SAFE_INTEGER - 1)
    assert.ok(Number.isSafeInteger(large) && large >= 0)
  }
  assert.equal(random.between(5, 5), 5)
})

test('bits are even', () => {
  const random = seeded()
  const ones = new Array<number>(32).fill(0)
  for (let i = 0; i < 20_000; i++) {
    const word = random.uint32()
    for (let bit = 0; bit < 32; bit++) ones[bit]! += (word >>> bit) & 1
  }
  for (const count of ones) assert.ok(Math.abs(count - 10_000) < 500, `${count}`)
})

test('chance and pick follow their arguments', () => {
  const random = seeded()
  assert.equal(random.chance(0), false)
  assert.equal(random.chance(1), true)
  assert.equal(random.pick(['only']), 'only')
})
