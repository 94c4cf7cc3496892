/**
 * Saving the data as a snapshot: SAVE, BGSAVE, and the save points of the settings. The file is written
 * under a name of its own and takes its place when all of it is stable, so there is always a whole one.
 */
import path from 'node:path'
import type { Config } from '../config/index.ts'
import { FileError, type Host, runSteps, type Steps } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { SaveJob, saveNow, TemporaryNames } from '../persistence/index.ts'
import type { Formats } from './formats.ts'
import type { Logger } from './logger.ts'

/** What saving works with. */
export interface SavingParts {
  readonly host: Host
  readonly config: Config
  readonly keyspace: Keyspace
  readonly logger: Logger
  readonly formats: Formats
  /** Whether the log is being rewritten, so that no snapshot can begin. */
  isRewriting(): boolean
  /** The folder of data is about to be written to. @returns why that must not be, or `undefined`. */
  claimFolder(): string | undefined
  /** Whether writes are refused may have changed. */
  changed(): void
  /** Grows with every request that comes. */
  requestsSeen(): number
}

/** After one that failed, save points wait for so long. */
const RETRY_SECONDS = 5
const REFUSAL =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
  'Commands that may modify the data set are disabled, because this instance is configured to report ' +
  'errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check ' +
  'the Redis logs for details about the RDB error.'

/** One that is under way. */
interface Running {
  readonly beganMs: number
  /** How often data had been changed when it began. */
  readonly dirty: number
  readonly temporaryPath: string
  readonly job: SaveJob
}

export class Saving {
  readonly #parts: SavingParts
  readonly #names: TemporaryNames
  #running: Running | undefined
  #isScheduled = false
  #isLastGood = true
  #lastSavedMs: number
  #lastTriedMs = Number.NEGATIVE_INFINITY
  #lastSeconds = -1
  #count = 0
  /** How often data had been changed at the moment that the last snapshot holds. */
  #savedDirty = 0

  constructor(parts: SavingParts) {
    this.#parts = parts
    this.#names = new TemporaryNames(parts.host.files)
    this.#lastSavedMs = parts.host.clock.nowMs()
  }

  /** Whether one is being written in the background. */
  get isActive(): boolean {
    return this.#running !== undefined
  }

