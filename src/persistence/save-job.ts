/**
 * Saving all entries, as they are at the moment it begins, into a file, in slices between which the loop
 * serves clients. What the file means afterwards, a snapshot or the base of a log, is for others to say.
 *
 * The next slice waits for a turn of the loop that brought no request, so that the requests which came
 * during the last one are all answered first: at one slice a turn, whatever is asked meanwhile, those
 * that wait would become more and more while clients ask as fast as half of what can be served. Where
 * there is no such turn, the save still has its share of the time.
 */
import type { Clock, FileError, Files, Timers } from '../host/index.ts'
import { type Keyspace, Walk } from '../keyspace/index.ts'
import type { SaveFormat } from './format.ts'
import { OutputFile } from './output-file.ts'
import { SnapshotScribe } from './snapshot-scribe.ts'

/** What a job works with. */
export interface SaveOptions {
  readonly host: { readonly files: Files; readonly timers: Timers; readonly clock: Clock }
  readonly keyspace: Keyspace
  readonly path: string
  readonly format: SaveFormat
  /** Bytes a second; 0 is no limit. */
  readonly budget: number
  /** Whether the file is synced as it grows. */
  readonly isSyncedOften: boolean
  /** For tests of what happens meanwhile: so many microseconds are waited for each entry. */
  keyDelayUs(): number
  /** Grows with every request that comes. */
  requestsSeen(): number
  /** The file is stable and closed, or could not be written. Not called after `abandon`. */
  done(error: FileError | undefined): void
}

/** How long a slice may hold the loop, in milliseconds. */
const SLICE_MS = 0.8
/** Where clients never pause, the next slice comes so long after the last one. */
const REST_MS = 4 * SLICE_MS
/** The clock is read after each step of a long entry, and after so many short ones, or bytes. */
const STEPS_PER_CLOCK = 8
const BYTES_PER_CLOCK = 16384

export class SaveJob {
  /** When it began, on the clock that never runs backwards. */
  readonly beganMs: number
  readonly #options: SaveOptions
  readonly #output: OutputFile
  readonly #scribe: SnapshotScribe
  readonly #walk: Walk
  #isAbandoned = false
  #isSliceDue = false
  /** When the last slice ended, and what `requestsSeen` was in the turn before. */
  #restsFromMs = Number.NEGATIVE_INFINITY
  #seen = 0
  /** Longest slice so far, in milliseconds. */
  sliceMsMax = 0

  /** Fixes the moment: now. @throws FileError when the file cannot be created. */
  constructor(options: SaveOptions) {
    const { host, path, budget, isSyncedOften, keyspace, format } = options
    this.#options = options
    this.beganMs = host.clock.monotonicMs()
    this.#output = new OutputFile({ host, path, budget, isSyncedOften })
    this.#scribe = new SnapshotScribe(format, this.#output, keyspace)
    this.#walk = new Walk(keyspace, this.#scribe)
    this.#soon()
  }

  /** How many entries are written, and how many there are. */
  get progress(): { readonly written: number; readonly total: number } {
    return this.#walk
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#output.size
  }

  /** Gives up; `done` is not called. The file stays, for the caller to remove. */
  abandon(): void {
    if (this.#isAbandoned) return
    this.#isAbandoned = true
    this.#output.close()
    this.#walk.abandon()
    this.#soon()
  }

  #soon(): void {
    if (this.#isSliceDue) return
    this.#isSliceDue = true
    this.#options.host.timers.later(() => this.#sliceInPause())
  }

  /** Begins a slice unless requests came since it was due, and it can still wait. */
  #sliceInPause(): void {
    this.#isSliceDue = false
    const seen = this.#options.requestsSeen()
    const isPause = seen === this.#seen
    this.#seen = seen
    const restedMs = this.#options.host.clock.monotonicMs() - this.#restsFromMs
    if (isPause || restedMs >= REST_MS) this.#slice()
    else this.#soon()
  }

  #slice(): void {
    const { error } = this.#output
    if (error !== undefined && !this.#isAbandoned) {
      this.abandon()
      this.#options.done(error)
      return
    }
    if (this.#output.isBehind && !this.#isAbandoned) {
      this.#output.whenReady(() => this.#soon())
      return
    }
    const { clock } = this.#options.host
    const beginMs = clock.monotonicMs()
    const isLate = () => {
      return this.#output.isBehind || clock.monotonicMs() - beginMs >= SLICE_MS
    }
    const isOver = this.#walk.step(this.#limit(isLate), isLate)
    this.#restsFromMs = clock.monotonicMs()
    this.sliceMsMax = Math.max(this.sliceMsMax, this.#restsFromMs - beginMs)
    if (!isOver) this.#next()
    else if (!this.#isAbandoned) this.#finish()
  }

  /** When a slice that begins now has written enough entries. */
  #limit(isLate: () => boolean): () => boolean {
    const output = this.#output
    const { written } = this.#walk
    const entriesMax = this.#entriesDue() - written
    let steps = 0
    let size = output.size
    return () => {
      if (this.#walk.written - written >= entriesMax) return true
      if (++steps < STEPS_PER_CLOCK && output.size - size < BYTES_PER_CLOCK) return false
      steps = 0
      size = output.size
      return isLate()
    }
  }

  /** How many entries may be written by now. */
  #entriesDue(): number {
    const delayUs = this.#options.keyDelayUs()
    if (delayUs <= 0 || this.#isAbandoned) return Number.POSITIVE_INFINITY
    const lastedUs = (this.#options.host.clock.monotonicMs() - this.beganMs) * 1000
    return Math.floor(lastedUs / delayUs)
  }

  #next(): void {
    const isEarly = this.#entriesDue() <= this.#walk.written
    if (!isEarly) this.#soon()
    else this.#options.host.timers.after(1, () => this.#soon())
  }

  #finish(): void {
    this.#scribe.end()
    this.#output.finish((error) => {
      if (!this.#isAbandoned) this.#options.done(error)
    })
  }
}
