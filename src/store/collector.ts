/**
 * Removes entries whose time has come, without anybody asking for them: all of them, in slices that
 * end after a millisecond, between which the loop serves clients.
 */
import type { LatencyEvents } from '../engine/index.ts'
import type { Host, Timer } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'

/** How often expiry is looked at when nothing is due, in milliseconds. */
const PERIOD_MS = 50
/** A slice ends once it has lasted this long. A step within it takes some microseconds. */
const SLICE_MS = 0.8
/** The clock is read after this many entries: reading it costs as much as half of one. */
const ENTRIES_PER_CLOCK = 16

export class Collector {
  readonly #keyspace: Keyspace
  readonly #host: Host
  readonly #latency: LatencyEvents
  readonly #timer: Timer
  #isScheduled = false
  /** DEBUG SET-ACTIVE-EXPIRE. */
  isEnabled = true

  /** Slices that held the loop for too long are told to `latency`. */
  constructor(keyspace: Keyspace, host: Host, latency: LatencyEvents) {
    this.#keyspace = keyspace
    this.#host = host
    this.#latency = latency
    this.#timer = host.timers.every(PERIOD_MS, () => this.#slice())
  }

  stop(): void {
    this.#timer.stop()
    this.isEnabled = false
  }

  #slice(): void {
    const keyspace = this.#keyspace
    if (!this.isEnabled || keyspace.isExpiryPaused || keyspace.isLoading) return
    if (keyspace.isMidCommand) return
    const { clock, timers } = this.#host
    keyspace.refreshNow()
    const begin = clock.monotonicMs()
    let count = 0
    const isEnough = () =>
      ++count % ENTRIES_PER_CLOCK === 0 && clock.monotonicMs() - begin >= SLICE_MS
    const isAllGone = keyspace.databases.every((database) => database.collect(isEnough))
    const lastedMs = clock.monotonicMs() - begin
    keyspace.stats.expireMs += lastedMs
    this.#latency.add('expire-cycle', lastedMs)
    if (lastedMs > keyspace.stats.expireSliceMsMax) keyspace.stats.expireSliceMsMax = lastedMs
    if (isAllGone || this.#isScheduled) return
    this.#isScheduled = true
    timers.soon(() => {
      this.#isScheduled = false
      this.#slice()
    })
  }
}
