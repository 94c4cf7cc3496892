/**
 * The sparse form of a HyperLogLog: runs of equal registers, see hyperloglog-format.ts. Raising a
 * register splits the run that it lies in and then joins runs that have become equal, by exactly the
 * steps of the reference: which of several possible forms results is visible to clients.
 */
import type { Stretch } from '../structures/index.ts'
import { REGISTERS, SKETCH_HEADER_BYTES } from './hyperloglog-format.ts'

/** What came of raising a register. */
export const UNCHANGED = 0
export const RAISED = 1
/** It was not raised, because the value or the size cannot be had in this form. */
export const TOO_LARGE = 2
/** It was not raised, because the runs do not make up the registers. */
export const BROKEN = 3

/** The highest value of a register in this form. */
const VALUE_MAX = 32
const VALUE_RUN_MAX = 4
const SHORT_ZEROS_MAX = 64
/** Runs that are looked at, from the one before the change on, for others to join. */
const JOINED_RUNS = 5

/** The runs that take the place of one, at most zeros, a value and zeros. */
const parts = new Uint8Array(5)

/** Stands for the registers of a run of two bytes: more than there are. */
const TWO_BYTES = REGISTERS
/** How many registers a run has, by its first byte. */
const SPANS = Uint16Array.from({ length: 256 }, (_, run) => {
  if (run >= 0x80) return (run & 3) + 1
  return run < 0x40 ? run + 1 : TWO_BYTES
})
/** Runs that are taken in one step where they are short, and one by one where that failed. */
const STEP_RUNS = 4
/** In a smaller sketch steps would mostly fail, since few registers leave long runs between them. */
const STEPS_BYTES_MIN = 512

/**
 * A place among the runs, as offsets from the start of the sketch. Registers that are raised in
 * ascending order with the same cursor are found from where the last one was, not from the start.
 */
export class SparseCursor {
  /** The run that was found. */
  at = SKETCH_HEADER_BYTES
  /** Its first register, and how many it has. */
  first = 0
  span = 0
  /** The run before it, -1 when there is none. */
  previous = -1
  /** Where to begin. No change at or after `previous` moves it. */
  #from = SKETCH_HEADER_BYTES
  #fromFirst = 0

  /** Begins at the first run again. */
  reset(): void {
    this.#from = SKETCH_HEADER_BYTES
    this.#fromFirst = 0
  }

  /**
   * Finds the run of a register. @returns whether there is one.
   *
   * There may be thousands of runs, and this is most of the work of adding an element. So four of a
   * byte are taken together: their sum waits for no decision of the processor.
   */
  find({ bytes, start, size }: Stretch, register: number): boolean {
    const end = start + size
    const from = start + this.#from
    const stepsEnd = size < STEPS_BYTES_MIN ? -1 : end - STEP_RUNS
    let at = from
    let left = register - this.#fromFirst
    let previous = at
    let previousLeft = left
    let earlier = at
    let earlierLeft = left
    while (at < end) {
      for (; at <= stepsEnd; at += STEP_RUNS) {
        const near = SPANS[bytes[at]!]! + SPANS[bytes[at + 1]!]!
        const third = SPANS[bytes[at + 2]!]!
        const spans = near + third + SPANS[bytes[at + 3]!]!
        // A run of two bytes among them is beyond what can be left.
        if (spans > left) break
        earlier = at + 2
        earlierLeft = left - near
        previous = at + 3
        previousLeft = earlierLeft - third
        left -= spans
      }
      for (let runs = STEP_RUNS; runs > 0 && at < end; runs--) {
        const run = bytes[at]!
        let span = SPANS[run]!
        let next = at + 1
        if (span === TWO_BYTES) {
          if (next >= end) return false
          span = (((run & 0x3f) << 8) | bytes[next]!) + 1
          next++
        }
        if (left < span) {
          this.at = at - start
          this.first = register - left
          this.span = span
          this.previous = at === from ? -1 : previous - start
          this.#from = earlier - start
          this.#fromFirst = register - earlierLeft
          return true
        }
        earlier = previous
        earlierLeft = previousLeft
        previous = at
        previousLeft = left
        left -= span
        at = next
      }
    }
    return false
  }
}

/**
 * Raises a register of a sparse sketch to `value`, as long as that is not longer than `bytesMax`
 * then. @returns one of the four outcomes above.
 */
