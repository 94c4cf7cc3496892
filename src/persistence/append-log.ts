/**
 * The append-only log of one store, from the lock of its folder to the last byte.
 *
 *     data/                       dir
 *       holdfast.lock             held while the log is open
 *       appendonlydir/            appenddirname
 *         appendonly.aof.manifest which files make up the log
 *         appendonly.aof.1.base.* the data at one moment; a log that began empty has none
 *         appendonly.aof.1.incr.aof  effects since then; the last increment is appended to
 *
 * How bytes become stable is told in `log-writer.ts`; how files are read, in `load.ts`.
 */
import {
  FileError,
  finishPaced,
  type Host,
  type OpenFile,
  type Paced,
  runSteps,
  type Steps,
  systemText,
  type Timer,
} from '../host/index.ts'
import type { ApplyCommands } from './command-reader.ts'
import type { DiskTimes } from './disk-times.ts'
import type { LogLine, RewriteTarget } from './errors.ts'
import { Layout, type LogPlace, sizeOf } from './layout.ts'
import {
  type Loaded,
  type LoadOptions,
  type LoadProgress,
  type LoadSnapshot,
  loadParts,
} from './load.ts'
import { FolderLock } from './lock.ts'
import type { LogFailure, SyncPolicy } from './log-events.ts'
import { LogWriter } from './log-writer.ts'
import { EMPTY_MANIFEST, type Manifest, type Part } from './manifest.ts'
import { ManifestKeeper } from './manifest-keeper.ts'
import { SuspectMark } from './suspect-mark.ts'

/** What a log is opened with. */
export interface AppendLogOptions {
  readonly host: Host
  readonly place: LogPlace
  /** `appendfsync`. */
  readonly policy: SyncPolicy
  /** `aof-load-truncated`. */
  readonly allowsCutTail: boolean
  readonly log: LogLine
  /** Gets everything the log holds, in order, before `open` returns. */
  readonly apply: ApplyCommands
  /** Loads a base in snapshot form. */
  readonly loadSnapshot: LoadSnapshot
  /** Hears how far loading has come. */
  readonly progress?: LoadProgress | undefined
  /**
   * Called when there was no log yet. What it appends is the beginning of the log, and becomes part
   * of it as a whole or, if the machine stops meanwhile, not at all.
   */
  readonly beginWith?: (log: AppendLog) => void
  /** The base of a log that begins: a data set of nothing. Without it there is none. */
  readonly emptyBase?: () => { readonly format: 'rdb' | 'aof'; readonly bytes: Uint8Array }
  /** Called before what came in a turn is written. */
  readonly beforeWrite?: () => void
  /** Whether it is noted between the commands when they came: `aof-timestamp-enabled`. */
  readonly notesTime?: () => boolean
  /**
   * What is there is not loaded, and stays in force until the first `replaceBase`: CONFIG SET
   * appendonly yes, when the data is in memory already and is about to become the base.
   */
  readonly startsOver?: boolean
  /** Whoever opens the log holds the lock of the folder. */
  readonly isLocked?: boolean
  /** Hears how long the disk takes. */
  readonly times?: DiskTimes
  /** Whether files that a rewrite has replaced are left: `aof-disable-auto-gc`. */
  readonly keepsHistory?: () => boolean
  /** Whether a script or a transaction is set aside, half-way: no time for a view of the data. */
  readonly isMidCommand?: () => boolean
}

/** Figures for INFO, under its names. */
export interface LogFigures {
  readonly aof_enabled: 0 | 1
  readonly aof_last_write_status: 'ok' | 'err'
  readonly aof_current_size: number
  readonly aof_base_size: number
  readonly aof_buffer_length: number
  readonly aof_pending_bio_fsync: number
  readonly aof_delayed_fsync: number
}

const TICK_MS = 1000

/** What is told of a new increment. */
export interface IncrementEvents {
  /** From here on all goes into the new one. */
  begun(): void
  /** It is done, or it failed. */
  done(error: FileError | undefined): void
}

/** An open log. */
export class AppendLog implements RewriteTarget {
  /** Commands that were loaded when the log was opened. */
  readonly loadedCommands: number
  readonly #options: AppendLogOptions
  readonly #layout: Layout
  readonly #lock: FolderLock | undefined
  readonly #mark: SuspectMark
  readonly #writer: LogWriter
  readonly #ticks: Timer
  readonly #manifest: ManifestKeeper
  #baseBytes: number
  /** The files before the present one: base and older increments. */
  #olderBytes: number
  #onDurable: (() => void) | undefined
  #onFailed: ((failure: LogFailure) => void) | undefined
  /** The increment of a log that is not in force: a new start would not find it. */
  #pending: Part | undefined
  /** The last time that was noted between commands. */
  #notedSeconds = 0
  #isClosed = false
  /** It was closed, and all that it had by then is stable. */
  #isStable = false
  #isMoving = false

