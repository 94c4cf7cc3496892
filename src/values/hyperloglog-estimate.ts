/**
 * The number of distinct elements that registers speak of: the estimator of Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (arXiv 1702.01284), §4, algorithm 6. The steps are
 * taken in the order in which the reference takes them, so that the doubles round alike.
 */
import { REGISTERS } from './hyperloglog-format.ts'

/** The highest value that a hash can ask for, less one. */
const VALUE_MAX = 50
/** 1 / (2 ln 2). */
const ALPHA = 0.7213475204444817
/** What the reference makes of a number that no 64-bit integer is near. */
const NO_ESTIMATE = -(2n ** 63n)
const ESTIMATE_MAX = 2 ** 63

/** The estimate for the counts of registers by value, a bigint where a number could round it. */
export function estimate(histogram: Int32Array): number | bigint {
  let z = REGISTERS * tau((REGISTERS - histogram[VALUE_MAX + 1]!) / REGISTERS)
  for (let value = VALUE_MAX; value >= 1; value--) z = (z + histogram[value]!) * 0.5
  z += REGISTERS * sigma(histogram[0]! / REGISTERS)
  const count = Math.round((ALPHA * REGISTERS * REGISTERS) / z)
  if (count <= Number.MAX_SAFE_INTEGER) return count
  return count < ESTIMATE_MAX ? BigInt(count) : NO_ESTIMATE
}

/** x + Σ x^(2^k) 2^(k-1), for registers that are 0. */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let sum = x
  let weight = 1
  for (let last = Number.NaN; sum !== last; ) {
    x *= x
    last = sum
    sum += x * weight
    weight += weight
  }
  return sum
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, for registers beyond the highest value. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let sum = 1 - x
  let weight = 1
  for (let last = Number.NaN; sum !== last; ) {
    x = Math.sqrt(x)
    last = sum
    weight *= 0.5
    sum -= (1 - x) * (1 - x) * weight
  }
  return sum / 3
}
