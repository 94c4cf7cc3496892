/**
 * An incremental parser of replies, RESP2 and RESP3, for the side of a link that asked.
 *
 * Bytes go in as they arrive, cut anywhere; whole replies come out. Nothing is parsed twice: an
 * aggregate that is half there waits as a frame on a stack,
 *
 *     *2 ─ frame { left: 1, items: [ :1 ] }
 *           └ %1 ─ frame { left: 2 × 1, … }      ← values go to the innermost frame
 *
 * a bulk string waits as its length, and the search for the end of a line goes on where it
 * stopped. So a reply of n bytes costs O(n) at any chunking.
 */
import { INT64_MAX, INT64_MIN, latin1 } from '../bytes/index.ts'
import type { Reply, ReplyEntry } from './reply.ts'

/** What a reader refuses rather than buffer or nest without end. */
export interface ReplyLimits {
  /** The longest bulk string or line in bytes. */
  readonly bulkBytesMax: number
  /** How deep aggregates may be nested. */
  readonly depthMax: number
}

/** Four times the longest string that a server takes by default, and deeper than scripts can nest. */
export const REPLY_LIMITS: ReplyLimits = { bulkBytesMax: 2 ** 31, depthMax: 512 }

/** The other end broke the protocol. The link is of no use from here on. */
export class ReplyFormatError extends Error {
  /** Where in the stream the value that could not be read begins, counted from its first byte. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'ReplyFormatError'
    this.offset = offset
  }
}

type AggregateKind = 'array' | 'set' | 'push' | 'map' | 'attribute'
type BulkKind = 'bulk' | 'error' | 'verbatim'

interface Frame {
  readonly kind: AggregateKind
  readonly items: Reply[]
  readonly attributes: readonly ReplyEntry[] | undefined
  left: number
}

const CR = 13
const LF = 10
const EMPTY = new Uint8Array(0)

/** A buffer larger than this is given back when it has been emptied. */
const KEPT_BUFFER_BYTES = 1 << 20
const FIRST_BUFFER_BYTES = 1 << 12

const AGGREGATES: Readonly<Record<string, AggregateKind>> = {
  '*': 'array',
  '~': 'set',
  '>': 'push',
  '%': 'map',
  '|': 'attribute',
}
const BULKS: Readonly<Record<string, BulkKind>> = { $: 'bulk', '!': 'error', '=': 'verbatim' }

/** Longest count or length the reference ever writes, with room to spare. */
const COUNT_DIGITS_MAX = 10

/** Turns a stream of bytes into replies. */
export class ReplyReader {
  readonly #limits: ReplyLimits
  readonly #frames: Frame[] = []
  #buffer: Uint8Array = EMPTY
  #start = 0
  #end = 0
  /** How far the unfinished line at `#start` has been searched for its end. */
  #searched = 0
  /** The stream's offset of `#start`. */
  #offset = 0
  #bulk: { kind: BulkKind; sizeBytes: number } | undefined
  #attributes: readonly ReplyEntry[] | undefined
  #failure: ReplyFormatError | undefined

  constructor(limits: ReplyLimits = REPLY_LIMITS) {
    this.#limits = limits
  }

