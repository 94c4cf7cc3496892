/** Time that only moves when a test says so, and the timers that follow it. */
import type { Clock, Timer, Timers } from './host.ts'

/** A clock that stands still between two calls of `advance`. */
export class ManualClock implements Clock {
  #nowMs: number
  #monotonicMs = 0

  /** Starts at a moment in 2024 unless told otherwise. */
  constructor(nowMs = 1_720_000_000_000) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return Math.floor(this.#nowMs)
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Lets time go by. Timers are moved by `ManualTimers.advance`, which calls this. */
  advance(ms: number): void {
    this.#nowMs += ms
    this.#monotonicMs += ms
  }

  /** The operator sets the clock; time that has gone by is not changed. */
  set(nowMs: number): void {
    this.#nowMs = nowMs
  }
}

interface Pending {
  dueMs: number
  readonly order: number
  readonly periodMs: number | undefined
  readonly call: () => void
}

/** Timers that fire inside `advance`, in the order of their times. */
export class ManualTimers implements Timers {
  readonly #clock: ManualClock
  readonly #pending = new Set<Pending>()
  #soon: (() => void)[] = []
  #later: (() => void)[] = []
  #started = 0

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#start(delayMs, undefined, call)
  }

  every(periodMs: number, call: () => void): Timer {
    return this.#start(Math.max(1, periodMs), periodMs, call)
  }

  soon(call: () => void): void {
    this.#soon.push(call)
  }

  later(call: () => void): void {
    this.#later.push(call)
  }

  /** Runs what `soon` and `later` were given, and what that gives to them in turn. */
  turn(): void {
    while (this.#soon.length + this.#later.length > 0) {
      const calls = [...this.#soon, ...this.#later]
      this.#soon = []
      this.#later = []
      for (const call of calls) call()
    }
  }

  /** Moves the clock on, stopping at each timer on the way to fire it. */
  advance(ms: number): void {
    const endMs = this.#clock.monotonicMs() + ms
    this.turn()
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#clock.advance(Math.max(0, next.dueMs - this.#clock.monotonicMs()))
      if (next.periodMs === undefined) this.#pending.delete(next)
      else next.dueMs += Math.max(1, next.periodMs)
      next.call()
      this.turn()
    }
    this.#clock.advance(endMs - this.#clock.monotonicMs())
  }

  #start(delayMs: number, periodMs: number | undefined, call: () => void): Timer {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, delayMs)
    const pending: Pending = { dueMs, order: this.#started++, periodMs, call }
    this.#pending.add(pending)
    return { stop: () => this.#pending.delete(pending) }
  }

  #next(endMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue
      const isEarlier =
        first === undefined ||
        pending.dueMs < first.dueMs ||
        (pending.dueMs === first.dueMs && pending.order < first.order)
      if (isEarlier) first = pending
    }
    return first
  }
}
