/** `string.format`: what `printf` of C does with each directive. */
import { formatExponent, formatFixed, formatGeneral } from '../numbers.ts'
import { argumentError } from '../runtime/failures.ts'
import { raise } from '../runtime/frames.ts'
import type { LuaValue } from '../value.ts'
import { checkNumber, checkString } from './arguments.ts'

/** A directive: `%-5.2f`. */
interface Directive {
  readonly flags: string
  readonly width: number
  /** `undefined` when there is no point. */
  readonly precision: number | undefined
  readonly conversion: string
}

/** So long a text without a precision is taken as it is, width or not. */
const PLAIN_LENGTH = 100

/** Arguments as the format, the first of them, says. */
export function format(...args: LuaValue[]): string {
  const template = checkString(args[0], 1, args.length)
  let text = ''
  let index = 1
  let at = 0
  for (;;) {
    const next = template.indexOf('%', at)
    if (next < 0) return text + template.slice(at)
    text += template.slice(at, next)
    if (template[next + 1] === '%') {
      text += '%'
      at = next + 2
      continue
    }
    index++
    if (index > args.length) argumentError(index, 'no value')
    const { directive, end } = readDirective(template, next + 1)
    text += formatItem(directive, args[index - 1], index, args.length)
    at = end
  }
}

function readDirective(template: string, start: number): { directive: Directive; end: number } {
  const isDigit = (place: number) => template[place]! >= '0' && template[place]! <= '9'
  let at = start
  while (at < template.length && '-+ #0'.includes(template[at]!)) at++
  if (at - start > 5) raise('invalid format (repeated flags)')
  const flags = template.slice(start, at)
  const widthStart = at
  for (let count = 0; count < 2 && isDigit(at); count++) at++
  const width = Number(template.slice(widthStart, at))
  let precision: number | undefined
  if (template[at] === '.') {
    const precisionStart = ++at
    for (let count = 0; count < 2 && isDigit(at); count++) at++
    precision = Number(template.slice(precisionStart, at))
  }
  if (isDigit(at)) raise('invalid format (width or precision too long)')
  const conversion = template[at] ?? ''
  return { directive: { flags, width, precision, conversion }, end: at + 1 }
}

function formatItem(directive: Directive, value: LuaValue, index: number, count: number): string {
  const { precision, conversion } = directive
  switch (conversion) {
    case 'c': {
      const code = Math.trunc(checkNumber(value, index, count)) & 255
      return untilZero(padded(directive, String.fromCharCode(code)))
    }
    case 'd':
    case 'i':
      return formatSigned(directive, checkNumber(value, index, count))
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      return formatUnsigned(directive, checkNumber(value, index, count))
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return formatFloat(directive, checkNumber(value, index, count))
    case 'q':
      return quoted(checkString(value, index, count))
    case 's': {
      const text = checkString(value, index, count)
      if (precision === undefined && text.length >= PLAIN_LENGTH) return text
      return padded(directive, untilZero(text).slice(0, precision))
    }
    default:
      return raise(`invalid option '%${conversion}' to 'format'`)
  }
}

/** Strings of C end at a zero byte. */
function untilZero(text: string): string {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/** A text in its width. */
function padded(directive: Directive, text: string): string {
  const { flags, width } = directive
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width)
}

/** A number in its width: zeros stand between the sign and the digits. */
function paddedNumber(directive: Directive, sign: string, digits: string, mayZero = true): string {
  const { flags, width } = directive
  if (mayZero && flags.includes('0') && !flags.includes('-')) {
    return sign + digits.padStart(width - sign.length, '0')
  }
  return padded(directive, sign + digits)
}

function signOf(flags: string, isNegative: boolean): string {
  if (isNegative) return '-'
  if (flags.includes('+')) return '+'
  return flags.includes(' ') ? ' ' : ''
}

/** A double as a 64-bit integer; what does not fit becomes the smallest. */
function toInt64(value: number): bigint {
  const whole = Math.trunc(value)
  if (whole >= -(2 ** 63) && whole < 2 ** 63) return BigInt(whole)
  return -(2n ** 63n)
}

function formatSigned(directive: Directive, value: number): string {
  const { flags, precision } = directive
  const integer = toInt64(value)
  const isNegative = integer < 0n
  let digits = `${isNegative ? -integer : integer}`
  if (precision !== undefined) {
    digits = precision === 0 && integer === 0n ? '' : digits.padStart(precision, '0')
  }
  return paddedNumber(directive, signOf(flags, isNegative), digits, precision === undefined)
}

function formatUnsigned(directive: Directive, value: number): string {
  const { flags, precision, conversion } = directive
  const whole = Math.trunc(value)
  // What does not fit at all becomes 0 above, and the smallest integer's bits below.
  const integer =
    whole >= 2 ** 64 ? 0n : BigInt.asUintN(64, whole >= 2 ** 63 ? BigInt(whole) : toInt64(value))
  const radix = conversion === 'o' ? 8 : conversion === 'u' ? 10 : 16
  let digits = integer.toString(radix)
  if (precision !== undefined) {
    digits = precision === 0 && integer === 0n ? '' : digits.padStart(precision, '0')
  }
  let prefix = ''
  if (flags.includes('#')) {
    if (radix === 16 && integer !== 0n) prefix = '0x'
    if (radix === 8 && !digits.startsWith('0')) digits = `0${digits}`
  }
  const text = paddedNumber(directive, prefix, digits, precision === undefined)
  return conversion === 'X' ? text.toUpperCase() : text
}

function formatFloat(directive: Directive, value: number): string {
  const { flags, conversion } = directive
  const precision = directive.precision ?? 6
  const isNegative = value < 0 || Object.is(value, -0) || Number.isNaN(value)
  const size = Number.isNaN(value) ? value : Math.abs(value)
  let digits: string
  switch (conversion.toLowerCase()) {
    case 'e':
      digits = formatExponent(size, precision)
      break
    case 'f':
      digits = formatFixed(size, precision)
      break
    default:
      digits = formatGeneral(size, precision, flags.includes('#'))
  }
  if (Number.isNaN(value)) digits = 'nan'
  else if (flags.includes('#') && precision === 0 && !digits.includes('.')) {
    digits = digits.replace(/^\d+/, '$&.')
  }
  const text = paddedNumber(directive, signOf(flags, isNegative), digits, Number.isFinite(value))
  return conversion < 'a' ? text.toUpperCase() : text
}

/** A string as it would stand in a script. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the zero byte
  const escaped = text.replace(/["\\\n\r\x00]/g, (character) => {
    if (character === '\r') return '\\r'
    return character === '\0' ? '\\000' : `\\${character}`
  })
  return `"${escaped}"`
}
