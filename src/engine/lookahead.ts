/**
 * Requests that arrived together, read before the first of them runs. A lookup in a large table
 * mostly waits for memory, twice: for the chunk of the table, and for the entry. With the keys of
 * many requests known, their chunks and entries are touched in two loops whose loads do not depend
 * on each other, so the processor waits for many of them at once; when the commands run, what they
 * need is in the cache, and the hashes are known.
 *
 * Where a key leads to a large set or hash, the third word is taken for one of its members, and where it
 * leads to a large sorted set, the last one; their places and nodes are touched in two more loops.
 *
 * Touching reads and changes nothing, so a wrong guess (the second word may be no key, the command
 * may be refused) costs a little time and is never seen.
 */
import { NONE } from '../arena/index.ts'
import { viewOf } from '../bytes/index.ts'
import type { Database, Keyspace } from '../keyspace/index.ts'
import { ProtocolError, Request, type RequestLimits, type RequestParser } from '../resp/index.ts'

/** Requests read at once: enough to hide the waiting, few enough to stay in the cache. */
const REQUESTS_MAX = 32
/** A longer word is taken for no key or member: hashing it twice would cost more than it saves. */
const KEY_BYTES_MAX = 256
/** The word after the key, which counts from the command's name. */
const MEMBER_WORD = 2

export class Lookahead {
  readonly requests: Request[] = Request.several(REQUESTS_MAX + 1)
  /** How many of `requests` are whole. When `isCut`, the one after them has begun. */
  count = 0
  isCut = false
  /** What is wrong with the bytes after the whole requests. */
  error: ProtocolError | undefined
  readonly #hashes = new Int32Array(REQUESTS_MAX)
  readonly #memberHashes = new Int32Array(REQUESTS_MAX)
  readonly #entries = new Uint32Array(REQUESTS_MAX)
  /** Which word of a request is taken for a member. */
  readonly #words = new Uint32Array(REQUESTS_MAX)
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
    const entries = this.#entries
    for (let i = 0; i < count; i++) {
      const request = requests[i]!
      if (!hasKey(request)) continue
      // Requests that come together are often for one key.
      const isSame = i > 0 && hasSameKey(request, requests[i - 1]!)
      hashes[i] = isSame
        ? hashes[i - 1]!
        : hasher.hash(request.bytes, request.starts[1]!, request.ends[1]!)
    }
    let touched = 0
    for (let i = 0; i < count; i++) {
      if (i === 0 || hashes[i] !== hashes[i - 1]) touched += database.touchTable(hashes[i]!)
    }
    for (let i = 0; i < count; i++) {
      const isSame = i > 0 && hashes[i] === hashes[i - 1]
      entries[i] = isSame ? entries[i - 1]! : database.touchEntry(hashes[i]!)
    }
    touched += this.#touchMembers(database)
    // Kept, so that no compiler can find the loops to be without use.
    this.#touched = touched | 0
  }

  /** The same for words that are members of large sets or fields of large hashes. */
  #touchMembers(database: Database): number {
    const { hasher, members } = database.keyspace
    const { requests, count } = this
    const hashes = this.#memberHashes
    const entries = this.#entries
    const words = this.#words
    let touched = 0
    let found = 0
    members.begin()
    for (let i = 0; i < count; i++) {
      const request = requests[i]!
      const entry = entries[i]!
      entries[i] = NONE
      if (entry === NONE || request.count <= MEMBER_WORD || !members.open(entry)) continue
      const word = members.isSorted ? request.count - 1 : MEMBER_WORD
      const start = request.starts[word]!
      const end = request.ends[word]!
      if (end - start > KEY_BYTES_MAX) continue
      const hash = hasher.hash(request.bytes, start, end)
      entries[i] = entry
      words[i] = word
      hashes[i] = hash
      found++
      touched += members.touchPlace(hash)
    }
    for (let i = 0; found > 0 && i < count; i++) {
      const entry = entries[i]!
      if (entry !== NONE && members.open(entry)) touched += members.touchMember(hashes[i]!)
    }
    return touched
  }

  /** Lets the keyspace know the hashes of the key and the member of request `i`, which runs next. */
  hint(keyspace: Keyspace, i: number): void {
    const request = this.requests[i]!
    if (!hasKey(request)) return
    const { bytes, starts, ends } = request
    keyspace.hint(bytes, starts[1]!, ends[1]!, this.#hashes[i]!)
    if (this.#entries[i] === NONE) return
    const word = this.#words[i]!
    keyspace.space.hint.set(bytes, starts[word]!, ends[word]!, this.#memberHashes[i]!)
  }

  /** What `touch` came to. It means nothing. */
  get touched(): number {
    return this.#touched
  }
}

/** Whether two requests that stand in one buffer have the same word for a key. */
function hasSameKey(request: Request, other: Request): boolean {
  const { bytes } = request
  const size = request.ends[1]! - request.starts[1]!
  if (other.count < 2 || other.bytes !== bytes || other.ends[1]! - other.starts[1]! !== size) {
    return false
  }
  // Names differ in their last bytes most often.
  let end = request.ends[1]!
  const start = end - size
  const by = end - other.ends[1]!
  const view = viewOf(bytes)
  if (view !== undefined) {
    for (; end - 4 >= start; end -= 4) {
      if (view.getInt32(end - 4, true) !== view.getInt32(end - 4 - by, true)) return false
    }
  }
  while (end > start) {
    end--
    if (bytes[end] !== bytes[end - by]) return false
  }
  return true
}

/** Whether a request has a word that may be a key. */
export function hasKey(request: Request): boolean {
  return request.count > 1 && request.ends[1]! - request.starts[1]! <= KEY_BYTES_MAX
}
