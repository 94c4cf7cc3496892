/**
 * The store's append-only log: loads it at the start, feeds it the effects, lets replies wait for it,
 * and refuses writes while the disk does. Turned on and off by CONFIG SET appendonly.
 */
import path from 'node:path'
import { splitArgs } from '../bytes/index.ts'
import type { Config } from '../config/index.ts'
import type { Barrier, Engine } from '../engine/index.ts'
import { FileError, finishPaced, type Host, type Paced } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import {
  AofError,
  AppendLog,
  type AppendLogOptions,
  ClosedLog,
  importPlainText,
  type LoadProgress,
  type LogPlace,
} from '../persistence/index.ts'
import { diskLatency } from './disk-latency.ts'
import type { Formats } from './formats.ts'
import type { Logger } from './logger.ts'
import { Rewriting } from './rewriting.ts'
import type { SnapshotLoader } from './snapshot-loader.ts'

/** The log of the system that the project set out from. */
const PLAIN_TEXT_NAME = 'database.aof'

/** What the log of a store works with. */
export interface DurabilityParts {
  readonly host: Host
  readonly config: Config
  readonly engine: Engine
  readonly keyspace: Keyspace
  readonly logger: Logger
  readonly formats: Formats
  readonly loader: SnapshotLoader
  /** Whether a snapshot is being saved, so that no rewrite can begin. */
  isSaving(): boolean
  /** What a log is loaded into has no functions. */
  forgetFunctions(): void
  /** The folder of data is about to be written to. @returns why that must not be, or `undefined`. */
  claimFolder(): string | undefined
  /** Whether writes are refused may have changed. */
  changed(): void
  /** Grows with every request that comes. */
  requestsSeen(): number
}

const NO_PROGRESS: LoadProgress = { begun: () => {}, passed: () => 0 }

export class Durability {
  readonly #parts: DurabilityParts
  readonly rewriting: Rewriting
  /** Whether the log is loaded or a snapshot: decided at the start, whatever is set until it is done. */
  readonly loadsLog: boolean
  /** DEBUG AOF-FLUSH-SLEEP: called before what came in a turn is written to the log. */
  beforeWrite: (() => void) | undefined
  #log: AppendLog | undefined
  /** The log is to be turned on when that can be. */
  #isWanted = false
  #isStopped = false
  #isLoaded = false
  /** A log that was turned off is being finished. */
  #isClosing = false
  /** Waits for that. */
  #afterClosing: (() => void) | undefined

  constructor(parts: DurabilityParts) {
    this.#parts = parts
    this.loadsLog = parts.config.values.appendonly
    this.rewriting = new Rewriting(parts)
    parts.config.onChange('aof-disable-auto-gc', (values) => {
      if (!values.aofDisableAutoGc && !this.rewriting.isActive) this.#log?.removeHistory()
      return undefined
    })
  }

