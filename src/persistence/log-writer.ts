/**
 * The open end of the log: what was appended, what is in the file, and what is stable.
 *
 *     durable  <=  written  <=  appended          (offsets, counted in bytes since the start)
 *
 * **`everysec` and `no`.** `flush` writes all that was appended, at once. It does not wait while a
 * sync is running, as the reference does: an acknowledged write is then in the system's hands and
 * survives the death of this process, at any moment. A sync is begun once a second, off the loop,
 * never two at a time.
 *
 * **`always`.** Group commit. `flush` writes and begins a sync off the loop; whatever is appended
 * meanwhile goes together into the next. Replies wait until `durable` has passed them. Where syncs have
 * been found to be quick they are made on the loop: handing one to a thread and hearing of its end takes
 * as long then. Slow ones take them off the loop again. A sync that was begun as soon as
 * the last one has ended would come too early for those who are just being answered, and clients would
 * fall into two halves that wait for each other's syncs. So whoever hears of the end calls `flush`, and
 * `gatherMs` says how long it may be put off for the sake of those that are on their way.
 *
 * **When a write fails**, the part that got into the file is cut off again, so the file ends with a
 * whole command. If even that fails, the part counts as written and the rest follows it later. The
 * bytes stay here and are tried again every second; until then the store refuses writes.
 *
 * **When a sync fails**, the bytes it covered cannot be made stable by another sync: Linux marks
 * their pages as clean and drops them, so the next sync reports a success it did not have. They are
 * therefore kept here until a sync succeeded, and after a failure they are written anew, in place,
 * before the file is synced again. (Going on in a new increment, or cutting the file back first,
 * would leave a moment in which the death of the process loses what is in the old one.) With `no`
 * nothing is kept, and with `everysec` no more than `RETAINED_BYTES_MAX`, since a disk may sync more
 * slowly than it is written. What a failed sync covered beyond that is read back from the system's
 * cache and written anew, and reported as `needsRewrite`, since it may be gone from there.
 */
import { type Clock, FileError, type OpenFile, systemText } from '../host/index.ts'
import { ByteQueue } from './byte-queue.ts'
import type { DiskTimes } from './disk-times.ts'
import type { LogLine } from './errors.ts'
import type { LogFailure, MoveEvents, SyncPolicy, WriterEvents } from './log-events.ts'

const RETAINED_BYTES_MAX = 64 * 1024 * 1024
const REPAIR_BYTES = 1024 * 1024
const SLOW_SYNC_MS = 2000
const ERROR_LOG_PERIOD_MS = 30_000
/** A sync that takes no longer may hold the loop; off it, the ways there and back take their time too. */
const QUICK_SYNC_MS = 1
const QUICK_SYNC_AWAY_MS = 2
const GATHER_MS_MAX = 1
/** With so many quick ones to their credit they are made on the loop. */
const QUICK_SYNCS_MIN = 64
/** There is no more credit than this: enough for one that takes three times as long as a quick one may. */
const QUICK_SYNCS_MAX = 256

/** Appends to one file after another. See the top of this file. */
export class LogWriter {
  /** How often a sync was found to take longer than two seconds. */
  delayedSyncs = 0
  /** A failed sync reached further back than what is kept; see the top of this file. */
  needsRewrite = false
  readonly #times: DiskTimes | undefined
  readonly #queue = new ByteQueue()
  readonly #events: WriterEvents
  readonly #clock: Clock
  readonly #log: LogLine
  #file: OpenFile
  #policy: SyncPolicy
  /** The offset that lies at the beginning of the file. */
  #fileStart: number
  #written = 0
  #durable = 0
  #failure: LogFailure | undefined
  /** A sync failed: what is in the file after `#durable` must be written once more, and be synced. */
  #isSuspect = false
  #isSyncing = false
  /** The running sync is the last step of getting over a failure. */
  #isRecovering = false
  /** How many quick syncs there were lately, less what slow ones have cost. */
  #quickSyncs = 0
  #lastSyncMs = 0
  /** When the running sync began. */
  #syncBeganMs = 0
  /** The same, or when it was last found to be slow. */
  #syncNotedMs = 0
  #lastErrorLineMs = Number.NEGATIVE_INFINITY
  /** What waits for the end of the running sync. */
  #afterSync: (() => void) | undefined
  #isStopped = false
  /** Nothing is written: the writer is about to go on in another file. */
  #isHolding = false
  /** What was appended up to here was so under `always`. */
  #alwaysUntil = 0

