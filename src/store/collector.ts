/**
 * Removes entries whose time has come, without anybody asking for them: all of them, in slices that
 * end after a millisecond, between which the loop serves clients.
 */
import type { LatencyEvents } from '../engine/index.ts'
import type { Host, Timer } from '../host/index.ts'
import { type Keyspace, SLICE_MS } from '../keyspace/index.ts'

/** How often expiry is looked at when nothing is due, in milliseconds. */
const PERIOD_MS = 50
/** The clock is read after this many short entries: reading it costs as much as half of one. */
const ENTRIES_PER_LOOK_MAX = 16
/** When they took longer than this it is read sooner the next time: code that is new to V8 is slow. */
const LOOK_MS = 0.05

export class Collector {
  readonly #keyspace: Keyspace
  readonly #host: Host
  readonly #latency: LatencyEvents
  readonly #timer: Timer
  #isScheduled = false
  /** When the running slice is to end, and whether that was said. */
  #untilMs = 0
  #isOver = false
  /** What was done since the clock was read, when that was, and after how many entries it is read again. */
  #entries = 0
  #steps = 0
  #lookedMs = 0
  #entriesPerLook = 1
  /** DEBUG SET-ACTIVE-EXPIRE. */
  isEnabled = true

  /** Slices that held the loop for too long are told to `latency`. */
  constructor(keyspace: Keyspace, host: Host, latency: LatencyEvents) {
    this.#keyspace = keyspace
    this.#host = host
    this.#latency = latency
    this.#timer = host.timers.every(PERIOD_MS, () => {
      if (!this.#isScheduled) this.#slice()
    })
  }

  stop(): void {
    this.#timer.stop()
    this.isEnabled = false
  }

  #slice(): void {
    const keyspace = this.#keyspace
    keyspace.isCollecting = false
    if (!this.isEnabled || keyspace.isExpiryPaused || keyspace.isLoading) return
    if (keyspace.isMidCommand) return
    const { clock, timers } = this.#host
    keyspace.refreshNow()
    const begin = clock.monotonicMs()
    // What waits to be freed has a slice in the same turn: together they are no longer than one.
    this.#untilMs = begin + (keyspace.lazyFree.isIdle ? SLICE_MS : SLICE_MS / 2)
    this.#isOver = false
    this.#entries = 0
    this.#lookedMs = begin
    const isAllGone = keyspace.databases.every((database) => database.collect(this.#isEnough))
    keyspace.isCollecting = !isAllGone
    const lastedMs = clock.monotonicMs() - begin
    keyspace.stats.expireMs += lastedMs
    this.#latency.add('expire-cycle', lastedMs)
    if (lastedMs > keyspace.stats.expireSliceMsMax) keyspace.stats.expireSliceMsMax = lastedMs
    if (isAllGone || this.#isScheduled) return
    this.#isScheduled = true
    timers.later(() => {
      this.#isScheduled = false
      this.#slice()
    })
  }

  /**
   * Whether the slice has to end. Once it has said so it goes on saying it: it is asked by several loops,
   * one inside another. A long value that gives blocks back counts as much as many short entries.
   */
  readonly #isEnough = (): boolean => {
    if (this.#isOver) return true
    const { steps } = this.#keyspace.lazyFree
    if (++this.#entries < this.#entriesPerLook && steps === this.#steps) return false
    const nowMs = this.#host.clock.monotonicMs()
    const isSlow = nowMs - this.#lookedMs > LOOK_MS
    const next = isSlow ? this.#entriesPerLook >>> 1 : this.#entriesPerLook * 2
    this.#entriesPerLook = Math.min(Math.max(next, 1), ENTRIES_PER_LOOK_MAX)
    this.#entries = 0
    this.#steps = steps
    this.#lookedMs = nowMs
    this.#isOver = nowMs >= this.#untilMs
    return this.#isOver
  }
}
