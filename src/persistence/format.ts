/** What the forms of a saved data set have in common: a snapshot's bytes, or commands. */
import type { Ref } from '../arena/index.ts'
import type { Rest } from '../keyspace/index.ts'
import type { ValueImage } from '../values/index.ts'

/** Takes bytes by copying them. */
export interface ByteSink {
  /** Copies `bytes[start, end)`. */
  append(bytes: Uint8Array, start: number, end: number): void
}

/** A database as it was when saving began. */
export interface SavedDatabase {
  readonly index: number
  readonly count: number
  readonly expiringCount: number
}

/** How a data set is written. One object serves one file. */
export interface SaveFormat {
  /** What stands for the file: all that comes to it passes by the format. Without it, the file itself. */
  through?(file: ByteSink): ByteSink
  /** Writes what comes before all entries. */
  begin(sink: ByteSink): void
  /** The entries that follow are of this database. It may be named several times. */
  select(sink: ByteSink, database: SavedDatabase): void
  /**
   * Writes an entry, whose value is what `image` says, if there is one, or is as it stands. Nothing but
   * the rest of it may come into the same sink until that is written; entries that go to another sink
   * meanwhile are copied here afterwards.
   * @returns what is left to do, when the entry is long.
   */
  write(sink: ByteSink, entry: Ref, image: ValueImage | undefined): Rest | undefined
  /** Writes what comes after all entries. */
  end(sink: ByteSink): void
}
