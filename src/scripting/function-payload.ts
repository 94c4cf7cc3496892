/**
 * Libraries as FUNCTION DUMP gives them, and snapshots hold them:
 *
 * ```text
 * ( 245 · text of a library, as a string of snapshots ) … · version 2 · checksum 8
 * ```
 */
import { lzfDecompress, sliceOf } from '../bytes/index.ts'
import { ReplyError } from '../engine/index.ts'
import { isPayloadWhole, withFooter } from '../rdb/index.ts'

/** Begins a library. */
const FUNCTION = 245
const FUNCTION_OF_OLD = 246
const FOOTER_BYTES = 10
/** Lengths begin with two bits that tell how they go on; `11` is a special form of a string. */
const LENGTH_32 = 0x80
const LENGTH_64 = 0x81
const COMPRESSED = 3
const LZF_RATIO_MAX = 264

/** The payload of libraries, by their texts with one character a byte. */
export function dumpLibraries(codes: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const code of codes) {
    const head = Buffer.alloc(6)
    head[0] = FUNCTION
    head[1] = LENGTH_32
    head.writeUInt32BE(code.length, 2)
    parts.push(head, Buffer.from(code, 'latin1'))
  }
  return withFooter(parts)
}

/** The texts of the libraries in a payload. Throws what is wrong with it. */
export function readLibraries(payload: Uint8Array): string[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const end = bytes.length - FOOTER_BYTES
  if (!isPayloadWhole(sliceOf(payload))) {
    throw new ReplyError('ERR DUMP payload version or checksum are wrong')
  }
  const reader = new StringReader(bytes, end)
  const codes: string[] = []
  while (reader.at < end) {
    const type = bytes[reader.at++]!
    if (type === FUNCTION_OF_OLD) {
      throw new ReplyError('ERR Pre-GA function format not supported')
    }
    if (type !== FUNCTION) throw new ReplyError('ERR given type is not a function')
    const code = reader.string()
    if (code === undefined) {
      throw new ReplyError('ERR failed loading the given functions payload')
    }
    codes.push(code)
  }
  return codes
}

/** Reads strings of snapshots, plain or compressed. */
class StringReader {
  at = 0
  readonly #bytes: Buffer
  readonly #end: number

  constructor(bytes: Buffer, end: number) {
    this.#bytes = bytes
    this.#end = end
  }

  /** The next string, one character a byte; `undefined` when there is none. */
  string(): string | undefined {
    const first = this.#bytes[this.at]!
    if (this.at < this.#end && first >> 6 === 3) return this.#special(first & 0x3f)
    const size = this.#length()
    return size === undefined ? undefined : this.#take(size)?.toString('latin1')
  }

  #special(form: number): string | undefined {
    this.at++
    if (form !== COMPRESSED) return undefined
    const packed = this.#length()
    const size = this.#length()
    if (packed === undefined || size === undefined) return undefined
    const bytes = this.#take(packed)
    // No byte stands for more than some hundred.
    if (bytes === undefined || size > bytes.length * LZF_RATIO_MAX) return undefined
    const whole = Buffer.alloc(size)
    if (lzfDecompress(bytes, 0, bytes.length, whole, 0, size) !== size) return undefined
    return whole.toString('latin1')
  }

  #length(): number | undefined {
    const first = this.#take(1)?.[0]
    if (first === undefined) return undefined
    if (first >> 6 === 0) return first
    if (first >> 6 === 1) {
      const second = this.#take(1)?.[0]
      return second === undefined ? undefined : ((first & 0x3f) << 8) | second
    }
    if (first === LENGTH_32) return this.#take(4)?.readUInt32BE()
    if (first === LENGTH_64) {
      const size = this.#take(8)?.readBigUInt64BE()
      return size === undefined ? undefined : Number(size)
    }
    return undefined
  }

  #take(size: number): Buffer | undefined {
    if (size > this.#end - this.at) return undefined
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }
}
