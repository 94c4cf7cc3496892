/**
 * Where a snapshot is read from: a payload in memory, or a file, of which a window is held. What is
 * asked for must be there, and no length is believed before as many bytes are seen to follow: so
 * damaged input is refused, and never exhausts memory.
 */
import { copyBytes, lzfDecompress, type Slice, writeInt } from '../bytes/index.ts'
import { Crc64 } from './crc64.ts'
import { RdbError } from './errors.ts'
import { ENCODED_INT8, ENCODED_INT16, ENCODED_INT32, ENCODED_LZF } from './format.ts'
import type { Window } from './read-ahead.ts'

/** A file to read from, as `host` has them. */
export interface ByteSource {
  /** Reads up to `count` bytes at `position` into `into` from `start`. @returns 0 at the end. */
  read(into: Uint8Array, start: number, count: number, position: number): number
  /** The size in bytes. */
  size(): number
}

const WINDOW_BYTES = 2 ** 18
/** Three compressed bytes stand for 264 at most. */
const LZF_FACTOR_MAX = 88
/** A larger buffer is not kept. */
const SCRATCH_BYTES_MAX = 2 ** 20
const TWO_32 = 4294967296
/** The highest double below 2^63. */
const TIME_MAX = 2 ** 63 - 1024
const NO_BYTES = new Uint8Array(0)

