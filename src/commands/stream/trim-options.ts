/** The options with which XADD and XTRIM trim a stream. */
import type { Ref } from '../../arena/index.ts'
import { type Args, type Call, type EffectArgument, ReplyError } from '../../engine/index.ts'
import type { Keyspace } from '../../keyspace/index.ts'
import { type References, StreamId, type Trim } from '../../values/index.ts'
import { ID_MAX, idBytes, readId } from './ids.ts'

/** An approximate trim ends after so many blocks, or entries when blocks have no limit of theirs… */
const BLOCKS_MAX = 100
const ENTRIES_DEFAULT = 10_000
/** …and never takes more. */
const ENTRIES_MAX = 1_000_000
const TILDE = 126
const EQUALS = 61

export class TrimOptions implements Trim {
  /** Whether it is said how far to trim. */
  isGiven = false
  lengthMax = 0
  idMin: StreamId | undefined
  isApproximate = false
  limit = 0
  references: References = 'KEEPREF'
  /** NOMKSTREAM: a missing stream is not made. */
  isExistingOnly = false
  /** The position of the bound among the arguments. */
  boundAt = 0
  #isClear = true
  #hasReferences = false
  #hasLimit = false
  readonly #id = new StreamId()

  /** Forgets all. */
  clear(): void {
    if (this.#isClear) return
    this.#isClear = true
    this.isGiven = false
    this.lengthMax = 0
    this.idMin = undefined
    this.isApproximate = false
    this.limit = 0
    this.references = 'KEEPREF'
    this.isExistingOnly = false
    this.#hasReferences = false
    this.#hasLimit = false
  }

  /** Takes the next option. @returns false when the next argument is none. */
  take(args: Args, isAdd: boolean): boolean {
    this.#isClear = false
    const hasMore = args.left > 1
    if (hasMore && args.take('MAXLEN')) this.#takeLength(args)
    else if (hasMore && args.take('MINID')) this.#takeId(args)
    else if (hasMore && args.take('LIMIT')) this.#takeLimit(args)
    else if (isAdd && args.take('NOMKSTREAM')) this.isExistingOnly = true
    else return this.#takeReferences(args)
    return true
  }

  /** Checks what was given together, and sets what was not. */
  settle({ limits, isLoading }: Keyspace, isAdd: boolean): void {
    if (!this.isGiven) {
      if (this.limit > 0) {
        throw refusal('LIMIT cannot be used without specifying a trimming strategy')
      }
      if (!isAdd) throw refusal('XTRIM must be called with a trimming strategy')
    }
    // In a log the bound is what was reached, and the option may still stand beside it.
    if (isLoading) this.limit = 0
    else if (this.#hasLimit) {
      if (!this.isApproximate) throw refusal('LIMIT cannot be used without the special ~ option')
    } else if (this.isApproximate) {
      const entries = BLOCKS_MAX * limits.streamNodeMaxEntries
      this.limit = entries > 0 ? Math.min(entries, ENTRIES_MAX) : ENTRIES_DEFAULT
    }
  }

  /** The bound that an approximate trim has reached, as an exact one. */
  reached({ keyspace }: Call, stream: Ref): EffectArgument {
    const { entries } = keyspace.streams
    if (this.idMin === undefined) return entries.length(stream)
    return idBytes(entries.firstId(stream, this.#id, true) ? this.#id : ID_MAX)
  }

  #takeLength(args: Args): void {
    this.#begin(args)
    this.lengthMax = args.int()
    if (this.lengthMax < 0) throw new ReplyError('ERR The MAXLEN argument must be >= 0.')
  }

  #takeId(args: Args): void {
    this.#begin(args)
    this.idMin = readId(args, this.#id)
  }

  #begin(args: Args): void {
    if (this.isGiven) {
      throw refusal('MAXLEN and MINID options at the same time are not compatible')
    }
    this.isGiven = true
    const { bytes, start, end } = args.slice(args.at)
    const sign = end - start === 1 ? bytes[start] : 0
    this.isApproximate = args.left > 1 && sign === TILDE
    if (args.left > 1 && (sign === TILDE || sign === EQUALS)) args.at++
    this.boundAt = args.at
  }

  #takeLimit(args: Args): void {
    this.limit = args.int()
    if (this.limit < 0) throw new ReplyError('ERR The LIMIT argument must be >= 0.')
    this.#hasLimit = true
  }

  #takeReferences(args: Args): boolean {
    if (this.#hasReferences) return false
    if (args.take('KEEPREF')) this.references = 'KEEPREF'
    else if (args.take('DELREF')) this.references = 'DELREF'
    else if (args.take('ACKED')) this.references = 'ACKED'
    else return false
    this.#hasReferences = true
    return true
  }
}

function refusal(what: string): ReplyError {
  return new ReplyError(`ERR syntax error, ${what}`)
}
