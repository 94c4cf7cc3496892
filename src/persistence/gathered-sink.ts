/** Bytes that are kept in memory until there is a place for them, in chunks: none is ever moved. */
import type { ByteSink } from './format.ts'

const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 65536

interface Chunk {
  readonly bytes: Uint8Array
  size: number
}

/** A sink in memory. */
export class GatheredSink implements ByteSink {
  size = 0
  #chunks: Chunk[] = []
  /** How many of them were handed on. */
  #passed = 0

  append(bytes: Uint8Array, start: number, end: number): void {
    this.size += end - start
    while (start < end) {
      const chunk = this.#roomy()
      const count = Math.min(end - start, chunk.bytes.length - chunk.size)
      if (count > 64) chunk.bytes.set(bytes.subarray(start, start + count), chunk.size)
      else for (let i = 0; i < count; i++) chunk.bytes[chunk.size + i] = bytes[start + i]!
      chunk.size += count
      start += count
    }
  }

  #roomy(): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.size < last.bytes.length) return last
    const size = last === undefined ? CHUNK_BYTES_MIN : last.bytes.length * 2
    const chunk = { bytes: new Uint8Array(Math.min(size, CHUNK_BYTES_MAX)), size: 0 }
    this.#chunks.push(chunk)
    return chunk
  }

  /** A copy of all bytes. */
  get bytes(): Uint8Array {
    const all = new Uint8Array(this.size)
    let at = 0
    for (const { bytes, size } of this.#chunks.slice(this.#passed)) {
      all.set(bytes.subarray(0, size), at)
      at += size
    }
    return all
  }

  /** Hands some bytes on. @returns whether there are none any more. */
  moveSome(sink: ByteSink): boolean {
    const chunk = this.#chunks[this.#passed]
    if (chunk !== undefined) {
      sink.append(chunk.bytes, 0, chunk.size)
      this.size -= chunk.size
      this.#chunks[this.#passed++] = PASSED
    }
    if (this.#passed < this.#chunks.length) return false
    this.#chunks = []
    this.#passed = 0
    return true
  }
}

const PASSED: Chunk = { bytes: new Uint8Array(0), size: 0 }
