/**
 * The decimal digits of a double, by Grisu2 (F. Loitsch, "Printing Floating-Point Numbers Quickly and
 * Accurately with Integers", 2010): the fewest that read back as the same number, but for about one
 * number in fifty, which gets some more. The language's own conversion always finds the fewest;
 * the reference has Grisu2, and what it prints has to be printed here too.
 *
 * 64-bit numbers are pairs of 32-bit halves, because a bigint at every step would cost ten times as
 * much.
 */

const TWO_32 = 4294967296
const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/** Powers of ten from 10^-348 on in steps of 10^8, as 64-bit fractions with their exponents. */
const POWER_FIRST = -348
const POWER_STEP = 8
const POWERS = 87
const powerHigh = new Uint32Array(POWERS)
const powerLow = new Uint32Array(POWERS)
const powerExponent = new Int16Array(POWERS)
for (let i = 0; i < POWERS; i++) computePower(i)

/** The exponent of a product with a power lies between these, so that digits come out in 32 bits. */
const PRODUCT_EXPONENT_MIN = -60
const PRODUCT_EXPONENT_MAX = -32
const LOG10_OF_2 = 0.30102999566398114

/** The digits that were found last, as their values and not as text. */
export const digits: Uint8Array = new Uint8Array(20)
/** How many of them there are. */
export let digitCount = 0
/** The power of ten that the last of them counts. */
export let exponent = 0

/**
 * The halves of the product that was computed last. All halves outside of a function are signed: those
 * are small integers to the engine, where others would be put in a box at each step.
 */
let high = 0
let low = 0
/** How far the lower border is from the upper one, and how far the number is. */
let deltaHigh = 0
let deltaLow = 0
let distanceHigh = 0
let distanceLow = 0

/** Finds the digits of a finite number above zero. They are in `digits` until the next call. */
export function findDigits(value: number): void {
  double[0] = value
  let fractionHigh = halves[1]! & 0xfffff
  let fractionLow = halves[0]! | 0
  const biased = (halves[1]! >>> 20) & 0x7ff
  const isPower = fractionHigh === 0 && fractionLow === 0 && biased !== 0
  if (biased !== 0) fractionHigh |= 0x100000
  // The fraction moves to the top of 64 bits.
  const shift = fractionHigh !== 0 ? Math.clz32(fractionHigh) : 32 + Math.clz32(fractionLow)
  const scale = (biased === 0 ? 1 : biased) - 1075 - shift
  if (shift >= 32) {
    fractionHigh = fractionLow << (shift - 32)
    fractionLow = 0
  } else {
    fractionHigh = (fractionHigh << shift) | (fractionLow >>> (32 - shift))
    fractionLow <<= shift
  }
  const power = powerFor(scale)
  multiply(fractionHigh, fractionLow, power)
  const middleHigh = high
  const middleLow = low
  // Half a unit of the last place on both sides is what reads back as the same number, or a quarter
  // below where the numbers lie closer.
  multiplyMoved(fractionHigh, fractionLow, shift - (isPower ? 2 : 1), -1, power)
  // One less at either end makes up for what the products were rounded by.
  low = (low + 1) | 0
  if (low === 0) high = (high + 1) | 0
  const lowerHigh = high
  const lowerLow = low
  multiplyMoved(fractionHigh, fractionLow, shift - 1, 1, power)
  if (low === 0) high = (high - 1) | 0
  low = (low - 1) | 0
  deltaLow = (low - lowerLow) | 0
  deltaHigh = (high - lowerHigh - (low >>> 0 < lowerLow >>> 0 ? 1 : 0)) | 0
  distanceLow = (low - middleLow) | 0
  distanceHigh = (high - middleHigh - (low >>> 0 < middleLow >>> 0 ? 1 : 0)) | 0
  exponent = -(POWER_FIRST + power * POWER_STEP)
  generate(-(scale + powerExponent[power]! + 64))
}

function computePower(index: number): void {
  const ten = POWER_FIRST + index * POWER_STEP
  const numerator = ten > 0 ? 10n ** BigInt(ten) : 1n
  const denominator = ten > 0 ? 1n : 10n ** BigInt(-ten)
  let two = Math.floor(ten * Math.log2(10)) - 63
  let fraction = scaled(numerator, denominator, two)
  if (fraction >= 1n << 64n) fraction = scaled(numerator, denominator, ++two)
  powerHigh[index] = Number(fraction >> 32n)
  powerLow[index] = Number(fraction & 0xffffffffn)
  powerExponent[index] = two
}

/** `numerator / denominator / 2^two` to the nearest whole number. */
function scaled(numerator: bigint, denominator: bigint, two: number): bigint {
  const top = two < 0 ? numerator << BigInt(-two) : numerator
  const bottom = two < 0 ? denominator : denominator << BigInt(two)
  return (2n * top + bottom) / (2n * bottom)
}

/** The power that brings a binary exponent into the range of products. */
function powerFor(scale: number): number {
  const ten = Math.trunc(-(scale + POWERS) * LOG10_OF_2)
  let index = Math.trunc((ten - POWER_FIRST) / POWER_STEP)
  while (scale + powerExponent[index]! + 64 < PRODUCT_EXPONENT_MIN) index++
  while (scale + powerExponent[index]! + 64 > PRODUCT_EXPONENT_MAX) index--
  return index
}