  /** Adds what came from the link. The bytes are copied, so the caller may reuse its buffer. */
  push(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /**
   * Takes the next whole reply. Its bytes are its own.
   * @returns `undefined` when more bytes are needed.
   * @throws ReplyFormatError, the same one from then on, when the stream is no protocol.
   */
  next(): Reply | undefined {
    if (this.#failure !== undefined) throw this.#failure
    while (this.#start < this.#end) {
      const value = this.#bulk === undefined ? this.#readLine() : this.#readBulk()
      if (value === 'more') return undefined
      const whole = value === 'opened' ? undefined : this.#finish(value)
      if (whole !== undefined) return whole
    }
    return undefined
  }

  /**
   * Takes the bytes behind the last reply, unparsed: what follows is not made of replies, such as
   * the payload of a replica's full resync. Only right between two replies.
   */
  takeRest(): Uint8Array {
    const rest = this.#buffer.slice(this.#start, this.#end)
    this.#consume(rest.length)
    return rest
  }

  /** Whether bytes of a reply that is not whole yet are waiting. */
  get isMidReply(): boolean {
    return this.#start < this.#end || this.#bulk !== undefined || this.#frames.length > 0
  }

  #reserve(moreBytes: number): void {
    const held = this.#end - this.#start
    if (this.#end + moreBytes <= this.#buffer.length) return
    const needed = held + moreBytes
    const target =
      needed <= this.#buffer.length / 2
        ? this.#buffer
        : new Uint8Array(Math.max(FIRST_BUFFER_BYTES, needed, 2 * held))
    target.set(this.#buffer.subarray(this.#start, this.#end))
    this.#buffer = target
    this.#searched -= this.#start
    this.#start = 0
    this.#end = held
  }

  #consume(count: number): void {
    this.#start += count
    this.#offset += count
    this.#searched = this.#start
    if (this.#start < this.#end) return
    if (this.#buffer.length > KEPT_BUFFER_BYTES) this.#buffer = EMPTY
    this.#start = 0
    this.#end = 0
    this.#searched = 0
  }

  /** Reads a type byte and its line: a scalar, or the head of a bulk string or an aggregate. */
  #readLine(): Reply | 'more' | 'opened' {
    const lineEnd = this.#findLineEnd()
    if (lineEnd === undefined) {
      if (this.#end - this.#start > this.#limits.bulkBytesMax) this.#fail('a line is too long')
      return 'more'
    }
    const type = String.fromCharCode(this.#buffer[this.#start]!)
    const line = this.#buffer.subarray(this.#start + 1, lineEnd)
    const aggregate = AGGREGATES[type]
    const bulk = BULKS[type]
    const value =
      aggregate !== undefined
        ? this.#openAggregate(aggregate, latin1(line))
        : bulk !== undefined
          ? this.#openBulk(bulk, latin1(line))
          : this.#scalar(type, line)
    this.#consume(lineEnd + 2 - this.#start)
    return value
  }

  #findLineEnd(): number | undefined {
    let at = this.#searched
    while (true) {
      at = this.#buffer.indexOf(CR, at)
      if (at === -1 || at >= this.#end) {
        this.#searched = this.#end
        return undefined
      }
      if (at + 1 === this.#end) {
        this.#searched = at
        return undefined
      }
      if (this.#buffer[at + 1] === LF) return at
      at++
    }
  }

  #scalar(type: string, line: Uint8Array): Reply {
    switch (type) {
      case '+':
        return { kind: 'simple', bytes: line.slice() }
      case '-':
        return { kind: 'error', bytes: line.slice() }
      case ':':
        return { kind: 'integer', value: this.#int64(latin1(line)) }
      case '(':
        return { kind: 'bigNumber', digits: this.#digits(latin1(line)) }
      case ',':
        return this.#double(latin1(line))
      case '#':
        return { kind: 'boolean', value: this.#boolean(latin1(line)) }
      case '_':
        if (line.length > 0) this.#fail('a null with something in it')
        return { kind: 'null' }
      default:
        return this.#fail(`got ${JSON.stringify(type)} as reply type byte`)
    }
  }

  #int64(text: string): bigint {
    if (!/^[+-]?\d{1,19}$/.test(text)) return this.#fail(`bad integer ${JSON.stringify(text)}`)
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
    if (value > INT64_MAX || value < INT64_MIN) return this.#fail(`bad integer "${text}"`)
    return value
  }

  #digits(text: string): string {
    if (!/^[+-]?\d+$/.test(text)) return this.#fail('bad big number')
    return text
  }

  #double(text: string): Reply {
    const named = /^([+-]?)(inf|nan)$/i.exec(text)
    if (named !== null) {
      const size = named[2]!.toLowerCase() === 'inf' ? Number.POSITIVE_INFINITY : Number.NaN
      return { kind: 'double', value: named[1] === '-' ? -size : size, text }
    }
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
      return this.#fail(`bad double ${JSON.stringify(text)}`)
    }
    return { kind: 'double', value: Number(text), text }
  }

  #boolean(text: string): boolean {
    if (text !== 't' && text !== 'f') return this.#fail(`bad boolean ${JSON.stringify(text)}`)
    return text === 't'
  }

  /** @returns a length of zero or more, or -1, the null of RESP2. */
  #count(text: string): number {
    if (text === '-1') return -1
    if (text.length > COUNT_DIGITS_MAX || !/^\d+$/.test(text)) {
      return this.#fail(`bad length ${JSON.stringify(text)}`)
    }
    return Number(text)
  }

  #openBulk(kind: BulkKind, text: string): Reply | 'opened' {
    const sizeBytes = this.#count(text)
    if (sizeBytes === -1) return { kind: 'null' }
    if (sizeBytes > this.#limits.bulkBytesMax) this.#fail(`a string of ${text} bytes is too long`)
    if (kind === 'verbatim' && sizeBytes < 4) this.#fail('a verbatim string without its format')
    this.#bulk = { kind, sizeBytes }
    return 'opened'
  }

  #readBulk(): Reply | 'more' {
    const { kind, sizeBytes } = this.#bulk!
    if (this.#end - this.#start < sizeBytes + 2) return 'more'
    const stop = this.#start + sizeBytes
    if (this.#buffer[stop] !== CR || this.#buffer[stop + 1] !== LF) {
      this.#fail('a string is longer than its length says')
    }
    const bytes = this.#buffer.slice(this.#start, stop)
    this.#consume(sizeBytes + 2)
    this.#bulk = undefined
    if (kind !== 'verbatim') return { kind, bytes }
    return { kind, format: latin1(bytes.subarray(0, 3)), bytes: bytes.slice(4) }
  }

  #openAggregate(kind: AggregateKind, text: string): Reply | 'opened' {
    const count = this.#count(text)
    if (count === -1) return { kind: 'null' }
    const left = kind === 'map' || kind === 'attribute' ? 2 * count : count
    const frame: Frame = { kind, items: [], attributes: this.#attributes, left }
    if (left === 0) {
      if (kind === 'attribute') return 'opened'
      return aggregateOf(frame)
    }
    if (this.#frames.length === this.#limits.depthMax) this.#fail('replies are nested too deeply')
    this.#attributes = undefined
    this.#frames.push(frame)
    return 'opened'
  }

  /** Puts a value where it belongs. @returns the reply that it completed, if it did. */
  #finish(value: Reply): Reply | undefined {
    let done = this.#attributes === undefined ? value : { ...value, attributes: this.#attributes }
    this.#attributes = undefined
    while (true) {
      const frame = this.#frames.at(-1)
      if (frame === undefined) return done
      frame.items.push(done)
      frame.left--
      if (frame.left > 0) return undefined
      this.#frames.pop()
      if (frame.kind === 'attribute') {
        // It belongs to the value that follows on the same level, and is none itself.
        this.#attributes = [...(frame.attributes ?? []), ...pairs(frame.items)]
        return undefined
      }
      done = aggregateOf(frame)
    }
  }

  #fail(problem: string): never {
    this.#failure = new ReplyFormatError(`Protocol error, ${problem}`, this.#offset)
    throw this.#failure
  }
}

function aggregateOf(frame: Frame): Reply {
  const attributes = frame.attributes === undefined ? {} : { attributes: frame.attributes }
  if (frame.kind === 'map') return { kind: 'map', entries: pairs(frame.items), ...attributes }
  return { kind: frame.kind as 'array' | 'set' | 'push', items: frame.items, ...attributes }
}

function pairs(items: readonly Reply[]): ReplyEntry[] {
  const entries: ReplyEntry[] = []
  for (let at = 0; at < items.length; at += 2) entries.push([items[at]!, items[at + 1]!])
  return entries
}
