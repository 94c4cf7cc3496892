/**
 * The latency monitor: for each kind of work that held the loop too long, the newest times at which
 * it did. Within a second only the longest counts.
 */
import type { Clock } from '../../host/index.ts'

/** How many times of one event are kept. */
const SAMPLES_MAX = 160

/** An event that lasted too long: when, in seconds since 1970, and how long, in milliseconds. */
export interface LatencySample {
  readonly seconds: number
  lastedMs: number
}

/** What is known of one event. */
export interface LatencySeries {
  /** The oldest first. */
  readonly samples: LatencySample[]
  /** The longest of all, also of those that are not kept. */
  mostMs: number
}

export class LatencyEvents {
  readonly #clock: Clock
  readonly #series = new Map<string, LatencySeries>()
  /** What lasts at least so long is noted; 0 notes nothing. */
  thresholdMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether anything is noted. */
  get isOn(): boolean {
    return this.thresholdMs > 0
  }

  /** Tells that something took `lastedMs`. It is noted if that is too long. */
  add(event: string, lastedMs: number): void {
    const { thresholdMs } = this
    const wholeMs = Math.floor(lastedMs)
    if (thresholdMs === 0 || wholeMs < thresholdMs) return
    const seconds = Math.floor(this.#clock.nowMs() / 1000)
    const series = this.#series.get(event) ?? { samples: [], mostMs: 0 }
    this.#series.set(event, series)
    series.mostMs = Math.max(series.mostMs, wholeMs)
    const last = series.samples.at(-1)
    if (last?.seconds === seconds) last.lastedMs = Math.max(last.lastedMs, wholeMs)
    else series.samples.push({ seconds, lastedMs: wholeMs })
    if (series.samples.length > SAMPLES_MAX) series.samples.shift()
  }

  /** The events by name. */
  get all(): ReadonlyMap<string, LatencySeries> {
    return this.#series
  }

  /** Forgets one event, its name in any case, or all of them. @returns how many there were. */
  reset(event?: string): number {
    let count = 0
    for (const name of this.#series.keys()) {
      if (event !== undefined && name.toLowerCase() !== event.toLowerCase()) continue
      this.#series.delete(name)
      count++
    }
    return count
  }
}
