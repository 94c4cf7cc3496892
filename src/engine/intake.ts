/**
 * Reads requests from the bytes that a client sends, at any cutting, and has them run in their order.
 * What is not whole when a read ends, or has to wait, is copied and kept with the client.
 */
import type { Keyspace } from '../keyspace/index.ts'
import type { Request, RequestLimits } from '../resp/index.ts'
import { type Client, PendingRequest } from './client.ts'
import type { Effects } from './effects.ts'
import type { Execution } from './execution.ts'
import type { EngineLimits } from './limits.ts'
import { Lookahead } from './lookahead.ts'
import type { Pace } from './pace.ts'

/** An unfinished request starts with room for this many bytes. */
const PENDING_BYTES_MIN = 1024
/** How often a client may go on, however long the turn: with so many runs of requests read ahead. */
const RUNS_MIN = 4

/** What reading works with. */
export interface IntakeParts {
  readonly keyspace: Keyspace
  readonly effects: Effects
  readonly limits: EngineLimits
  readonly execution: Execution
  readonly pace: Pace
  /** Ends the connection of a client that has sent `size` bytes too many without an end. */
  checkLimit(client: Client, size: number): void
}

export class Intake {
  readonly #parts: IntakeParts
  readonly #ahead = new Lookahead()
  readonly #parserLimits: RequestLimits = { bulkBytesMax: 0, countMax: 0, isTrusted: true }

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** Reads and runs what stands in `bytes[start, end)`. Throws a `ProtocolError`. */
  readAll(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client.pending !== undefined) start = this.#readPending(client, bytes, start, end)
    const ahead = this.#ahead
    for (let runs = 1; start < end && !client.isClosing; runs++) {
      if (client.isBlocked) {
        this.putBack(client, bytes, start, end)
        return
      }
      ahead.read(client.parser, bytes, start, end, this.#limitsFor(client))
      const { count } = ahead
      if (count === 0 && ahead.error !== undefined) throw ahead.error
      const isDone = this.#runAhead(client, count, bytes, end)
      this.#parts.execution.endTiming()
      if (!isDone) return
      if (ahead.isCut) {
        const cut = ahead.requests[count]!
        this.#keepTail(client, cut, bytes, cut.offset, end)
        return
      }
      // After an error the bytes are read again: what has run may have changed the limits.
      start = ahead.requests[count - 1]!.end
      if (start === end) return
      this.#parts.keyspace.refreshNow()
      if (runs % RUNS_MIN === 0 && this.#isPutOff(client, bytes, start, end)) return
    }
  }

  /** Puts a client off whose turn is long, with what is left. Nobody waits for what a log brings. */
  #isPutOff(client: Client, bytes: Uint8Array, start: number, end: number): boolean {
    const { pace } = this.#parts
    if (client.id === 0 || client.isClosing || client.isBlocked || !pace.isOver) return false
    this.putBack(client, bytes, start, end)
    pace.putOff(client)
    return true
  }

  /** Keeps bytes of a client that has to wait, before those that come later. */
  putBack(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (end > start) client.backlog.push(bytes.slice(start, end))
  }

  /** Runs the requests that were read ahead. @returns false when the rest has to wait, or is moot. */
  #runAhead(client: Client, count: number, bytes: Uint8Array, end: number): boolean {
    const ahead = this.#ahead
    const { keyspace } = this.#parts
    // Clients most often send what they sent before, and the words of some commands are no keys.
    const isTouched = count > 1 && client.lastCommand?.isKeyFirst !== false
    if (isTouched) ahead.touch(client.db)
    this.#parts.execution.beginTiming()
    for (let i = 0; i < count; i++) {
      const request = ahead.requests[i]!
      if (isTouched) ahead.hint(keyspace, i)
      if (client.isClosing) return false
      if (client.isBlocked || (request.count > 0 && !this.#parts.execution.run(client, request))) {
        client.parser.forget()
        keyspace.forgetHints()
        this.putBack(client, bytes, request.offset, end)
        return false
      }
    }
    if (isTouched) keyspace.forgetHints()
    return true
  }

  /** Adds what a request lacks. @returns where the next one begins, or `end`. */
  #readPending(client: Client, bytes: Uint8Array, start: number, end: number): number {
    const { execution, keyspace, effects } = this.#parts
    const { parser } = client
    const pending = client.pending!
    while (start < end) {
      const awaited = parser.bytesAwaited(pending.size)
      const count = awaited > 0 ? Math.min(awaited, end - start) : end - start
      pending.reserve(Math.max(count, awaited))
      pending.bytes.set(bytes.subarray(start, start + count), pending.size)
      pending.size += count
      start += count
      this.#parts.checkLimit(client, pending.size)
      if (client.isClosing) return end
      const limits = this.#limitsFor(client)
      if (!parser.read(pending.request, pending.bytes, 0, pending.size, limits)) continue
      client.pending = undefined
      const next = start - (pending.size - pending.request.end)
      keyspace.givable = pending.bytes
      execution.beginTiming()
      const isDone = pending.request.count === 0 || execution.run(client, pending.request)
      execution.endTiming()
      keyspace.givable = undefined
      effects.flush()
      if (isDone) return next
      this.putBack(client, pending.bytes, 0, pending.size - (start - next))
      return next
    }
    return end
  }

  #keepTail(client: Client, request: Request, bytes: Uint8Array, start: number, end: number): void {
    const { parser } = client
    const awaited = parser.bytesAwaited(end)
    const pending = new PendingRequest(Math.max(PENDING_BYTES_MIN, end - start + awaited))
    pending.bytes.set(bytes.subarray(start, end), 0)
    pending.size = end - start
    pending.request.isInline = request.isInline
    pending.request.start = request.start
    for (let i = 0; i < request.count; i++)
      pending.request.add(request.starts[i]!, request.ends[i]!)
    parser.shift(pending.request, start)
    client.pending = pending
    request.trim()
  }

  #limitsFor(client: Client): RequestLimits {
    const limits = this.#parserLimits
    limits.bulkBytesMax = this.#parts.limits.bulkBytesMax
    limits.countMax = 2147483647
    limits.isTrusted = client.isAuthenticated
    return limits
  }
}
