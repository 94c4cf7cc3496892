/**
 * Memory that nobody can reach any more, given back in slices: whole databases after FLUSHALL, and
 * long collections. What waits here is not counted as data but still as used memory.
 */
import type { Arena, Ref } from '../arena/index.ts'
import { type Dict, headOf, ROOT_BYTES, readUint32, releaseDict } from '../structures/index.ts'
import type { ValueType } from '../values/index.ts'
import { freeEntry } from './entry.ts'
import { isRooted, typeOf } from './kinds.ts'
import { Value, type ValueOwner } from './value.ts'

/**
 * How long work that can wait is done in a turn of the loop, in milliseconds. A step at the end of it and
 * what the turn writes come on top, and the loop is to be held for a millisecond at most.
 */
export const SLICE_MS = 0.8
/** A value of so few blocks is freed at once; a longer one gets as many in each step. */
const BLOCKS_PER_STEP = 64

interface FreeingHost {
  readonly arena: Arena
  readonly types: readonly (ValueType | undefined)[]
  readonly host: {
    readonly clock: { monotonicMs(): number }
    readonly timers: { later(call: () => void): void }
  }
  /** Another slice is due in each turn, to take out what has expired. */
  readonly isCollecting: boolean
}

/** Something that is given back in steps. */
interface Freeable {
  /** Frees about `budget` blocks. @returns whether nothing is left. */
  free(budget: number): boolean
}

export class LazyFree {
  readonly #owner: FreeingHost
  /** Values without a key never change their length. */
  readonly #valueOwner: ValueOwner
  /** Roots of dicts of entries. */
  readonly #waiting: Uint8Array[] = []
  /** Entries with values that own many blocks; the last is freed first. */
  readonly #values: Ref[] = []
  /** What was kept of values besides; the last is freed first. */
  readonly #kept: Freeable[] = []
  #isScheduled = false
  #freed = 0
  #steps = 0

  constructor(owner: FreeingHost) {
    this.#owner = owner
    this.#valueOwner = { arena: owner.arena, spliceEntry: (entry) => entry }
  }

  /** How many entries wait. */
  get pending(): number {
    return this.#waiting.reduce((sum, root) => sum + readUint32(root, 0), this.#values.length)
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#values.length === 0 && this.#kept.length === 0
  }

  /** How many entries were given back so far in slices. */
  get freed(): number {
    return this.#freed
  }

  /** How often values have given blocks back, at once or in slices: some dozens each time. */
  get steps(): number {
    return this.#steps
  }

  /** Counts objects that lie outside of the arena, and that the collector of JavaScript frees. */
  countCollected(objects: number): void {
    this.#freed += objects
  }

  /** Counts from zero again. */
  resetCount(): void {
    this.#freed = 0
  }

  /** Takes over a dict and the entries in it: nobody may use it any more. */
  add(dict: Dict): void {
    if (dict.count === 0) {
      dict.clear()
      return
    }
    const root = new Uint8Array(ROOT_BYTES)
    dict.saveTo(root, 0)
    this.#waiting.push(root)
    this.#schedule()
  }

  /** Takes over an entry that is in no dict: frees it now when that is little, or later in steps. */
  release(entry: Ref): void {
    const { arena } = this.#owner
    if (isRooted(headOf(arena, entry)) && !this.#freeSome(entry)) {
      this.#values.push(entry)
      this.#schedule()
      return
    }
    freeEntry(arena, entry)
  }

  /** Takes over what is to be freed: now when that is little, or later in steps. */
  take(kept: Freeable): void {
    if (kept.free(BLOCKS_PER_STEP)) return
    this.#kept.push(kept)
    this.#schedule()
  }

  /** Gives everything back at once. */
  finish(): void {
    while (!this.isIdle) this.step()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#owner.host.timers.later(() => this.#slice())
  }

  #slice(): void {
    this.#isScheduled = false
    const { host, isCollecting } = this.#owner
    const { clock } = host
    const until = clock.monotonicMs() + (isCollecting ? SLICE_MS / 2 : SLICE_MS)
    while (!this.isIdle && clock.monotonicMs() < until) this.step()
    if (!this.isIdle) this.#schedule()
  }

  /**
   * Gives some back of what waits, which there is: some blocks of a long value, or some entries of a dict.
   */
  step(): void {
    const value = this.#values.at(-1)
    if (value !== undefined) {
      if (!this.#freeSome(value)) return
      this.#values.pop()
      freeEntry(this.#owner.arena, value)
      this.#freed++
      return
    }
    const kept = this.#kept.at(-1)
    if (kept !== undefined) {
      if (kept.free(BLOCKS_PER_STEP)) this.#kept.pop()
      return
    }
    const root = this.#waiting[0]!
    if (releaseDict(this.#owner.arena, root, 0, BLOCKS_PER_STEP, this.#give)) this.#waiting.shift()
  }

  readonly #give = (arena: Arena, entry: Ref): void => {
    if (isRooted(headOf(arena, entry))) {
      this.#values.push(entry)
      return
    }
    freeEntry(arena, entry)
    this.#freed++
  }

  /** @returns whether the value owns nothing any more. */
  #freeSome(entry: Ref): boolean {
    this.#steps++
    const type = this.#owner.types[typeOf(headOf(this.#owner.arena, entry))]
    return type?.free(new Value(this.#valueOwner, entry), BLOCKS_PER_STEP) ?? true
  }
}