export class RdbInput {
  /** The sum of what was read, where `isSummed`. */
  readonly crc = new Crc64()
  isSummed = false
  /** For messages. */
  readonly path: string
  /** The unsigned number that `longLength` read: its upper and its lower word. */
  high = 0
  low = 0
  readonly #source: ByteSource | undefined
  #bytes: Uint8Array
  #view: DataView
  #at = 0
  #end: number
  /** The offset in the file of what the window begins with, and the file's size. */
  #base = 0
  readonly #size: number
  /** Up to where the window is summed. */
  #summed = 0
  #scratch = NO_BYTES
  readonly #window: { bytes: Uint8Array; at: number; end: number } = {
    bytes: NO_BYTES,
    at: 0,
    end: 0,
  }

  /** Reads a file from its beginning. */
  static ofFile(source: ByteSource, path: string): RdbInput {
    return new RdbInput(source, new Uint8Array(WINDOW_BYTES), 0, source.size(), path)
  }

  /** Reads `bytes`, which must not change meanwhile. */
  static ofBytes(bytes: Uint8Array): RdbInput {
    return new RdbInput(undefined, bytes, bytes.length, bytes.length, '')
  }

  private constructor(
    source: ByteSource | undefined,
    bytes: Uint8Array,
    end: number,
    size: number,
    path: string,
  ) {
    this.#source = source
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#end = end
    this.#size = size
    this.path = path
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#base + this.#at
  }

  /** How many bytes follow. */
  get left(): number {
    return this.#size - this.#base - this.#at
  }

  /** What was read of the source and not asked for yet. */
  get window(): Window {
    const window = this.#window
    window.bytes = this.#bytes
    window.at = this.#at
    window.end = this.#end
    return window
  }

  /** Refuses the input. */
  fail(reason: string): never {
    throw new RdbError(this.path, this.offset, reason)
  }

  /**
   * Makes sure that `count` bytes are in the window. @returns where they begin. The window may be another
   * buffer afterwards, so it is looked at after this and not before.
   */
  #need(count: number): number {
    if (this.#at + count > this.#end) this.#refill(count)
    const at = this.#at
    this.#at += count
    return at
  }

  #refill(count: number): void {
    const source = this.#source
    if (count > this.left || source === undefined) this.fail('the data ends too early')
    this.#sum()
    const kept = this.#end - this.#at
    const room = Math.max(count, WINDOW_BYTES)
    // A window that a long string widened is given up after it.
    const isFit = this.#bytes.length >= room && this.#bytes.length <= 2 * room
    const bytes = isFit ? this.#bytes : new Uint8Array(room)
    bytes.set(this.#bytes.subarray(this.#at, this.#end))
    if (!isFit) {
      this.#bytes = bytes
      this.#view = viewOf(bytes)
    }
    this.#base += this.#at
    this.#at = 0
    this.#summed = 0
    this.#end = kept
    while (this.#end < count) {
      const position = this.#base + this.#end
      const got = source.read(bytes, this.#end, bytes.length - this.#end, position)
      if (got === 0) this.fail('the data ends too early')
      this.#end += got
    }
  }

  #sum(): void {
    if (this.isSummed) this.crc.update(this.#bytes, this.#summed, this.#at)
    this.#summed = this.#at
  }

  /** Whether the eight bytes that follow are the sum of all before, or zero, which stands for none. */
  checksum(): boolean {
    this.#sum()
    const at = this.#need(8)
    this.#summed = this.#at
    const isNone = this.#view.getInt32(at) === 0 && this.#view.getInt32(at + 4) === 0
    return isNone || !this.isSummed || this.crc.equals(this.#bytes, at)
  }

  byte(): number {
    if (this.#at < this.#end) return this.#bytes[this.#at++]!
    const at = this.#need(1)
    return this.#bytes[at]!
  }

  /** A signed number of 64 bits; beyond ±2^53 it is not exact, but one of 64 bits all the same. */
  time(): number {
    const at = this.#need(8)
    const time = this.#view.getInt32(at + 4, true) * TWO_32 + this.#view.getUint32(at, true)
    return Math.min(time, TIME_MAX)
  }

  int32(): number {
    const at = this.#need(4)
    return this.#view.getInt32(at, true)
  }

  double(): number {
    const at = this.#need(8)
    return this.#view.getFloat64(at, true)
  }

  /** Passes over bytes. */
  skip(count: number): void {
    for (; count > WINDOW_BYTES; count -= WINDOW_BYTES) this.#need(WINDOW_BYTES)
    this.#need(count)
  }

  /** The four words of an id, each with its highest byte first. */
  id(words: Int32Array): void {
    const at = this.#need(16)
    for (let i = 0; i < 4; i++) words[i] = this.#view.getInt32(at + 4 * i)
  }

  /** `count` bytes as they are, lent until the next call. */
  raw(count: number, into: Slice): Slice {
    if (count > this.left) this.fail('the data ends too early')
    const at = this.#need(count)
    into.bytes = this.#bytes
    into.start = at
    into.end = at + count
    return into
  }

  // ---- lengths

  /** A length: any whole number from 0 to 2^53. */
  length(): number {
    const first = this.byte()
    if (first < 0x40) return first
    if (first < 0x80) return ((first & 0x3f) << 8) | this.byte()
    this.#wide(first)
    const length = this.high * TWO_32 + this.low
    if (!Number.isSafeInteger(length)) this.fail('a length is out of range')
    return length
  }

  /** Any unsigned number of 64 bits, as `high` and `low`. */
  longLength(): void {
    const first = this.byte()
    this.high = 0
    if (first < 0x40) this.low = first
    else if (first < 0x80) this.low = ((first & 0x3f) << 8) | this.byte()
    else this.#wide(first)
  }

  /** The same as one signed number; beyond ±2^53 a bigint. */
  signedLength(): number | bigint {
    this.longLength()
    const value = (this.high | 0) * TWO_32 + this.low
    if (Number.isSafeInteger(value)) return value
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low))
  }

  #wide(first: number): void {
    if (first === 0x80) {
      this.high = 0
      const at = this.#need(4)
      this.low = this.#view.getUint32(at)
    } else if (first === 0x81) {
      const at = this.#need(8)
      this.high = this.#view.getUint32(at)
      this.low = this.#view.getUint32(at + 4)
    } else this.fail('a length is of an unknown form')
  }

  /** How many elements follow, of which each takes `bytesMin` bytes or more. */
  count(bytesMin: number): number {
    const count = this.length()
    if (count * bytesMin > this.left)
      this.fail(`${count} elements are announced, but do not follow`)
    return count
  }

  // ---- strings

  /** A string in any of its forms, lent until the next call. */
  string(into: Slice): Slice {
    const first = this.byte()
    if (first < 0x40) return this.raw(first, into)
    if (first < 0x80) return this.raw(((first & 0x3f) << 8) | this.byte(), into)
    if (first < 0xc0) {
      this.#wide(first)
      return this.raw(this.high * TWO_32 + this.low, into)
    }
    const form = first & 0x3f
    if (form === ENCODED_LZF) return this.#compressed(into)
    let value = 0
    if (form === ENCODED_INT8) value = (this.byte() << 24) >> 24
    else if (form === ENCODED_INT16) value = this.#int16()
    else if (form === ENCODED_INT32) value = this.int32()
    else this.fail(`a string is of the unknown form ${form}`)
    into.bytes = into.room()
    into.start = 0
    into.end = writeInt(value, into.bytes, 0)
    return into
  }

  #int16(): number {
    const at = this.#need(2)
    return this.#view.getInt16(at, true)
  }

  #compressed(into: Slice): Slice {
    const packedSize = this.length()
    const size = this.length()
    if (packedSize > this.left || packedSize === 0) this.fail('compressed bytes end too early')
    if (size === 0 || size > packedSize * LZF_FACTOR_MAX) {
      this.fail('compressed bytes cannot be that long')
    }
    const at = this.#need(packedSize)
    const isKept = size <= SCRATCH_BYTES_MAX
    let scratch = this.#scratch
    if (scratch.length < size) scratch = new Uint8Array(isKept ? size * 2 : size)
    if (isKept) this.#scratch = scratch
    const end = lzfDecompress(this.#bytes, at, at + packedSize, scratch, 0, size)
    if (end !== size) this.fail('compressed bytes are damaged')
    into.bytes = scratch
    into.start = 0
    into.end = size
    return into
  }
}

/** Copies what is lent to where it stays, which is `into`'s own, until the next call. */
export function keep({ bytes, start, end }: Slice, into: Slice): void {
  const size = end - start
  if (into.bytes.length < size || into.bytes.length > SCRATCH_BYTES_MAX) {
    into.bytes = new Uint8Array(Math.max(64, size * 2))
  }
  copyBytes(bytes, start, end, into.bytes, 0)
  into.start = 0
  into.end = size
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
