/**
 * A saved data set in the form of a snapshot: the oldest version that can hold it, so that every server
 * which can read it at all does.
 *
 *     REDIS0010  aux…  libraries…  (database, sizes, entries…)…  FF  checksum
 *     entry      expiry   use   type   key   value
 *
 * One object serves one file. Entries may go to several sinks, as `SaveFormat` in the room of files has
 * it; the checksum is that of what comes by in `through`.
 */
import type { Ref } from '../arena/index.ts'
import { fromLatin1 } from '../bytes/index.ts'
import {
  type Database,
  frequencyOf,
  idleSecondsOf,
  type Keyspace,
  NEVER,
  type Rest,
} from '../keyspace/index.ts'
import type { ValueImage } from '../values/index.ts'
import { Crc64 } from './crc64.ts'
import {
  OP_AUX,
  OP_END,
  OP_EXPIRY_MS,
  OP_FREQUENCY,
  OP_FUNCTION,
  OP_IDLE,
  OP_SELECT,
  OP_SIZES,
  VERSION_BASE,
  VERSION_FIELD_EXPIRY,
} from './format.ts'
import { type ByteSink, RdbOutput } from './output.ts'
import { rdbTypeOf, type Writing, writeValue } from './write-value.ts'

/** How a snapshot is to be written. */
export interface RdbFormatOptions {
  readonly keyspace: Keyspace
  /** `rdbcompression`. */
  readonly compresses: boolean
  /** `rdbchecksum`. */
  readonly sums: boolean
  /** What is noted of how the entries were used, as the policy for eviction needs it. */
  readonly uses: 'idle' | 'frequency' | 'none'
  /** Notes at the beginning, such as who wrote it and when. */
  readonly aux: readonly (readonly [name: string, value: string])[]
  /** The sources of the libraries of functions. */
  readonly libraries: readonly Uint8Array[]
  /** The version to write; without it the oldest that can hold the data. */
  readonly version?: number
}

const NOWHERE: ByteSink = { append: () => {} }

/** The oldest version that can hold the data as it is now. */
export function versionFor({ databases }: Keyspace): number {
  return databases.some(({ fields }) => fields.count > 0) ? VERSION_FIELD_EXPIRY : VERSION_BASE
}

export class RdbFormat {
  readonly #options: RdbFormatOptions
  readonly #output: RdbOutput
  readonly #crc = new Crc64()
  readonly #version: number

  constructor(options: RdbFormatOptions) {
    this.#options = options
    this.#output = new RdbOutput(NOWHERE, options.compresses)
    this.#version = options.version ?? versionFor(options.keyspace)
  }

  /** The sink that stands for a file: what comes to it is summed on its way there. */
  through(file: ByteSink): ByteSink {
    if (!this.#options.sums) return file
    const crc = this.#crc
    return {
      append(bytes, start, end) {
        crc.update(bytes, start, end)
        file.append(bytes, start, end)
      },
    }
  }

  /** Writes what comes before all entries. */
  begin(sink: ByteSink): void {
    const output = this.#output
    output.turnTo(sink)
    const magic = fromLatin1(`REDIS${String(this.#version).padStart(4, '0')}`)
    output.bytes(magic, 0, magic.length)
    for (const [name, value] of this.#options.aux) {
      output.byte(OP_AUX)
      this.#text(name)
      this.#text(value)
    }
    for (const library of this.#options.libraries) {
      output.byte(OP_FUNCTION)
      output.string(library, 0, library.length)
    }
    output.flush()
  }

  #text(text: string): void {
    const bytes = fromLatin1(text)
    this.#output.string(bytes, 0, bytes.length)
  }

  /** The entries that follow are of this database. */
  select(
    sink: ByteSink,
    database: { readonly index: number; readonly count: number; readonly expiringCount: number },
  ): void {
    const output = this.#output
    output.turnTo(sink)
    output.byte(OP_SELECT)
    output.length(database.index)
    output.byte(OP_SIZES)
    output.length(database.count)
    output.length(database.expiringCount)
    output.flush()
  }

  /** Writes an entry with the value of `image`, if there is one. @returns what is left, if it is long. */
  write(sink: ByteSink, entry: Ref, image: ValueImage | undefined): Rest | undefined {
    const { keyspace } = this.#options
    const output = this.#output
    output.turnTo(sink)
    // Which database it is of does not matter for reading an entry.
    const db = keyspace.databases[0]!
    this.#writeHead(db, entry)
    const value = db.valueOf(entry)
    const rdbType = rdbTypeOf(keyspace, db.typeOf(entry), value, image, this.#version)
    output.byte(rdbType)
    const key = db.keyOf(entry)
    output.string(key.bytes, key.start, key.end)
    const writing = writeValue(keyspace, value, image, rdbType, output)
    output.flush()
    return writing === undefined ? undefined : this.#restOf(writing, sink)
  }

  #writeHead(db: Database, entry: Ref): void {
    const { keyspace, uses } = this.#options
    const output = this.#output
    const expiryMs = db.expiryOf(entry)
    if (expiryMs !== NEVER) {
      output.byte(OP_EXPIRY_MS)
      output.time(expiryMs)
    }
    if (uses === 'idle') {
      output.byte(OP_IDLE)
      output.length(idleSecondsOf(keyspace, entry))
    } else if (uses === 'frequency') {
      output.byte(OP_FREQUENCY)
      output.byte(frequencyOf(keyspace, entry))
    }
  }

  #restOf(writing: Writing, sink: ByteSink): Rest {
    const output = this.#output
    return (isEnough) => {
      output.turnTo(sink)
      let isDone = writing.next().done === true
      while (!isDone && !isEnough()) isDone = writing.next().done === true
      output.flush()
      return isDone
    }
  }

  /** Writes what comes after all entries. */
  end(sink: ByteSink): void {
    const output = this.#output
    output.turnTo(sink)
    output.byte(OP_END)
    output.flush()
    const sum = new Uint8Array(8)
    const view = new DataView(sum.buffer)
    view.setInt32(0, this.#crc.low, true)
    view.setInt32(4, this.#crc.high, true)
    sink.append(sum, 0, sum.length)
  }
}
