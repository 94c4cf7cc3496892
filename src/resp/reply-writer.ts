/**
 * Writes replies into one growing buffer, in RESP2 or RESP3 as the client asked. Commands say what
 * they answer (`null`, `map`, `double`); this file alone knows how it looks on the wire.
 *
 * Source: the RESP specification, one method a type.
 */
import {
  copyBytes,
  copyWords,
  DOUBLE_BYTES_MAX,
  intSize,
  type Slice,
  viewOf,
  writeDouble,
  writeInt,
  writeLatin1,
} from '../bytes/index.ts'

const DOLLAR = 36
const STAR = 42
const COLON = 58
const CR = 13
const LF = 10
/** No header (type, number, CRLF) is longer. */
const HEADER_BYTES_MAX = 32
const START_BYTES = 64 * 1024
/** Longer strings are copied by the system's own means. */
const WORDS_BYTES_MAX = 64

const OK = Buffer.from('+OK\r\n', 'latin1')
const QUEUED = Buffer.from('+QUEUED\r\n', 'latin1')
/** Of a reply whose length is known beforehand. */
const REPLY_BYTES_MAX = 2 ** 30
/** An empty one. */
const BULK_BYTES_MIN = 6
const encoder = new TextEncoder()
/** Room for one number whose size comes before it. */
const float = new Uint8Array(DOUBLE_BYTES_MAX)

export class ReplyWriter {
  bytes: Uint8Array = new Uint8Array(START_BYTES)
  /** Where the next byte goes. */
  at = 0
  /** Whether the client speaks RESP3. */
  isResp3 = false
  #view = new DataView(this.bytes.buffer)
  /** The buffer that `expectFrom` named, and a view of it. */
  #source: Uint8Array = this.bytes
  #sourceView = this.#view

  /**
   * Asked before the buffer becomes longer, or so many bytes longer at least; it may throw, and then
   * nothing is written.
   */
  beforeGrowth: ((comingBytes: number) => void) | undefined

  /**
   * Says that so many bulk strings follow, before any work is done for them. Throws where a reply can't be
   * that long.
   */
  announce(bulks: number): void {
    const size = bulks * BULK_BYTES_MIN
    if (this.at + size > this.bytes.length) this.beforeGrowth?.(size)
    if (size > REPLY_BYTES_MAX) throw new RangeError('allocation failed: the reply is too long')
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    if (this.at + size > this.bytes.length) this.#grow(size)
  }

  /** Hands the buffer over to whoever sends it, and goes on in another. */
  replaceBuffer(bytes: Uint8Array = new Uint8Array(START_BYTES)): Uint8Array {
    const full = this.bytes
    this.#setBuffer(bytes)
    this.at = 0
    return full
  }

  ok(): void {
    this.reserve(HEADER_BYTES_MAX)
    const bytes = this.bytes
    const at = this.at
    for (let i = 0; i < 5; i++) bytes[at + i] = OK[i]!
    this.at = at + 5
  }

  queued(): void {
    this.reserve(HEADER_BYTES_MAX)
    const bytes = this.bytes
    const at = this.at
    for (let i = 0; i < 9; i++) bytes[at + i] = QUEUED[i]!
    this.at = at + 9
  }

  /** A status of one line, such as `QUEUED`. Its characters are bytes. */
  simple(text: string): void {
    this.reserve(text.length + 3)
    this.bytes[this.at++] = 43
    this.at = writeLatin1(text, this.bytes, this.at)
    this.#lineEnd()
  }

  /** An error; `text` begins with its code: `ERR syntax error`. Line ends become spaces. */
  error(text: string): void {
    this.reserve(text.length + 3)
    this.bytes[this.at++] = 45
    this.at = writeLatin1(text.replace(/[\r\n]/g, ' '), this.bytes, this.at)
    this.#lineEnd()
  }

  /** A whole number within ±2^53, or any 64-bit one as a bigint. */
  integer(value: number | bigint): void {
    this.reserve(HEADER_BYTES_MAX)
    if (typeof value === 'number') {
      this.#header(COLON, value)
      return
    }
    this.bytes[this.at++] = COLON
    this.at = writeLatin1(value.toString(), this.bytes, this.at)
    this.#lineEnd()
  }