  /** Loads what there is. Throws `AofError` or `FileError` when that cannot be used. */
  *load(progress: LoadProgress): Paced<void> {
    const { engine, keyspace } = this.#parts
    engine.admission.update({ isLoading: true })
    // What is past its time when it is loaded goes when loading is over: a later effect may need it.
    keyspace.isLoading = true
    try {
      if (this.loadsLog) yield* this.#open(progress)
      else if (!(yield* this.#parts.loader.load(this.#snapshotPath, progress))) {
        this.#importPlainText()
      }
    } finally {
      keyspace.isLoading = false
      engine.resetLoader()
      engine.admission.update({ isLoading: false })
    }
    this.#attach()
    this.#isLoaded = true
    const { appendonly } = this.#parts.config.values
    if (appendonly === (this.#log !== undefined)) return
    // It was changed meanwhile, by CONFIG SET.
    const refusal = this.switchTo(appendonly)
    if (refusal !== undefined) this.#parts.logger.log('warning', refusal)
  }

  get #snapshotPath(): string {
    const { dir, dbfilename } = this.#parts.config.values
    return path.join(dir, dbfilename)
  }

  /** CONFIG SET appendonly: acts after loading. @returns why it cannot be, or `undefined`. */
  switchTo(isOn: boolean): string | undefined {
    if (this.#isStopped || !this.#isLoaded) return undefined
    if (!isOn) {
      this.#isWanted = false
      this.rewriting.isScheduled = false
      this.rewriting.abandon()
      this.#close()
    } else if (this.#log === undefined) {
      this.#isWanted = true
      // Inside a transaction some of what it did is not told to any log yet.
      const refusal = this.#parts.claimFolder()
      if (refusal !== undefined) return refusal
      if (this.#isFree && !this.#parts.engine.execution.isInside) return this.#turnOn()
      this.rewriting.isScheduled = true
      this.#parts.logger.log(
        'notice',
        'An AOF background was scheduled, to begin as soon as it can',
      )
    }
    return undefined
  }

  /** The log is not in force before its first base is written. */
  get isBeginning(): boolean {
    return this.#isWanted && this.#log !== undefined
  }

  /** BGREWRITEAOF. */
  rewrite(isInTransaction: boolean): { readonly status: string } | { readonly error: string } {
    const { rewriting } = this
    if (rewriting.isActive) {
      return { error: 'ERR Background append only file rewriting already in progress' }
    }
    if (isInTransaction || !this.#isFree) {
      rewriting.isScheduled = true
      return { status: 'Background append only file rewriting scheduled' }
    }
    if (this.#beginRewrite()) return { status: 'Background append only file rewriting started' }
    return {
      error:
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
    }
  }

  /** Called some times a second: begins what is scheduled or due. */
  tick(): void {
    const { rewriting } = this
    if (this.#isStopped || this.#parts.keyspace.isLoading || !this.#isFree) return
    if (this.#isWanted && this.#log === undefined) {
      if (!rewriting.isDelayed) this.#turnOn()
    } else if (rewriting.isScheduled) this.#beginRewrite()
    else if (this.#log !== undefined && rewriting.isDue(this.#log.figures())) this.#beginRewrite()
  }

  /** Nothing else walks over the data. */
  get #isFree(): boolean {
    const { keyspace, isSaving } = this.#parts
    return (
      keyspace.preserver === undefined &&
      !this.rewriting.isActive &&
      !this.#isClosing &&
      !isSaving()
    )
  }

  /** Turns the log on with the data that is in memory. @returns why it cannot be, or `undefined`. */
  #turnOn(): string | undefined {
    try {
      this.#log = AppendLog.open({ ...this.#logOptions(), startsOver: true })
    } catch (error) {
      if (!(error instanceof AofError || error instanceof FileError)) throw error
      this.#isWanted = false
      this.#parts.logger.log('warning', `Cannot turn on the append-only file: ${messageOf(error)}`)
      return 'Unable to turn on AOF. Check server logs.'
    }
    this.#attach()
    this.rewriting.beginBase(this.#log!, (error) => {
      if (error !== undefined) this.#close()
      else this.#isWanted = false
    })
    return undefined
  }

  /** @returns whether it has begun. */
  #beginRewrite(): boolean {
    const { engine, logger } = this.#parts
    this.rewriting.isScheduled = false
    if (this.#log !== undefined) {
      this.rewriting.begin(this.#log, () => engine.effects.forgetSelected())
      return true
    }
    try {
      const refusal = this.#parts.claimFolder()
      if (refusal !== undefined) {
        logger.log('warning', refusal)
        return false
      }
      const closed = this.#closedLog()
      closed.makeFolder()
      this.rewriting.beginBase(closed)
      return true
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      logger.log('warning', `Cannot rewrite the append-only file: ${error.message}`)
      return false
    }
  }

  #closedLog(): ClosedLog {
    const { host, logger } = this.#parts
    return new ClosedLog(host, this.#place, (level, message) => logger.log(level, message))
  }

  get #place(): LogPlace {
    const { dir, appenddirname, appendfilename } = this.#parts.config.values
    return { dir, folderName: appenddirname, fileName: appendfilename }
  }

  #close(): void {
    const log = this.#log
    if (log === undefined) return
    const { effects } = this.#parts.engine
    effects.flush()
    this.#log = undefined
    effects.sink = undefined
    this.#isClosing = true
    // Replies that wait for the log go on waiting: what they acknowledge is to be stable all the same.
    this.rewriting.whenQuiet(() =>
      this.#finish(log, () => {
        this.#isClosing = false
        this.#detach()
        this.#afterClosing?.()
      }),
    )
  }

  /** Stops a log. `done` is called outside of any command, for the replies that wait for the log. */
  #finish(log: AppendLog, done: (error: FileError | undefined) => void): void {
    log.stop((error) => this.#parts.host.timers.soon(() => done(error)))
  }

  /** DEBUG LOADAOF: throws all data away and loads the log. @returns why it cannot be done. */
  loadAgain(): string | undefined {
    const log = this.#log
    this.rewriting.abandon()
    if (log !== undefined) {
      return this.#refill('AOF files', true, () => log.readAgain())
    }
    const closed = this.#closedLog()
    if (!closed.isThere) return 'ERR The append only file is not in use'
    const { host, logger } = this.#parts
    return this.#refill('AOF files', true, () => {
      closed.load({
        files: host.files,
        apply: (bytes, start, end, offset) => this.#apply(bytes, start, end, offset),
        allowsCutTail: false,
        log: (level, message) => logger.log(level, message),
        monotonicMs: () => host.clock.monotonicMs(),
        loadSnapshot: (file, name, progress) => this.#parts.loader.loadBase(file, name, progress),
      })
    })
  }

  /** DEBUG RELOAD: loads a snapshot. @returns why it cannot be done. */
  refillFrom(
    snapshotPath: string,
    { flushes, replaces }: { readonly flushes: boolean; readonly replaces: boolean },
  ): string | undefined {
    const { loader } = this.#parts
    return this.#refill('RDB dump', flushes, () => {
      const isThere = finishPaced(loader.load(snapshotPath, NO_PROGRESS, replaces))
      if (!isThere) throw new Error(`There is no snapshot "${snapshotPath}"`)
    })
  }

  /**
   * Lets `fill` load data, mostly in the place of all that there is. Not while a command runs: whatever
   * was set aside for this has told its effects, and they go to the log when the turn ends.
   * @returns what to answer when that failed.
   */
  #refill(from: string, flushes: boolean, fill: () => void): string | undefined {
    const { engine, keyspace, logger } = this.#parts
    if (flushes) this.#forgetAll()
    keyspace.isLoading = true
    try {
      fill()
      return undefined
    } catch (error) {
      logger.log('warning', messageOf(error))
      if (flushes) this.#forgetAll()
      return `ERR Error trying to load the ${from}, check server logs.`
    } finally {
      keyspace.isLoading = false
      engine.resetLoader()
    }
  }

  #forgetAll(): void {
    for (const database of this.#parts.keyspace.databases) database.clear()
    this.#parts.forgetFunctions()
  }

  /** CONFIG SET appendfsync. What was done before, also in the same read, was done under the old one. */
  setPolicy(policy: 'always' | 'everysec' | 'no'): void {
    this.#parts.engine.effects.flush()
    this.#log?.setPolicy(policy)
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number | string>> {
    if (this.#log === undefined) return { aof_enabled: this.#isWanted ? 1 : 0 }
    return { ...this.#log.figures(), aof_pending_rewrite: this.rewriting.isScheduled ? 1 : 0 }
  }

  /** Sets back what the figures count. */
  resetFigures(): void {
    this.rewriting.resetFigures()
    this.#log?.resetFigures()
  }

  /** Why writes are refused, in the reference's words, or `undefined`. */
  get refusal(): string | undefined {
    return this.#log?.refusal()
  }

  /** Finishes the log; `done` gets what went wrong. */
  stop(done: (error: Error | undefined) => void): void {
    this.#isStopped = true
    this.rewriting.abandon()
    if (this.#isClosing) this.#afterClosing = () => done(undefined)
    else this.rewriting.whenQuiet(() => this.#stopLog(done))
  }

  #stopLog(done: (error: Error | undefined) => void): void {
    const log = this.#log
    if (log === undefined) {
      done(undefined)
      return
    }
    this.#parts.engine.effects.flush()
    this.#finish(log, (error) => {
      this.#log = undefined
      this.#detach()
      done(error)
    })
  }

  /** Opens the log and loads it. */
  *#open(progress: LoadProgress): Paced<void> {
    const { host, logger, engine } = this.#parts
    const begun = host.clock.monotonicMs()
    this.#log = yield* AppendLog.openPaced({
      ...this.#logOptions(),
      progress,
      beginWith: (log) => {
        engine.effects.sink = log
        engine.effects.forgetSelected()
        this.#importPlainText(() => log.flush())
        engine.effects.flush()
      },
    })
    const seconds = ((host.clock.monotonicMs() - begun) / 1000).toFixed(3)
    if (this.#log.loadedCommands > 0) {
      logger.log('notice', `DB loaded from append only file: ${seconds} seconds`)
    }
  }

  #logOptions(): AppendLogOptions {
    const { host, config, engine, keyspace, logger, formats, isSaving } = this.#parts
    const { values } = config
    return {
      host,
      place: this.#place,
      policy: values.appendfsync,
      allowsCutTail: values.aofLoadTruncated,
      log: (level, message) => logger.log(level, message),
      apply: (bytes, start, end, offset) => this.#apply(bytes, start, end, offset),
      isLocked: true,
      loadSnapshot: (file, name, progress) => this.#parts.loader.loadBase(file, name, progress),
      beforeWrite: () => this.beforeWrite?.(),
      notesTime: () => config.values.aofTimestampEnabled,
      emptyBase: () => formats.emptyBase(),
      keepsHistory: () => config.values.aofDisableAutoGc,
      isMidCommand: () => keyspace.isMidCommand,
      times: diskLatency(engine.meter.latency, () => isSaving() || this.rewriting.isActive),
    }
  }

  #apply(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const refused = this.#parts.engine.replay(bytes, start, end)
    if (refused === undefined) return
    const [, unknown] = /^ERR unknown command '(.*?)', with/.exec(refused) ?? []
    if (unknown !== undefined) {
      throw new Error(`Unknown command '${unknown}' reading the append only file`)
    }
    throw new Error(
      `A command at or after byte ${offset} of the append-only file fails: ${refused}`,
    )
  }

  #importPlainText(afterSome: () => void = () => {}): void {
    const { host, config, engine, logger } = this.#parts
    const name = `${config.values.dir}/${PLAIN_TEXT_NAME}`
    if (!host.files.exists(name)) return
    let count = 0
    importPlainText({
      files: host.files,
      path: name,
      split: (line) => splitArgs(line, 0, line.length),
      apply: (argv) => {
        const refused = engine.replayArgs(argv)
        if (refused !== undefined) throw new Error(`A line of "${name}" fails: ${refused}`)
        if (++count % 1024 === 0) afterSome()
      },
      log: (level, message) => logger.log(level, message),
    })
  }

  #attach(): void {
    const { engine } = this.#parts
    const log = this.#log
    engine.effects.sink = log
    engine.effects.forgetSelected()
    engine.outbox.setBarrier(log === undefined ? undefined : this.#barrier(log))
  }

  #detach(): void {
    const { engine } = this.#parts
    engine.effects.flush()
    engine.effects.sink = undefined
    engine.outbox.setBarrier(undefined)
    this.#see()
  }

  /** The log as replies see it; failures and recoveries also reach admission. */
  #barrier(log: AppendLog): Barrier {
    return {
      get appendedOffset() {
        return log.appendedOffset
      },
      get releasedOffset() {
        return log.releasedOffset
      },
      get gatherMs() {
        return log.gatherMs
      },
      flush: () => log.flush(),
      onDurable: (call) =>
        log.onDurable(() => {
          this.#see()
          call()
        }),
      onFailed: (call) =>
        log.onFailed(() => {
          this.#see()
          call()
        }),
    }
  }

  #see(): void {
    this.#parts.changed()
  }
}

function messageOf(error: unknown): string {
  return error instanceof AofError || error instanceof Error ? error.message : String(error)
}
