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
 * How bytes become stable, and what happens when the disk fails, is told in `log-writer.ts`; how
 * files are read, in `load.ts`.
 */
import { FileError, type Host, type OpenFile, systemText, type Timer } from '../host/index.ts'
import type { ApplyCommands } from './command-reader.ts'
import type { LogLine } from './errors.ts'
import { Layout, type LogPlace } from './layout.ts'
import { type LoadOptions, type LoadSnapshot, loadParts } from './load.ts'
import { FolderLock } from './lock.ts'
import { type LogFailure, LogWriter, type SyncPolicy } from './log-writer.ts'
import { EMPTY_MANIFEST, type Manifest } from './manifest.ts'

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
  /** Loads a base in snapshot form. Without it only an empty one is accepted. */
  readonly loadSnapshot?: LoadSnapshot
  /**
   * Called when there was no log yet. What it appends is the beginning of the log, and becomes part
   * of it as a whole or, if the machine stops meanwhile, not at all.
   */
  readonly beginWith?: (log: AppendLog) => void
  /**
   * Replaces the log that is there by what `beginWith` appends, without loading it: CONFIG SET
   * appendonly yes, when the data is in memory already.
   */
  readonly startsOver?: boolean
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

/** An open log. */
export class AppendLog {
  /** Commands that were loaded when the log was opened. */
  readonly loadedCommands: number
  readonly #options: AppendLogOptions
  readonly #layout: Layout
  readonly #lock: FolderLock | undefined
  readonly #writer: LogWriter
  readonly #ticks: Timer
  #manifest: Manifest
  #baseBytes: number
  /** The files before the present one: base and older increments. */
  #olderBytes: number
  #onDurable: (() => void) | undefined
  #onFailed: ((failure: LogFailure) => void) | undefined
  #isClosed = false

  /**
   * Loads the log at `place` and opens it for appending, or begins one.
   * @throws AofError when it is in use, damaged or not ours to overwrite; FileError when the disk
   * refuses. Nothing is left open then.
   */
  static open(options: AppendLogOptions): AppendLog {
    const { host, place, log } = options
    const layout = new Layout(host.files, place)
    layout.makeFolder()
    const lock = takeLock(options)
    try {
      const read = layout.read()
      const found = layout.takeOverSingleFile(read, log) ?? read
      if (found === undefined) layout.assertNothingWouldBeLost()
      return new AppendLog(options, layout, lock, found)
    } catch (error) {
      lock?.release()
      throw error
    }
  }

  private constructor(
    options: AppendLogOptions,
    layout: Layout,
    lock: FolderLock | undefined,
    found: Manifest | undefined,
  ) {
    this.#options = options
    this.#layout = layout
    this.#lock = lock
    const isNew = found === undefined || options.startsOver === true
    const begun = isNew ? this.#prepareNew(found ?? EMPTY_MANIFEST) : this.#load(found)
    this.#manifest = begun.manifest
    this.#baseBytes = begun.baseBytes
    this.#olderBytes = begun.totalBytes - begun.file.size()
    this.loadedCommands = begun.commands
    const { policy, host, log } = options
    const events = {
      onDurable: () => this.#onDurable?.(),
      onFailed: (failure: LogFailure) => this.#onFailed?.(failure),
    }
    // While a log begins, nobody waits for it, and it counts only when all of it is stable.
    const beginPolicy = isNew ? 'no' : policy
    const writing = { policy: beginPolicy, events, clock: host.clock, log } as const
    this.#writer = new LogWriter(begun.file, writing)
    if (isNew) this.#finishNew(begun.file)
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

  /**
   * Replies to writes up to this offset may leave. It can stay behind after a failure: who waits
   * for more is told through `onFailed`.
   */
  get releasedOffset(): number {
    return this.needsBarrier ? this.#writer.durableOffset : this.#writer.appendedOffset
  }

  /** Whether only a rewrite of the data can make the log trustworthy again; see `log-writer.ts`. */
  get needsRewrite(): boolean {
    return this.#writer.needsRewrite
  }

  /** Copies `bytes[start, end)`, some whole commands, to the end of the log. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.#writer.append(bytes, start, end)
  }

  /** Called once at the end of each turn of the loop, before replies are sent. */
  flush(): void {
    this.#writer.flush()
  }

  /** `call` is told whenever `releasedOffset` may have grown. */
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
   * Goes on in a new increment. `begun` is called in the turn of the loop in which that happens:
   * what was appended by then is in the files before it and stable, what comes later goes into the
   * new one. A rewrite takes its view of the data in `begun`.
   */
  startNewIncrement(begun: (error: FileError | undefined) => void): void {
    const part = this.#layout.nextIncrement(this.#manifest)
    const next = { ...this.#manifest, increments: [...this.#manifest.increments, part] }
    let olderBytes = 0
    const open = () => {
      olderBytes = this.#olderBytes + this.#writer.fileBytes
      const file = this.#createStable(part.name)
      try {
        this.#adopt(next)
      } catch (error) {
        file.close()
        throw error
      }
      return file
    }
    this.#writer.moveTo(open, (error) => {
      if (error === undefined) {
        this.#olderBytes = olderBytes
        this.#options.log('notice', `Creating AOF incr file ${part.name} on background rewrite`)
      }
      begun(error)
    })
  }

