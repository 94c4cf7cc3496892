/**
 * What the acknowledgements of a run promise, by the setting in force: with `always` each binds at
 * once, with `everysec` after its window, with `no` never against a power cut. Against the death of
 * the process each binds at once, as long as the log can be written, also while syncs of it fail.
 */
import type { History } from './history.ts'
import type { LogState } from './life.ts'

/** `appendfsync`. */
export type Policy = 'always' | 'everysec' | 'no'

/** A failed write or sync is tried again within this time. */
const RETRY_MS = 1000

export class Promises {
  policy: Policy
  /** Whether there is a log to promise anything. */
  isLogOn: boolean
  readonly #history: History
  /** How long after its acknowledgement a write may be lost, with `everysec` on a healthy disk. */
  readonly #windowMs: number
  #told: { readonly state: number; readonly atMs: number }[] = []
  #newest = 0
  /** Since when the window counts, because the disk was well and the setting the present one. */
  #sinceMs = 0
  /** What there was when the log was turned on. */
  #wantedFrom: number | undefined

  constructor(history: History, options: { policy: Policy; isLogOn: boolean; syncMsMax: number }) {
    this.#history = history
    this.policy = options.policy
    this.isLogOn = options.isLogOn
    // A sync begins within a second, and is over after as long as it takes.
    this.#windowMs = 1000 + options.syncMsMax + 5
  }

  /** Whether what is done now is stable when it is acknowledged. */
  get isAlways(): boolean {
    return this.isLogOn && this.policy === 'always'
  }

  /**
   * A client was told of `state` at a moment; `mayLose`: see `Life`. `isAlways` is as it was when that
   * was done.
   */
  acknowledge(state: number, atMs: number, mayLose: boolean, isAlways: boolean): void {
    const history = this.#history
    if (isAlways) history.promised = Math.max(history.promised, state)
    if (!this.isLogOn) return
    this.#newest = Math.max(this.#newest, state)
    if (!mayLose) history.written = Math.max(history.written, state)
    if (this.policy === 'always') history.promised = Math.max(history.promised, state)
    else this.#told.push({ state, atMs })
  }

  /** Looks at what the time that has gone by makes binding. */
  settle(nowMs: number, mayLose: boolean): void {
    const history = this.#history
    if (this.isLogOn && !mayLose) history.written = Math.max(history.written, this.#newest)
    if (this.policy !== 'everysec') return
    const isDue = (atMs: number) => Math.max(atMs, this.#sinceMs) + this.#windowMs <= nowMs
    for (const { state, atMs } of this.#told) {
      if (isDue(atMs)) history.promised = Math.max(history.promised, state)
    }
    this.#told = this.#told.filter(({ atMs }) => !isDue(atMs))
  }

  /** The disk fails until it is healed. */
  suspend(): void {
    this.#sinceMs = Number.POSITIVE_INFINITY
  }

  /** The disk is well again: what waits is tried again soon, and the window begins then. */
  resume(nowMs: number): void {
    this.#sinceMs = nowMs + RETRY_MS
  }

  /** CONFIG SET appendfsync. */
  changePolicy(policy: Policy, nowMs: number): void {
    if (policy === this.policy) return
    this.policy = policy
    this.#sinceMs = Math.max(this.#sinceMs, nowMs)
  }

  /** CONFIG SET appendonly. A log that was turned on counts when its first base is there. */
  seeLog({ isWanted, isThere, isRewriting }: LogState): void {
    if (!isWanted) this.#wantedFrom = undefined
    else this.#wantedFrom ??= this.#history.length
    if (!isWanted || !isThere) this.turnOff()
    else if (!this.isLogOn && !isRewriting) {
      this.isLogOn = true
      this.promise(this.#wantedFrom ?? 0)
    }
  }

  /** Nothing is promised from now on. */
  turnOff(): void {
    this.isLogOn = false
    this.#told = []
    this.#newest = 0
  }

  /** All that was done so far is safe from now on. */
  promiseAll(): void {
    this.promise(this.#history.length)
  }

  /** A state is safe from now on. */
  promise(state: number): void {
    const history = this.#history
    history.promised = Math.max(history.promised, state)
    history.written = Math.max(history.written, state)
  }
}
