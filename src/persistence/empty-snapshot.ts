/**
 * Reads a snapshot that holds no keys: the base that the reference writes when a log begins empty.
 *
 *     REDIS0011  (FA name value)…  FF  checksum of 8 bytes
 *
 * Anything that holds data is refused, because leaving it out would lose it.
 */
import type { OpenFile } from '../host/index.ts'
import { AofError } from './errors.ts'

const HEADER_BYTES = 9
const CHECKSUM_BYTES = 8
const AUX = 0xfa
const END = 0xff

/** @returns the offset after the snapshot. @throws AofError when it holds anything. */
export function skipEmptySnapshot(file: OpenFile, path: string): number {
  const reader = new Reader(file, path)
  reader.skip(HEADER_BYTES)
  for (;;) {
    const at = reader.offset
    const opcode = reader.byte()
    if (opcode === END) {
      // The checksum came with version 5. Version numbers are four digits.
      if (reader.version() >= 5) reader.skip(CHECKSUM_BYTES)
      return reader.offset
    }
    if (opcode !== AUX) {
      throw new AofError(
        `The base file "${path}" is a snapshot that holds data (at byte ${at}); ` +
          'loading keys from snapshots is not supported yet',
        { path, offsetBytes: at },
      )
    }
    reader.skipString()
    reader.skipString()
  }
}

class Reader {
  offset = 0
  readonly #file: OpenFile
  readonly #path: string
  readonly #size: number
  readonly #scratch = new Uint8Array(8)

  constructor(file: OpenFile, path: string) {
    this.#file = file
    this.#path = path
    this.#size = file.size()
  }

  version(): number {
    this.#readAt(5, 4)
    return Number(Buffer.from(this.#scratch.subarray(0, 4)).toString('latin1'))
  }

  byte(): number {
    this.#readAt(this.offset, 1)
    this.offset++
    return this.#scratch[0]!
  }

  skip(count: number): void {
    if (this.offset + count > this.#size) this.#failCut()
    this.offset += count
  }

  /** A string: its length, or the mark of a small integer or of compressed bytes. */
  skipString(): void {
    const first = this.byte()
    const encoding = first & 0x3f
    if (first >> 6 !== 3) {
      this.skip(this.#lengthAfter(first))
    } else if (encoding <= 2) {
      this.skip(1 << encoding)
    } else if (encoding === 3) {
      const compressed = this.#lengthAfter(this.byte())
      this.#lengthAfter(this.byte())
      this.skip(compressed)
    } else {
      throw new AofError(`Unknown string in the base file "${this.#path}"`, this.#here())
    }
  }

  #lengthAfter(first: number): number {
    if (first >> 6 === 0) return first & 0x3f
    if (first >> 6 === 1) return ((first & 0x3f) << 8) | this.byte()
    return this.#wideLength(first)
  }

  #wideLength(first: number): number {
    const count = first === 0x81 ? 8 : 4
    let length = 0
    for (let i = 0; i < count; i++) length = length * 256 + this.byte()
    return length
  }

  #readAt(offset: number, count: number): void {
    if (this.#file.read(this.#scratch, 0, count, offset) < count) this.#failCut()
  }

  #failCut(): never {
    throw new AofError(
      `The base file "${this.#path}" ends too early, at byte ${this.#size}`,
      this.#here(),
    )
  }

  #here(): { path: string; offsetBytes: number } {
    return { path: this.#path, offsetBytes: this.offset }
  }
}