  /**
   * The end of a rewrite: makes the file `temporaryName` in the log's folder, written and synced,
   * the base of everything before the present increment, and removes what it replaces.
   */
  replaceBase(temporaryName: string, format: 'rdb' | 'aof'): void {
    const { files } = this.#options.host
    const layout = this.#layout
    const base = layout.nextBase(this.#manifest, format)
    files.rename(layout.pathOf(temporaryName), layout.pathOf(base.name))
    files.syncFolder(layout.folder)
    const { base: oldBase, history, increments } = this.#manifest
    const replaced = [...(oldBase === undefined ? [] : [oldBase]), ...increments.slice(0, -1)]
    this.#adopt({
      base,
      history: [...history, ...replaced],
      increments: increments.slice(-1),
    })
    const file = files.open(layout.pathOf(base.name), 'read')
    this.#baseBytes = file.size()
    file.close()
    this.#olderBytes = this.#baseBytes
    this.#manifest = layout.removeHistory(this.#manifest, this.#options.log)
    this.#writer.needsRewrite = false
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

  /**
   * Makes everything stable, closes the log and gives the folder free: the end of the store, or
   * CONFIG SET appendonly no. `done` gets the error when some of it could not be written.
   */
  stop(done: (error: FileError | undefined) => void): void {
    this.#ticks.stop()
    this.#writer.stop((error) => {
      this.#isClosed = true
      this.#lock?.release()
      done(error)
    })
  }

  /**
   * Hands all that the log holds to `apply` once more, for a store that has thrown its data away:
   * DEBUG LOADAOF. @throws AofError or FileError when it cannot be read, or not be written first.
   */
  readAgain(): void {
    this.#writer.finish()
    loadParts(this.#layout, this.#manifest, this.#loadOptions())
  }

  /** The first half of a new log: files, and a manifest that does not count yet. */
  #prepareNew(old: Manifest): Begun {
    const part = this.#layout.nextIncrement(old)
    const replaced = [...(old.base === undefined ? [] : [old.base]), ...old.increments]
    const history = [...old.history, ...replaced]
    const manifest = { base: undefined, history, increments: [part] }
    this.#layout.prepare(manifest)
    const file = this.#createStable(part.name)
    this.#options.log('notice', `Creating AOF incr file ${part.name} on server start`)
    return { manifest, file, baseBytes: 0, totalBytes: 0, commands: 0 }
  }

  /** The second half: what the log begins with is stable before the log exists. */
  #finishNew(file: OpenFile): void {
    try {
      this.#options.beginWith?.(this)
      this.#writer.finish()
      this.#layout.adoptPrepared()
      this.#manifest = this.#layout.removeHistory(this.#manifest, this.#options.log)
    } catch (error) {
      file.close()
      throw error
    }
  }

  #load(found: Manifest): Begun {
    const { host, log } = this.#options
    const layout = this.#layout
    const loaded = loadParts(layout, found, this.#loadOptions())
    let manifest = layout.removeHistory(found, log)
    const last = manifest.increments.at(-1)
    if (last !== undefined) {
      log('notice', `Opening AOF incr file ${last.name} on server start`)
      const file = host.files.open(layout.pathOf(last.name), 'append')
      // What a killed process wrote was loaded, and may be seen by clients from now on.
      file.sync()
      return { manifest, file, ...loaded }
    }
    const part = layout.nextIncrement(manifest)
    manifest = { ...manifest, increments: [part] }
    const file = this.#createStable(part.name)
    layout.write(manifest)
    log('notice', `Creating AOF incr file ${part.name} on server start`)
    return { manifest, file, ...loaded }
  }

  #loadOptions(): LoadOptions {
    const { host, apply, loadSnapshot, allowsCutTail, log } = this.#options
    const monotonicMs = () => host.clock.monotonicMs()
    return { files: host.files, apply, loadSnapshot, allowsCutTail, log, monotonicMs }
  }

  /** An empty file in the log's folder, whose name is stable. */
  #createStable(name: string): OpenFile {
    const { files } = this.#options.host
    const file = files.open(this.#layout.pathOf(name), 'create')
    files.syncFolder(this.#layout.folder)
    return file
  }

  /** Writes the manifest; when that fails, makes sure that the old one stays the one in force. */
  #adopt(next: Manifest): void {
    try {
      this.#layout.write(next)
      this.#manifest = next
    } catch (error) {
      if (error instanceof FileError) this.#restoreManifest()
      throw error
    }
  }

  #restoreManifest(): void {
    try {
      this.#layout.write(this.#manifest)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#options.log('warning', `Cannot restore the AOF manifest: ${error.message}`)
    }
  }
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
