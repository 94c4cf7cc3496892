/**
 * The whole instance's data: the arena, the numbered databases, and what hangs on their doors for all
 * of them at once: the time of the running command, counters, observers, lazy freeing.
 */
import { Arena, type Ref, type SparePages } from '../arena/index.ts'
import { HashHint, KeyHasher, Slice } from '../bytes/index.ts'
import type { Host } from '../host/index.ts'
import { headOf, LARGE } from '../structures/index.ts'
import {
  defaultLimits,
  type EncodingLimits,
  Hashes,
  Images,
  Lists,
  Sets,
  SortedSets,
  type Space,
  Streams,
  StringImage,
  type ValueImage,
  type ValueType,
} from '../values/index.ts'
import { lfuClock, lfuUsed, lruClock } from './access.ts'
import { Database } from './database.ts'
import { readLarge } from './entry.ts'
import { newEntryWith } from './entry-change.ts'
import {
  isRooted,
  kindOf,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_NAMES,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
  typeOf,
} from './kinds.ts'
import { LazyFree } from './lazy-free.ts'
import { MemberTouch } from './member-touch.ts'
import { Observers } from './observers.ts'
import type { Preserver } from './walk.ts'

/**
 * A string up to here is written at once. No longer one is compressed, and no sketch is longer, whose
 * commands do not say which of its bytes they change.
 */
const WHOLE_BYTES_MAX = 2 ** 17
const NO_KEY = new Slice(new Uint8Array(0), 0, 0)

/** Who wants to hear of changes because clients wait for keys. */
export interface Waiting {
  /** The value at `key` was changed or removed. */
  touched(database: Database, key: Slice): void
  /** All keys of a database may have changed. */
  replaced(database: Database): void
}

/** How the access clock of an entry is kept. */
export interface AccessPolicy {
  isLfu: boolean
  lfuDecayMinutes: number
  lfuLogFactor: number
}

/** Counters that `CONFIG RESETSTAT` sets back. */
export interface KeyspaceStats {
  hits: number
  misses: number
  expiredKeys: number
  /** Fields of hashes. */
  expiredFields: number
  evictedKeys: number
  /** Longest slice of the collector, in milliseconds. */
  expireSliceMsMax: number
  /** Time that the collector took in all, in milliseconds. */
  expireMs: number
}

export class Keyspace {
  readonly arena: Arena
  readonly hasher: KeyHasher
  readonly host: Host
  readonly databases: Database[]
  /** When small values change to the encoding of large ones. */
  readonly limits: EncodingLimits = defaultLimits()
  /** What all values share. */
  readonly space: Space
  /** By type, what is to be known of those whose values can own blocks. */
  readonly types: (ValueType | undefined)[] = TYPE_NAMES.map(() => undefined)
  readonly lists: Lists
  readonly sets: Sets
  readonly sortedSets: SortedSets
  readonly hashes: Hashes
  readonly streams: Streams
  /** For the lookahead of the engine. */
  readonly members: MemberTouch
  readonly lazyFree: LazyFree
  readonly stats: KeyspaceStats = emptyStats()
  readonly access: AccessPolicy = { isLfu: false, lfuDecayMinutes: 1, lfuLogFactor: 10 }
  /** The time that holds for the running command, in milliseconds since 1970. */
  nowMs: number
  /** Changes ever made. A command that leaves it as it was has no effect. */
  dirty = 0
  /** The access clock that entries get now. */
  clock = 0
  /** Whether an observer wants to hear of changes; looked at on every write. */
  isObserved = false
  /** The walk that needs entries as they were when it began, while there is one. */
  preserver: Preserver | undefined
  /** The era of entries that are no part of it, or no more: 0 or `ERA`, see walk.ts. */
  era = 0
  /** Nothing expires and nothing is hidden: a later effect of the log may still need the entry. */
  isLoading = false
  /** Expired entries are hidden but kept: while clients are paused, and on replicas. */
  isExpiryPaused = false
  /** Entries whose time has come wait to be taken out, in a slice of each turn. */
  isCollecting = false
  /** A command is not over though others have their turn: nothing but it may change the data. */
  isMidCommand = false
  /** The running command does not count as a use of what it touches: CLIENT NO-TOUCH. */
  keepsClocks = false
  /** There is a limit of memory, so it matters what the walk keeps. */
  isMemoryLimited = false
  readonly observers: Observers
  /** There only while someone waits. */
  waiting: Waiting | undefined
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: sums of snapshots and payloads are not looked at. */
  skipsChecksums = false
  /** The longest string that a command may build, in bytes: `proto-max-bulk-len`. */
  stringBytesMax = 512 * 2 ** 20
  /** A buffer that holds only the running request, so a long value may keep it instead of a copy. */
  givable: Uint8Array | undefined

  readonly #hint = new HashHint()

