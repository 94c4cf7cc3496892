/** Doubles as text, in the reference's forms: scores, coordinates, weights. */
import { equalsWord } from './compare.ts'
import { parseShortInt, writeInt } from './integers.ts'
import { digitCount, digits, exponent, findDigits } from './shortest.ts'
import { latin1, writeLatin1 } from './slice.ts'

/** No double is longer as text. */
export const DOUBLE_BYTES_MAX = 32

/** Whole numbers up to here are written with all their digits. */
const WHOLE_MAX = 2 ** 62
/** So many zeros may follow the digits of larger ones before they get an exponent. */
const ZEROS_MAX = 7
/** At most so many digits are written where there is an exponent. */
const DIGITS_WITH_EXPONENT_MAX = 18
const ZERO = 48
const POINT = 46
const MINUS = 45
const PLUS = 43
const LETTER_E = 101

/** Whole numbers up to here are exact, and so are the powers of ten up to 10^22. */
const EXACT_MAX = 2 ** 53
const EXACT_TENS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/**
 * Writes a number at `at`: `3`, `-0`, `0.1`, `1e+22`, `inf`, `nan`.
 * @returns the offset after the last byte.
 */
export function writeDouble(value: number, into: Uint8Array, at: number): number {
  if (Number.isSafeInteger(value) && (value !== 0 || Object.is(value, 0))) {
    return writeInt(value, into, at)
  }
  if (Math.abs(value) <= WHOLE_MAX && Number.isInteger(value) && value !== 0) {
    return writeLatin1(BigInt(value).toString(), into, at)
  }
  return writeShortest(value, into, at)
}

/** Writes a number as `writeDouble` does, but for whole ones, which may get an exponent: `1e+10`. */
function writeShortest(value: number, into: Uint8Array, at: number): number {
  if (Number.isNaN(value)) return writeLatin1('nan', into, at)
  if (value < 0 || Object.is(value, -0)) {
    into[at++] = MINUS
    value = -value
  }
  if (value === 0) return writeLatin1('0', into, at)
  if (value === Number.POSITIVE_INFINITY) return writeLatin1('inf', into, at)
  findDigits(value)
  return writeDigits(into, at, into[at - 1] === MINUS)
}

/** A number as text, one character a byte. */
export function doubleText(value: number): string {
  return latin1(text, 0, writeDouble(value, text, 0))
}

/**
 * A number with all of its 17 significant digits, as C prints it by `%.17g`: the reference has this
 * form in a few places only.
 */
export function longDoubleText(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return doubleText(value)
  const [, sign, first, rest, power] = /^(-?)(\d)\.(\d+)e(.+)$/.exec(value.toExponential(16))!
  const places = Number(power)
  const found = `${first}${rest}`
  if (places < -4 || places > 16) {
    const shown = `${first}.${rest}`.replace(/\.?0+$/, '')
    return `${sign}${shown}e${places < 0 ? '-' : '+'}${String(Math.abs(places)).padStart(2, '0')}`
  }
  if (places < 0) return `${sign}0.${'0'.repeat(-places - 1)}${found.replace(/0+$/, '')}`
  const fraction = found.slice(places + 1).replace(/0+$/, '')
  return `${sign}${found.slice(0, places + 1)}${fraction === '' ? '' : `.${fraction}`}`
}

/** A number in the form in which the reference takes digests of it: `1e+10`, where others get zeros. */
export function shortestText(value: number): string {
  return latin1(text, 0, writeShortest(value, text, 0))
}

const text = new Uint8Array(DOUBLE_BYTES_MAX)

function writeDigits(into: Uint8Array, at: number, isNegative: boolean): number {
  const places = Math.abs(exponent + digitCount - 1)
  if (exponent >= 0 && places < digitCount + ZEROS_MAX) {
    at = copyDigits(0, digitCount, into, at)
    return fillZeros(exponent, into, at)
  }
  if (exponent < 0 && (exponent > -7 || places < 4)) {
    const before = digitCount + exponent
    if (before > 0) {
      at = copyDigits(0, before, into, at)
      into[at++] = POINT
      return copyDigits(before, digitCount, into, at)
    }
    into[at++] = ZERO
    into[at++] = POINT
    at = fillZeros(-before, into, at)
    return copyDigits(0, digitCount, into, at)
  }
  const count = Math.min(digitCount, DIGITS_WITH_EXPONENT_MAX - (isNegative ? 1 : 0))
  at = copyDigits(0, 1, into, at)
  if (count > 1) into[at++] = POINT
  at = copyDigits(1, count, into, at)
  into[at++] = LETTER_E
  into[at++] = exponent + digitCount - 1 < 0 ? MINUS : PLUS
  return writeInt(places, into, at)
}

function copyDigits(from: number, to: number, into: Uint8Array, at: number): number {
  for (let i = from; i < to; i++) into[at++] = ZERO + digits[i]!
  return at
}

function fillZeros(count: number, into: Uint8Array, at: number): number {
  into.fill(ZERO, at, at + count)
  return at + count
}

/**
 * Reads a decimal number, with or without a point and an exponent, or an infinity. What is too large is
 * infinite, what is too small is zero.
 * @returns `NaN` when the range is anything else, blanks included.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number {
  const whole = parseShortInt(bytes, start, end)
  if (!Number.isNaN(whole)) return whole
  let at = start
  const isNegative = bytes[at] === MINUS
  if (at < end && (isNegative || bytes[at] === PLUS)) at++
  if (at < end && bytes[at]! > 57) {
    const isWord = equalsWord(bytes, at, end, 'INF') || equalsWord(bytes, at, end, 'INFINITY')
    if (!isWord) return Number.NaN
    return isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return parseDecimal(bytes, at, end, isNegative)
}

function parseDecimal(bytes: Uint8Array, start: number, end: number, isNegative: boolean): number {
  let at = start
  let mantissa = 0
  let read = 0
  let scale = 0
  let hasPoint = false
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      read++
      if (hasPoint) scale--
    } else if (bytes[at] === POINT && !hasPoint) hasPoint = true
    else break
  }
  if (read === 0) return Number.NaN
  if (at < end) {
    const power = parseExponent(bytes, at, end)
    if (Number.isNaN(power)) return Number.NaN
    scale += power
  }
  let value: number
  // Two exact numbers give the nearest double in one step.
  if (mantissa > EXACT_MAX || Math.abs(scale) > 22) value = Number(latin1(bytes, start, end))
  else if (scale < 0) value = mantissa / EXACT_TENS[-scale]!
  else value = mantissa * EXACT_TENS[scale]!
  return isNegative ? -value : value
}

/** The exponent behind an `e`; `NaN` when there is none. */
function parseExponent(bytes: Uint8Array, at: number, end: number): number {
  if ((bytes[at]! | 0x20) !== LETTER_E) return Number.NaN
  at++
  const isNegative = bytes[at] === MINUS
  if (at < end && (isNegative || bytes[at] === PLUS)) at++
  if (at >= end) return Number.NaN
  let power = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    power = power * 10 + digit
  }
  return isNegative ? -power : power
}