/** Computes the product of a pair to which `sign` times bit `bit` was added. */
function multiplyMoved(
  aHigh: number,
  aLow: number,
  bit: number,
  sign: 1 | -1,
  power: number,
): void {
  if (bit >= 32) {
    multiply((aHigh + sign * (1 << (bit - 32))) | 0, aLow, power)
    return
  }
  const moved = (aLow + sign * (1 << bit)) | 0
  const isOver = sign > 0 ? moved >>> 0 < aLow >>> 0 : moved >>> 0 > aLow >>> 0
  multiply(isOver ? (aHigh + sign) | 0 : aHigh, moved, power)
}

/** The upper 64 bits of a product with a power, rounded, to `high` and `low`. */
function multiply(aHigh: number, aLow: number, power: number): void {
  const bHigh = powerHigh[power]!
  const bLow = powerLow[power]!
  const a = aHigh >>> 0
  const b = aLow >>> 0
  const carried = lowOf(a, bLow) + lowOf(b, bHigh) + highOf(b, bLow) + TWO_32 / 2
  const sum = lowOf(a, bHigh) + highOf(a, bLow) + highOf(b, bHigh) + Math.floor(carried / TWO_32)
  const over = Math.floor(sum / TWO_32)
  low = (sum - over * TWO_32) | 0
  high = (highOf(a, bHigh) + over) | 0
}

function lowOf(a: number, b: number): number {
  return Math.imul(a, b) >>> 0
}

function highOf(a: number, b: number): number {
  const bottom = (a & 0xffff) * b
  return Math.floor(((a >>> 16) * b + Math.floor(bottom / 65536)) / 65536)
}

/**
 * Takes digits from the upper border, which is the current product, until they are as near to the lower
 * one as they need to be. `shift` bits of the product are a fraction.
 */
function generate(shift: number): void {
  const unit = 2 ** (shift - 32)
  let whole = Math.floor((high >>> 0) / unit)
  let restHigh = (high >>> 0) - whole * unit
  let restLow = low >>> 0
  let dHigh = deltaHigh >>> 0
  let dLow = deltaLow >>> 0
  let count = 0
  for (let place = 9, ten = 1e9; place >= 0; place--, ten /= 10) {
    const digit = Math.floor(whole / ten)
    if (digit !== 0 || count !== 0) digits[count++] = digit
    whole -= digit * ten
    const leftHigh = whole * unit + restHigh
    if (leftHigh < dHigh || (leftHigh === dHigh && restLow <= dLow)) {
      exponent += place
      digitCount = count
      round(leftHigh | 0, restLow | 0, (ten * unit) | 0)
      return
    }
  }
  let fromHigh = distanceHigh >>> 0
  let fromLow = distanceLow >>> 0
  for (let place = -1; ; place--) {
    let carry = Math.floor((restLow * 10) / TWO_32)
    restHigh = restHigh * 10 + carry
    restLow = restLow * 10 - carry * TWO_32
    carry = Math.floor((dLow * 10) / TWO_32)
    dHigh = dHigh * 10 + carry
    dLow = dLow * 10 - carry * TWO_32
    carry = Math.floor((fromLow * 10) / TWO_32)
    fromHigh = fromHigh * 10 + carry
    fromLow = fromLow * 10 - carry * TWO_32
    const digit = Math.floor(restHigh / unit)
    if (digit !== 0 || count !== 0) digits[count++] = digit
    restHigh -= digit * unit
    if (restHigh < dHigh || (restHigh === dHigh && restLow < dLow)) {
      exponent += place
      digitCount = count
      deltaHigh = dHigh | 0
      deltaLow = dLow | 0
      distanceHigh = fromHigh | 0
      distanceLow = fromLow | 0
      round(restHigh | 0, restLow | 0, unit | 0)
      return
    }
  }
}

/**
 * Lowers the last digit, one unit of which is `unit` in the upper half, while that comes nearer to the
 * number itself. The rest is how far the digits are from the upper border.
 */
function round(high: number, low: number, unit: number): void {
  const restLow = low >>> 0
  let restHigh = high >>> 0
  const dHigh = deltaHigh >>> 0
  const dLow = deltaLow >>> 0
  const fromHigh = distanceHigh >>> 0
  const fromLow = distanceLow >>> 0
  for (;;) {
    const nextHigh = restHigh + (unit >>> 0)
    if (!(restHigh < fromHigh || (restHigh === fromHigh && restLow < fromLow))) return
    if (dHigh < nextHigh || (dHigh === nextHigh && dLow < restLow)) return
    if (!(nextHigh < fromHigh || (nextHigh === fromHigh && restLow < fromLow))) {
      // The number is between the two: twice its distance against their sum.
      const upper = 2 * fromHigh - restHigh - nextHigh
      const lower = 2 * (fromLow - restLow)
      if (upper < -2 || (upper <= 2 && upper * TWO_32 + lower <= 0)) return
    }
    digits[digitCount - 1]!--
    restHigh = nextHigh
  }
}
