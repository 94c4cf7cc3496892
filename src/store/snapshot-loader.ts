/** Loading snapshots: as the base of a log, or alone. */
import type { Config } from '../config/index.ts'
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
  /** Takes the source of a library of functions. Throws why it cannot be had. */
  loadLibrary(code: Uint8Array): void
}

/** Entries, or pieces of long ones, between two looks at how far loading has come. */
const STEPS_PER_PAUSE = 1024

export class SnapshotLoader {
  readonly #parts: SnapshotLoaderParts
  #loaded = 0
  #expired = 0

  constructor(parts: SnapshotLoaderParts) {
    this.#parts = parts
  }

  /** Loads the snapshot at the beginning of `file`, the base of a log. @returns the offset after it. */
  loadBase(file: OpenFile, path: string, progress: LoadProgress): Paced<number> {
    return this.#read(file, path, progress, true)
  }

  /**
   * Loads the snapshot at `path`. @returns whether there is one.
   * Throws `RdbError` or `FileError` when it cannot be used.
   */
  *load(path: string, progress: LoadProgress): Paced<boolean> {
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
      yield* this.#read(file, path, progress, false)
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

  *#read(file: OpenFile, path: string, progress: LoadProgress, isBase: boolean): Paced<number> {
    const { keyspace, config, logger, host } = this.#parts
    const reader = new RdbReader({
      keyspace,
      file,
      path,
      sums: config.values.rdbchecksum && !keyspace.skipsChecksums,
      keepsExpired: isBase,
      library: (code) => {
        try {
          this.#parts.loadLibrary(code)
        } catch (error) {
          throw new RdbError(path, reader.offset, 'a library of functions cannot be loaded', error)
        }
      },
      aux: (name, value) => {
        if (name === 'redis-ver') {
          logger.log('notice', `Loading RDB produced by version ${value}`)
        } else if (name === 'ctime') {
          const age = Math.max(0, Math.floor(host.clock.nowMs() / 1000) - Number(value))
          logger.log('notice', `RDB age ${age} seconds`)
        }
      },
    })
    let steps = 0
    let before = 0
    while (!reader.step(() => ++steps % STEPS_PER_PAUSE === 0)) {
      const count = reader.loaded + reader.expired
      yield progress.passed(reader.offset, count - before)
      before = count
    }
    this.#loaded = reader.loaded
    this.#expired = reader.expired
    const { loaded, expired } = reader
    logger.log('notice', `Done loading RDB, keys loaded: ${loaded}, keys expired: ${expired}.`)
    return reader.offset
  }
}
