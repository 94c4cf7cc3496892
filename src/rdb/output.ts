/**
 * Where a snapshot is written: bytes, lengths, strings and numbers, gathered in a buffer and handed on
 * to a sink, which may be another one from time to time.
 *
 *     length   00llllll · 01llllll llllllll · 10000000 and 4 bytes · 10000001 and 8 bytes, the
 *              highest byte first
 *     string   length, bytes
 *              11000000 and 1 byte · 11000001 and 2 · 11000010 and 4: an integer, the lowest first
 *              11000011, length when compressed, length, compressed bytes
 */
import { copyBytes, lzfCompress, parseShortInt } from '../bytes/index.ts'
import { ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './format.ts'

/** Takes what was written, by copying it. */
export interface ByteSink {
  /** Copies `bytes[start, end)`. */
  append(bytes: Uint8Array, start: number, end: number): void
}

const BUFFER_BYTES = 65536
/** The longest integer that a string is written as has so many digits. */
const INTEGER_BYTES_MAX = 11
/** Shorter strings are not compressed. */
const COMPRESS_BYTES_MIN = 21
/** Nor are longer ones: it would hold the loop. */
const COMPRESS_BYTES_MAX = 2 ** 17
const COMPRESS_GAIN_MIN = 4
/** A string is handed on in pieces of so many bytes. */
const PIECE_BYTES = 65536
const TWO_32 = 4294967296

export class RdbOutput {
  /** `rdbcompression`. */
  readonly #compresses: boolean
  #sink: ByteSink
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  readonly #view = new DataView(this.#buffer.buffer)
  #at = 0
  #packed = new Uint8Array(0)

  constructor(sink: ByteSink, compresses: boolean) {
    this.#sink = sink
    this.#compresses = compresses
  }

  /** What is written from now on goes to another sink. */
  turnTo(sink: ByteSink): void {
    if (sink === this.#sink) return
    this.flush()
    this.#sink = sink
  }

  /** Hands on what is in the buffer. */
  flush(): void {
    if (this.#at === 0) return
    const end = this.#at
    this.#at = 0
    this.#sink.append(this.#buffer, 0, end)
  }

  /** Makes room for `size` bytes. @returns where they go. */
  #room(size: number): number {
    if (this.#at + size > BUFFER_BYTES) this.flush()
    const at = this.#at
    this.#at += size
    return at
  }

  byte(value: number): void {
    const at = this.#room(1)
    this.#buffer[at] = value
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (size > BUFFER_BYTES / 4) {
      this.flush()
      for (let at = start; at < end; at += PIECE_BYTES) {
        this.#sink.append(bytes, at, Math.min(end, at + PIECE_BYTES))
      }
      return
    }
    const at = this.#room(size)
    copyBytes(bytes, start, end, this.#buffer, at)
  }

  /** A length, or any whole number from 0 to 2^53. */
  length(value: number): void {
    if (value < 64) this.byte(value)
    else if (value < 16384) {
      const at = this.#room(2)
      this.#buffer[at] = 0x40 | (value >> 8)
      this.#buffer[at + 1] = value
    } else if (value < TWO_32) {
      const at = this.#room(5)
      this.#buffer[at] = 0x80
      this.#view.setUint32(at + 1, value)
    } else this.#long(Math.floor(value / TWO_32), value % TWO_32)
  }

  /** The same for an unsigned number of two words. */
  lengthOf(high: number, low: number): void {
    if (high === 0) this.length(low >>> 0)
    else this.#long(high, low)
  }

  #long(high: number, low: number): void {
    const at = this.#room(9)
    this.#buffer[at] = 0x81
    this.#view.setUint32(at + 1, high)
    this.#view.setUint32(at + 5, low)
  }

  /** A signed number of 64 bits as a length. */
  longLength(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) this.length(value)
    else {
      const wide = BigInt.asUintN(64, BigInt(value))
      this.#long(Number(wide >> 32n), Number(wide & 0xffffffffn))
    }
  }

  /** A whole number within ±2^53 in eight bytes: a time in milliseconds. */
  time(value: number): void {
    const at = this.#room(8)
    this.#view.setUint32(at, value >>> 0, true)
    this.#view.setInt32(at + 4, Math.floor(value / TWO_32), true)
  }

  /** Four words, of each the highest byte first: the id of an entry of a stream. */
  id(words: Int32Array, wordsAt: number): void {
    const at = this.#room(16)
    for (let i = 0; i < 4; i++) this.#view.setInt32(at + 4 * i, words[wordsAt + i]!)
  }

  double(value: number): void {
    const at = this.#room(8)
    this.#view.setFloat64(at, value, true)
  }

  /** A string, as an integer or compressed where that is shorter. */
  string(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (size <= INTEGER_BYTES_MAX && size > 0 && this.#integer(bytes, start, end)) return
    if (this.#compresses && size >= COMPRESS_BYTES_MIN && size <= COMPRESS_BYTES_MAX) {
      if (this.#compressed(bytes, start, end)) return
    }
    this.length(size)
    this.bytes(bytes, start, end)
  }

  /** A string that is compressed already, and has `size` bytes when it is not. */
  packed(bytes: Uint8Array, start: number, end: number, size: number): void {
    this.byte(0xc0 | ENCODED_LZF)
    this.length(end - start)
    this.length(size)
    this.bytes(bytes, start, end)
  }

  #integer(bytes: Uint8Array, start: number, end: number): boolean {
    // The first byte settles most strings.
    const first = bytes[start]!
    if (first > 57 || (first < 48 && first !== 45)) return false
    const value = parseShortInt(bytes, start, end)
    if (value >= -128 && value < 128) {
      const at = this.#room(2)
      this.#buffer[at] = 0xc0 | ENCODED_INT8
      this.#buffer[at + 1] = value
      return true
    }
    if (value >= -32768 && value < 32768) {
      const at = this.#room(3)
      this.#buffer[at] = 0xc0 | ENCODED_INT16
      this.#view.setInt16(at + 1, value, true)
      return true
    }
    if (!(value >= -2147483648 && value < 2147483648)) return false
    const at = this.#room(5)
    this.#buffer[at] = 0xc0 | ENCODED_INT32
    this.#view.setInt32(at + 1, value, true)
    return true
  }

  #compressed(bytes: Uint8Array, start: number, end: number): boolean {
    const limit = end - start - COMPRESS_GAIN_MIN
    if (this.#packed.length < limit) this.#packed = new Uint8Array(limit * 2)
    const packedEnd = lzfCompress(bytes, start, end, this.#packed, 0, limit)
    if (packedEnd < 0) return false
    this.packed(this.#packed, 0, packedEnd, end - start)
    return true
  }
}
