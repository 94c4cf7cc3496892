/**
 * A walk over all entries as they were at one instant, in slices, while commands go on changing them.
 * Nothing is copied beforehand, and no process is forked.
 *
 * Each entry carries one bit, its *era*, and the keyspace says which era is the present one. Beginning
 * a walk turns the present era over: all that is there is of the other one, and still to be written.
 * An entry that was written is put into the present era, and so is one that is made. Then
 *
 *     an entry belongs to the walk  <=>  it is of the other era
 *
 * holds whatever happens to the table: entries are found in the order of their hashes, which growth
 * does not change, and meeting one twice does no harm. At the end all entries are of the present era.
 *
 * The doors of the keyspace tell the walk what is about to be lost:
 * - a small entry that will be changed in place is written before that;
 * - one with blocks of its own is taken up, and its image told of each element that changes from then on
 *   (walk-taken.ts); it is written next, in slices;
 * - a long one that is taken out, by DEL, by time or by another in its place, is kept and written later;
 * - so is all that a database held that is emptied.
 * Databases that are swapped take their tables along, which say where entries were at the instant.
 */
import { NONE, type Ref } from '../arena/index.ts'
import { type Dict, ERA, GATHER_MAX, headOf, LARGE } from '../structures/index.ts'
import type { ValueImage } from '../values/index.ts'
import type { Database } from './database.ts'
import { setEra } from './entry.ts'
import type { Keyspace } from './keyspace.ts'
import { isRooted } from './kinds.ts'
import { footprintOf } from './usage.ts'
import { type Taken, TakenEntries } from './walk-taken.ts'

/** Places of a table at its deepest: a position counts them, and means the same at any depth. */
const SPAN = 2 ** 26

/** Writes on until `isEnough`. @returns whether all is written. */
export type Rest = (isEnough: () => boolean) => boolean

/** Who takes the entries down. */
export interface Scribe {
  /**
   * Writes an entry of the database `index`, which is as it was at the instant; of its value that is
   * said by `image`, where there is one. Other entries may come while the rest of one is not written.
   * @returns what is left to do, when the entry is long.
   */
  write(index: number, entry: Ref, image: ValueImage | undefined): Rest | undefined
}

/** What the doors of the keyspace tell a walk. */
export interface Preserver {
  /** About how many bytes it keeps of what was taken out; known only where memory has a limit. */
  readonly keptBytes: number
  /** An entry is about to change in place. */
  preserve(database: Database, entry: Ref): void
  /** An entry has been taken out. @returns whether the walk keeps it, and frees it later. */
  keeps(database: Database, entry: Ref): boolean
  /** A table with all its entries has been taken out. @returns the same. */
  keepsAll(dict: Dict): boolean
  /** The value of an entry, and all that it owns, is in another entry now. */
  moved(entry: Ref, to: Ref): void
  /** Blocks that a value has lost are to be freed, by a root. @returns whether the walk does it later. */
  keepsPart(entry: Ref): boolean
}

/** One table, and which database it was at the instant. */
interface Source {
  readonly index: number
  readonly dict: Dict
  /** The database has another one by now. */
  isKept: boolean
  /** What is kept by that. */
  keptBytes: number
}

/** An entry that was taken out and is not written. */
interface Kept {
  readonly index: number
  readonly entry: Ref
  readonly bytes: number
}

/** An entry of which only the beginning is written. */
interface Open {
  readonly taken: Taken
  readonly rest: Rest
}

const never = () => false

export class Walk implements Preserver {
  /** How many entries there were at the instant. */
  readonly total: number
  /** How many of them are written. */
  written = 0
  readonly #keyspace: Keyspace
  #scribe: Scribe | undefined
  /** Those tables that are not behind us. */
  #sources: Source[]
  #position = 0
  /** Long entries that were taken out and are not written. */
  #kept: Kept[] = []
  /** Without what is taken up. */
  #keptBytes = 0
  readonly #taken: TakenEntries
  /** Those of them that are not begun. */
  #early: Taken[] = []
  #opened: Open | undefined
  readonly #segment = new Int32Array(GATHER_MAX)

  /** Fixes the instant: now. There must be no other walk. */
  constructor(keyspace: Keyspace, scribe: Scribe) {
    if (keyspace.preserver !== undefined) throw new Error('a walk is under way')
    this.#keyspace = keyspace
    this.#scribe = scribe
    this.total = keyspace.count
    this.#taken = new TakenEntries(keyspace)
    this.#sources = keyspace.databases
      .filter(({ count }) => count > 0)
      .map(({ index, dict }) => ({ index, dict, isKept: false, keptBytes: 0 }))
    keyspace.preserver = this
    keyspace.era ^= ERA
  }

  get keptBytes(): number {
    return this.#keptBytes + this.#taken.keptBytes
  }

