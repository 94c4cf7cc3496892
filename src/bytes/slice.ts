/** Enough for any 64-bit integer in decimal. */
const DIGITS_BYTES = 24

/**
 * A range of bytes inside a larger buffer: how an argument, a key or a value travels without being
 * copied. The buffer is only lent. A slice that must outlive the call is taken with `copyOf`.
 */
export class Slice {
  bytes: Uint8Array
  start: number
  end: number
  #room: Uint8Array | undefined

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#room = undefined
  }

  get length(): number {
    return this.end - this.start
  }

  /** The bytes themselves, still inside the lent buffer. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** The bytes in a buffer of their own. */
  copyOf(): Uint8Array {
    return this.bytes.slice(this.start, this.end)
  }

  /** Bytes that belong to this slice alone: for the digits of a number that is not kept as text. */
  room(): Uint8Array {
    this.#room ??= new Uint8Array(DIGITS_BYTES)
    return this.#room
  }

  /** One character a byte, so that nothing is lost: for names, options and messages. */
  latin1(): string {
    return latin1(this.bytes, this.start, this.end)
  }
}

/** A slice over the whole of `bytes`. */
export function sliceOf(bytes: Uint8Array): Slice {
  return new Slice(bytes, 0, bytes.length)
}

/** The longest text that the language can hold; longer ranges are cut. */
const TEXT_BYTES_MAX = 2 ** 29 - 24

/** The parts of the platform that make text of any bytes, and back; their type does not tell of it. */
const { latin1Slice, latin1Write } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string
  latin1Write(this: Uint8Array, text: string, at: number, size: number): number
}
/** Up to so many bytes text is made quicker here, without the way out of the language. */
const SHORT_BYTES_MAX = 24
/** The same for the other way. */
const WRITTEN_BYTES_MAX = 24

/** Text with one character a byte (0 to 255). */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const size = end - start
  if (size <= SHORT_BYTES_MAX) return size > 0 ? SHORT_TEXTS[size]!(bytes, start) : ''
  return latin1Slice.call(bytes, start, Math.min(end, start + TEXT_BYTES_MAX))
}

type TextMaker = (bytes: Uint8Array, at: number) => string

/**
 * By size, what makes a short text: `fromCharCode` with that many arguments makes one string, and that
 * a flat one, in a third of the time of the platform's own means.
 */
const SHORT_TEXTS = Array.from({ length: SHORT_BYTES_MAX + 1 }, (_, size) => {
  const codes = Array.from({ length: size }, (_, i) => `bytes[at + ${i}]`)
  return new Function('bytes', 'at', `return String.fromCharCode(${codes})`) as TextMaker
})

/** The reverse of `latin1`: the low byte of each character. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/**
 * Writes `text`, one byte a character, into `into` at `at`.
 * @returns the offset after the last byte.
 */
export function writeLatin1(text: string, into: Uint8Array, at: number): number {
  const { length } = text
  if (length <= WRITTEN_BYTES_MAX) {
    for (let i = 0; i < length; i++) into[at + i] = text.charCodeAt(i)
  } else latin1Write.call(into, text, at, length)
  return at + length
}
