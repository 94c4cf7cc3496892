/**
 * Gives entries up when the data takes more memory than it may: which, the policy says. An entry that is
 * used least of late, or least often, or that has least time left is not looked for among all; a few are
 * drawn, and the best of those drawn so far goes (eviction-pool.ts), as in the reference.
 *
 * What waits to be freed is freed first, since an entry that is given up may own more than is freed at
 * once; so nothing is given up for memory that is on its way back. It is done before a command runs and
 * for a bounded time; when that was not enough, the rest follows in slices between commands.
 */
import { NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { EXPIRES, flagsOf, headOf } from '../structures/index.ts'
import type { Database } from './database.ts'
import { EvictionPool } from './eviction-pool.ts'
import type { Keyspace } from './keyspace.ts'
import { randomEntry } from './random-entry.ts'
import { frequencyOf, idleSecondsOf } from './usage.ts'

/** Which entries may go, and which of them goes first. */
interface Choice {
  /** Only those that have an expiry. */
  readonly isVolatile: boolean
  readonly first: 'idle' | 'rare' | 'any' | 'soon'
}

/** The values of `maxmemory-policy`; `noeviction` gives nothing up. */
export const EVICTION_POLICIES = {
  'volatile-lru': { isVolatile: true, first: 'idle' },
  'volatile-lfu': { isVolatile: true, first: 'rare' },
  'volatile-random': { isVolatile: true, first: 'any' },
  'volatile-ttl': { isVolatile: true, first: 'soon' },
  'allkeys-lru': { isVolatile: false, first: 'idle' },
  'allkeys-lfu': { isVolatile: false, first: 'rare' },
  'allkeys-random': { isVolatile: false, first: 'any' },
  noeviction: undefined,
} as const satisfies Record<string, Choice | undefined>

/** The name of a policy. */
export type EvictionPolicy = keyof typeof EVICTION_POLICIES

/** How entries are chosen, and for how long at a time. */
export interface EvictionSettings {
  readonly policy: EvictionPolicy
  /** How many entries are drawn for each that goes: `maxmemory-samples`. */
  readonly samples: number
  /** `maxmemory-eviction-tenacity`: 0 to 100. */
  readonly tenacity: number
}

/** What eviction needs to know of others. */
export interface EvictionParts {
  readonly keyspace: Keyspace
  /** Whether more memory is used than may be. */
  isOver(): boolean
  /** Hears how long the loop was held, in milliseconds. */
  held(lastedMs: number): void
}

/** The most entries that are drawn at once. */
const SAMPLES_MAX = 64
/** Volatile entries are drawn from all while at least one in so many is. */
const VOLATILE_SHARE_MIN = 8

export class Eviction {
  readonly #parts: EvictionParts
  readonly #keyspace: Keyspace
  readonly #pool = new EvictionPool()
  readonly #drawn = new Int32Array(SAMPLES_MAX)
  readonly #key = new Slice(new Uint8Array(0), 0, 0)
  #choice: Choice | undefined
  #samples = 5
  #sliceMs = 0
  #isScheduled = false
  /** Since when there is too much, or `undefined`; in milliseconds of the monotonic clock. */
  #exceededSinceMs: number | undefined
  #exceededMs = 0

  constructor(parts: EvictionParts) {
    this.#parts = parts
    this.#keyspace = parts.keyspace
  }

  /** Chooses by other settings from now on. */
  configure({ policy, samples, tenacity }: EvictionSettings): void {
    this.#choice = EVICTION_POLICIES[policy]
    this.#samples = samples
    this.#sliceMs = sliceMsFor(tenacity)
    this.#pool.clear()
  }

  /** For how long there has been too much until now, and in all, in milliseconds. */
  get exceeded(): { readonly currentMs: number; readonly totalMs: number } {
    const since = this.#exceededSinceMs
    const currentMs = since === undefined ? 0 : this.#clockMs() - since
    return { currentMs, totalMs: this.#exceededMs + currentMs }
  }

  /** Counts the time from zero again. */
  resetStats(): void {
    this.#exceededMs = 0
    if (this.#exceededSinceMs !== undefined) this.#exceededSinceMs = this.#clockMs()
  }

  /**
   * Before a command: gives up what has to go.
   * @returns false when there is too much and nothing can be given up. Also true while it goes on.
   */
  makeRoom(): boolean {
    if (!this.#parts.isOver()) {
      if (this.#exceededSinceMs !== undefined) this.#noteEnough()
      return true
    }
    const { isLoading, isExpiryPaused, isMidCommand } = this.#keyspace
    // Nobody is refused for what must not be touched now.
    if (isLoading || isExpiryPaused || isMidCommand) return true
    this.#exceededSinceMs ??= this.#clockMs()
    return this.#work()
  }

  /** Gives up what has to go as soon as others have had their turn, as after a change of the limit. */
  schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#keyspace.host.timers.later(() => {
      this.#isScheduled = false
      // The time of a command that is not over stands still. The next one will see to it.
      if (this.#keyspace.isMidCommand) return
      this.#keyspace.refreshNow()
      this.makeRoom()
    })
  }

  #work(): boolean {
    const beginMs = this.#clockMs()
    const { isOver } = this.#parts
    let hasSome = true
    let lastedMs = 0
    do {
      hasSome = this.#giveUpOne()
      lastedMs = this.#clockMs() - beginMs
    } while (hasSome && isOver() && lastedMs < this.#sliceMs)
    this.#parts.held(lastedMs)
    if (!isOver()) this.#noteEnough()
    else if (hasSome) this.schedule()
    return hasSome
  }

  #noteEnough(): void {
    this.#exceededMs = this.exceeded.totalMs
    this.#exceededSinceMs = undefined
  }

  #clockMs(): number {
    return this.#keyspace.host.clock.monotonicMs()
  }

  /** @returns whether anything was given up, or given back. */
  #giveUpOne(): boolean {
    const { lazyFree } = this.#keyspace
    if (!lazyFree.isIdle) {
      lazyFree.step()
      return true
    }
    const choice = this.#choice
    if (choice === undefined) return false
    return choice.first === 'any' ? this.#giveUpAny(choice) : this.#giveUpBest(choice)
  }

  #giveUpAny({ isVolatile }: Choice): boolean {
    const { databases, host } = this.#keyspace
    const countOf = (database: Database) => (isVolatile ? database.wheel : database).count
    const total = databases.reduce((sum, database) => sum + countOf(database), 0)
    if (total === 0) return false
    let place = Math.floor((host.random.uint32() / 2 ** 32) * total)
    const database = databases.find((one) => {
      place -= countOf(one)
      return place < 0
    })!
    const entry = isVolatile ? this.#anyVolatile(database) : randomEntry(database)
    if (entry !== NONE) this.#giveUp(database, entry)
    // Those that had expired are gone too.
    return true
  }

  #anyVolatile(database: Database): Ref {
    return this.#drawVolatile(database, 1) === 0 ? NONE : this.#drawn[0]! >>> 0
  }

  #giveUpBest(choice: Choice): boolean {
    for (const database of this.#keyspace.databases) {
      const count = this.#draw(database, choice)
      for (let i = 0; i < count; i++) {
        const entry = this.#drawn[i]! >>> 0
        this.#pool.offer(database, database.keyOf(entry), this.#score(database, entry, choice))
      }
    }
    for (let best = this.#pool.take(); best !== undefined; best = this.#pool.take()) {
      const { database, key, score } = best
      this.#key.bytes = key
      this.#key.end = key.length
      const entry = database.find(this.#key)
      if (entry === NONE || !mayGo(database, entry, choice)) continue
      // Whoever was used since it was drawn is no candidate any more.
      if (this.#score(database, entry, choice) < score) continue
      this.#giveUp(database, entry)
      return true
    }
    return false
  }

  #giveUp(database: Database, entry: Ref): void {
    database.lose(entry, database.isExpired(entry) ? 'expired' : 'evicted')
  }

  /** Draws entries that may go into `#drawn`. @returns how many. */
  #draw(database: Database, { isVolatile, first }: Choice): number {
    if (database.count === 0) return 0
    if (first === 'soon') return database.wheel.soonest(this.#drawn.subarray(0, this.#samples))
    if (isVolatile) return this.#drawVolatile(database, this.#samples)
    return database.dict.sample(this.#uint32, this.#drawn, this.#samples)
  }

  /** Draws from all, where that leads to volatile ones soon; else from those of about the same time. */
  #drawVolatile({ arena, dict, wheel }: Database, samples: number): number {
    if (wheel.count === 0) return 0
    const drawn = this.#drawn
    let found = 0
    const isOften = wheel.count * VOLATILE_SHARE_MIN >= dict.count
    for (let draws = 0; isOften && found < samples && draws < VOLATILE_SHARE_MIN * 2; draws++) {
      const room = drawn.subarray(found)
      const count = dict.sample(this.#uint32, room, Math.min(samples, room.length))
      for (let i = 0; i < count && found < samples; i++) {
        const entry = room[i]! >>> 0
        if (flagsOf(headOf(arena, entry)) & EXPIRES) drawn[found++] = entry | 0
      }
    }
    return found > 0 ? found : wheel.some(this.#uint32, drawn, samples)
  }

  readonly #uint32 = () => this.#keyspace.host.random.uint32()

  #score(database: Database, entry: Ref, { first }: Choice): number {
    if (first === 'idle') return idleSecondsOf(this.#keyspace, entry)
    if (first === 'rare') return -frequencyOf(this.#keyspace, entry)
    return -database.expiryOf(entry)
  }
}

function mayGo({ arena }: Database, entry: Ref, { isVolatile }: Choice): boolean {
  return !isVolatile || (flagsOf(headOf(arena, entry)) & EXPIRES) !== 0
}

/** How long the loop may be held, by the reference's scale: half a millisecond at 10, no end at 100. */
function sliceMsFor(tenacity: number): number {
  if (tenacity >= 100) return Number.POSITIVE_INFINITY
  return tenacity <= 10 ? 0.05 * tenacity : 0.5 * 1.15 ** (tenacity - 10)
}