export function raiseSparse(
  sketch: Stretch,
  cursor: SparseCursor,
  register: number,
  value: number,
  bytesMax: number,
): number {
  if (value > VALUE_MAX) return TOO_LARGE
  if (!cursor.find(sketch, register)) return BROKEN
  const { at, span } = cursor
  const run = sketch.bytes[sketch.start + at]!
  const held = run >= 0x80 ? heldValue(run) : 0
  if (held >= value) return UNCHANGED
  if (span === 1 && (run < 0x40 || run >= 0x80)) {
    sketch.bytes[sketch.start + at] = valueRun(value, 1)
  } else {
    const newSize = splitRun(cursor, held, register, value)
    const oldSize = run >= 0x40 && run < 0x80 ? 2 : 1
    if (newSize > oldSize && sketch.size + newSize - oldSize > bytesMax) return TOO_LARGE
    if (newSize !== oldSize) sketch.splice(at, oldSize, newSize)
    const { bytes, start } = sketch
    for (let i = 0; i < newSize; i++) bytes[start + at + i] = parts[i]!
  }
  joinRuns(sketch, cursor.previous < 0 ? SKETCH_HEADER_BYTES : cursor.previous)
  return RAISED
}

/** Writes what takes the place of a run of `held` into `parts`. @returns its size. */
function splitRun(
  { first, span }: SparseCursor,
  held: number,
  register: number,
  value: number,
): number {
  let size = writeRun(0, held, register - first)
  parts[size++] = valueRun(value, 1)
  return writeRun(size, held, first + span - 1 - register)
}

/** Writes a run of `count` registers into `parts` at `at`. @returns the offset after it. */
function writeRun(at: number, value: number, count: number): number {
  if (count === 0) return at
  if (value > 0) parts[at++] = valueRun(value, count)
  else if (count <= SHORT_ZEROS_MAX) parts[at++] = count - 1
  else {
    parts[at++] = 0x40 | ((count - 1) >>> 8)
    parts[at++] = (count - 1) & 0xff
  }
  return at
}

/** Joins neighbours of the same value from the run at `at` on. */
function joinRuns(sketch: Stretch, at: number): void {
  for (let left = JOINED_RUNS; left > 0 && at < sketch.size; left--) {
    const { bytes, start } = sketch
    const run = bytes[start + at]!
    if (run >= 0x40 && run < 0x80) at += 2
    else if (run < 0x80 || at + 1 >= sketch.size) at++
    else {
      const next = bytes[start + at + 1]!
      const count = (run & 3) + (next & 3) + 2
      if (next >= 0x80 && heldValue(next) === heldValue(run) && count <= VALUE_RUN_MAX) {
        bytes[start + at] = valueRun(heldValue(run), count)
        // What has grown may be joined with the next one too.
        sketch.splice(at + 1, 1, 0)
      } else at++
    }
  }
}

function heldValue(run: number): number {
  return ((run >>> 2) & 31) + 1
}

function valueRun(value: number, count: number): number {
  return 0x80 | ((value - 1) << 2) | (count - 1)
}

/**
 * Calls `visit` with the value and the bounds of each run of a sparse sketch, as long as they lie
 * within the registers. @returns whether the runs make up the registers.
 */
export function eachRun(
  { bytes, start, size }: Stretch,
  visit: (value: number, first: number, end: number) => void,
): boolean {
  const end = start + size
  let first = 0
  for (let at = start + SKETCH_HEADER_BYTES; at < end; at++) {
    const run = bytes[at]!
    let value = 0
    let count = run + 1
    if (run >= 0x80) {
      value = heldValue(run)
      count = (run & 3) + 1
    } else if (run >= 0x40) {
      if (++at >= end) return false
      count = (((run & 0x3f) << 8) | bytes[at]!) + 1
    }
    if (first + count > REGISTERS) return false
    visit(value, first, first + count)
    first += count
  }
  return first === REGISTERS
}

/** The runs as PFDEBUG DECODE shows them: `Z:16384`, `z:3`, `v:2,1` for the value 2 once. */
export function describeRuns({ bytes, start, size }: Stretch): string {
  const end = start + size
  const words: string[] = []
  for (let at = start + SKETCH_HEADER_BYTES; at < end; at++) {
    const run = bytes[at]!
    if (run >= 0x80) words.push(`v:${heldValue(run)},${(run & 3) + 1}`)
    else if (run < 0x40) words.push(`z:${run + 1}`)
    else {
      const low = at + 1 < end ? bytes[at + 1]! : 0
      words.push(`Z:${(((run & 0x3f) << 8) | low) + 1}`)
      at++
    }
  }
  return words.join(' ')
}