  /** A string of bytes: `bytes[start, end)`. */
  bulk(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start
    this.reserve(size + HEADER_BYTES_MAX)
    // Written out: it is the reply of every read.
    const into = this.bytes
    let at = this.at
    into[at] = DOLLAR
    at = writeInt(size, into, at + 1)
    into[at] = CR
    into[at + 1] = LF
    at += 2
    const view = size <= WORDS_BYTES_MAX ? this.#viewOf(bytes) : undefined
    if (view === undefined) copyBytes(bytes, start, end, into, at)
    else copyWords(view, start, end, this.#view, at)
    at += size
    into[at] = CR
    into[at + 1] = LF
    this.at = at + 2
  }

  /** The same where there is a view of all of `bytes`: a short string is copied by words. */
  bulkViewed(view: DataView, bytes: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (size > WORDS_BYTES_MAX) {
      this.bulk(bytes, start, end)
      return
    }
    this.reserve(size + HEADER_BYTES_MAX)
    const into = this.bytes
    let at = this.at
    into[at] = DOLLAR
    at = writeInt(size, into, at + 1)
    into[at] = CR
    into[at + 1] = LF
    at += 2
    copyWords(view, start, end, this.#view, at)
    at += size
    into[at] = CR
    into[at + 1] = LF
    this.at = at + 2
  }

  /**
   * Many short strings from `bytes` are to follow, as those of a range do: they are copied by words, in
   * half the time. Preparing for that costs as much as it saves for some six of them.
   */
  expectFrom(bytes: Uint8Array): void {
    if (bytes === this.#source) return
    this.#source = bytes
    this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /**
   * A string of at most `sizeMax` bytes, at most 99, that `write` puts where it belongs: it gets the
   * buffer and an offset, and returns the offset after the last byte.
   */
  bulkBy<Value>(
    value: Value,
    sizeMax: number,
    write: (value: Value, into: Uint8Array, at: number) => number,
  ): void {
    this.reserve(sizeMax + HEADER_BYTES_MAX)
    const into = this.bytes
    const at = this.at
    // For the most common length of the header.
    let end = write(value, into, at + 5)
    const size = end - at - 5
    if (size < 10) {
      into.copyWithin(at + 4, at + 5, end)
      end--
    }
    into[at] = DOLLAR
    const header = writeInt(size, into, at + 1)
    into[header] = CR
    into[header + 1] = LF
    into[end] = CR
    into[end + 1] = LF
    this.at = end + 2
  }

  /** A string of bytes, as a slice. */
  bulkSlice(slice: Slice): void {
    this.bulk(slice.bytes, slice.start, slice.end)
  }

  /** A text, in UTF-8. */
  text(text: string): void {
    this.bulk(encoder.encode(text))
  }

  /** A text whose characters are bytes. */
  latin1(text: string): void {
    this.reserve(text.length + HEADER_BYTES_MAX)
    this.#header(DOLLAR, text.length)
    this.at = writeLatin1(text, this.bytes, this.at)
    this.#lineEnd()
  }

  /** A whole number within ±2^53 as a string of bytes. */
  bulkInt(value: number): void {
    this.reserve(HEADER_BYTES_MAX * 2)
    this.#header(DOLLAR, intSize(value))
    this.at = writeInt(value, this.bytes, this.at)
    this.#lineEnd()
  }

  /** A missing value. */
  null(): void {
    this.reserve(HEADER_BYTES_MAX)
    this.at = writeLatin1(this.isResp3 ? '_\r\n' : '$-1\r\n', this.bytes, this.at)
  }

  /** A missing array, which RESP2 tells from a missing value. */
  nullArray(): void {
    this.reserve(HEADER_BYTES_MAX)
    this.at = writeLatin1(this.isResp3 ? '_\r\n' : '*-1\r\n', this.bytes, this.at)
  }

  /** The beginning of an array of `count` replies. */
  array(count: number): void {
    this.reserve(HEADER_BYTES_MAX)
    this.#header(STAR, count)
  }

  /** The beginning of a map of `count` pairs. */
  map(count: number): void {
    this.reserve(HEADER_BYTES_MAX)
    if (this.isResp3) this.#header(37, count)
    else this.#header(STAR, count * 2)
  }

  /** The beginning of a set of `count` replies. */
  set(count: number): void {
    this.reserve(HEADER_BYTES_MAX)
    this.#header(this.isResp3 ? 126 : STAR, count)
  }

  /** The beginning of out-of-band data of `count` replies. */
  push(count: number): void {
    this.reserve(HEADER_BYTES_MAX)
    this.#header(this.isResp3 ? 62 : STAR, count)
  }

  /** The beginning of `count` pairs about the reply that follows. Only RESP3 has them. */
  attribute(count: number): void {
    this.reserve(HEADER_BYTES_MAX)
    this.#header(124, count)
  }

  /** True or false; RESP2 has 1 and 0. */
  boolean(value: boolean): void {
    this.reserve(HEADER_BYTES_MAX)
    const text = this.isResp3 ? (value ? '#t\r\n' : '#f\r\n') : value ? ':1\r\n' : ':0\r\n'
    this.at = writeLatin1(text, this.bytes, this.at)
  }

  /** A floating-point number by its text; RESP2 has a string. */
  double(text: string): void {
    if (!this.isResp3) {
      this.latin1(text)
      return
    }
    this.reserve(text.length + HEADER_BYTES_MAX)
    this.bytes[this.at++] = 44
    this.at = writeLatin1(text, this.bytes, this.at)
    this.#lineEnd()
  }

  /** A floating-point number; RESP2 has a string. */
  float(value: number): void {
    if (!this.isResp3) {
      if (Number.isSafeInteger(value) && value !== 0) {
        this.bulkInt(value)
        return
      }
      this.bulk(float, 0, writeDouble(value, float, 0))
      return
    }
    this.reserve(DOUBLE_BYTES_MAX + HEADER_BYTES_MAX)
    this.bytes[this.at++] = 44
    this.at = writeDouble(value, this.bytes, this.at)
    this.#lineEnd()
  }

  /** A text with its format, `txt` or `mkd`; RESP2 has a string. */
  verbatim(format: string, text: string): void {
    if (!this.isResp3) {
      this.text(text)
      return
    }
    const bytes = encoder.encode(`${format}:${text}`)
    this.reserve(bytes.length + HEADER_BYTES_MAX)
    this.#header(61, bytes.length)
    copyBytes(bytes, 0, bytes.length, this.bytes, this.at)
    this.at += bytes.length
    this.#lineEnd()
  }

  /** An integer of any length; RESP2 has a string. */
  bigNumber(text: string): void {
    if (!this.isResp3) {
      this.latin1(text)
      return
    }
    this.reserve(text.length + HEADER_BYTES_MAX)
    this.bytes[this.at++] = 40
    this.at = writeLatin1(text, this.bytes, this.at)
    this.#lineEnd()
  }

  /** Bytes that are replies already. */
  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.reserve(end - start)
    copyBytes(bytes, start, end, this.bytes, this.at)
    this.at += end - start
  }

  /**
   * Puts the beginning of an array before what was written since `mark`, a former `at`: for counts
   * that are known at the end only.
   */
  arrayAt(mark: number, count: number, kind: 'array' | 'map' | 'set' = 'array'): void {
    const end = this.at
    this.reserve(HEADER_BYTES_MAX)
    this[kind](count)
    // It was written at the end to see how long it is.
    const size = this.at - end
    this.bytes.copyWithin(mark + size, mark, end)
    this.at = mark
    this[kind](count)
    this.at = end + size
  }

  /** Puts what was written since `from` before what was written since `mark`: for what is known late. */
  moveBefore(mark: number, from: number): void {
    const late = this.bytes.slice(from, this.at)
    this.bytes.copyWithin(mark + late.length, mark, from)
    this.bytes.set(late, mark)
  }

  /** A view of the buffer that `expectFrom` named, or of the one that requests stand in. */
  #viewOf(bytes: Uint8Array): DataView | undefined {
    return bytes === this.#source ? this.#sourceView : viewOf(bytes)
  }

  #header(type: number, value: number): void {
    const bytes = this.bytes
    let at = this.at
    bytes[at++] = type
    if (value >= 0 && value < 10) bytes[at++] = 48 + value
    else at = writeInt(value, bytes, at)
    bytes[at] = CR
    bytes[at + 1] = LF
    this.at = at + 2
  }

  #lineEnd(): void {
    this.bytes[this.at] = CR
    this.bytes[this.at + 1] = LF
    this.at += 2
  }

  #grow(size: number): void {
    this.beforeGrowth?.(0)
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.at + size))
    wider.set(this.bytes.subarray(0, this.at))
    this.#setBuffer(wider)
  }

  #setBuffer(bytes: Uint8Array): void {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}
