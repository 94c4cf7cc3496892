/**
 * HyperLogLog: how many distinct elements were added, to within 0.81 percent, in 12 KB at most. Each
 * element names one of 16384 registers and a value by its hash, and a register keeps the highest. The
 * form in the string is described in hyperloglog-format.ts.
 */
import type { Stretch } from '../structures/index.ts'
import { ENCODING_RAW } from './encodings.ts'
import {
  denseHistogram,
  packDense,
  raiseDense,
  unpackedHistogram,
  unpackMax,
} from './hyperloglog-dense.ts'
import { estimate } from './hyperloglog-estimate.ts'
import {
  DENSE_SKETCH_BYTES,
  isDense,
  markDense,
  REGISTERS,
  SKETCH_HEADER_BYTES,
} from './hyperloglog-format.ts'
import { registerOf } from './hyperloglog-hash.ts'
import {
  BROKEN,
  eachRun,
  RAISED,
  raiseSparse,
  SparseCursor,
  TOO_LARGE,
  UNCHANGED,
} from './hyperloglog-sparse.ts'
import type { Slot } from './slot.ts'

const cursor = new SparseCursor()
const head = new Uint8Array(SKETCH_HEADER_BYTES)
const unpacked = new Uint8Array(REGISTERS)
const counts = new Int32Array(64)

/**
 * Adds the element `bytes[start, end)` to a sketch, which becomes dense when its sparse form would be
 * longer than `sparseBytesMax`.
 * @returns whether a register was raised, or `undefined` when the sketch is broken.
 */
export function addToSketch(
  sketch: Slot,
  bytes: Uint8Array,
  start: number,
  end: number,
  sparseBytesMax: number,
): boolean | undefined {
  const found = registerOf(bytes, start, end)
  const register = found & (REGISTERS - 1)
  const value = found >>> 14
  if (!isDense(sketch)) {
    cursor.reset()
    const outcome = raiseSparse(sketch, cursor, register, value, sparseBytesMax)
    if (outcome !== TOO_LARGE) return outcome === BROKEN ? undefined : outcome === RAISED
    if (!makeDense(sketch)) return undefined
  }
  return raiseDense(sketch.bytes, sketch.start + SKETCH_HEADER_BYTES, register, value)
}

/** Whether all parts of a sketch fit together. `isSketch` has looked at its head. */
export function isWhole(sketch: Stretch): boolean {
  return isDense(sketch) || eachRun(sketch, () => {})
}

/** Brings a sketch to the dense form. @returns whether it is whole; nothing is changed if not. */
export function makeDense(sketch: Slot): boolean {
  if (isDense(sketch)) return true
  unpacked.fill(0)
  if (!mergeInto(unpacked, sketch)) return false
  writeDense(sketch, unpacked)
  return true
}

/** Puts the dense form of `registers` in the place of a sketch, whose head stays. */
function writeDense(sketch: Slot, registers: Uint8Array): void {
  if (!isDense(sketch)) {
    for (let i = 0; i < SKETCH_HEADER_BYTES; i++) head[i] = sketch.bytes[sketch.start + i]!
    sketch.reset(ENCODING_RAW, DENSE_SKETCH_BYTES)
    sketch.bytes.set(head, sketch.start)
    markDense(sketch)
  }
  packDense(registers, sketch.bytes, sketch.start + SKETCH_HEADER_BYTES)
}

/** Registers for merging, a byte each, all zero. */
export function emptyRegisters(): Uint8Array {
  return new Uint8Array(REGISTERS)
}

/** Raises each register to the one of a sketch. @returns whether the sketch is whole. */
export function mergeInto(registers: Uint8Array, sketch: Stretch): boolean {
  if (isDense(sketch)) {
    unpackMax(sketch.bytes, sketch.start + SKETCH_HEADER_BYTES, registers)
    return true
  }
  return eachRun(sketch, (value, first, end) => {
    if (value === 0) return
    for (let i = first; i < end; i++) if (registers[i]! < value) registers[i] = value
  })
}

/**
 * Raises the registers of a whole sketch to `registers`, which are at least as high everywhere.
 * It stays sparse while it can, unless `toDense`.
 */
export function raiseTo(
  sketch: Slot,
  registers: Uint8Array,
  { toDense, sparseBytesMax }: { readonly toDense: boolean; readonly sparseBytesMax: number },
): void {
  if (toDense || isDense(sketch)) {
    writeDense(sketch, registers)
    return
  }
  cursor.reset()
  for (let register = 0; register < REGISTERS; register++) {
    const value = registers[register]!
    if (value === 0) continue
    const outcome = raiseSparse(sketch, cursor, register, value, sparseBytesMax)
    if (outcome === RAISED || outcome === UNCHANGED) continue
    writeDense(sketch, registers)
    return
  }
}

/** The estimate of a sketch, or `undefined` when it is broken. */
export function countSketch(sketch: Stretch): number | bigint | undefined {
  if (isDense(sketch)) {
    return estimate(denseHistogram(sketch.bytes, sketch.start + SKETCH_HEADER_BYTES))
  }
  counts.fill(0)
  const isSound = eachRun(sketch, (value, first, end) => {
    counts[value]! += end - first
  })
  return isSound ? estimate(counts) : undefined
}

/** The estimate of merged registers. */
export function countRegisters(registers: Uint8Array): number | bigint {
  return estimate(unpackedHistogram(registers))
}
