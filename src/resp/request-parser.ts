/**
 * Reads requests from bytes as they arrive, in either form: an array of bulk strings, or a line of
 * text. A request that is not whole yet keeps its place, so no byte of it is looked at twice.
 *
 * The shape of the limits and the texts of the errors are the reference's, RESP "Inline commands" and
 * "Send commands to a Redis server". After an error the connection is closed.
 */
import { parseShortInt, splitArgs, viewOf, wordAt } from '../bytes/index.ts'
import type { Request } from './request.ts'

/** The bytes that arrived are no request. `message` is what the client is told. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(`Protocol error: ${message}`)
    this.name = 'ProtocolError'
  }
}

/** The bounds that a request keeps to. */
export interface RequestLimits {
  /** The longest bulk string, in bytes. */
  bulkBytesMax: number
  /** The most arguments. */
  countMax: number
  /** Whether the client may send requests of any size, or is not authenticated and may not. */
  isTrusted: boolean
}

/** A line of text, and the digits of a length, end within this many bytes. */
export const LINE_BYTES_MAX = 64 * 1024
const SHORT_BULK_BYTES_MAX = 99
const UNTRUSTED_COUNT_MAX = 10
const UNTRUSTED_BULK_BYTES_MAX = 16384
const INT_MAX = 2147483647

const CR = 13
const LF = 10
const STAR = 42
const DOLLAR = 36
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39

export class RequestParser {
  /** Arguments of the current request that are still to come. */
  #awaited = 0
  /** The size of the bulk string that is coming; -1 while its header is. */
  #bulkSize = -1
  /** Where to go on. */
  #at = 0
  #isBegun = false

  /** Whether part of a request has been read. */
  get isBegun(): boolean {
    return this.#isBegun
  }

  /** How many more bytes are surely needed, when a bulk string is coming; 0 when not known. */
  bytesAwaited(end: number): number {
    return this.#bulkSize < 0 ? 0 : this.#at + this.#bulkSize + 2 - end
  }

  /** Forgets what has been read of a request. */
  forget(): void {
    this.#isBegun = false
  }

  /** The bytes moved: what stood at an offset stands `by` bytes before it. */
  shift(request: Request, by: number): void {
    this.#at -= by
    request.start -= by
    for (let i = 0; i < request.count; i++) {
      request.starts[i]! -= by
      request.ends[i]! -= by
    }
  }

  /**
   * Reads one request from `bytes[start, end)`, or more of the one that was begun.
   * @returns whether it is whole; its end is then in `request.end`. An empty one has no arguments.
   * Throws a `ProtocolError`.
   */
  read(
    request: Request,
    bytes: Uint8Array,
    start: number,
    end: number,
    limits: RequestLimits,
  ): boolean {
    request.bytes = bytes
    try {
      return this.#read(request, bytes, start, end, limits)
    } catch (error) {
      this.#isBegun = false
      throw error
    }
  }