  /** Without data. Pages of its arena come from `spares`, where they are given. */
  constructor(host: Host, databaseCount: number, spares?: SparePages) {
    this.arena = new Arena(spares)
    this.host = host
    this.hasher = new KeyHasher(host.random.uint32(), host.random.uint32())
    this.space = {
      arena: this.arena,
      hasher: this.hasher,
      hint: new HashHint(),
      limits: this.limits,
      images: new Images(),
      uint32: () => host.random.uint32(),
    }
    this.lists = new Lists(this.space)
    this.types[TYPE_LIST] = this.lists
    this.sets = new Sets(this.space)
    this.types[TYPE_SET] = this.sets
    this.sortedSets = new SortedSets(this.space)
    this.types[TYPE_ZSET] = this.sortedSets
    this.hashes = new Hashes(this.space)
    this.types[TYPE_HASH] = this.hashes
    this.streams = new Streams(this.space)
    this.types[TYPE_STREAM] = this.streams
    this.nowMs = host.clock.nowMs()
    this.observers = new Observers(this)
    this.members = new MemberTouch(this.arena, this.hasher)
    this.lazyFree = new LazyFree(this)
    this.databases = Array.from({ length: databaseCount }, (_, index) => new Database(this, index))
    this.clock = lruClock(this.nowMs)
  }

  /** Reads the clock: the time holds until the next call. */
  refreshNow(): void {
    this.setNow(this.host.clock.nowMs())
  }

  /** Sets the time by hand, for effects that carry one. */
  setNow(nowMs: number): void {
    if (nowMs === this.nowMs) return
    this.nowMs = nowMs
    this.renewClock()
  }

  /** The access clock follows the time, in the form of the policy. */
  renewClock(): void {
    const { nowMs } = this
    this.clock = this.access.isLfu ? lfuClock(nowMs) : lruClock(nowMs)
  }

  /** The clock of an entry that is used once more. */
  clockAfterUse(clock: number): number {
    if (!this.access.isLfu) return this.clock
    return lfuUsed(clock, this.nowMs, {
      decayMinutes: this.access.lfuDecayMinutes,
      logFactor: this.access.lfuLogFactor,
      chance: this.host.random.uint32() / 4294967296,
    })
  }

  /** The hash of `bytes[start, end)`, which the next lookups may ask for, until `forgetHints`. */
  hint(bytes: Uint8Array, start: number, end: number, hash: number): void {
    this.#hint.set(bytes, start, end, hash)
  }

  /** The buffer may hold something else from now on. */
  forgetHints(): void {
    this.#hint.forget()
    this.space.hint.forget()
  }

  /** The hash of a key. */
  hashOf({ bytes, start, end }: Slice): number {
    return this.#hint.hashOf(this.hasher, bytes, start, end)
  }

  /** The same for a key that stands in `bytes[start, end)`. */
  hashOfRange(bytes: Uint8Array, start: number, end: number): number {
    return this.#hint.hashOf(this.hasher, bytes, start, end)
  }

  /** How many keys there are in all databases. */
  get count(): number {
    let count = 0
    for (const database of this.databases) count += database.count
    return count
  }

  /** Frees what a value of no key owns, by its root: now when that is little, or later in steps. */
  discard(type: number, encoding: number, root: Uint8Array): void {
    const entry = newEntryWith(this.arena, kindOf(type, encoding), NO_KEY, root, 0)
    if (!this.preserver?.keepsPart(entry)) this.lazyFree.release(entry)
  }

  /**
   * What the value of an entry is now, however it changes later, where it owns blocks of its own or is a
   * long string.
   */
  imageOf(entry: Ref): ValueImage | undefined {
    const head = headOf(this.arena, entry)
    if (!isRooted(head)) {
      if ((head & (LARGE << 8)) === 0 || typeOf(head) !== TYPE_STRING) return undefined
      const { size } = readLarge(this.arena, entry, head)
      return size > WHOLE_BYTES_MAX ? new StringImage(this.arena, entry, size) : undefined
    }
    return this.types[typeOf(head)]!.imageOf(this.databases[0]!.valueOf(entry))
  }

  /** Exchanges the content of two databases. Clients stay at their numbers. */
  swap(first: Database, second: Database): void {
    if (first === second) return
    this.observers.replacing(first, second)
    this.observers.replacing(second, first)
    first.swapWith(second)
    for (const database of [first, second]) {
      this.observers.replaced(database)
      this.waiting?.replaced(database)
    }
  }

  resetStats(): void {
    Object.assign(this.stats, emptyStats())
    this.lazyFree.resetCount()
  }

  /** Throws when an invariant does not hold. For tests. */
  check(): void {
    this.arena.check()
    for (const database of this.databases) database.check()
  }
}

function emptyStats(): KeyspaceStats {
  return {
    hits: 0,
    misses: 0,
    expiredKeys: 0,
    expiredFields: 0,
    evictedKeys: 0,
    expireSliceMsMax: 0,
    expireMs: 0,
  }
}
