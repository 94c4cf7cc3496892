/**
 * Requests that arrived together, read before the first of them runs. A lookup in a large table
 * mostly waits for memory, twice: for the chunk of the table, and for the entry. With the keys of
 * many requests known, their chunks and entries are touched in two loops whose loads do not depend
 * on each other, so the processor waits for many of them at once; when the commands run, what they
 * need is in the cache, and the hashes are known.
 *
 * Touching reads and changes nothing, so a wrong guess (the second word may be no key, the command
 * may be refused) costs a little time and is never seen.
 */
import type { Database, Keyspace } from '../keyspace/index.ts'
import { ProtocolError, Request, type RequestLimits, type RequestParser } from '../resp/index.ts'

/** Requests read at once: enough to hide the waiting, few enough to stay in the cache. */
const REQUESTS_MAX = 32
/** A longer second word is taken for no key: hashing it twice would cost more than it saves. */
const KEY_BYTES_MAX = 256

export class Lookahead {
  readonly requests: Request[] = Array.from({ length: REQUESTS_MAX + 1 }, () => new Request())
  /** How many of `requests` are whole. When `isCut`, the one after them has begun. */
  count = 0
  isCut = false
  /** What is wrong with the bytes after the whole requests. */
  error: ProtocolError | undefined
  readonly #hashes = new Int32Array(REQUESTS_MAX)
  #touched = 0

  /** Reads the requests that stand in `bytes[start, end)`, as many as there are and fit. */
  read(
    parser: RequestParser,
    bytes: Uint8Array,
    start: number,
    end: number,
    limits: RequestLimits,
  ): void {
    // Who is not authenticated yet may be after the next request, under other limits.
    const max = limits.isTrusted ? REQUESTS_MAX : 1
    const { requests } = this
    this.isCut = false
    this.error = undefined
    let count = 0
    try {
      while (count < max && start < end) {
        const request = requests[count]!
        if (!parser.read(request, bytes, start, end, limits)) {
          this.isCut = true
          break
        }
        start = request.end
        count++
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.error = error
    }
    this.count = count
  }

  /** Brings what the requests will look up in `database` nearer. */
  touch(database: Database): void {
    const { hasher } = database.keyspace
    const { requests, count } = this
    const hashes = this.#hashes
    for (let i = 0; i < count; i++) {
      const request = requests[i]!
      if (!hasKey(request)) continue
      hashes[i] = hasher.hash(request.bytes, request.starts[1]!, request.ends[1]!)
    }
    let touched = 0
    for (let i = 0; i < count; i++) touched += database.touchTable(hashes[i]!)
    for (let i = 0; i < count; i++) touched += database.touchEntry(hashes[i]!)
    // Kept, so that no compiler can find the loops to be without use.
    this.#touched = touched | 0
  }

  /** Lets the keyspace know the hash of the key of request `i`, which runs next. */
  hint(keyspace: Keyspace, i: number): void {
    const request = this.requests[i]!
    if (hasKey(request)) {
      keyspace.hint(request.bytes, request.starts[1]!, request.ends[1]!, this.#hashes[i]!)
    }
  }

  /** What `touch` came to. It means nothing. */
  get touched(): number {
    return this.#touched
  }
}

function hasKey(request: Request): boolean {
  return request.count > 1 && request.ends[1]! - request.starts[1]! <= KEY_BYTES_MAX
}
