/**
 * The ids of stream entries: milliseconds and a sequence number, 64 bits each, written `ms-seq`.
 * They are held as four words of 32 bits, so that comparing and counting make no objects.
 */
import { fromLatin1, latin1, writeInt } from '../bytes/index.ts'
import type { WideId } from '../structures/index.ts'

/** The longest written form: twice twenty digits and a dash. */
export const ID_TEXT_BYTES_MAX = 41

/** Longer texts are no ids, as in the reference. */
const ID_ARGUMENT_BYTES_MAX = 127
const TWO_32 = 4294967296
const DASH = 45
const PLUS = 43
const STAR = 42
const UINT64_MAX = 2n ** 64n - 1n
const INT64_MIN = -(2n ** 63n)

/** An id that can be changed. Each word is a signed number of 32 bits. */
export class StreamId implements WideId {
  msHigh = 0
  msLow = 0
  seqHigh = 0
  seqLow = 0

  /** Takes the value of another id. @returns itself. */
  set(id: WideId): StreamId {
    this.msHigh = id.msHigh
    this.msLow = id.msLow
    this.seqHigh = id.seqHigh
    this.seqLow = id.seqLow
    return this
  }

  /** Takes the value of the four words at `at`. @returns itself. */
  read(words: Int32Array, at: number): StreamId {
    this.msHigh = words[at]!
    this.msLow = words[at + 1]!
    this.seqHigh = words[at + 2]!
    this.seqLow = words[at + 3]!
    return this
  }

  /** Becomes 0-0, below any entry's id. @returns itself. */
  setMin(): StreamId {
    this.msHigh = 0
    this.msLow = 0
    this.seqHigh = 0
    this.seqLow = 0
    return this
  }

  /** Becomes the greatest id. @returns itself. */
  setMax(): StreamId {
    this.msHigh = -1
    this.msLow = -1
    this.seqHigh = -1
    this.seqLow = -1
    return this
  }

  /** Becomes the first id of a time. @param ms at least 0, below 2^53. */
  setTime(ms: number): void {
    this.msHigh = Math.floor(ms / TWO_32)
    this.msLow = ms | 0
    this.seqHigh = 0
    this.seqLow = 0
  }

  /** The sequence number becomes the greatest, or zero. */
  setSequence(isMax: boolean): void {
    this.seqHigh = isMax ? -1 : 0
    this.seqLow = this.seqHigh
  }

  get isMin(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1
  }

  /** Whether the sequence number is the greatest. */
  get isSequenceMax(): boolean {
    return (this.seqHigh & this.seqLow) === -1
  }

  /** Whether the time is later than `ms`, or the same. @param ms below 2^53. */
  isSince(ms: number): boolean {
    return (this.msHigh >>> 0) * TWO_32 + (this.msLow >>> 0) >= ms
  }

  /** Whether another id has the same time. */
  hasTimeOf(id: WideId): boolean {
    return this.msHigh === id.msHigh && this.msLow === id.msLow
  }

  /** Below 0, 0 or above 0, as this id is below, the same as or above another. */
  compare(id: WideId): number {
    return (
      (this.msHigh >>> 0) - (id.msHigh >>> 0) ||
      (this.msLow >>> 0) - (id.msLow >>> 0) ||
      (this.seqHigh >>> 0) - (id.seqHigh >>> 0) ||
      (this.seqLow >>> 0) - (id.seqLow >>> 0)
    )
  }

  /** Becomes the next id; after the greatest comes 0-0. @returns whether there was a next one. */
  increment(): boolean {
    this.seqLow = (this.seqLow + 1) | 0
    if (this.seqLow !== 0) return true
    this.seqHigh = (this.seqHigh + 1) | 0
    if (this.seqHigh !== 0) return true
    this.msLow = (this.msLow + 1) | 0
    if (this.msLow !== 0) return true
    this.msHigh = (this.msHigh + 1) | 0
    return this.msHigh !== 0
  }

  /** Becomes the id before; before 0-0 comes the greatest. @returns whether there was one before. */
  decrement(): boolean {
    this.seqLow = (this.seqLow - 1) | 0
    if (this.seqLow !== -1) return true
    this.seqHigh = (this.seqHigh - 1) | 0
    if (this.seqHigh !== -1) return true
    this.msLow = (this.msLow - 1) | 0
    if (this.msLow !== -1) return true
    this.msHigh = (this.msHigh - 1) | 0
    return this.msHigh !== -1
  }

