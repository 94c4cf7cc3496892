/**
 * Decimal integers as the protocol and the string commands read and write them: no sign but a
 * leading minus, no leading zeros, no spaces, no "-0".
 */

/** The range of the reference's integers. */
export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/** The longest decimal form of a 64-bit integer, in bytes. */
const INT64_DIGITS_MAX = 20

/**
 * Reads an integer of at most 15 digits, which no arithmetic step can round.
 * @returns `NaN` when the range is no integer in canonical form, or may be a longer one.
 */
export function parseShortInt(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const negative = at < end && bytes[at] === 45
  if (negative) at++
  const digits = end - at
  if (digits < 1 || digits > 15) return Number.NaN
  let value = bytes[at]! - 48
  if (value < 0 || value > 9) return Number.NaN
  if (value === 0 && (digits > 1 || negative)) return Number.NaN
  for (at++; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return negative ? -value : value
}

/**
 * Reads a 64-bit integer.
 * @returns `undefined` when the range is no integer in canonical form, or is out of range.
 */
export function parseInt64(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const short = parseShortInt(bytes, start, end)
  if (!Number.isNaN(short)) return BigInt(short)
  if (!isCanonicalInt(bytes, start, end)) return undefined
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  const value = BigInt(text)
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined
}

function isCanonicalInt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > INT64_DIGITS_MAX) return false
  let at = bytes[start] === 45 ? start + 1 : start
  if (at >= end) return false
  if (bytes[at] === 48) return end - start === 1
  for (; at < end; at++) {
    if (bytes[at]! < 48 || bytes[at]! > 57) return false
  }
  return true
}

/** Whether the range is a 64-bit integer in canonical form: what the reference holds as `int`. */
export function isInt64(bytes: Uint8Array, start: number, end: number): boolean {
  // The first byte settles most strings.
  const first = bytes[start]!
  if (end === start || end - start > INT64_DIGITS_MAX) return false
  if (first !== 45 && (first < 48 || first > 57)) return false
  return parseInt64(bytes, start, end) !== undefined
}

/** How many bytes `writeInt` needs for a whole number within ±2^53. */
export function intSize(value: number): number {
  if (value < 0) return 1 + intSize(-value)
  // Most are short; comparing is quicker than dividing.
  if (value < 1e4) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  if (value < 1e8) return value < 1e6 ? (value < 1e5 ? 5 : 6) : value < 1e7 ? 7 : 8
  let size = 9
  for (let limit = 1e9; value >= limit; limit *= 10) size++
  return size
}

/**
 * Writes a whole number in decimal at `at`: beyond ±2^53 the one that a double stands for.
 * @returns the offset after the last digit.
 */
export function writeInt(value: number, into: Uint8Array, at: number): number {
  if (value < 0) {
    into[at++] = 45
    value = -value
  }
  if (value < 10) {
    into[at] = 48 + value
    return at + 1
  }
  if (value < 100) {
    const tens = (value / 10) | 0
    into[at] = 48 + tens
    into[at + 1] = 48 + value - tens * 10
    return at + 2
  }
  if (value < 1000) {
    const hundreds = (value / 100) | 0
    const rest = value - hundreds * 100
    const tens = (rest / 10) | 0
    into[at] = 48 + hundreds
    into[at + 1] = 48 + tens
    into[at + 2] = 48 + rest - tens * 10
    return at + 3
  }
  if (value > Number.MAX_SAFE_INTEGER) return writeDigits(BigInt(value).toString(), into, at)
  const end = at + intSize(value)
  let i = end
  while (value >= 0x80000000) {
    const rest = Math.floor(value / 10)
    into[--i] = 48 + (value - rest * 10)
    value = rest
  }
  let small = value | 0
  while (small >= 10) {
    const rest = (small / 10) | 0
    into[--i] = 48 + (small - rest * 10)
    small = rest
  }
  into[--i] = 48 + small
  return end
}

function writeDigits(digits: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < digits.length; i++) into[at + i] = digits.charCodeAt(i)
  return at + digits.length
}
