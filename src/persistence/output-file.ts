/**
 * A file that is written from its beginning to its end without holding the loop: what is appended is
 * gathered in chunks, and a chunk after the other goes to the disk off the loop, at no more than so many
 * bytes a second. The system is made to write out as it goes, so that the last sync is short and the log
 * beside this file does not have to wait for it.
 *
 * What the disk refuses is kept: nothing more is written then, and `finish` tells it.
 */
import type { Clock, FileError, Files, OpenFile, Timers } from '../host/index.ts'
import type { ByteSink } from './format.ts'

/** What an output file works with. */
export interface OutputOptions {
  readonly host: { readonly files: Files; readonly timers: Timers; readonly clock: Clock }
  readonly path: string
  /** Bytes a second; 0 is no limit. */
  readonly budget: number
  /** Whether it is synced as it grows. */
  readonly isSyncedOften: boolean
}

const CHUNK_BYTES = 256 * 1024
/** With so much not written the source had better wait. */
const BEHIND_BYTES = 4 * CHUNK_BYTES
const SYNC_EVERY_BYTES = 4 * 2 ** 20
const SPARE_CHUNKS_MAX = 4
/** Time that was not used counts up to here, so that a pause is not made good by a burst. */
const BURST_MS = 100

interface Chunk {
  readonly bytes: Uint8Array
  size: number
}

export class OutputFile implements ByteSink {
  /** What the disk refused. */
  error: FileError | undefined
  /** Bytes that were appended. */
  size = 0
  readonly #options: OutputOptions
  readonly #file: OpenFile
  #chunk: Chunk = { bytes: new Uint8Array(CHUNK_BYTES), size: 0 }
  readonly #full: Chunk[] = []
  readonly #spare: Chunk[] = []
  #isBusy = false
  #unsynced = 0
  /** No sync has ended so far: an empty file is synced as well. */
  #isFresh = true
  /** When what was written so far would be due at the budget's pace. */
  #dueMs: number
  #onFinished: ((error: FileError | undefined) => void) | undefined
  #onReady: (() => void) | undefined
  #isClosed = false

  /** Creates the file, or empties it. Throws `FileError`. */
  constructor(options: OutputOptions) {
    this.#options = options
    this.#file = options.host.files.open(options.path, 'create')
    this.#dueMs = options.host.clock.monotonicMs()
  }

  /** Whether the source should wait until `whenReady` calls. */
  get isBehind(): boolean {
    return this.#full.length * CHUNK_BYTES >= BEHIND_BYTES
  }

  /** Calls once when the file is not behind any more, or has failed. */
  whenReady(call: () => void): void {
    this.#onReady = call
  }

  /** Copies `bytes[start, end)` to the end of the file. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.size += end - start
    while (start < end) {
      const chunk = this.#chunk
      const count = Math.min(end - start, CHUNK_BYTES - chunk.size)
      // A view costs more than copying a short entry by hand.
      if (count > 64) chunk.bytes.set(bytes.subarray(start, start + count), chunk.size)
      else for (let i = 0; i < count; i++) chunk.bytes[chunk.size + i] = bytes[start + i]!
      chunk.size += count
      start += count
      if (chunk.size === CHUNK_BYTES) this.#nextChunk()
    }
  }

  /** Nothing more comes: calls when all of it is stable and the file closed, or with what failed. */
  finish(done: (error: FileError | undefined) => void): void {
    this.#onFinished = done
    if (this.#chunk.size > 0) this.#nextChunk()
    this.#pump()
  }

  /** Gives up. What is in the file stays there. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#file.close()
  }

  #nextChunk(): void {
    if (this.error !== undefined) {
      this.#chunk.size = 0
      return
    }
    this.#full.push(this.#chunk)
    this.#chunk = this.#spare.pop() ?? { bytes: new Uint8Array(CHUNK_BYTES), size: 0 }
    this.#pump()
  }

  /** Begins what is next: a write, a sync, or the end. */
  #pump(): void {
    if (this.#isBusy || this.#isClosed) return
    if (this.error !== undefined) {
      this.#end()
      return
    }
    const { isSyncedOften } = this.#options
    const chunk = this.#full[0]
    if (this.#unsynced >= SYNC_EVERY_BYTES && isSyncedOften) this.#sync()
    else if (chunk !== undefined) this.#writeInTime(chunk)
    else if (this.#onFinished === undefined) return
    else if (this.#unsynced > 0 || this.#isFresh) this.#sync()
    else this.#end()
  }

  /** Writes a chunk, after waiting where the budget is used up. */
  #writeInTime(chunk: Chunk): void {
    const { budget, host } = this.#options
    const nowMs = host.clock.monotonicMs()
    const waitMs = budget === 0 ? 0 : this.#dueMs - nowMs
    this.#isBusy = true
    if (waitMs > 1) {
      host.timers.after(waitMs, () => this.#write(chunk))
      return
    }
    this.#write(chunk)
  }

  #write(chunk: Chunk): void {
    const { budget, host } = this.#options
    if (this.#isClosed) return
    if (budget > 0) {
      const fromMs = Math.max(this.#dueMs, host.clock.monotonicMs() - BURST_MS)
      this.#dueMs = fromMs + (chunk.size / budget) * 1000
    }
    this.#file.writeLater(chunk.bytes, 0, chunk.size, (error) => {
      this.#full.shift()
      this.#unsynced += chunk.size
      chunk.size = 0
      if (this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk)
      this.#landed(error)
    })
  }

  #sync(): void {
    this.#isBusy = true
    this.#file.syncLater((error) => {
      this.#unsynced = 0
      this.#isFresh = false
      this.#landed(error)
    })
  }

  #landed(error: FileError | undefined): void {
    this.#isBusy = false
    this.error ??= error
    if (this.error !== undefined) this.#full.length = 0
    if (!this.isBehind || this.error !== undefined) this.#tellReady()
    this.#pump()
  }

  #tellReady(): void {
    const call = this.#onReady
    this.#onReady = undefined
    call?.()
  }

  #end(): void {
    const done = this.#onFinished
    if (done === undefined) return
    this.#onFinished = undefined
    this.close()
    done(this.error)
  }
}
