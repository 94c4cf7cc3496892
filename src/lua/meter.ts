/**
 * What a run may use: time, depth and memory. Compiled code and libraries take from the counters
 * directly; when the fuel is spent somebody looks at the clock and at the memory.
 */
import { LuaError, RestartSignal } from './errors.ts'
import type { LoadedChunk } from './runtime/frames.ts'

/** So much fuel is about a tenth of a millisecond of plain code. */
const FUEL = 20_000
/** Calls that the reference would make through C and that have not returned: so many are too many. */
export const NESTING_MAX = 200

/** What a meter needs to know of the world. */
export interface MeterOptions {
  /** Milliseconds, from any start. */
  readonly clock: () => number
  /** Bytes that live JavaScript values take, garbage that was not collected yet included. */
  readonly heapUsed: () => number
  /** Collects garbage, if that can be done at all; then `heapUsed` is exact. */
  readonly collect?: (() => void) | undefined
  /** Bytes that the values of a run may take. */
  readonly memoryLimitBytes: number
  /** The bytes of stack that scripts may use. */
  readonly stackBytes: number
  /** Steps of a script between two looks at the clock. */
  readonly fuel?: number
}

/** The counters of a machine. */
export class Meter {
  /** Steps until somebody looks at the clock. Long loops of libraries subtract too. */
  fuel: number
  /** Bytes of the stack that may still be used, by a cautious estimate. */
  room = 0
  /** With less room than this tail calls unwind the stack first. */
  low = 0
  nesting = 0
  readonly options: MeterOptions
  readonly #fuel: number
  #deadline = Infinity
  /** How much later the deadline is than the next look at the clock; 0 where the deadline is set. */
  #sliceMs = 0
  /** What the heap held early in the run; asking takes longer than most scripts. */
  #heapAtStart: number | undefined
  #slices = 0

  constructor(options: MeterOptions) {
    this.options = options
    this.#fuel = options.fuel ?? FUEL
    this.fuel = this.#fuel
    this.room = options.stackBytes
    this.low = options.stackBytes / 2
  }

  /** The steps of all runs so far. It only rises while a run goes on. */
  get steps(): number {
    return this.#slices * this.#fuel - this.fuel
  }

  /** A run begins. */
  begin(): void {
    this.#heapAtStart = undefined
    this.room = this.options.stackBytes
    this.nesting = 0
    this.fuel = this.#fuel
    this.#deadline = Infinity
    this.#sliceMs = 0
  }

  /**
   * What runs now may take so many milliseconds. They count from the next look at the clock, since most
   * scripts end before it.
   */
  allow(sliceMs: number): void {
    this.#deadline = Infinity
    this.#sliceMs = sliceMs === Infinity ? 0 : sliceMs
  }

  /** The fuel of a plain run is spent. Throws when its time is, too, or its memory. */
  spent(chunk?: LoadedChunk): void {
    if (this.isDue(chunk)) throw new RestartSignal()
  }

  /**
   * The fuel is spent: fills it up. Raises an error of memory. The chunk that asks is there to be kept.
   * @returns whether the time is up
   */
  isDue(_chunk?: LoadedChunk): boolean {
    this.fuel = this.#fuel
    if ((++this.#slices & 7) === 0) this.checkMemory(0)
    const nowMs = this.options.clock()
    if (this.#sliceMs > 0) {
      this.#deadline = nowMs + this.#sliceMs
      this.#sliceMs = 0
    }
    return nowMs > this.#deadline
  }

  /** Raises an error when the values of the run take too much, or would with so many bytes more. */
  checkMemory(more: number): void {
    const { heapUsed, memoryLimitBytes, collect } = this.options
    this.#heapAtStart ??= heapUsed()
    const start = this.#heapAtStart
    const isOver = () => heapUsed() - start + more > memoryLimitBytes
    if (more <= memoryLimitBytes) {
      if (!isOver()) return
      collect?.()
      if (collect !== undefined && !isOver()) return
    }
    throw new LuaError('not enough memory')
  }

  /** A string of this length was made, or is about to be. */
  charge(length: number): void {
    this.fuel -= length >>> 7
    if (length > 1 << 20) this.checkMemory(length)
  }
}
