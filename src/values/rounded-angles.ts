/**
 * Sine, cosine and arcsine rounded to the nearest double, which is what C libraries strive for; those of
 * the language may be off by one in the last place, in a few cases of a hundred. They take about a
 * microsecond, so they are for results that people see to the last digit.
 *
 * Sums and products are taken as pairs of doubles (Dekker, "A floating-point technique for extending
 * the available precision", 1971): Taylor's series at an eighth of the angle, then doubled three times.
 */

/** Angles are halved as many times before the series, and doubled after it. */
const HALVINGS = 3
/** Terms of each series: the next would be below 2^-106. */
const TERMS = 12
/** Splits a double into two halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1

/** The result of the step before, as a double and what it lacks. */
let high = 0
let low = 0

/** The product of two pairs. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const product = aHigh * bHigh
  const aScaled = SPLITTER * aHigh
  const aTop = aScaled - (aScaled - aHigh)
  const aRest = aHigh - aTop
  const bScaled = SPLITTER * bHigh
  const bTop = bScaled - (bScaled - bHigh)
  const bRest = bHigh - bTop
  const error = aTop * bTop - product + aTop * bRest + aRest * bTop + aRest * bRest
  settle(product, error + (aHigh * bLow + aLow * bHigh))
}

/** The sum of two pairs. */
function add(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const sum = aHigh + bHigh
  const part = sum - aHigh
  const error = aHigh - (sum - part) + (bHigh - part)
  settle(sum, error + aLow + bLow)
}

/** A sum whose second part is much smaller than the first. */
function settle(large: number, small: number): void {
  high = large + small
  low = small - (high - large)
}

/** A pair divided by a whole number. */
function divide(aHigh: number, aLow: number, by: number): void {
  const quotient = aHigh / by
  multiply(quotient, 0, by, 0)
  const rest = aHigh - high - low + aLow
  settle(quotient, rest / by)
}

/** 1 / n! for n up to twice the terms, as pairs. */
const FACTORIALS: readonly (readonly [high: number, low: number])[] = inverseFactorials()

function inverseFactorials(): [number, number][] {
  const pairs: [number, number][] = [[1, 0]]
  for (let n = 1; n <= 2 * TERMS; n++) {
    divide(...pairs[n - 1]!, n)
    pairs.push([high, low])
  }
  return pairs
}

/** Sums the terms of the degrees `first`, `first` + 2, … without the power that all have. */
function series(squareHigh: number, squareLow: number, first: 0 | 1): void {
  let sumHigh = 0
  let sumLow = 0
  for (let term = TERMS - 1; term >= 0; term--) {
    multiply(sumHigh, sumLow, -squareHigh, -squareLow)
    const [factorHigh, factorLow] = FACTORIALS[2 * term + first]!
    add(high, low, factorHigh, factorLow)
    sumHigh = high
    sumLow = low
  }
}

const sine = { high: 0, low: 0 }
const cosine = { high: 0, low: 0 }

/** Sets `sine` and `cosine` to those of an angle of less than four. */
function findBoth(angle: number): void {
  const part = angle / 2 ** HALVINGS
  multiply(part, 0, part, 0)
  const squareHigh = high
  const squareLow = low
  series(squareHigh, squareLow, 1)
  multiply(high, low, part, 0)
  sine.high = high
  sine.low = low
  series(squareHigh, squareLow, 0)
  cosine.high = high
  cosine.low = low
  for (let i = 0; i < HALVINGS; i++) doubleAngle()
}

function doubleAngle(): void {
  const { high: sineHigh, low: sineLow } = sine
  multiply(sineHigh, sineLow, cosine.high, cosine.low)
  sine.high = 2 * high
  sine.low = 2 * low
  multiply(sineHigh, sineLow, sineHigh, sineLow)
  add(1, 0, -2 * high, -2 * low)
  cosine.high = high
  cosine.low = low
}

/** The sine of an angle between -4 and 4. */
export function roundedSine(angle: number): number {
  findBoth(angle)
  return sine.high + sine.low
}

/** The cosine of an angle between -4 and 4. */
export function roundedCosine(angle: number): number {
  findBoth(angle)
  return cosine.high + cosine.low
}

/** The angle whose sine is `value`. */
export function roundedArcsine(value: number): number {
  const near = Math.asin(value)
  findBoth(near)
  // Newton's step: where the sine is flat, the angle is as good as it gets.
  const step = (value - sine.high - sine.low) / cosine.high
  return Number.isFinite(step) ? near + step : near
}
