/**
 * What a socket has not taken yet. Small pieces are copied together, so that many of them cost hardly
 * more than their bytes, and no large buffer is kept for the sake of a few bytes in it.
 */
const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 64 * 1024

export class OutputQueue {
  /** How many bytes it holds. */
  size = 0
  readonly #chunks: Uint8Array[] = []
  /** The last chunk with room behind its bytes, and how far it is filled. */
  #open: Uint8Array | undefined
  #filled = 0

  /**
   * Adds `bytes[start, end)`.
   * @returns whether they were copied; if not, the buffer must not be used again.
   */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start
    this.size += size
    if (size >= CHUNK_BYTES_MAX) {
      this.#close()
      this.#chunks.push(bytes.subarray(start, end))
      return false
    }
    if (this.#open === undefined || this.#filled + size > this.#open.length) this.#begin(size)
    this.#open!.set(bytes.subarray(start, end), this.#filled)
    this.#filled += size
    return true
  }

  /** Takes the oldest chunk out, or `undefined` when there is nothing. */
  shift(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#close()
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.size -= chunk.length
    return chunk
  }

  /** Forgets all. */
  clear(): void {
    this.size = 0
    this.#chunks.length = 0
    this.#open = undefined
    this.#filled = 0
  }

  /** A chunk as large as what waits already, so that short queues stay small. */
  #begin(size: number): void {
    this.#close()
    const wanted = Math.min(CHUNK_BYTES_MAX, Math.max(CHUNK_BYTES_MIN, this.size))
    this.#open = new Uint8Array(Math.max(wanted, size))
    this.#filled = 0
  }

  #close(): void {
    if (this.#open !== undefined && this.#filled > 0) {
      this.#chunks.push(this.#open.subarray(0, this.#filled))
    }
    this.#open = undefined
    this.#filled = 0
  }
}
