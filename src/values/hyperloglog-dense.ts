/**
 * Registers of 6 bits, four in three bytes, and the loops over all of them. Here `at` is where the
 * registers begin, and registers unpacked to a byte each are a `Uint8Array` of `REGISTERS`.
 */
import { REGISTERS } from './hyperloglog-format.ts'

/** Four tables in one, so that equal registers in a row do not wait for each other. */
const histogram = new Int32Array(256)

/** A register. */
export function denseRegister(bytes: Uint8Array, at: number, register: number): number {
  const bit = register * 6
  const byte = at + (bit >>> 3)
  const shift = bit & 7
  // Where it fits into one byte, the next may be beyond the last.
  const next = shift > 2 ? bytes[byte + 1]! << (8 - shift) : 0
  return ((bytes[byte]! >>> shift) | next) & 63
}

/** Raises a register to `value`. @returns whether it was lower. */
export function raiseDense(
  bytes: Uint8Array,
  at: number,
  register: number,
  value: number,
): boolean {
  if (denseRegister(bytes, at, register) >= value) return false
  const bit = register * 6
  const byte = at + (bit >>> 3)
  const shift = bit & 7
  bytes[byte] = (bytes[byte]! & ~(63 << shift)) | (value << shift)
  if (shift > 2) {
    const rest = 8 - shift
    bytes[byte + 1] = (bytes[byte + 1]! & ~(63 >>> rest)) | (value >>> rest)
  }
  return true
}

/** Raises each unpacked register to the one in a dense sketch. */
export function unpackMax(bytes: Uint8Array, at: number, registers: Uint8Array): void {
  for (let i = 0; i < REGISTERS; i += 4, at += 3) {
    const b0 = bytes[at]!
    const b1 = bytes[at + 1]!
    const b2 = bytes[at + 2]!
    const r0 = b0 & 63
    const r1 = (b0 >>> 6) | ((b1 & 15) << 2)
    const r2 = (b1 >>> 4) | ((b2 & 3) << 4)
    const r3 = b2 >>> 2
    if (r0 > registers[i]!) registers[i] = r0
    if (r1 > registers[i + 1]!) registers[i + 1] = r1
    if (r2 > registers[i + 2]!) registers[i + 2] = r2
    if (r3 > registers[i + 3]!) registers[i + 3] = r3
  }
}

/** Writes unpacked registers into a dense sketch. */
export function packDense(registers: Uint8Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < REGISTERS; i += 4, at += 3) {
    const r1 = registers[i + 1]!
    const r2 = registers[i + 2]!
    bytes[at] = registers[i]! | (r1 << 6)
    bytes[at + 1] = (r1 >>> 2) | (r2 << 4)
    bytes[at + 2] = (r2 >>> 4) | (registers[i + 3]! << 2)
  }
}

/** How many registers have each of the values 0 to 63, lent until the next count. */
export function denseHistogram(bytes: Uint8Array, at: number): Int32Array {
  const counts = histogram.fill(0)
  for (const end = at + (REGISTERS * 6) / 8; at < end; at += 3) {
    const b0 = bytes[at]!
    const b1 = bytes[at + 1]!
    const b2 = bytes[at + 2]!
    counts[b0 & 63]!++
    counts[64 | (b0 >>> 6) | ((b1 & 15) << 2)]!++
    counts[128 | (b1 >>> 4) | ((b2 & 3) << 4)]!++
    counts[192 | (b2 >>> 2)]!++
  }
  return joined(counts)
}

/** The same of unpacked registers. */
export function unpackedHistogram(registers: Uint8Array): Int32Array {
  const counts = histogram.fill(0)
  for (let i = 0; i < REGISTERS; i += 4) {
    counts[registers[i]!]!++
    counts[64 | registers[i + 1]!]!++
    counts[128 | registers[i + 2]!]!++
    counts[192 | registers[i + 3]!]!++
  }
  return joined(counts)
}

function joined(counts: Int32Array): Int32Array {
  for (let i = 0; i < 64; i++) counts[i]! += counts[64 | i]! + counts[128 | i]! + counts[192 | i]!
  return counts
}