  /** Goes on at the end of `file`, whose present content is stable. */
  constructor(
    file: OpenFile,
    options: {
      policy: SyncPolicy
      events: WriterEvents
      clock: Clock
      log: LogLine
      times?: DiskTimes | undefined
    },
  ) {
    this.#times = options.times
    this.#file = file
    this.#fileStart = -file.size()
    this.#policy = options.policy
    this.#events = options.events
    this.#clock = options.clock
    this.#log = options.log
  }

  get appendedOffset(): number {
    return this.#queue.end
  }

  get durableOffset(): number {
    return this.#durable
  }

  /** Replies to writes up to here may leave, as the policy says; see `moveTo`. */
  get releasedOffset(): number {
    if (this.#isCommitting) return this.#durable
    return this.#isHolding ? this.#written : this.#queue.end
  }

  /** Bytes appended that are not in the file. */
  get bufferedBytes(): number {
    return this.#queue.end - this.#written
  }

  /** The size of the present file. */
  get fileBytes(): number {
    return this.#written - this.#fileStart
  }

  get failure(): LogFailure | undefined {
    return this.#failure
  }

  /** With `always`, as long as the last sync took: so long at most would one wait that came too late. */
  get gatherMs(): number {
    return this.#isCommitting && !this.#isSyncing ? Math.min(this.#lastSyncMs, GATHER_MS_MAX) : 0
  }

  get isSyncing(): boolean {
    return this.#isSyncing
  }

  get policy(): SyncPolicy {
    return this.#policy
  }

  /** Adds bytes, some whole commands, to the log. Nothing is written before `flush`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.#queue.append(bytes, start, end)
  }

  /**
   * Changes the policy from now on. What was appended under `always` keeps its promise: replies to it
   * go on waiting until it is stable.
   */
  setPolicy(policy: SyncPolicy): void {
    if (this.#policy === 'always') this.#alwaysUntil = this.#queue.end
    this.#policy = policy
    this.flush()
  }

  /** Hands what was appended to the system, as the policy says. Called at the end of each turn. */
  flush(): void {
    if (this.#isHolding || this.#isStopped) return
    if (this.#isCommitting) {
      if (this.#failure === undefined) this.#commit()
    } else if (this.#failure?.kind !== 'write' && this.#written < this.#queue.end) {
      // Also after a failed sync: replies of a turn that had begun by then do not wait for the next one.
      if (this.#writeOut() && this.#failure === undefined) this.#forgetWhatIsSafe()
    }
  }

  /** Once a second: begins the periodic sync, and tries again what failed. */
  tick(): void {
    if (this.#isSyncing) {
      this.#noteSlowSync()
      return
    }
    if (this.#failure !== undefined) {
      this.#recover()
      return
    }
    this.flush()
    if (this.#policy === 'everysec' && this.#durable < this.#written) this.#beginSync()
  }

  /**
   * Goes on in another file, without holding the loop. `begun` is called once: what was appended by
   * then goes into the present file, what comes later into the next. The present one is made stable
   * before anything is written into the next; until then replies to writes wait. The bulk is synced
   * before `begun`, so that they do not wait long.
   *
   * `done` gets the error when the present file could not be made stable. Then all of it goes on in
   * there, and `next` is the caller's to close.
   */
  moveTo(next: OpenFile, { delay, begun, done }: MoveEvents): void {
    const end = () => {
      this.#isHolding = false
      const isStable = this.#failure === undefined && this.#durable === this.#written
      if (isStable) {
        this.#file.close()
        this.#file = next
        this.#fileStart = this.#written - next.size()
      }
      done(isStable ? undefined : this.#failure?.error)
      this.flush()
      this.#events.onDurable()
    }
    const hold = () => {
      if (this.#isStopped) {
        done(new FileError('EBADF', '', 'The log was closed'))
        return
      }
      if (this.#failure === undefined && delay(prepare)) return
      if (this.#failure !== undefined || !this.#writeOut()) {
        done(this.#failure!.error)
        return
      }
      begun()
      this.#isHolding = true
      this.#syncThen(end)
    }
    const prepare = () =>
      this.#whenQuiet(() => (this.#failure === undefined ? this.#syncThen(hold) : hold()))
    prepare()
  }

  #syncThen(call: () => void): void {
    if (this.#durable === this.#written) {
      call()
      return
    }
    this.#beginSync()
    this.#afterSync = call
  }

  /** Writes and syncs all, and closes the file. `done` may be called before this returns. */
  stop(done: (error: FileError | undefined) => void): void {
    this.#whenQuiet(() => {
      let failure: FileError | undefined
      try {
        this.finish()
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        failure = error
      }
      this.#isStopped = true
      this.#file.close()
      if (failure === undefined) this.#events.onDurable()
      done(failure)
    })
  }

  /** Writes and syncs on the loop. Everything appended is stable then, or this throws FileError. */
  finish(): void {
    this.#rewriteSuspects()
    if (!this.#writeOut()) throw this.#failure!.error
    try {
      if (this.#durable < this.#written) this.#file.sync()
    } catch (error) {
      this.#isSuspect = true
      if (error instanceof FileError) this.#fail('sync', error)
      throw error
    }
    this.#setDurable(this.#written)
    this.#solved()
  }

  #whenQuiet(call: () => void): void {
    if (!this.#isSyncing) {
      call()
      return
    }
    const earlier = this.#afterSync
    this.#afterSync = () => {
      earlier?.()
      this.#whenQuiet(call)
    }
  }

  /** Whether all is synced at once and replies wait for it. */
  get #isCommitting(): boolean {
    return this.#policy === 'always' || this.#durable < this.#alwaysUntil
  }

  /** One round of group commit: whatever was appended since the last. */
  #commit(): void {
    if (this.#isSyncing || this.#durable === this.#queue.end) return
    if (this.#written < this.#queue.end && !this.#writeOut()) return
    if (this.#quickSyncs >= QUICK_SYNCS_MIN) this.#syncHere()
    else this.#beginSync()
  }

  /** Writes all that is not in the file. @returns false when it failed. */
  #writeOut(): boolean {
    const isTimed = this.#times?.isOn === true
    const beganMs = isTimed ? this.#clock.monotonicMs() : 0
    try {
      this.#writeOrThrow()
      if (isTimed) this.#times!.wrote(this.#clock.monotonicMs() - beganMs, this.#isSyncing)
      return true
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#fail('write', error)
      return false
    }
  }

  #writeOrThrow(): void {
    const queue = this.#queue
    const began = this.#written
    try {
      while (this.#written < queue.end) {
        queue.locate(this.#written)
        this.#written += this.#file.write(queue.pieceBytes, queue.pieceStart, queue.pieceEnd)
      }
    } catch (error) {
      if (error instanceof FileError && this.#written > began) this.#cutBackTo(began)
      throw error
    }
  }

  /** Removes a partly written group, so that the file ends with a whole command. */
  #cutBackTo(offset: number): void {
    try {
      this.#file.truncate(offset - this.#fileStart)
      this.#written = offset
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log(
        'warning',
        `Could not remove a short write from the append-only file (${systemText(error.code)}). ` +
          'If the server stops now, the file ends inside of a command.',
      )
    }
  }

  /** Syncs on the loop. */
  #syncHere(): void {
    this.#syncBeganMs = this.#clock.monotonicMs()
    try {
      this.#file.sync()
    } catch (error) {
      this.#isSuspect = true
      this.#quickSyncs = 0
      if (!(error instanceof FileError)) throw error
      this.#fail('sync', error)
      return
    }
    this.#noteSyncTime(QUICK_SYNC_MS)
    this.#setDurable(this.#written)
    this.#events.onDurable()
  }

  #noteSyncTime(quickMs: number): void {
    const tookMs = this.#clock.monotonicMs() - this.#syncBeganMs
    this.#lastSyncMs = tookMs
    // Also quick disks are late at times. That alone does not take syncs off the loop: coming back takes long.
    const change = tookMs <= quickMs ? 1 : -QUICK_SYNCS_MIN * (tookMs / quickMs)
    this.#quickSyncs = Math.max(0, Math.min(QUICK_SYNCS_MAX, this.#quickSyncs + change))
    if (this.#isCommitting && this.#times?.isOn) this.#times.synced(tookMs)
  }

  #beginSync(): void {
    const covered = this.#written
    this.#isSyncing = true
    this.#syncBeganMs = this.#clock.monotonicMs()
    this.#syncNotedMs = this.#syncBeganMs
    this.#file.syncLater((error) => this.#endSync(covered, error))
  }

  #endSync(covered: number, error: FileError | undefined): void {
    this.#isSyncing = false
    this.#noteSyncTime(QUICK_SYNC_AWAY_MS)
    const isRecovering = this.#isRecovering
    this.#isRecovering = false
    if (error === undefined) {
      this.#setDurable(covered)
      // A write may have failed while this sync ran, and that is not solved by it.
      if (isRecovering) this.#solved()
    } else {
      this.#isSuspect = true
      this.#fail('sync', error)
    }
    const after = this.#afterSync
    this.#afterSync = undefined
    after?.()
    // What came under another policy while this one was still kept is written before its replies leave.
    if (!this.#isCommitting) this.flush()
    if (error === undefined) this.#events.onDurable()
  }

  #setDurable(offset: number): void {
    this.#durable = Math.max(this.#durable, offset)
    this.#queue.forget(this.#durable)
  }

  /** Keeps what a failed sync would need, within its limit. */
  #forgetWhatIsSafe(): void {
    const keepsNothing = this.#policy === 'no'
    this.#queue.forget(keepsNothing ? this.#written : this.#written - RETAINED_BYTES_MAX)
  }

  #noteSlowSync(): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#syncNotedMs < SLOW_SYNC_MS) return
    this.#syncNotedMs = nowMs
    this.delayedSyncs++
    this.#log('notice', 'Asynchronous AOF fsync is taking too long (disk is busy?).')
  }

  #recover(): void {
    const needsSync = this.#isSuspect || this.#isCommitting
    try {
      this.#rewriteSuspects()
      this.#writeOrThrow()
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#fail(this.#failure?.kind ?? 'write', error)
      return
    }
    if (!needsSync) {
      this.#solved()
      this.#forgetWhatIsSafe()
      this.#events.onDurable()
    } else {
      this.#isRecovering = true
      this.#beginSync()
    }
  }

