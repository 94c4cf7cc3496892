/**
 * All that keeps a store's data beyond its process: the log, its rewriting, and snapshots. What walks over
 * the data takes turns, and one lock guards the folder in which all of it lies.
 */
import type { ReloadOptions, ShutdownRequest } from '../commands/index.ts'
import type { Engine } from '../engine/index.ts'
import { FileError, type Paced } from '../host/index.ts'
import { AofError, FolderLock, makeStableFolder } from '../persistence/index.ts'
import { Durability } from './durability.ts'
import { type FormatParts, Formats } from './formats.ts'
import { Loading } from './loading.ts'
import type { Logger } from './logger.ts'
import { Saving } from './saving.ts'
import { SnapshotLoader, type SnapshotLoaderParts } from './snapshot-loader.ts'

/** What persistence works with. */
export interface PersistenceParts extends FormatParts, SnapshotLoaderParts {
  readonly engine: Engine
  readonly logger: Logger
  /** What a log is loaded into has no functions. */
  forgetFunctions(): void
}

/** Where a folder cannot be written to, nothing can be saved, but a store can be served from it. */
const UNWRITABLE = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM']

export class Persistence {
  readonly durability: Durability
  readonly saving: Saving
  readonly #parts: PersistenceParts
  readonly #snapshots: SnapshotLoader
  #loading: Loading | undefined
  #lock: FolderLock | undefined
  #lockedFolder: string | undefined

  constructor(parts: PersistenceParts) {
    this.#parts = parts
    const { config } = parts
    this.#snapshots = new SnapshotLoader(parts)
    const shared = {
      ...parts,
      formats: new Formats(parts),
      loader: this.#snapshots,
      claimFolder: () => this.#claim(),
      changed: () => this.#see(),
      requestsSeen: () => parts.engine.stats.reads,
    }
    this.saving = new Saving({ ...shared, isRewriting: () => this.durability.rewriting.isActive })
    this.durability = new Durability({ ...shared, isSaving: () => this.saving.isActive })
    config.onChange(['save', 'stop-writes-on-bgsave-error'], () => {
      this.#see()
      return undefined
    })
  }

  /**
   * Loads what there is, and gives the folder free when that fails.
   * Throws `AofError` or `FileError` when that cannot be used.
   */
  *load(): Paced<void> {
    const { save } = this.#parts.config.values
    if (this.durability.loadsLog || save.length > 0) {
      const refusal = this.#claim()
      if (refusal !== undefined)
        throw new AofError(refusal, { path: this.#parts.config.values.dir })
    }
    let isLoaded = false
    this.#loading = new Loading(this.#parts.host, this.#parts.config, this.#parts.logger)
    try {
      yield* this.durability.load(this.#loading)
      isLoaded = true
    } finally {
      this.#loading = undefined
      if (!isLoaded) this.#release()
    }
    this.saving.loaded()
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number | string>> {
    const progress = this.saving.progress ?? this.durability.rewriting.progress
    return {
      ...(progress === undefined ? {} : progressFields(progress)),
      ...this.#snapshots.figures(),
      ...this.saving.figures(),
      ...this.durability.rewriting.figures(),
      ...this.durability.figures(),
      ...this.#loading?.figures(),
    }
  }

  /** Sets back what the figures count. */
  resetFigures(): void {
    this.saving.resetFigures()
    this.durability.resetFigures()
  }

  /**
   * SHUTDOWN, or a signal: saves where that is asked for.
   * @returns why the store must not end, in the wire's words, or `undefined`.
   */
  prepareEnd({ save, isForced }: ShutdownRequest): string | undefined {
    const { config, keyspace, logger } = this.#parts
    const refusal = 'ERR Errors trying to SHUTDOWN. Check logs.'
    if (this.durability.isBeginning && !isForced) {
      logger.log('warning', "Writing initial AOF, can't exit")
      return refusal
    }
    const wantsSave = save === 'yes' || (save === 'default' && config.values.save.length > 0)
    // What is not loaded yet would be missing in the snapshot.
    if (!wantsSave || keyspace.isLoading) return undefined
    logger.log('notice', 'Saving the final RDB snapshot before exiting.')
    this.saving.abandon()
    if (this.saving.save() === undefined) return undefined
    const tail = isForced ? ', exiting anyway.' : ", can't exit."
    logger.log('warning', `Error trying to save the DB${tail}`)
    return isForced ? undefined : refusal
  }

  /** To be called ten times a second: begins what is due. */
  tick(): void {
    // What a script or a transaction has done so far is no state to be kept without the rest.
    if (this.#parts.keyspace.isMidCommand) return
    this.durability.tick()
    this.saving.tick()
  }

  /** Finishes the log and gives the folder free; `done` gets what went wrong. */
  stop(done: (error: Error | undefined) => void): void {
    this.saving.stop()
    this.durability.stop((error) => {
      this.#release()
      done(error)
    })
  }

  /** DEBUG RELOAD: loads a snapshot again. @returns why it cannot be done. */
  reload({ saves, ...how }: ReloadOptions): string | undefined {
    this.saving.abandon()
    const refusal = saves ? this.saving.save() : undefined
    return refusal ?? this.durability.refillFrom(this.saving.path, how)
  }

  /** Takes the lock of the folder that the settings name. @returns why it cannot be had. */
  #claim(): string | undefined {
    const { host, config, logger } = this.#parts
    const { dir } = config.values
    if (this.#lockedFolder === dir) return undefined
    try {
      const log = (level: 'notice' | 'warning', line: string) => logger.log(level, line)
      makeStableFolder(host.files, dir)
      const lock = FolderLock.take(host.files, host.processes, dir, log)
      this.#release()
      this.#lock = lock
    } catch (error) {
      if (!(error instanceof AofError || error instanceof FileError)) throw error
      if (error instanceof AofError || !UNWRITABLE.includes(error.code)) return error.message
      logger.log('warning', `Going on without a lock of the data folder: ${error.message}`)
    }
    this.#lockedFolder = dir
    return undefined
  }

  #release(): void {
    this.#lock?.release()
    this.#lock = undefined
    this.#lockedFolder = undefined
  }

  /** Lets admission know why writes are refused, if they are. */
  #see(): void {
    const { admission } = this.#parts.engine
    const misconf = this.saving.refusal ?? this.durability.refusal
    if (admission.state.misconf !== misconf) admission.update({ misconf })
  }
}

/** How far a walk over all keys has come. */
function progressFields({ written, total }: { written: number; total: number }) {
  return {
    current_save_keys_processed: written,
    current_save_keys_total: total,
    current_fork_perc: (total === 0 ? 0 : (written * 100) / total).toFixed(2),
  }
}
