/** Loading snapshots: as the base of a log, or alone. */
import type { Config } from '../config/index.ts'
import { ReplyError } from '../engine/index.ts'
import { FileError, type Host, type OpenFile, type Paced } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { LoadProgress } from '../persistence/index.ts'
import { RdbError, RdbReader } from '../rdb/index.ts'
import type { Logger } from './logger.ts'

/** What loading works with. */
export interface SnapshotLoaderParts {
  readonly host: Host
  readonly config: Config
  readonly keyspace: Keyspace
  readonly logger: Logger
  /**
   * Takes the source of a library of functions, in the place of one of its name where `isReplacing`.
   * Throws why it cannot be had.
   */
  loadLibrary(code: Uint8Array, isReplacing: boolean): void
}

/** How a snapshot is read. */
interface Reading {
  /** It is the base of a log: entries whose time has come are wanted too. */
  readonly isBase: boolean
  readonly replaces: boolean
}

/** Entries, or pieces of long ones, between two looks at how far loading has come. */
const STEPS_PER_PAUSE = 1024
/** So many keys without elements are named in the log; all are counted. */
const SKIPPED_LINES_MAX = 10

export class SnapshotLoader {
  readonly #parts: SnapshotLoaderParts
  #loaded = 0
  #expired = 0

  constructor(parts: SnapshotLoaderParts) {
    this.#parts = parts
  }

  /** Loads the snapshot at the beginning of `file`, the base of a log. @returns the offset after it. */
  loadBase(file: OpenFile, path: string, progress: LoadProgress): Paced<number> {
    return this.#read(file, path, progress, { isBase: true, replaces: false })
  }

  /**
   * Loads the snapshot at `path`, in the place of what is at its keys where `replaces`.
   * @returns whether there is one. Throws `RdbError` or `FileError` when it cannot be used.
   */
  *load(path: string, progress: LoadProgress, replaces = false): Paced<boolean> {
    const { host, logger } = this.#parts
    const beganMs = host.clock.monotonicMs()
    let file: OpenFile
    try {
      file = host.files.open(path, 'read')
    } catch (error) {
      if (error instanceof FileError && error.code === 'ENOENT') return false
      throw error
    }
    try {
      progress.begun(file.size())
      yield* this.#read(file, path, progress, { isBase: false, replaces })
    } finally {
      file.close()
    }
    const seconds = ((host.clock.monotonicMs() - beganMs) / 1000).toFixed(3)
    logger.log('notice', `DB loaded from disk: ${seconds} seconds`)
    return true
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number>> {
    return {
      rdb_last_load_keys_expired: this.#expired,
      rdb_last_load_keys_loaded: this.#loaded,
    }
  }

  *#read(file: OpenFile, path: string, progress: LoadProgress, how: Reading): Paced<number> {
    const { logger } = this.#parts
    const reader = this.#readerOf(file, path, how)
    let steps = 0
    let before = 0
    const isEnough = () => ++steps % STEPS_PER_PAUSE === 0
    while (!this.#step(reader, isEnough)) {
      const count = reader.loaded + reader.expired
      yield progress.passed(reader.offset, count - before)
      before = count
    }
    this.#loaded = reader.loaded
    this.#expired = reader.expired
    const { loaded, expired, empty } = reader
    const skipped = empty === 0 ? '' : `, empty keys skipped: ${empty}`
    const counts = `keys loaded: ${loaded}, keys expired: ${expired}${skipped}`
    logger.log('notice', `Done loading RDB, ${counts}.`)
    return reader.offset
  }

  #step(reader: RdbReader, isEnough: () => boolean): boolean {
    try {
      return reader.step(isEnough)
    } catch (error) {
      if (error instanceof RdbError) {
        const { offsetBytes, reason } = error
        const line = `Internal error in RDB reading offset ${offsetBytes}: ${reason}`
        this.#parts.logger.log('warning', line)
      }
      throw error
    }
  }

  #readerOf(file: OpenFile, path: string, { isBase, replaces }: Reading): RdbReader {
    const { keyspace, config } = this.#parts
    let skipped = 0
    const reader: RdbReader = new RdbReader({
      keyspace,
      file,
      path,
      sums: config.values.rdbchecksum && !keyspace.skipsChecksums,
      keepsExpired: isBase,
      replaces,
      library: (code) => {
        try {
          this.#parts.loadLibrary(code, replaces)
        } catch (error) {
          const why = error instanceof ReplyError ? error.text : String(error)
          this.#parts.logger.log('warning', `Failed loading library, ${why}`)
          throw new RdbError(path, reader.offset, 'a library of functions cannot be loaded', error)
        }
      },
      aux: (name, value) => this.#note(name, value),
      skipped: (key) => {
        if (++skipped > SKIPPED_LINES_MAX) return
        this.#parts.logger.log('notice', `rdbLoadObject skipping empty key: ${key.latin1()}`)
      },
    })
    return reader
  }

  /** Tells of a note at the beginning of a snapshot. */
  #note(name: string, value: string): void {
    const { logger, host } = this.#parts
    if (name === 'redis-ver') logger.log('notice', `Loading RDB produced by version ${value}`)
    else if (name === 'ctime') {
      const age = Math.max(0, Math.floor(host.clock.nowMs() / 1000) - Number(value))
      logger.log('notice', `RDB age ${age} seconds`)
    }
  }
}