  /**
   * Loads the log at `place` and opens it for appending, or begins one.
   * @throws AofError when it is in use, damaged or not ours to overwrite; FileError when the disk
   * refuses. Nothing is left open then.
   */
  static open(options: AppendLogOptions): AppendLog {
    return finishPaced(AppendLog.openPaced(options))
  }

  /** The same with pauses while it loads. */
  static *openPaced(options: AppendLogOptions): Paced<AppendLog> {
    const { host, place, log } = options
    const layout = new Layout(host.files, place)
    layout.makeFolder()
    const lock = options.isLocked ? undefined : takeLock(options)
    let opened: AppendLog | undefined
    try {
      const read = layout.read()
      const found = layout.takeOverSingleFile(read, log) ?? read
      if (found === undefined) layout.assertNothingWouldBeLost()
      const isLoaded = found !== undefined && !options.startsOver
      const loaded = isLoaded ? yield* loadParts(layout, found, loadOptions(options)) : undefined
      opened = new AppendLog(options, layout, lock, found, loaded)
      return opened
    } finally {
      if (opened === undefined) lock?.release()
    }
  }

  private constructor(
    options: AppendLogOptions,
    layout: Layout,
    lock: FolderLock | undefined,
    found: Manifest | undefined,
    loaded: Loaded | undefined,
  ) {
    this.#options = options
    this.#layout = layout
    this.#lock = lock
    this.#mark = new SuspectMark(options.host.files, layout, options.log)
    const isNew = loaded === undefined
    const begun = isNew
      ? this.#prepareNew(found ?? EMPTY_MANIFEST)
      : this.#goOn(found ?? EMPTY_MANIFEST, loaded)
    const isStartingOver = options.startsOver === true
    const current = isStartingOver ? (found ?? EMPTY_MANIFEST) : begun.manifest
    this.#manifest = new ManifestKeeper(layout, options.host.files, current, options.log)
    this.#pending = isStartingOver ? begun.manifest.increments[0] : undefined
    this.#baseBytes = begun.baseBytes
    this.#olderBytes = begun.totalBytes - begun.file.size()
    this.loadedCommands = begun.commands
    const { policy, host, log, times } = options
    const events = {
      onDurable: () => {
        if (this.#writer.failure === undefined) this.#mark.clear()
        this.#onDurable?.()
      },
      onFailed: (failure: LogFailure) => {
        if (failure.kind === 'sync') this.#mark.set()
        this.#onFailed?.(failure)
      },
    }
    // While a log begins, nobody waits for it, and it counts only when all of it is stable.
    const beginPolicy = isNew ? 'no' : policy
    const writing = { policy: beginPolicy, events, clock: host.clock, log, times } as const
    this.#writer = new LogWriter(begun.file, writing)
    if (isNew && !isStartingOver) this.#finishNew(begun.file)
    this.#writer.setPolicy(policy)
    this.#ticks = host.timers.every(TICK_MS, () => this.#writer.tick())
  }

  /** Bytes ever appended since the log was opened. */
  get appendedOffset(): number {
    return this.#writer.appendedOffset
  }

  /** Of these, the bytes that survive a power cut. */
  get durableOffset(): number {
    return this.#writer.durableOffset
  }

  /** Whether replies to writes must wait until `durableOffset` has reached them. */
  get needsBarrier(): boolean {
    return this.#writer.policy === 'always' && !this.#isClosed
  }

  /** Replies to writes up to here may leave. It may stay behind a failure, see `onFailed`. */
  get releasedOffset(): number {
    return this.#isStable ? this.#writer.durableOffset : this.#writer.releasedOffset
  }

  /** Whether only a rewrite of the data can make the log trustworthy again; see `log-writer.ts`. */
  get needsRewrite(): boolean {
    return this.#writer.needsRewrite
  }

  /** Copies `bytes[start, end)`, some whole commands, to the end of the log. */
  append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#options.notesTime?.()) this.#noteTime()
    this.#writer.append(bytes, start, end)
  }

