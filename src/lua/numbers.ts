/** Numbers as text, both ways, as the C library does it for the reference. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/
const SPECIAL = /^([+-]?)(?:(inf(?:inity)?)|nan(?:\([0-9a-zA-Z_]*\))?)$/i
const SPACE = ' \t\n\v\f\r'

/** The number that a text stands for, spaces around it allowed; `undefined` when it is none. */
export function parseNumber(text: string): number | undefined {
  const first = text.charCodeAt(0)
  // Most of what is asked about are short decimal integers.
  if (text.length < 10 && first >= 49 && first <= 57) {
    const quick = +text
    if (quick === quick >>> 0) return quick
  }
  const trimmed = trim(text)
  if (DECIMAL.test(trimmed)) return Number(trimmed)
  const hexadecimal = HEXADECIMAL.exec(trimmed)
  if (hexadecimal !== null) return hexadecimalOf(hexadecimal)
  const special = SPECIAL.exec(trimmed)
  if (special === null) return undefined
  if (special[2] === undefined) return Number.NaN
  return special[1] === '-' ? -Infinity : Infinity
}

/** The text between spaces, up to a zero byte: strings of C end there. */
function trim(text: string): string {
  let start = 0
  let end = text.indexOf('\0')
  if (end < 0) end = text.length
  while (start < end && SPACE.includes(text[start]!)) start++
  while (end > start && SPACE.includes(text[end - 1]!)) end--
  return text.slice(start, end)
}

function hexadecimalOf(match: RegExpExecArray): number | undefined {
  const [, sign, whole = '', part = '', power = '0'] = match
  const digits = whole + part
  if (digits === '') return undefined
  let value = 0
  if (digits.length <= 13) value = Number.parseInt(digits, 16)
  else value = Number(BigInt(`0x${digits}`))
  value *= 2 ** (Number(power) - 4 * part.length)
  return sign === '-' ? -value : value
}

/** A number as `tostring` shows it: `%.14g`. */
export function formatNumber(value: number): string {
  if (value === Math.floor(value) && value < 1e14 && value > -1e14) {
    return value === 0 && Object.is(value, -0) ? '-0' : `${value}`
  }
  return shortText(value) ?? formatGeneral(value, 14, false)
}

/**
 * The shortest text that JavaScript gives for a number, when it has no more digits than `%.14g` would
 * show: then it is the same number, and only looks different when it has an exponent.
 */
function shortText(value: number): string | undefined {
  const text = `${value}`
  // A sign, a point, and a zero before the point are no digits; an exponent is rare, and not worth it.
  const isShort = text.length <= 15 && text.includes('.') && !text.includes('e')
  return isShort && Math.abs(value) >= 1e-4 ? text : undefined
}

/** `%.<precision>g`, with trailing zeros when `keepZeros` (the `#` flag). */
export function formatGeneral(value: number, precision: number, keepZeros: boolean): string {
  if (!Number.isFinite(value)) return formatSpecial(value)
  const digits = precision === 0 ? 1 : precision
  if (value === 0) {
    const zero = keepZeros && digits > 1 ? `0.${'0'.repeat(digits - 1)}` : '0'
    return Object.is(value, -0) ? `-${zero}` : zero
  }
  const exponential = formatExponent(value, digits - 1)
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1))
  if (exponent < -4 || exponent >= digits) {
    if (keepZeros) return exponential
    const [mantissa, power] = exponential.split('e') as [string, string]
    return `${withoutZeros(mantissa)}e${power}`
  }
  const fixed = formatFixed(value, digits - 1 - exponent)
  return keepZeros ? fixed : withoutZeros(fixed)
}

/** `%.<precision>e`: at least two digits of exponent. */
export function formatExponent(value: number, precision: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value)
  const text =
    precision <= 100 ? roundedExponential(value, precision) : longExponential(value, precision)
  const at = text.indexOf('e')
  const power = text.slice(at + 2).padStart(2, '0')
  const sign = Object.is(value, -0) ? '-' : ''
  return `${sign}${text.slice(0, at)}e${text[at + 1]}${power}`
}

/** `%.<precision>f`, exactly, however large the number. */
export function formatFixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size < 1e21 && precision <= 100) return sign + roundedFixed(size, precision)
  return sign + exactFixed(size, precision)
}

/** So many digits more show for certain whether a double lies halfway between two decimal numbers. */
const DIGITS_MORE = 20

/** `toExponential`, but halfway between two numbers to the one with an even last digit, as C does. */
function roundedExponential(value: number, precision: number): string {
  const text = value.toExponential(precision)
  if (precision > 100 - DIGITS_MORE) return text
  const exact = value.toExponential(precision + DIGITS_MORE)
  const end = exact.indexOf('e')
  return cutAtTie(exact.slice(0, end), exact.slice(end)) ?? text
}

/** `toFixed`, rounded as by `roundedExponential`. */
function roundedFixed(size: number, precision: number): string {
  const text = size.toFixed(precision)
  if (precision > 100 - DIGITS_MORE) return text
  return cutAtTie(size.toFixed(precision + DIGITS_MORE), '') ?? text
}

/** A text with many digits cut to fewer, when that is a tie and the digit that remains is even. */
function cutAtTie(digits: string, suffix: string): string | undefined {
  if (!digits.endsWith(TIE)) return undefined
  const kept = digits.slice(0, -DIGITS_MORE)
  const last = kept.endsWith('.') ? kept[kept.length - 2]! : kept[kept.length - 1]!
  if (Number(last) % 2 === 1) return undefined
  return (kept.endsWith('.') ? kept.slice(0, -1) : kept) + suffix
}

const TIE = `5${'0'.repeat(DIGITS_MORE - 1)}`

/** What stands for a number that is infinite or none; the processor's own NaN is negative. */
export function formatSpecial(value: number): string {
  if (value > 0) return 'inf'
  return value < 0 ? '-inf' : '-nan'
}

function withoutZeros(text: string): string {
  if (!text.includes('.')) return text
  let end = text.length
  while (text[end - 1] === '0') end--
  if (text[end - 1] === '.') end--
  return text.slice(0, end)
}

/** JavaScript gives up to a hundred digits after the point; what comes then is worked out exactly. */
function exactFixed(size: number, precision: number): string {
  const { mantissa, exponent } = parts(size)
  const scale = 10n ** BigInt(precision)
  let scaled = mantissa * scale
  if (exponent >= 0) scaled <<= BigInt(exponent)
  else {
    const divisor = 1n << BigInt(-exponent)
    const rest = scaled % divisor
    scaled /= divisor
    const half = divisor >> 1n
    if (rest > half || (rest === half && scaled % 2n === 1n)) scaled++
  }
  const digits = scaled.toString().padStart(precision + 1, '0')
  if (precision === 0) return digits
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

/** As `toExponential`: beyond a hundred digits a double has hardly any, and those are zeros. */
function longExponential(value: number, precision: number): string {
  const text = value.toExponential(100)
  const at = text.indexOf('e')
  return `${text.slice(0, at)}${'0'.repeat(precision - 100)}${text.slice(at)}`
}

/** A positive number as `mantissa * 2^exponent`. */
function parts(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, size)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  if (exponent === 0) return { mantissa: fraction, exponent: -1074 }
  return { mantissa: fraction | 0x10000000000000n, exponent: exponent - 1075 }
}
