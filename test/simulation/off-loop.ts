/**
 * What a store has given to the disk off the loop. It is done, and the store hears of it, at moments that
 * the run chooses, at the latest when it is due:
 *
 *     begun ────── done on the disk ────── heard ────── due
 *
 * So a sync may end, or fail, between a command and the end of its turn, several in one turn, and the
 * system may have forgotten what a sync covered for a while before the store knows.
 */
import type { Seeded, Timer } from '../../src/host/index.ts'
import type { LoopTimers } from './timers.ts'

interface Pending {
  readonly finish: () => void
  readonly due: Timer
  /** Tells the store, once it is done. */
  tell: (() => void) | undefined
}

export class OffLoop {
  /** Whether the run chooses when they end; else they end in the next round, or when they are due. */
  isChosen = false
  /** How many have begun whose end can be chosen. */
  begun = 0
  readonly #timers: LoopTimers
  #pending: Pending[] = []
  /** What is just being done. */
  #current: Pending | undefined

  constructor(timers: LoopTimers) {
    this.#timers = timers
  }

  /** Something begins that takes so long at most. */
  begin(finish: () => void, ms: number): void {
    if (!this.isChosen) {
      if (ms === 0) this.#timers.soon(finish)
      else this.#timers.after(ms, finish)
      return
    }
    this.begun++
    const due = this.#timers.after(ms, () => this.#end(one))
    const one: Pending = { finish, due, tell: undefined }
    this.#pending.push(one)
  }

  /** Something is done, and the store is still to hear of it. */
  done(tell: () => void): void {
    if (this.#current === undefined) tell()
    else this.#current.tell = tell
  }

  /** One of them, if there is any, is done or heard of. @returns what happened, for people. */
  goOn(random: Seeded): string | undefined {
    if (this.#pending.length === 0) return undefined
    const one = random.pick(this.#pending)
    if (one.tell === undefined && random.chance(0.4)) {
      this.#do(one)
      return 'is done'
    }
    this.#end(one)
    return 'ends'
  }

  #do(one: Pending): void {
    this.#current = one
    one.finish()
    this.#current = undefined
  }

  #end(one: Pending): void {
    if (one.tell === undefined) this.#do(one)
    one.due.stop()
    this.#pending = this.#pending.filter((other) => other !== one)
    one.tell?.()
  }
}
