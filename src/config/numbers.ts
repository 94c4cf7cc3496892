/**
 * Numbers as configuration files write them. Checks are made on exact integers; the values kept are
 * plain numbers, so one above 2^53 is held as its nearest double.
 */
import { fromLatin1, INT64_MAX, parseInt64 } from '../bytes/index.ts'

/** The largest unsigned 64-bit integer. */
export const UINT64_MAX = 2n ** 64n - 1n
/** The largest 32-bit integers. */
export const INT32_MAX = 2 ** 31 - 1
export const INT32_MIN = -(2 ** 31)
export const UINT32_MAX = 2 ** 32 - 1

/** The longest run of digits that the reference reads in front of a unit. */
const MEMORY_DIGITS_MAX = 127

const UNITS = new Map<string, bigint>([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1000_000n],
  ['mb', 1024n ** 2n],
  ['g', 1000_000_000n],
  ['gb', 1024n ** 3n],
])

/** Reads an integer in canonical form within 64 bits. */
export function readInteger(text: string): bigint | undefined {
  return parseInt64(fromLatin1(text), 0, text.length)
}

/** Reads an amount of memory: digits, then perhaps a unit such as `k` (1000) or `kb` (1024). */
export function readMemory(text: string): bigint | undefined {
  const [, digits = '', unit = ''] = /^(\d*)([a-z]*)$/i.exec(text) ?? []
  const factor = UNITS.get(unit.toLowerCase())
  if (factor === undefined || digits.length + unit.length !== text.length) return undefined
  if (digits.length > MEMORY_DIGITS_MAX) return undefined
  const count = digits === '' ? 0n : BigInt(digits)
  // Unsigned 64-bit arithmetic: digits saturate, the product wraps around.
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * factor)
}

/** Reads an octal number as C's strtoll does: blanks and a sign may lead, nothing reads as 0. */
export function readOctal(text: string): bigint | undefined {
  return readLoose(text, 8)
}

/** Reads a decimal number as C's strtoll does: blanks and a sign may lead, nothing reads as 0. */
export function readLooseInteger(text: string): number | undefined {
  const value = readLoose(text, 10)
  return value === undefined ? undefined : Number(value)
}

function readLoose(text: string, base: 8 | 10): bigint | undefined {
  if (text === '') return 0n
  const [, sign, digits] = /^[ \t-\r]*([+-]?)(\d+)$/.exec(text) ?? []
  if (digits === undefined || (base === 8 && /[89]/.test(digits))) return undefined
  const size = base === 8 ? BigInt(`0o${digits}`) : BigInt(digits)
  return sign === '-' ? -size : size
}

/** A whole number in decimal. The nearest doubles of both 64-bit maxima print as what they stand for. */
export function printInteger(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (value === Number(INT64_MAX)) return String(INT64_MAX)
  if (value === Number(UINT64_MAX)) return String(UINT64_MAX)
  return String(BigInt(value))
}

/** An amount of memory in the largest unit that divides it. */
export function writeMemory(value: number): string {
  for (const [unit, size] of [
    ['gb', 2 ** 30],
    ['mb', 2 ** 20],
    ['kb', 2 ** 10],
  ] as const) {
    if (Number.isSafeInteger(value) && value !== 0 && value % size === 0) {
      return `${value / size}${unit}`
    }
  }
  return printInteger(value)
}
