/** Bytes that are kept in memory until there is a place for them. */
import type { ByteSink } from './format.ts'

const BYTES_MIN = 1024

/** A sink in memory. */
export class GatheredSink implements ByteSink {
  size = 0
  #bytes = new Uint8Array(BYTES_MIN)

  append(bytes: Uint8Array, start: number, end: number): void {
    const size = this.size + end - start
    if (size > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(size, this.#bytes.length * 2))
      wider.set(this.#bytes.subarray(0, this.size))
      this.#bytes = wider
    }
    if (end - start > 64) this.#bytes.set(bytes.subarray(start, end), this.size)
    else for (let i = start; i < end; i++) this.#bytes[this.size + i - start] = bytes[i]!
    this.size = size
  }

  /** All bytes, lent until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.size)
  }

  /** Hands all bytes on, and is empty. */
  moveTo(sink: ByteSink): void {
    sink.append(this.#bytes, 0, this.size)
    this.size = 0
    this.#bytes = new Uint8Array(BYTES_MIN)
  }
}