  /** After a failed sync: writes what may never reach the disk once more. */
  #rewriteSuspects(): void {
    if (!this.#isSuspect) return
    const queue = this.#queue
    let offset = this.#durable
    if (offset < queue.start) offset = this.#rewriteFromFile(offset, queue.start)
    while (offset < this.#written) {
      queue.locate(offset)
      const { pieceBytes, pieceStart } = queue
      const end = Math.min(queue.pieceEnd, pieceStart + this.#written - offset)
      offset += this.#file.rewrite(pieceBytes, pieceStart, end, offset - this.#fileStart)
    }
  }

  /**
   * The same for bytes that are not kept: what the system still has of them is written once more.
   * It may have dropped them already, which cannot be seen from here.
   */
  #rewriteFromFile(from: number, to: number): number {
    if (!this.needsRewrite) {
      this.needsRewrite = true
      this.#log(
        'warning',
        'A failed AOF fsync reached too far back; rewrite the AOF (BGREWRITEAOF).',
      )
    }
    const chunk = new Uint8Array(Math.min(to - from, REPAIR_BYTES))
    for (let offset = from; offset < to; ) {
      const position = offset - this.#fileStart
      const count = this.#file.read(chunk, 0, Math.min(chunk.length, to - offset), position)
      if (count === 0) return to
      offset += this.#file.rewrite(chunk, 0, count, position)
    }
    return to
  }

  #fail(kind: LogFailure['kind'], error: FileError): void {
    this.#failure = { kind, from: this.#durable, to: this.#queue.end, error }
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#lastErrorLineMs >= ERROR_LOG_PERIOD_MS) {
      this.#lastErrorLineMs = nowMs
      const what = kind === 'write' ? 'writing to' : 'syncing'
      this.#log('warning', `Error ${what} the AOF file: ${systemText(error.code)}`)
    }
    this.#events.onFailed(this.#failure)
  }

  #solved(): void {
    this.#isSuspect = false
    if (this.#failure === undefined) return
    this.#failure = undefined
    this.#lastErrorLineMs = Number.NEGATIVE_INFINITY
    this.#log('notice', 'AOF write error looks solved. The server can write again.')
  }
}
