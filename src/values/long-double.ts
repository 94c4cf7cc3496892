/**
 * Sums of floating-point numbers as INCRBYFLOAT of the reference has them, which computes in the
 * extended format of x87 (a mantissa of 64 bits, an exponent of 15) and prints 17 digits after the
 * point. A double has 53 bits and would show other digits, so the format is followed here, exactly,
 * on big integers: a number is `mantissa * 2^exponent`.
 *
 * Source: IEEE 754, rounding to the nearest, ties to even; C11 §7.22.1.3 for what `strtold` reads.
 */

/** A finite number. */
export interface LongDouble {
  /** With its sign; below 2^64. */
  readonly mantissa: bigint
  readonly exponent: number
}

const MANTISSA_BITS = 64
/** The exponent of the smallest number above zero. */
const EXPONENT_MIN = -16445
/** Numbers from 2^16384 on are infinite. */
const BITS_MAX = 16384
/** Numbers with more digits before the point than this are infinite... */
const DIGITS_MAX = 4940
/** ...and those with so many zeros after the point round to zero. */
const ZEROS_MAX = 4960
const HEX_ZEROS_MAX = 16500
/** The longest text that the reference reads as a number, in bytes. */
const TEXT_BYTES_MAX = 5 * 1024 - 1
const PRINTED_DIGITS = 17
const PRINTED_SCALE = 10n ** BigInt(PRINTED_DIGITS)

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 }
const DECIMAL = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:e([+-]?\d+))?$/i
const HEX = /^([+-]?)0x(?:([\da-f]+)\.?([\da-f]*)|\.([\da-f]+))(?:p([+-]?\d+))?$/i
const INFINITE = /^[+-]?inf(?:inity)?$/i

/**
 * Reads a number as C does: decimal or hexadecimal, with an exponent or without, or `inf`.
 * @returns `undefined` when the text is no number, or is one that the format cannot hold.
 */
export function parseLongDouble(text: string): LongDouble | 'infinite' | undefined {
  if (text.length > TEXT_BYTES_MAX) return undefined
  const decimal = DECIMAL.exec(text)
  if (decimal !== null) return fromDecimal(decimal)
  const hex = HEX.exec(text)
  if (hex !== null) return fromHex(hex)
  return INFINITE.test(text) ? 'infinite' : undefined
}

function fromDecimal(parts: RegExpExecArray): LongDouble | undefined {
  const { digits, fraction, exponent, isNegative } = partsOf(parts)
  if (digits === '') return ZERO
  const tens = exponent - fraction
  const magnitude = digits.length + tens
  if (magnitude > DIGITS_MAX || magnitude < -ZEROS_MAX) return undefined
  const number = BigInt(digits)
  const size =
    tens >= 0 ? rounded(number * 10n ** BigInt(tens), 0) : quotient(number, 10n ** BigInt(-tens))
  return readable(size, isNegative)
}

function fromHex(parts: RegExpExecArray): LongDouble | undefined {
  const { digits, fraction, exponent, isNegative } = partsOf(parts)
  if (digits === '') return ZERO
  const twos = exponent - 4 * fraction
  const magnitude = digits.length * 4 + twos
  if (magnitude > BITS_MAX + 4 || magnitude < -HEX_ZEROS_MAX) return undefined
  return readable(rounded(BigInt(`0x${digits}`), twos), isNegative)
}

function partsOf([, sign, whole, after, only, exponent]: RegExpExecArray) {
  const fraction = after ?? only ?? ''
  return {
    digits: `${whole ?? ''}${fraction}`.replace(/^0+/, ''),
    fraction: fraction.length,
    exponent: Number(exponent ?? 0),
    isNegative: sign === '-',
  }
}

/** What overflows, or vanishes although it was not zero, is refused. */
function readable(size: LongDouble | undefined, isNegative: boolean): LongDouble | undefined {
  if (size === undefined || size.mantissa === 0n) return undefined
  return isNegative ? { mantissa: -size.mantissa, exponent: size.exponent } : size
}

/** @returns the sum, or `undefined` when it is infinite. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | undefined {
  const exponent = Math.min(a.exponent, b.exponent)
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  const size = rounded(sum < 0n ? -sum : sum, exponent)
  if (size === undefined || sum >= 0n) return size
  return { mantissa: -size.mantissa, exponent: size.exponent }
}

/** Prints a number with up to 17 digits after the point, and no zeros at its end. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const isNegative = mantissa < 0n
  const size = isNegative ? -mantissa : mantissa
  let text: string
  if (exponent >= 0) text = (size << BigInt(exponent)).toString()
  else {
    const scaled = halfEven(size * PRINTED_SCALE, -exponent).toString()
    const digits = scaled.padStart(PRINTED_DIGITS + 1, '0')
    const whole = digits.slice(0, -PRINTED_DIGITS)
    text = `${whole}.${digits.slice(-PRINTED_DIGITS)}`.replace(/\.?0+$/, '')
  }
  return isNegative && text !== '0' ? `-${text}` : text
}

/** Rounds `number * 2^exponent` to the format. `number` is not negative. */
function rounded(number: bigint, exponent: number): LongDouble | undefined {
  const bits = bitLength(number)
  if (bits === 0) return ZERO
  const dropped = Math.max(bits - MANTISSA_BITS, EXPONENT_MIN - exponent, 0)
  const mantissa = dropped === 0 ? number : halfEven(number, dropped)
  exponent += dropped
  return bitLength(mantissa) + exponent > BITS_MAX ? undefined : { mantissa, exponent }
}

/** Rounds a fraction to the format. */
function quotient(numerator: bigint, denominator: bigint): LongDouble | undefined {
  // Two bits more than are kept, and one that says whether there is a rest, decide the rounding.
  const shift = MANTISSA_BITS + 2 - bitLength(numerator) + bitLength(denominator)
  if (shift > 0) numerator <<= BigInt(shift)
  else denominator <<= BigInt(-shift)
  const rest = numerator % denominator === 0n ? 0n : 1n
  return rounded(((numerator / denominator) << 1n) | rest, -shift - 1)
}

/** `number / 2^bits` to the nearest integer, ties to the even one. */
function halfEven(number: bigint, bits: number): bigint {
  const wide = BigInt(bits)
  const kept = number >> wide
  const rest = number - (kept << wide)
  const half = 1n << (wide - 1n)
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept
}

function bitLength(number: bigint): number {
  if (number === 0n) return 0
  const hex = number.toString(16)
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28
}