  #read(
    request: Request,
    bytes: Uint8Array,
    start: number,
    end: number,
    limits: RequestLimits,
  ): boolean {
    if (!this.#isBegun) {
      if (start >= end) return false
      request.offset = start
      request.start = start
      request.count = 0
      request.isInline = bytes[start] !== STAR
      this.#at = start
      this.#bulkSize = -1
      if (request.isInline) return this.#readLine(request, bytes, end)
      if (!this.#readCount(bytes, end, limits)) return false
      if (this.#awaited === 0) {
        request.end = this.#at
        this.#isBegun = false
        return true
      }
    } else if (request.isInline) {
      return this.#readLine(request, bytes, end)
    } else if (this.#awaited < 0 && !this.#readCount(bytes, end, limits)) return false
    return this.#readBulks(request, bytes, end, limits)
  }

  /** Reads `*count`. While that is not whole, `#awaited` is -1. */
  #readCount(bytes: Uint8Array, end: number, limits: RequestLimits): boolean {
    this.#isBegun = true
    this.#awaited = -1
    const start = this.#at
    // Nearly every count has one digit.
    if (start + 3 < end) {
      const word = wordAt(bytes, viewOf(bytes), start)
      const digit = ((word >> 8) & 0xff) - 48
      const isShort = ((word >> 16) & 0xff) === CR && digit >= 0 && digit <= 9
      if (isShort && digit <= limits.countMax) {
        this.#at = start + 4
        this.#awaited = digit
        return true
      }
    }
    const lineEnd = findLineEnd(bytes, this.#at + 1, end)
    if (lineEnd < 0) {
      if (end - this.#at > LINE_BYTES_MAX) throw new ProtocolError('too big mbulk count string')
      return false
    }
    const count = parseShortInt(bytes, this.#at + 1, lineEnd)
    // A count that is no number is NaN, which fails both comparisons.
    if (!(count <= INT_MAX && count <= limits.countMax)) {
      throw new ProtocolError('invalid multibulk length')
    }
    if (count > UNTRUSTED_COUNT_MAX && !limits.isTrusted) {
      throw new ProtocolError('unauthenticated multibulk length')
    }
    this.#at = lineEnd + 2
    this.#awaited = Math.max(count, 0)
    return true
  }

  #readBulks(request: Request, bytes: Uint8Array, end: number, limits: RequestLimits): boolean {
    let at = this.#at
    let awaited = this.#awaited
    let size = this.#bulkSize
    const isShortAllowed = limits.bulkBytesMax >= SHORT_BULK_BYTES_MAX
    const view = viewOf(bytes)
    while (awaited > 0) {
      if (size < 0 && isShortAllowed && at + 5 < end) {
        size = shortBulkSize(wordAt(bytes, view, at))
        if (size >= 0) at += size < 10 ? 4 : 5
      }
      if (size < 0) {
        const lineEnd = findLineEnd(bytes, at, end)
        if (lineEnd < 0) {
          if (end - at > LINE_BYTES_MAX) throw new ProtocolError('too big bulk count string')
          break
        }
        if (bytes[at] !== DOLLAR) {
          throw new ProtocolError(`expected '$', got '${String.fromCharCode(bytes[at]!)}'`)
        }
        size = bulkSize(bytes, at + 1, lineEnd, limits)
        at = lineEnd + 2
      }
      if (at + size + 2 > end) break
      request.add(at, at + size)
      at += size + 2
      size = -1
      awaited--
    }
    this.#at = at
    this.#awaited = awaited
    this.#bulkSize = size
    this.#isBegun = awaited > 0
    request.end = at
    return awaited === 0
  }

  #readLine(request: Request, bytes: Uint8Array, end: number): boolean {
    this.#isBegun = true
    let lineEnd = this.#at
    while (lineEnd < end && bytes[lineEnd] !== LF) lineEnd++
    if (lineEnd - request.start > LINE_BYTES_MAX) throw new ProtocolError('too big inline request')
    if (lineEnd === end) {
      this.#at = end
      return false
    }
    this.#isBegun = false
    const consumed = lineEnd + 1
    if (lineEnd > request.start && bytes[lineEnd - 1] === CR) lineEnd--
    if (!addPlainWords(request, bytes, request.start, lineEnd)) {
      const argv = splitArgs(bytes, request.start, lineEnd)
      if (argv === undefined) throw new ProtocolError('unbalanced quotes in request')
      request.assign(argv)
      if (request.count === 0) request.bytes = bytes
    }
    request.end = consumed
    return true
  }
}

/**
 * Takes a line apart where it stands, when it has no quotes.
 * @returns whether it could; if not, the request has no arguments yet.
 */
function addPlainWords(request: Request, bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const wordStart = at
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE || byte === 0) {
        request.count = 0
        return false
      }
      if (isSpace(byte)) break
    }
    if (at > wordStart) request.add(wordStart, at)
    at++
  }
  return true
}

/** What the reference takes for a space between words: C's `isspace`. */
function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13)
}

/** @returns the offset of the CR whose line end is whole, or -1. */
function findLineEnd(bytes: Uint8Array, at: number, end: number): number {
  const last = end - 1
  for (; at < last; at++) {
    if (bytes[at] === CR) return at
  }
  return -1
}

/** Of four bytes: a `$` and one or two digits of a size, nearly every one's, to a CR; -1 when they are not. */
function shortBulkSize(word: number): number {
  const first = ((word >> 8) & 0xff) - 48
  const second = (word >> 16) & 0xff
  if ((word & 0xff) !== DOLLAR || first < 0 || first > 9) return -1
  if (second === CR) return first
  // No size begins with a zero that has more digits.
  if (first === 0 || second < 48 || second > 57 || word >>> 24 !== CR) return -1
  return first * 10 + second - 48
}

function bulkSize(
  bytes: Uint8Array,
  start: number,
  lineEnd: number,
  limits: RequestLimits,
): number {
  const size = parseShortInt(bytes, start, lineEnd)
  if (!(size >= 0 && size <= limits.bulkBytesMax)) throw new ProtocolError('invalid bulk length')
  if (size > UNTRUSTED_BULK_BYTES_MAX && !limits.isTrusted) {
    throw new ProtocolError('unauthenticated bulk length')
  }
  return size
}
