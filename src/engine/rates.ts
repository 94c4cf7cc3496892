/**
 * How fast counters have grown lately, for INFO. A timer that runs anyway samples them; commands only
 * count. As in the reference, a rate is the mean of the last 16 samples, whole numbers all, and those
 * that were not taken yet are zero.
 */
import type { EngineStats } from './stats.ts'

/** How often counters should be sampled, in milliseconds. */
export const SAMPLE_MS = 100
const SAMPLES = 16
const MS_PER_SECOND = 1000

/** How often the loop has gone round, and for how long it was busy, in microseconds. */
export interface LoopFigures {
  readonly cycles: number
  readonly busyUs: number
}

/** The quotients by which one counter grew in relation to another. */
class Quotient {
  readonly #samples = new Float64Array(SAMPLES)
  readonly #factor: number
  #next = 0
  #value = 0
  #base: number | undefined

  constructor(factor: number) {
    this.#factor = factor
  }

  /** The first sample only says where growth begins. */
  sample(value: number, base: number): void {
    if (this.#base !== undefined) {
      const growth = base - this.#base
      const quotient = growth > 0 ? ((value - this.#value) * this.#factor) / growth : 0
      this.#samples[this.#next] = Math.trunc(quotient)
      this.#next = (this.#next + 1) % SAMPLES
    }
    this.#value = value
    this.#base = base
  }

  get mean(): number {
    return Math.trunc(this.#samples.reduce((sum, sample) => sum + sample, 0) / SAMPLES)
  }

  reset(): void {
    this.#samples.fill(0)
    this.#base = undefined
  }
}

/** The rates of the last 1.6 seconds. */
export class Rates {
  readonly #commands = new Quotient(MS_PER_SECOND)
  readonly #inputBytes = new Quotient(MS_PER_SECOND)
  readonly #outputBytes = new Quotient(MS_PER_SECOND)
  readonly #cycles = new Quotient(MS_PER_SECOND)
  readonly #cycleUs = new Quotient(1)

  /** Takes a sample; `nowMs` is time that never runs backwards. */
  sample(stats: EngineStats, loop: LoopFigures, nowMs: number): void {
    this.#commands.sample(stats.commands, nowMs)
    this.#inputBytes.sample(stats.inputBytes, nowMs)
    this.#outputBytes.sample(stats.outputBytes, nowMs)
    this.#cycles.sample(loop.cycles, nowMs)
    this.#cycleUs.sample(loop.busyUs, loop.cycles)
  }

  /** Forgets the samples: CONFIG RESETSTAT. */
  reset(): void {
    this.#commands.reset()
    this.#inputBytes.reset()
    this.#outputBytes.reset()
    this.#cycles.reset()
    this.#cycleUs.reset()
  }

  /** A second. */
  get commands(): number {
    return this.#commands.mean
  }

  get inputBytes(): number {
    return this.#inputBytes.mean
  }

  get outputBytes(): number {
    return this.#outputBytes.mean
  }

  get loopCycles(): number {
    return this.#cycles.mean
  }

  /** How long the loop was busy each time it went round. */
  get cycleUs(): number {
    return this.#cycleUs.mean
  }
}