  /**
   * Goes on until `isEnough`, which is asked after each entry, or until `isLongEnough`, after each step of
   * a long one. @returns whether all entries are behind us: the walk is over.
   */
  step(isEnough: () => boolean, isLongEnough: () => boolean = isEnough): boolean {
    for (;;) {
      if (!this.#finishOpen(isLongEnough)) return false
      const early = this.#early.shift()
      const next = early === undefined ? this.#kept.pop() : undefined
      if (early !== undefined || next !== undefined) {
        if (early !== undefined) this.#open(early)
        else this.#begin(next!.index, next!.entry, next)
        if (isEnough()) return false
      } else if (this.#sources.length === 0) {
        // One that was over before it was given up leaves the next one alone.
        if (this.#keyspace.preserver === this) this.#keyspace.preserver = undefined
        return true
      } else if (!this.#walkOn(isEnough)) return false
    }
  }

  /** Nothing more is written. `step` is still to be called, until it says that the walk is over. */
  abandon(): void {
    this.#scribe = undefined
    this.#opened = undefined
    this.#early = []
    this.#taken.releaseAll()
    for (const { entry } of this.#kept) this.#keyspace.lazyFree.release(entry)
    this.#kept = []
    this.#keptBytes = 0
    for (const source of this.#sources) if (source.isKept) this.#keyspace.lazyFree.add(source.dict)
    if (this.#sources[0]?.isKept) this.#position = 0
    this.#sources = this.#sources.filter(({ isKept }) => !isKept)
  }

  preserve(database: Database, entry: Ref): void {
    if (!this.#isWaiting(entry)) return
    this.#pass(entry)
    if (this.#scribe === undefined) return
    const index = this.#indexOf(database.dict)
    const image = this.#keyspace.imageOf(entry)
    if (image !== undefined) {
      this.#early.push(this.#taken.takeEarly(index, database, entry, image))
      return
    }
    this.#scribe.write(index, entry, undefined)?.(never)
    this.written++
  }

  keeps(database: Database, entry: Ref): boolean {
    if (this.#taken.keeps(database, entry)) return true
    if (this.#scribe === undefined || !this.#isWaiting(entry)) return false
    const head = headOf(this.#keyspace.arena, entry)
    if (isRooted(head) || head & (LARGE << 8)) {
      const bytes = this.#keyspace.isMemoryLimited ? footprintOf(database, entry) : 0
      this.#kept.push({ index: this.#indexOf(database.dict), entry, bytes })
      this.#keptBytes += bytes
      return true
    }
    this.preserve(database, entry)
    return false
  }

  moved(entry: Ref, to: Ref): void {
    this.#taken.moved(entry, to)
  }

  keepsPart(entry: Ref): boolean {
    return this.#taken.keepsPart(entry)
  }

  keepsAll(dict: Dict): boolean {
    this.#taken.leave(dict)
    const source = this.#sources.find((one) => one.dict === dict)
    if (source === undefined) return false
    source.isKept = this.#scribe !== undefined
    if (source.isKept) {
      const { arena, count, isMemoryLimited } = this.#keyspace
      source.keptBytes = isMemoryLimited ? arena.usedBytes * (dict.count / count) : 0
      this.#keptBytes += source.keptBytes
      return true
    }
    if (source === this.#sources[0]) this.#position = 0
    this.#sources = this.#sources.filter((one) => one !== source)
    return false
  }

  /** Whether an entry is still to be written. */
  #isWaiting(entry: Ref): boolean {
    return (((headOf(this.#keyspace.arena, entry) >>> 8) ^ this.#keyspace.era) & ERA) !== 0
  }

  #pass(entry: Ref): void {
    setEra(this.#keyspace.arena, entry, this.#keyspace.era)
  }

  #indexOf(dict: Dict): number {
    const source = this.#sources.find((one) => one.dict === dict)
    if (source === undefined)
      throw new Error('an entry of another era is in a table that has been passed')
    return source.index
  }

  /** @returns false when there still is one of which only the beginning is written. */
  #finishOpen(isEnough: () => boolean): boolean {
    const open = this.#opened
    if (open === undefined) return true
    if (!open.rest(isEnough)) return false
    this.#opened = undefined
    this.#finish(open.taken)
    return true
  }

  /** Writes entries from their tables, up to a long one that is only begun. @returns false at enough. */
  #walkOn(isEnough: () => boolean): boolean {
    for (let source = this.#sources[0]; source !== undefined; source = this.#sources[0]) {
      const { dict } = source
      while (this.#position < SPAN) {
        const size = dict.directorySize
        const place = Math.floor((this.#position / SPAN) * size)
        const count = dict.gather(place, this.#segment)
        for (let i = 0; i < count; i++) {
          const entry = this.#segment[i]! >>> 0
          if (!this.#isWaiting(entry)) continue
          this.#begin(source.index, entry, undefined)
          if (this.#opened !== undefined) return true
          if (isEnough()) return false
        }
        // A segment that is one with its neighbour by now may begin before the place.
        const span = dict.spanAt(place)
        this.#position = (Math.floor(place / span) + 1) * span * (SPAN / size)
      }
      this.#position = 0
      this.#sources.shift()
      if (source.isKept) this.#keyspace.lazyFree.add(dict)
      this.#keptBytes -= source.keptBytes
    }
    return true
  }

  /** Writes an entry, or begins with one that is long. */
  #begin(index: number, entry: Ref, kept: Kept | undefined): void {
    this.#pass(entry)
    if (kept !== undefined) this.#keptBytes -= kept.bytes
    const image = this.#scribe === undefined ? undefined : this.#keyspace.imageOf(entry)
    if (image !== undefined) {
      this.#open(this.#taken.take(index, entry, image, kept?.bytes))
      return
    }
    this.#scribe?.write(index, entry, undefined)?.(never)
    this.written++
    if (kept !== undefined) this.#keyspace.lazyFree.release(entry)
  }

  #open(taken: Taken): void {
    const entry = taken.witness === NONE ? taken.entry : taken.witness
    const rest = this.#scribe?.write(taken.index, entry, taken.image)
    if (rest === undefined) this.#finish(taken)
    else this.#opened = { taken, rest }
  }

  #finish(taken: Taken): void {
    this.#taken.release(taken)
    this.written++
  }
}