  /** Unix time in seconds of the last good one; the start counts as one. */
  get lastSeconds(): number {
    return Math.floor(this.#lastSavedMs / 1000)
  }

  /** What is in memory now is what was loaded: there are no changes to save. */
  loaded(): void {
    this.#savedDirty = this.#parts.keyspace.dirty
    this.#lastSavedMs = this.#parts.host.clock.nowMs()
  }

  /** SAVE: holds the loop. @returns why it failed, or `undefined`. */
  save(): string | undefined {
    if (this.isActive) return 'ERR Background save already in progress'
    const { host, keyspace, logger, formats } = this.#parts
    const refusal = this.#parts.claimFolder()
    if (refusal !== undefined) return `ERR ${refusal}`
    this.#count++
    const temporaryPath = this.#takeName()
    try {
      saveNow(host.files, temporaryPath, keyspace, formats.of('rdb', false))
      host.files.rename(temporaryPath, this.path)
      host.files.syncFolder(this.#folder)
      this.#names.free(temporaryPath)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#names.remove(temporaryPath)
      logger.log('warning', `Error saving the DB: ${error.message}`)
      return 'ERR'
    }
    logger.log('notice', 'DB saved on disk')
    this.#savedDirty = keyspace.dirty
    this.#ended(true)
    return undefined
  }

  /** BGSAVE. @returns what is told of it, or why it cannot be. */
  saveInBackground(options: {
    readonly mayWait: boolean
    readonly isInTransaction: boolean
  }): { readonly status: string } | { readonly error: string } {
    if (this.isActive) return { error: 'ERR Background save already in progress' }
    if (options.isInTransaction || this.#isBlocked) {
      if (options.isInTransaction || options.mayWait || !this.#parts.isRewriting()) {
        this.#isScheduled = true
        return { status: 'Background saving scheduled' }
      }
      return {
        error:
          "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE " +
          'in order to schedule a BGSAVE whenever possible.',
      }
    }
    const refusal = this.#begin()
    if (refusal !== undefined) return { error: `ERR ${refusal}` }
    return { status: 'Background saving started' }
  }

  /** Called some times a second: begins what is scheduled, or what a save point asks for. */
  tick(): void {
    if (this.isActive || this.#isBlocked || this.#parts.keyspace.isLoading) return
    if (this.#isScheduled || this.#isDue()) this.#begin()
  }

  /**
   * FLUSHALL: one under way would bring back what is gone, and what is there now is soon saved. Inside of
   * a transaction that waits, since what is there now is no state that anybody may see.
   */
  flushed(isInTransaction: boolean): void {
    this.abandon()
    if (this.#parts.config.values.save.length === 0) return
    if (!isInTransaction) {
      this.save()
      return
    }
    this.#isScheduled = true
    const { host, keyspace } = this.#parts
    host.timers.soon(() => {
      if (!this.#isScheduled || keyspace.isMidCommand) return
      this.#isScheduled = false
      this.save()
    })
  }

  /** Nothing begins any more. */
  stop(): void {
    this.#isScheduled = false
    this.abandon()
  }

  /** Gives one up that is under way. */
  abandon(): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    running.job.abandon()
    this.#names.remove(running.temporaryPath)
  }

  /** Why writes are refused: the last snapshot failed, and the settings want to know of it. */
  get refusal(): string | undefined {
    const { save, stopWritesOnBgsaveError } = this.#parts.config.values
    return this.#isLastGood || save.length === 0 || !stopWritesOnBgsaveError ? undefined : REFUSAL
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number | string>> {
    const nowMs = this.#parts.host.clock.monotonicMs()
    const running = this.#running
    return {
      rdb_changes_since_last_save: this.#parts.keyspace.dirty - this.#savedDirty,
      rdb_bgsave_in_progress: running === undefined ? 0 : 1,
      rdb_last_save_time: this.lastSeconds,
      rdb_last_bgsave_status: this.#isLastGood ? 'ok' : 'err',
      rdb_last_bgsave_time_sec: this.#lastSeconds,
      rdb_current_bgsave_time_sec:
        running === undefined ? -1 : Math.floor((nowMs - running.beganMs) / 1000),
      rdb_saves: this.#count,
    }
  }

  /** Sets back what the figures count. */
  resetFigures(): void {
    this.#count = 0
  }

  /** Entries written and to be written, while one is under way. */
  get progress(): { readonly written: number; readonly total: number } | undefined {
    return this.#running?.job.progress
  }

  /** Something else walks over the data. */
  get #isBlocked(): boolean {
    return this.#parts.isRewriting() || this.#parts.keyspace.preserver !== undefined
  }

  get #folder(): string {
    return this.#parts.config.values.dir
  }

  /** Where the snapshot lies. */
  get path(): string {
    return path.join(this.#folder, this.#parts.config.values.dbfilename)
  }

  #takeName(): string {
    const process = this.#parts.host.processes.id
    return this.#names.take((number) => {
      return path.join(this.#folder, `temp-${process}${number === 1 ? '' : `-${number}`}.rdb`)
    })
  }

  #isDue(): boolean {
    const { config, keyspace, host, logger } = this.#parts
    const triedAgoMs = host.clock.monotonicMs() - this.#lastTriedMs
    if (!this.#isLastGood && triedAgoMs <= RETRY_SECONDS * 1000) return false
    // Writes are refused, so waiting for changes would be waiting for ever.
    if (this.refusal !== undefined) return true
    const changes = keyspace.dirty - this.#savedDirty
    if (changes === 0) return false
    const nowMs = host.clock.nowMs()
    const secondsSince = (thenMs: number) => (nowMs - thenMs) / 1000
    const point = config.values.save.find(
      (one) => changes >= one.changes && secondsSince(this.#lastSavedMs) > one.seconds,
    )
    if (point === undefined) return false
    logger.log('notice', `${point.changes} changes in ${point.seconds} seconds. Saving...`)
    return true
  }

  /**
   * A disk that refuses the file is a save that has begun and failed at once, as it would be where another
   * process writes it. @returns why none may begin.
   */
  #begin(): string | undefined {
    const { host, logger } = this.#parts
    this.#isScheduled = false
    this.#lastTriedMs = host.clock.monotonicMs()
    const refusal = this.#parts.claimFolder()
    if (refusal !== undefined) {
      logger.log('warning', refusal)
      this.#ended(false)
      return refusal
    }
    this.#count++
    const temporaryPath = this.#takeName()
    logger.log('notice', `Background saving started by pid ${host.processes.id}`)
    try {
      this.#run(temporaryPath)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      logger.log('warning', `Background saving error: ${error.message}`)
      this.#lastSeconds = 0
      this.#names.free(temporaryPath)
      this.#ended(false)
    }
    return undefined
  }

  #run(temporaryPath: string): void {
    const { host, keyspace, formats, config } = this.#parts
    const job = new SaveJob({
      host,
      keyspace,
      path: temporaryPath,
      format: formats.of('rdb', false),
      budget: config.values.saveBytesPerSecond,
      isSyncedOften: config.values.rdbSaveIncrementalFsync,
      keyDelayUs: () => config.values.rdbKeySaveDelay,
      requestsSeen: this.#parts.requestsSeen,
      done: (error) => this.#written(error),
    })
    const beganMs = host.clock.monotonicMs()
    this.#running = { beganMs, dirty: keyspace.dirty, temporaryPath, job }
  }

  #written(error: FileError | undefined): void {
    const running = this.#running!
    if (error !== undefined) {
      this.#finished(running, error)
      return
    }
    runSteps(
      () => this.#putInPlace(running),
      (failure) => this.#finished(running, failure),
    )
  }

  *#putInPlace({ temporaryPath }: Running): Steps {
    const { files } = this.#parts.host
    files.rename(temporaryPath, this.path)
    yield (done) => files.syncFolderLater(this.#folder, done)
  }

  #finished(running: Running, error: FileError | undefined): void {
    if (running !== this.#running) return
    this.#running = undefined
    const { host, logger } = this.#parts
    this.#lastSeconds = Math.floor((host.clock.monotonicMs() - running.beganMs) / 1000)
    if (error === undefined) {
      logger.log('notice', 'DB saved on disk')
      logger.log('notice', 'Background saving terminated with success')
      this.#savedDirty = running.dirty
      this.#names.free(running.temporaryPath)
    } else {
      logger.log('warning', `Background saving error: ${error.message}`)
      this.#names.remove(running.temporaryPath)
    }
    this.#ended(error === undefined)
  }

  #ended(isGood: boolean): void {
    this.#isLastGood = isGood
    if (isGood) this.#lastSavedMs = this.#parts.host.clock.nowMs()
    this.#parts.changed()
  }
}
