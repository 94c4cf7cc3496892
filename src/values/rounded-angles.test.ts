import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { roundedArcsine, roundedCosine, roundedSine } from './rounded-angles.ts'

const BITS = 160n

/** The exact value of a double between -8 and 8 times 2^160, cut. */
function fixed(value: number): bigint {
  return BigInt(value * 2 ** 60) << (BITS - 60n)
}

/** The nearest double of a number times 2^160. */
function nearest(value: bigint): number {
  const sign = value < 0n ? -1 : 1
  const size = value < 0n ? -value : value
  const spare = BigInt(size.toString(2).length) - 60n
  // A bit for whatever is cut off keeps halves from looking even.
  const kept = spare > 0n ? (size >> spare) | (size & ((1n << spare) - 1n) ? 1n : 0n) : size
  return (sign * Number(kept)) / 2 ** Number(BITS - (spare > 0n ? spare : 0n))
}

/** The sine, or with 0 the cosine, by Taylor's series. */
function model(angle: bigint, first: 0n | 1n): bigint {
  const square = (angle * angle) >> BITS
  let term = first === 1n ? angle : 1n << BITS
  let sum = 0n
  for (let n = first; term !== 0n && term !== -1n; n += 2n) {
    sum += term
    term = -((term * square) >> BITS) / ((n + 1n) * (n + 2n))
  }
  return sum
}

test('sine and cosine are the nearest doubles', () => {
  const random = seeded()
  for (let step = 0; step < 300; step++) {
    const angle = (random.between(-3_000_000, 3_000_000) / 1e6) * random.pick([1, 2 ** -4])
    const cut = Math.round(angle * 2 ** 52) / 2 ** 52
    assert.equal(roundedSine(cut), nearest(model(fixed(cut), 1n)), `sine of ${cut}`)
    assert.equal(roundedCosine(cut), nearest(model(fixed(cut), 0n)), `cosine of ${cut}`)
  }
})

test('the arcsine undoes the sine, and is near the one of the language', () => {
  const random = seeded()
  for (let step = 0; step < 2000; step++) {
    const value = random.between(-1_000_000_000, 1_000_000_000) / 1e9
    const angle = roundedArcsine(value)
    assert.ok(Math.abs(angle - Math.asin(value)) <= 2 ** -52)
    assert.ok(Math.abs(roundedSine(angle) - value) <= 2 ** -53)
  }
  assert.equal(roundedArcsine(0), 0)
  assert.equal(roundedArcsine(1), Math.PI / 2)
  assert.equal(roundedSine(0), 0)
  assert.equal(roundedCosine(0), 1)
})
