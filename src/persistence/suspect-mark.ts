/**
 * A note beside the log, an empty file: a sync of an increment has failed. The system may then show
 * bytes that are on no disk and take them for written, also to the next process, whose own syncs
 * would succeed. Whoever finds the note writes the increments once more before trusting them.
 *
 * The note need not survive a power cut: what the system shows after one is on the disk.
 */
import { FileError, type Files, type OpenFile } from '../host/index.ts'
import type { LogLine } from './errors.ts'
import type { Layout } from './layout.ts'

const COPY_BYTES = 1024 * 1024

export class SuspectMark {
  readonly #files: Files
  readonly #layout: Layout
  readonly #path: string
  readonly #log: LogLine
  #isSet = false

  constructor(files: Files, layout: Layout, log: LogLine) {
    this.#files = files
    this.#layout = layout
    this.#path = layout.pathOf(`${layout.place.fileName}.unsynced`)
    this.#log = log
  }

  /** A sync has failed. */
  set(): void {
    if (this.#isSet) return
    try {
      this.#files.open(this.#path, 'create').close()
      this.#isSet = true
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.#log('warning', `Cannot note that an AOF fsync failed: ${error.message}`)
    }
  }

  /** What it had failed for was written again. */
  clear(): void {
    if (!this.#isSet) return
    try {
      this.#files.remove(this.#path)
      this.#isSet = false
    } catch (error) {
      // It is tried again later, or the next start does some work in vain.
      if (!(error instanceof FileError)) throw error
    }
  }

  /**
   * Makes stable what earlier processes wrote, because clients may see it from now on.
   * @throws FileError when that cannot be; if a write or a sync was what failed, the next start knows.
   */
  settle(names: readonly string[]): void {
    this.#isSet = this.#files.exists(this.#path)
    if (this.#isSet)
      this.#log('warning', 'An AOF fsync failed before: increments are written again')
    for (const name of names) this.#settleFile(this.#layout.pathOf(name))
    this.clear()
  }

  #settleFile(path: string): void {
    const file = this.#files.open(path, 'append')
    try {
      if (this.#isSet) writeAgain(file)
      file.sync()
    } catch (error) {
      if (error instanceof FileError) this.set()
      throw error
    } finally {
      file.close()
    }
  }
}

function writeAgain(file: OpenFile): void {
  const end = file.size()
  const chunk = new Uint8Array(Math.max(1, Math.min(COPY_BYTES, end)))
  for (let position = 0; position < end; ) {
    const count = file.read(chunk, 0, Math.min(chunk.length, end - position), position)
    if (count === 0) return
    for (let at = 0; at < count; ) at += file.rewrite(chunk, at, count, position + at)
    position += count
  }
}