  /** Once a second: `#TS:` and the seconds since 1970. */
  #noteTime(): void {
    const seconds = Math.floor(this.#options.host.clock.nowMs() / 1000)
    if (seconds <= this.#notedSeconds) return
    this.#notedSeconds = seconds
    const note = Buffer.from(`#TS:${seconds}\r\n`)
    this.#writer.append(note, 0, note.length)
  }

  /** How long `flush` may wait for more, in milliseconds. */
  get gatherMs(): number {
    return this.#writer.gatherMs
  }

  /** Called once at the end of each turn of the loop, before replies are sent. */
  flush(): void {
    if (this.#writer.bufferedBytes > 0) this.#options.beforeWrite?.()
    this.#writer.flush()
  }

  /** `call` is told whenever `releasedOffset` may have grown. What is beyond it then waits for `flush`. */
  onDurable(call: () => void): void {
    this.#onDurable = call
  }

  /**
   * `call` is told of every failed write and sync, before the call or turn that failed ends. With
   * `always`, replies that wait for an offset in `(from, to]` must not be sent as a success; their
   * writes may still become stable later, so their outcome is unknown to the client.
   */
  onFailed(call: (failure: LogFailure) => void): void {
    this.#onFailed = call
  }

  /** The reference's error for writes while the log cannot be written, or `undefined`. */
  refusal(): string | undefined {
    const failure = this.#writer.failure
    if (failure === undefined) return undefined
    return `MISCONF Errors writing to the AOF file: ${systemText(failure.error.code)}`
  }

  /** CONFIG SET appendfsync. */
  setPolicy(policy: SyncPolicy): void {
    this.#writer.setPolicy(policy)
  }

  /**
   * Goes on in a new increment, without holding the loop. `begun` is called at the moment from which
   * on all that is appended goes into the new one: a rewrite takes its view of the data there. It is
   * called outside of any command. `done` gets what failed, also after `begun`; then the log goes on
   * in its old increment, and holds all.
   */
  startNewIncrement({ begun, done }: IncrementEvents): void {
    if (this.#isMoving) throw new Error('a new increment is being made')
    this.#isMoving = true
    const ended = (error: FileError | undefined) => {
      this.#isMoving = false
      done(error)
    }
    runSteps(() => this.#moveOn(begun), ended)
  }

  *#moveOn(begun: () => void): Steps {
    const { files, timers } = this.#options.host
    const old = this.#manifest.current
    const part = this.#layout.nextIncrement(old)
    const path = this.#layout.pathOf(part.name)
    const isLeft = files.exists(path)
    const file = files.open(path, 'create')
    let olderBytes = 0
    try {
      if (isLeft) yield (done) => file.syncLater(done)
      yield* this.#manifest.adopt({ ...old, increments: [...old.increments, part] })
      yield (done) =>
        this.#writer.moveTo(file, {
          delay: (again) => {
            if (this.#options.isMidCommand?.() !== true) return false
            timers.soon(again)
            return true
          },
          begun: () => {
            olderBytes = this.#olderBytes + this.#writer.fileBytes
            this.#notedSeconds = 0
            begun()
          },
          done,
        })
    } catch (error) {
      if (error instanceof FileError) {
        file.close()
        yield* this.#manifest.takeBack(old, part.name)
      }
      throw error
    }
    this.#olderBytes = olderBytes
    this.#options.log('notice', `Creating AOF incr file ${part.name} on background rewrite`)
  }

  replaceBase(
    temporaryPath: string,
    format: 'rdb' | 'aof',
    done: (error: FileError | undefined) => void,
  ): void {
    runSteps(() => this.#newBase(temporaryPath, format), done)
  }

  *#newBase(temporaryPath: string, format: 'rdb' | 'aof'): Steps {
    const { host, keepsHistory } = this.#options
    const size = sizeOf(host.files, temporaryPath)
    const base = this.#layout.nextBase(this.#manifest.current, format)
    const { increments } = this.#manifest.current
    const kept = this.#pending === undefined ? increments.slice(-1) : [this.#pending]
    yield* this.#manifest.replaceBase(temporaryPath, base, kept)
    this.#pending = undefined
    this.#olderBytes = size
    this.#baseBytes = size + this.#writer.fileBytes
    this.#writer.needsRewrite = false
    if (keepsHistory?.() !== true) yield* this.#manifest.removeHistory()
  }

  /** Removes what earlier rewrites have left. Not while one is under way, which does it by itself. */
  removeHistory(): void {
    const { current } = this.#manifest
    this.#manifest.current = this.#layout.removeHistory(current, this.#options.log)
  }

  temporaryBase(number: number): string {
    return this.#layout.temporaryBase(number)
  }

  /** The figures of INFO persistence. */
  figures(): LogFigures {
    const writer = this.#writer
    return {
      aof_enabled: this.#isClosed ? 0 : 1,
      aof_last_write_status: writer.failure === undefined ? 'ok' : 'err',
      aof_current_size: this.#olderBytes + writer.fileBytes,
      aof_base_size: this.#baseBytes,
      aof_buffer_length: writer.bufferedBytes,
      aof_pending_bio_fsync: writer.isSyncing ? 1 : 0,
      aof_delayed_fsync: writer.delayedSyncs,
    }
  }

  /** Sets back what the figures count. */
  resetFigures(): void {
    this.#writer.delayedSyncs = 0
  }

  /**
   * Makes everything stable, closes the log and gives the folder free: the end of the store, or
   * CONFIG SET appendonly no. `done` gets the error when some of it could not be written.
   */
  stop(done: (error: FileError | undefined) => void): void {
    this.#ticks.stop()
    this.#writer.stop((error) => {
      this.#isClosed = true
      this.#isStable = error === undefined
      const end = () => {
        this.#lock?.release()
        done(error)
      }
      const { isCertain } = this.#manifest
      // Nobody would ever read it. The next log may have a file of the same name, so this one goes first.
      if (this.#pending !== undefined && isCertain) this.#layout.removePart(this.#pending, end)
      else end()
    })
  }

  /**
   * Hands all that the log holds to `apply` once more, for a store that has thrown its data away:
   * DEBUG LOADAOF. @throws AofError or FileError when it cannot be read, or not be written first.
   */
  readAgain(): void {
    this.#writer.finish()
    finishPaced(loadParts(this.#layout, this.#manifest.current, loadOptions(this.#options)))
  }

  /** The first half of a new log: files, and a manifest that does not count yet. */
  #prepareNew(old: Manifest): Begun {
    const part = this.#layout.nextIncrement(old)
    const replaced = [...(old.base === undefined ? [] : [old.base]), ...old.increments]
    const history = [...replaced.reverse(), ...old.history]
    const empty = this.#options.startsOver ? undefined : this.#options.emptyBase?.()
    const base = empty === undefined ? undefined : this.#layout.nextBase(old, empty.format)
    const manifest = { base, history, increments: [part] }
    this.#layout.prepare(manifest)
    const baseBytes = empty?.bytes.length ?? 0
    if (base !== undefined) {
      this.#layout.writePart(base, empty!.bytes)
      this.#options.log('notice', `Creating AOF base file ${base.name} on server start`)
    }
    const file = this.#createStable(part.name)
    this.#options.log('notice', `Creating AOF incr file ${part.name} on server start`)
    return { manifest, file, baseBytes, totalBytes: baseBytes, commands: 0 }
  }

  /** The second half: what the log begins with is stable before the log exists. */
  #finishNew(file: OpenFile): void {
    try {
      this.#options.beginWith?.(this)
      this.#writer.finish()
      this.#layout.adoptPrepared()
      this.removeHistory()
    } catch (error) {
      file.close()
      throw error
    }
  }

  /** Opens the last increment of a log that was loaded. */
  #goOn(found: Manifest, loaded: Loaded): Begun {
    const { host, log } = this.#options
    const layout = this.#layout
    let manifest = layout.removeHistory(found, log)
    const last = manifest.increments.at(-1)
    if (last !== undefined) {
      log('notice', `Opening AOF incr file ${last.name} on server start`)
      this.#mark.settle(manifest.increments.map(({ name }) => name))
      const file = host.files.open(layout.pathOf(last.name), 'append')
      return { manifest, file, ...loaded }
    }
    const part = layout.nextIncrement(manifest)
    manifest = { ...manifest, increments: [part] }
    const file = this.#createStable(part.name)
    layout.write(manifest)
    log('notice', `Creating AOF incr file ${part.name} on server start`)
    return { manifest, file, ...loaded }
  }

  /**
   * An empty file in the log's folder, whose name is stable. A log that never was in force may have left
   * one there: what was in that must not come back after a power cut.
   */
  #createStable(name: string): OpenFile {
    const { files } = this.#options.host
    const path = this.#layout.pathOf(name)
    const isLeft = files.exists(path)
    const file = files.open(path, 'create')
    if (isLeft) file.sync()
    files.syncFolder(this.#layout.folder)
    return file
  }
}

function loadOptions(options: AppendLogOptions): LoadOptions {
  const { host } = options
  return { ...options, files: host.files, monotonicMs: () => host.clock.monotonicMs() }
}

/** On a full disk a store must be able to start, so that data can be deleted: then without lock. */
function takeLock({ host, place, log }: AppendLogOptions): FolderLock | undefined {
  try {
    return FolderLock.take(host.files, host.processes, place.dir, log)
  } catch (error) {
    if (!(error instanceof FileError) || !['ENOSPC', 'EDQUOT'].includes(error.code)) throw error
    log('warning', `Going on without a lock of the data folder: ${error.message}`)
    return undefined
  }
}

interface Begun {
  readonly manifest: Manifest
  readonly file: OpenFile
  readonly baseBytes: number
  readonly totalBytes: number
  readonly commands: number
}
