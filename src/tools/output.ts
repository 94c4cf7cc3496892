/** Where a tool writes to: a new file, which gets its name when it is whole, or standard output. */
import fs from 'node:fs'
import path from 'node:path'
import type { Keyspace } from '../keyspace/index.ts'
import type { ByteSink, SaveFormat } from '../persistence/index.ts'
import { ToolError } from './errors.ts'

const STANDARD_OUTPUT = 1
const BUFFER_BYTES = 256 * 1024
/** Up to here a loop is faster than the call of `set` with its new view. */
const LOOP_BYTES_MAX = 32
const RETRY_MS = 5
const pause = new Int32Array(new SharedArrayBuffer(4))

export class Output implements ByteSink {
  readonly #path: string | undefined
  readonly #temporary: string
  readonly #fd: number
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #size = 0

  /** Without a path it is standard output. What is there is never overwritten. */
  constructor(name: string | undefined) {
    this.#path = name
    this.#temporary = `${name}.part`
    if (name !== undefined && fs.existsSync(name)) throw new ToolError(`"${name}" is there already`)
    this.#fd = name === undefined ? STANDARD_OUTPUT : fs.openSync(this.#temporary, 'wx')
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > BUFFER_BYTES - this.#size) this.#flush()
    if (end - start > BUFFER_BYTES) this.#write(bytes, start, end)
    else if (end - start <= LOOP_BYTES_MAX) {
      while (start < end) this.#buffer[this.#size++] = bytes[start++]!
    } else {
      this.#buffer.set(bytes.subarray(start, end), this.#size)
      this.#size += end - start
    }
  }

  text(text: string): void {
    const bytes = Buffer.from(text)
    this.append(bytes, 0, bytes.length)
  }

  /** All is there: makes it stable, and gives it its name. */
  finish(): void {
    this.#flush()
    if (this.#path === undefined) return
    fs.fsyncSync(this.#fd)
    fs.closeSync(this.#fd)
    fs.renameSync(this.#temporary, this.#path)
    syncFolder(path.dirname(this.#path))
  }

  /** It came to nothing: no half of a file is left. */
  abandon(): void {
    if (this.#path === undefined) return
    fs.closeSync(this.#fd)
    fs.rmSync(this.#temporary, { force: true })
  }

  #flush(): void {
    this.#write(this.#buffer, 0, this.#size)
    this.#size = 0
  }

  #write(bytes: Uint8Array, start: number, end: number): void {
    while (start < end) {
      try {
        start += fs.writeSync(this.#fd, bytes, start, end - start)
      } catch (error) {
        // A pipe that is full, and was set not to wait.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        Atomics.wait(pause, 0, 0, RETRY_MS)
      }
    }
  }
}

/** Writes a file through `write`; when that fails, none is left. */
export function writeOutput(name: string | undefined, write: (output: Output) => void): void {
  const output = new Output(name)
  try {
    write(output)
  } catch (error) {
    output.abandon()
    throw error
  }
  output.finish()
}

/** Writes all entries in a format. */
export function saveTo(output: ByteSink, keyspace: Keyspace, format: SaveFormat): void {
  const sink = format.through?.(output) ?? output
  format.begin(sink)
  for (const { index, count, expiringCount, dict } of keyspace.databases) {
    if (count === 0) continue
    format.select(sink, { index, count, expiringCount })
    dict.each((entry) => format.write(sink, entry, keyspace.imageOf(entry))?.(() => false))
  }
  format.end(sink)
}

/** Makes what is in a folder keep its names. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Makes a folder that is to be filled; one that has something in it is not touched. */
export function makeFreshFolder(folder: string): void {
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    throw new ToolError(`"${folder}" is not empty; name a new folder`)
  }
  fs.mkdirSync(folder, { recursive: true })
}
