/**
 * The best candidates for eviction that were met so far, kept from one eviction to the next: drawing a
 * few entries each time and keeping the best of all comes close to knowing the order of all entries.
 */
import type { Slice } from '../bytes/index.ts'
import type { Database } from './database.ts'

/** How many are kept. */
export const CANDIDATES_MAX = 16

/** An entry, by its key, since it may be gone when its turn comes. */
export interface Candidate {
  readonly database: Database
  readonly key: Uint8Array
  /** The highest goes first. */
  readonly score: number
}

export class EvictionPool {
  /** From the lowest score to the highest. */
  #all: Candidate[] = []

  /** Takes an entry down, unless all that are there are better. The key is copied. */
  offer(database: Database, key: Slice, score: number): void {
    const all = this.#all
    if (all.length === CANDIDATES_MAX) {
      if (score <= all[0]!.score) return
      all.shift()
    }
    let at = all.length
    while (at > 0 && all[at - 1]!.score > score) at--
    all.splice(at, 0, { database, key: key.copyOf(), score })
  }

  /** Takes the best out; `undefined` when there is none. */
  take(): Candidate | undefined {
    return this.#all.pop()
  }

  /** Scores mean something else from now on. */
  clear(): void {
    this.#all = []
  }
}