  /** The written form in bytes of its own. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(ID_TEXT_BYTES_MAX)
    return bytes.subarray(0, writeStreamId(this, bytes, 0))
  }
}

/** Writes the four words of an id at `at`. */
export function storeId(id: WideId, words: Int32Array, at: number): void {
  words[at] = id.msHigh
  words[at + 1] = id.msLow
  words[at + 2] = id.seqHigh
  words[at + 3] = id.seqLow
}

/** Ids are mostly written with others of the same time, so its digits are kept, with the dash. */
const timeText = new Uint8Array(ID_TEXT_BYTES_MAX)
let timeTextEnd = 0
let timeTextHigh = 0
let timeTextLow = 0

/** Writes `ms-seq`, at most `ID_TEXT_BYTES_MAX` bytes. @returns the offset after it. */
export function writeStreamId(id: WideId, into: Uint8Array, at: number): number {
  const { msHigh, msLow } = id
  if (msLow !== timeTextLow || msHigh !== timeTextHigh || timeTextEnd === 0) {
    const dash = writeUint64(msHigh, msLow, timeText, 0)
    timeText[dash] = DASH
    timeTextEnd = dash + 1
    timeTextHigh = msHigh
    timeTextLow = msLow
  }
  for (let i = 0; i < timeTextEnd; i++) into[at++] = timeText[i]!
  return writeUint64(id.seqHigh, id.seqLow, into, at)
}

function writeUint64(high: number, low: number, into: Uint8Array, at: number): number {
  if (high === 0) return writeInt(low >>> 0, into, at)
  if (high > 0 && high < 0x200000) return writeInt(high * TWO_32 + (low >>> 0), into, at)
  const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  const digits = fromLatin1(value.toString())
  into.set(digits, at)
  return at + digits.length
}

/** What of an id a text gave. */
export const ID_INVALID = 0
/** Both numbers. */
export const ID_WHOLE = 1
/** The time alone; the sequence number is 0. */
export const ID_TIME = 2
/** The time and `*` for the sequence number, which is 0. */
export const ID_TIME_STAR = 3
/** `-`: the least id. */
export const ID_MINUS = 4
/** `+`: the greatest id. */
export const ID_PLUS = 5

/** Reads an id in any of its written forms. @returns which one it was; `ID_INVALID` when none. */
export function parseStreamId(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: StreamId,
): number {
  if (end - start > ID_ARGUMENT_BYTES_MAX) return ID_INVALID
  const first = bytes[start]!
  if (end - start === 1 && (first === DASH || first === PLUS)) {
    if (first === PLUS) into.setMax()
    else into.setMin()
    return first === PLUS ? ID_PLUS : ID_MINUS
  }
  let dash = start
  while (dash < end && bytes[dash] !== DASH) dash++
  const ms = parseDigits(bytes, start, dash)
  if (ms < 0) return parseOddId(bytes, start, end, into)
  into.setTime(ms)
  if (dash === end) return ID_TIME
  if (dash + 2 === end && bytes[dash + 1] === STAR) return ID_TIME_STAR
  const seq = parseDigits(bytes, dash + 1, end)
  if (seq < 0) return parseOddId(bytes, start, end, into)
  into.seqHigh = Math.floor(seq / TWO_32)
  into.seqLow = seq | 0
  return ID_WHOLE
}

/** The value of 1 to 15 digits; -1 for anything else. */
function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 15) return -1
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/**
 * Long numbers, and the forms that the reference takes because it reads with C's functions: the text
 * ends at a zero byte, and a number may have blanks, a sign and zeros in front.
 */
function parseOddId(bytes: Uint8Array, start: number, end: number, into: StreamId): number {
  const text = latin1(bytes, start, end).split('\0', 1)[0]!
  if (text === '-' || text === '+') {
    if (text === '+') into.setMax()
    else into.setMin()
    return text === '+' ? ID_PLUS : ID_MINUS
  }
  const dash = text.indexOf('-')
  const ms = parseUint64(dash < 0 ? text : text.slice(0, dash))
  if (ms === undefined) return ID_INVALID
  const rest = dash < 0 ? undefined : text.slice(dash + 1)
  const seq = rest === undefined || rest === '*' ? 0n : parseUint64(rest)
  if (seq === undefined) return ID_INVALID
  into.msHigh = Number(BigInt.asIntN(32, ms >> 32n))
  into.msLow = Number(BigInt.asIntN(32, ms))
  into.seqHigh = Number(BigInt.asIntN(32, seq >> 32n))
  into.seqLow = Number(BigInt.asIntN(32, seq))
  if (rest === undefined) return ID_TIME
  return rest === '*' ? ID_TIME_STAR : ID_WHOLE
}

function parseUint64(text: string): bigint | undefined {
  // In canonical form a negative number is refused, in others its sign wraps around.
  if (/^-[1-9][0-9]*$/.test(text) && BigInt(text) >= INT64_MIN) return undefined
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text)
  if (match === null) return undefined
  const magnitude = BigInt(match[2]!)
  if (magnitude > UINT64_MAX) return undefined
  return match[1] === '-' ? BigInt.asUintN(64, -magnitude) : magnitude
}
