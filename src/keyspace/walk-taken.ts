/**
 * Entries of a walk (walk.ts) that own blocks of their own, from when they are taken up until all of them
 * is written. Commands go on changing their values; images (values/images.ts) know what those were.
 *
 * What an entry itself was, its key, expiry and clock, is written when its turn comes. One that is about
 * to change before that is noted in a node of its own, a *witness*.
 */
import { NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { type Dict, keyOf } from '../structures/index.ts'
import type { ValueImage } from '../values/index.ts'
import { type Database, NEVER } from './database.ts'
import { writeExpiry } from './entry.ts'
import { cloneNode, freeNode } from './entry-change.ts'
import type { Keyspace } from './keyspace.ts'
import { footprintOf } from './usage.ts'

/** One entry that is taken up. */
export interface Taken {
  /** The database that it was in. */
  readonly index: number
  /** What says what the entry was, if it was to change before its turn; else `NONE`. */
  readonly witness: Ref
  readonly image: ValueImage
  /** Where its value is now. */
  entry: Ref
  /** It is in no database any more, and to be freed at the end. */
  isKept: boolean
  /** About how many bytes are kept by that. */
  keptBytes: number
}

export class TakenEntries {
  readonly #keyspace: Keyspace
  readonly #byEntry = new Map<Ref, Taken>()
  /** What may be part of a value that is taken up: groups that were taken out of streams. */
  #parts: Ref[] = []
  /** About how many bytes are kept; known only where memory has a limit. */
  keptBytes = 0
  readonly #key = new Slice(new Uint8Array(0), 0, 0)

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
  }

  /** Takes up an entry, whose turn it is, by its image; `keptBytes` are those of one that is kept. */
  take(index: number, entry: Ref, image: ValueImage, keptBytes: number | undefined): Taken {
    const isKept = keptBytes !== undefined
    return this.#add({ index, witness: NONE, image, entry, isKept, keptBytes: keptBytes ?? 0 })
  }

  /** Takes up an entry that is about to change, by its image. */
  takeEarly(index: number, database: Database, entry: Ref, image: ValueImage): Taken {
    const { arena } = this.#keyspace
    const expiryMs = database.expiryOf(entry)
    const witness = cloneNode(arena, entry, keyOf(arena, entry, this.#key), expiryMs !== NEVER)
    if (expiryMs !== NEVER) writeExpiry(arena, witness, expiryMs)
    return this.#add({ index, witness, image, entry, isKept: false, keptBytes: 0 })
  }

  #add(taken: Taken): Taken {
    this.#byEntry.set(taken.entry, taken)
    this.keptBytes += taken.keptBytes
    this.#keyspace.space.images.watch(taken.image, taken.entry)
    return taken
  }

  /** An entry has been taken out of its database. @returns whether it is taken up, and kept. */
  keeps(database: Database, entry: Ref): boolean {
    const taken = this.#byEntry.get(entry)
    if (taken !== undefined) this.#keep(taken, database)
    return taken !== undefined
  }

  #keep(taken: Taken, database: Database): void {
    taken.isKept = true
    if (!this.#keyspace.isMemoryLimited) return
    taken.keptBytes = footprintOf(database, taken.entry)
    this.keptBytes += taken.keptBytes
  }

  /** The value of an entry is in another one now. */
  moved(entry: Ref, to: Ref): void {
    const taken = this.#byEntry.get(entry)
    if (taken === undefined) return
    const { space, databases } = this.#keyspace
    this.#byEntry.delete(entry)
    this.#byEntry.set(to, taken)
    taken.entry = to
    space.images.moved(taken.image, entry, databases[0]!.valueOf(to), to)
  }

  /** A table is about to go with all that is in it: what is taken up is taken out of it, and kept. */
  leave(dict: Dict): void {
    const { arena, databases, hasher } = this.#keyspace
    for (const taken of this.#byEntry.values()) {
      if (taken.isKept) continue
      const { bytes, start, end } = keyOf(arena, taken.entry, this.#key)
      const hash = hasher.hash(bytes, start, end)
      if (dict.find(bytes, start, end, hash) !== taken.entry) continue
      dict.remove(taken.entry, hash)
      this.#keep(taken, databases[0]!)
    }
  }

  /** Blocks that a value has lost are about to be freed. @returns whether that has to wait. */
  keepsPart(entry: Ref): boolean {
    if (this.#byEntry.size === 0) return false
    this.#parts.push(entry)
    return true
  }

  /** All of an entry is written, or nobody wants it any more. */
  release(taken: Taken): void {
    const { arena, lazyFree, space } = this.#keyspace
    this.#byEntry.delete(taken.entry)
    this.keptBytes -= taken.keptBytes
    space.images.forget(taken.image, taken.entry)
    lazyFree.take(taken.image)
    if (taken.witness !== NONE) freeNode(arena, taken.witness)
    if (taken.isKept) lazyFree.release(taken.entry)
    if (this.#byEntry.size > 0) return
    for (const part of this.#parts) lazyFree.release(part)
    this.#parts = []
  }

  /** The same for all that is taken up. */
  releaseAll(): void {
    for (const taken of [...this.#byEntry.values()]) this.release(taken)
  }
}
