/**
 * Rewriting the append-only log: the data as it is at one moment becomes its base, and what was before
 * that goes. Asked for by BGREWRITEAOF, by the log's growth, or by turning the log on.
 */
import type { Config } from '../config/index.ts'
import { FileError, type Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import {
  type AppendLog,
  type RewriteTarget,
  SaveJob,
  TemporaryNames,
} from '../persistence/index.ts'
import type { Formats } from './formats.ts'
import type { Logger } from './logger.ts'

/** What rewriting works with. */
export interface RewritingParts {
  readonly host: Host
  readonly config: Config
  readonly keyspace: Keyspace
  readonly logger: Logger
  readonly formats: Formats
  /** Grows with every request that comes. */
  requestsSeen(): number
}

/** After so many failures in a row a rewrite that nobody asked for waits. */
const FAILURES_FREE = 3
const DELAY_MINUTES_MAX = 60
const MINUTE_MS = 60_000

/** One rewrite that is under way. */
interface Running {
  readonly target: RewriteTarget
  /** Where the base is written. */
  readonly path: string
  readonly format: 'rdb' | 'aof'
  readonly beganMs: number
  readonly done: ((error: FileError | undefined) => void) | undefined
  job: SaveJob | undefined
  /** The log goes on in a new increment. */
  isMoved: boolean
  /** The base is written. */
  isWritten: boolean
  error: FileError | undefined
}

export class Rewriting {
  readonly #parts: RewritingParts
  readonly #names: TemporaryNames
  #running: Running | undefined
  /** A log is going on in a new increment, perhaps of a rewrite that was given up. */
  #isMoving = false
  /** The manifest is being given another base, perhaps by a rewrite that was given up. */
  #isReplacing = false
  /** What waits until neither is so. */
  #whenQuiet: (() => void)[] = []
  /** One will begin when it can. */
  isScheduled = false
  #count = 0
  #failures = 0
  #isLastGood = true
  #lastSeconds = -1
  /** After failures, no rewrite begins by itself before this time. */
  #notBeforeMs = 0

  constructor(parts: RewritingParts) {
    this.#parts = parts
    this.#names = new TemporaryNames(parts.host.files)
  }

  get isActive(): boolean {
    return this.#running !== undefined || this.#isMoving || this.#isReplacing
  }

  /** Begins to rewrite a log that is in use. There must be no other saving. */
  begin(log: AppendLog, forgetSelected: () => void): void {
    const running = this.#start(log)
    this.#isMoving = true
    log.startNewIncrement({
      begun: () => {
        forgetSelected()
        if (running === this.#running) this.#write(running)
      },
      done: (error) => {
        this.#isMoving = false
        if (running === this.#running) {
          running.isMoved = true
          running.error ??= error
          this.#goOn(running)
        }
        this.#seeQuiet()
      },
    })
  }

  /** Writes the base of a log that has just begun, or is not in use, from the data as it is now. */
  beginBase(target: RewriteTarget, done?: (error: FileError | undefined) => void): void {
    const running = this.#start(target, done)
    running.isMoved = true
    this.#write(running)
  }

  /**
   * Gives a rewrite up that is under way. A change of the log's files that has begun is still made or
   * taken back as a whole, see `whenQuiet`.
   */
  abandon(): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    this.#parts.logger.log('notice', 'Killing the AOF rewrite under way, which is no child process')
    this.#giveUp(running)
  }

  /**
   * Calls when the log's files are as its manifest says, and no change of them is under way: at once, or
   * when the present one is over. Nothing else may change them before, and nobody take them over.
   */
  whenQuiet(call: () => void): void {
    this.#whenQuiet.push(call)
    this.#seeQuiet()
  }

  #seeQuiet(): void {
    while (!this.#isMoving && !this.#isReplacing && this.#whenQuiet.length > 0) {
      this.#whenQuiet.shift()!()
    }
  }

  /** Whether growth asks for a rewrite: `auto-aof-rewrite-percentage` and `-min-size`. */
  isDue(figures: { readonly aof_current_size: number; readonly aof_base_size: number }): boolean {
    const { autoAofRewritePercentage, autoAofRewriteMinSize } = this.#parts.config.values
    const size = figures.aof_current_size
    if (autoAofRewritePercentage === 0 || size <= autoAofRewriteMinSize) return false
    const growth = Math.floor((size * 100) / (figures.aof_base_size || 1)) - 100
    if (growth < autoAofRewritePercentage || this.isDelayed) return false
    const { logger } = this.#parts
    logger.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`)
    return true
  }

  /** Whether rewrites that nobody asked for wait because some have failed. */
  get isDelayed(): boolean {
    return this.#parts.host.clock.monotonicMs() < this.#notBeforeMs
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number | string>> {
    const nowMs = this.#parts.host.clock.monotonicMs()
    const running = this.#running
    return {
      aof_rewrite_in_progress: running === undefined ? 0 : 1,
      aof_rewrite_scheduled: this.isScheduled ? 1 : 0,
      aof_last_rewrite_time_sec: this.#lastSeconds,
      aof_current_rewrite_time_sec:
        running === undefined ? -1 : Math.floor((nowMs - running.beganMs) / 1000),
      aof_last_bgrewrite_status: this.#isLastGood ? 'ok' : 'err',
      aof_rewrites: this.#count,
      aof_rewrites_consecutive_failures: this.#failures,
    }
  }

  /** Sets back what the figures count. Failures that were are forgotten, and nothing waits for them. */
  resetFigures(): void {
    this.#count = 0
    this.#failures = 0
    this.#notBeforeMs = 0
  }

  /** Entries written and to be written, while it is under way. */
  get progress(): { readonly written: number; readonly total: number } | undefined {
    return this.#running?.job?.progress
  }

  #start(target: RewriteTarget, done?: Running['done']): Running {
    const { host, logger, formats } = this.#parts
    this.isScheduled = false
    this.#count++
    const running: Running = {
      target,
      path: this.#names.take((number) => target.temporaryBase(number)),
      format: formats.baseFormat,
      beganMs: host.clock.monotonicMs(),
      done,
      job: undefined,
      isMoved: false,
      isWritten: false,
      error: undefined,
    }
    this.#running = running
    logger.log('notice', 'Background append only file rewriting started')
    return running
  }

  /** The moment has come. */
  #write(running: Running): void {
    const { host, config, keyspace, formats } = this.#parts
    try {
      running.job = new SaveJob({
        host,
        keyspace,
        path: running.path,
        format: formats.of(running.format, true),
        budget: config.values.saveBytesPerSecond,
        isSyncedOften: config.values.aofRewriteIncrementalFsync,
        keyDelayUs: () => config.values.rdbKeySaveDelay,
        requestsSeen: this.#parts.requestsSeen,
        done: (error) => {
          running.isWritten = true
          running.error ??= error
          if (running === this.#running) this.#goOn(running)
        },
      })
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      running.isWritten = true
      running.error = error
      this.#goOn(running)
    }
  }

  /** Both halves must have ended before the base is put in force, or the rewrite has failed. */
  #goOn(running: Running): void {
    if (!running.isMoved) return
    if (running.error !== undefined) {
      this.#end(running.error)
      return
    }
    if (!running.isWritten) return
    this.#isReplacing = true
    running.target.replaceBase(running.path, running.format, (error) => {
      this.#isReplacing = false
      if (running === this.#running) this.#end(error)
      this.#seeQuiet()
    })
  }

  #end(error: FileError | undefined): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    const { clock } = this.#parts.host
    this.#lastSeconds = Math.floor((clock.monotonicMs() - running.beganMs) / 1000)
    this.#isLastGood = error === undefined
    const { logger } = this.#parts
    if (error === undefined) {
      this.#failures = 0
      this.#notBeforeMs = 0
      this.#names.free(running.path)
      logger.log('notice', 'Background AOF rewrite finished successfully')
    } else {
      this.#failures++
      this.#delay()
      this.#giveUp(running)
      logger.log('warning', `Background AOF rewrite terminated with error: ${error.message}`)
    }
    running.done?.(error)
  }

  /** Twice as long after each failure beyond the first few. */
  #delay(): void {
    const over = this.#failures - FAILURES_FREE
    if (over < 0) return
    const minutes = Math.min(DELAY_MINUTES_MAX, 2 ** over)
    this.#notBeforeMs = this.#parts.host.clock.monotonicMs() + minutes * MINUTE_MS
    const why = 'Background AOF rewrite has repeatedly failed and triggered the limit'
    this.#parts.logger.log('warning', `${why}, will retry in ${minutes} minutes`)
  }

  #giveUp({ job, path }: Running): void {
    job?.abandon()
    if (job === undefined) this.#names.free(path)
    else this.#names.remove(path)
  }
}
