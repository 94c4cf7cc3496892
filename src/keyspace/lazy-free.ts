/**
 * Memory that nobody can reach any more, given back in slices: whole databases after FLUSHALL, and
 * later long collections. What waits here is not counted as data but still as used memory.
 */
import type { Arena, Ref } from '../arena/index.ts'
import type { Dict } from '../structures/index.ts'
import { freeEntry } from './entry.ts'

/** How long a slice may hold the loop, in milliseconds. */
const SLICE_MS = 1

interface FreeingHost {
  readonly arena: Arena
  readonly host: {
    readonly clock: { monotonicMs(): number }
    readonly timers: { soon(call: () => void): void }
  }
}

export class LazyFree {
  readonly #owner: FreeingHost
  #waiting: { readonly dict: Dict; place: number }[] = []
  #isScheduled = false
  #freed = 0

  constructor(owner: FreeingHost) {
    this.#owner = owner
  }

  /** How many entries wait. */
  get pending(): number {
    return this.#waiting.reduce((sum, { dict }) => sum + dict.count, 0)
  }

  /** How many entries were given back so far. */
  get freed(): number {
    return this.#freed
  }

  /** Takes over a dict and the entries in it. */
  add(dict: Dict): void {
    if (dict.count === 0) {
      dict.clear()
      return
    }
    this.#waiting.push({ dict, place: 0 })
    this.#schedule()
  }

  /** Gives everything back at once. */
  finish(): void {
    while (this.#waiting.length > 0) this.#step()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#owner.host.timers.soon(() => this.#slice())
  }

  #slice(): void {
    this.#isScheduled = false
    const { clock } = this.#owner.host
    const until = clock.monotonicMs() + SLICE_MS
    while (this.#waiting.length > 0 && clock.monotonicMs() < until) this.#step()
    if (this.#waiting.length > 0) this.#schedule()
  }

  /** One segment, of less than eight hundred entries. */
  #step(): void {
    const first = this.#waiting[0]!
    const { dict } = first
    first.place = dict.eachInSegment(first.place, (entry: Ref) => {
      freeEntry(this.#owner.arena, entry)
      this.#freed++
    })
    if (first.place < dict.directorySize) return
    dict.clear()
    this.#waiting.shift()
  }
}
