/** The loop of a simulated world: it moves one round at a time, so that clients come in between. */
import type { ManualClock, Timer, Timers } from '../../src/host/index.ts'

interface Pending {
  dueMs: number
  readonly order: number
  readonly periodMs: number | undefined
  readonly call: () => void
}

/**
 * Timers of a manual clock. Unlike `ManualTimers`, a round runs only what `soon` and `later` were given
 * before it began: work that goes on in slices can be interrupted between two of them.
 */
export class LoopTimers implements Timers {
  readonly #clock: ManualClock
  readonly #pending = new Set<Pending>()
  #soon: (() => void)[] = []
  #later: (() => void)[] = []
  #started = 0

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#start(Math.max(0, delayMs), undefined, call)
  }

  every(periodMs: number, call: () => void): Timer {
    return this.#start(Math.max(1, periodMs), Math.max(1, periodMs), call)
  }

  soon(call: () => void): void {
    this.#soon.push(call)
  }

  later(call: () => void): void {
    this.#later.push(call)
  }

  /** One round of the loop. @returns whether there was anything to do. */
  round(): boolean {
    const calls = [...this.#soon, ...this.#later]
    this.#soon = []
    this.#later = []
    for (const call of calls) call()
    return calls.length > 0
  }

  /** Rounds until nothing is left, or as many. */
  settle(roundsMax = 10_000): void {
    for (let i = 0; i < roundsMax && this.round(); i++);
  }

  /**
   * Moves the clock on, with one round before each timer that is due on the way. It stands still where
   * `isEnough` says so.
   */
  advance(ms: number, isEnough: () => boolean = () => false): void {
    const endMs = this.#clock.monotonicMs() + ms
    this.round()
    if (isEnough()) return
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#clock.advance(Math.max(0, next.dueMs - this.#clock.monotonicMs()))
      if (next.periodMs === undefined) this.#pending.delete(next)
      else next.dueMs += next.periodMs
      next.call()
      this.round()
      if (isEnough()) return
    }
    this.#clock.advance(Math.max(0, endMs - this.#clock.monotonicMs()))
  }

  #start(delayMs: number, periodMs: number | undefined, call: () => void): Timer {
    const dueMs = this.#clock.monotonicMs() + delayMs
    const pending: Pending = { dueMs, order: this.#started++, periodMs, call }
    this.#pending.add(pending)
    return { stop: () => this.#pending.delete(pending) }
  }

  #next(endMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const one of this.#pending) {
      if (one.dueMs > endMs) continue
      const isEarlier =
        first === undefined ||
        one.dueMs < first.dueMs ||
        (one.dueMs === first.dueMs && one.order < first.order)
      if (isEarlier) first = one
    }
    return first
  }
}
