/**
 * The bytes of the log that may still be needed: not yet written, or written and not yet stable.
 *
 *          forgotten        retained
 *     ···················|===========|===========|=====·······|
 *                      start        chunks            end
 *
 * Offsets count the bytes ever appended. Appending copies into the last chunk and allocates only
 * when that is full; forgotten chunks are used again. When nothing is retained the queue goes back
 * to the beginning of its chunk, so a store that writes little keeps to the same few cache lines.
 */
const CHUNK_BYTES = 256 * 1024
const SPARE_CHUNKS_MAX = 4
/** Up to here a loop is faster than the call of `set` with its new view. */
const LOOP_BYTES_MAX = 32

/** A queue of bytes with absolute offsets. Invariant: `start <= end`. */
export class ByteQueue {
  /** The oldest offset that is retained. */
  start = 0
  /** The offset after the newest byte. */
  end = 0
  /** What `locate` found: `pieceBytes[pieceStart, pieceEnd)`. */
  pieceBytes: Uint8Array
  pieceStart = 0
  pieceEnd = 0
  #chunks: Uint8Array[]
  #spare: Uint8Array[] = []
  #tail: Uint8Array
  #tailUsed = 0
  /** The offset of the first byte of `#chunks[0]`. */
  #firstOffset = 0

  constructor() {
    this.#tail = new Uint8Array(CHUNK_BYTES)
    this.#chunks = [this.#tail]
    this.pieceBytes = this.#tail
  }

  /** The bytes of memory that are held. */
  get capacityBytes(): number {
    return (this.#chunks.length + this.#spare.length) * CHUNK_BYTES
  }

  /** Copies `bytes[start, end)` to the end. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.end += end - start
    while (end - start > CHUNK_BYTES - this.#tailUsed) {
      const room = CHUNK_BYTES - this.#tailUsed
      this.#tail.set(bytes.subarray(start, start + room), this.#tailUsed)
      start += room
      this.#addChunk()
    }
    const tail = this.#tail
    let at = this.#tailUsed
    this.#tailUsed += end - start
    if (end - start > LOOP_BYTES_MAX) tail.set(bytes.subarray(start, end), at)
    else while (start < end) tail[at++] = bytes[start++]!
  }

  /** Finds the longest piece that begins at `offset`, which must be retained. */
  locate(offset: number): void {
    const distance = offset - this.#firstOffset
    const index = Math.floor(distance / CHUNK_BYTES)
    this.pieceBytes = this.#chunks[index]!
    this.pieceStart = distance - index * CHUNK_BYTES
    this.pieceEnd = index === this.#chunks.length - 1 ? this.#tailUsed : CHUNK_BYTES
  }

  /** What comes before `offset` is not needed any more. */
  forget(offset: number): void {
    if (offset <= this.start) return
    this.start = offset
    if (offset === this.end) {
      while (this.#chunks.length > 1) this.#dropFirst()
      this.#tailUsed = 0
      this.#firstOffset = offset
      return
    }
    while (offset - this.#firstOffset >= CHUNK_BYTES) this.#dropFirst()
  }

  #addChunk(): void {
    this.#tail = this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES)
    this.#chunks.push(this.#tail)
    this.#tailUsed = 0
  }

  #dropFirst(): void {
    const chunk = this.#chunks.shift()!
    this.#firstOffset += CHUNK_BYTES
    if (this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk)
  }
}
