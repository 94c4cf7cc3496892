/**
 * Reading what commands will look up in large sets, hashes and sorted sets, before they run: the second
 * half of the lookahead (engine/lookahead.ts). The dict of a value that was opened is read where a member
 * belongs; nothing is changed, and what is read has no meaning.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import type { KeyHasher } from '../bytes/index.ts'
import { Dict, headOf, valueStart } from '../structures/index.ts'
import {
  ENCODING_HASHTABLE,
  ENCODING_HASHTABLE_EXPIRES,
  ENCODING_SKIPLIST,
} from '../values/index.ts'
import { encodingOf } from './kinds.ts'

export class MemberTouch {
  readonly #arena: Arena
  readonly #dict: Dict
  /** Whose dict is open. */
  #entry: Ref = NONE
  /** The opened value is a sorted set: commands name its member last, after a score. */
  isSorted = false

  constructor(arena: Arena, hasher: KeyHasher) {
    this.#arena = arena
    this.#dict = new Dict(arena, hasher)
  }

  /** Forgets what was open: it may be something else by now. */
  begin(): void {
    this.#entry = NONE
  }

  /** Opens the value of an entry. @returns false when it holds no members in a dict. */
  open(entry: Ref): boolean {
    // Requests that come together are mostly for one key.
    if (entry === this.#entry) return true
    const head = headOf(this.#arena, entry)
    const encoding = encodingOf(head)
    const isSorted = encoding === ENCODING_SKIPLIST
    const isHash = encoding === ENCODING_HASHTABLE || encoding === ENCODING_HASHTABLE_EXPIRES
    if (!isSorted && !isHash) return false
    this.#entry = entry
    this.isSorted = isSorted
    this.#dict.open(this.#arena.bytes[entry >>> 17]!, valueStart(this.#arena, entry, head))
    return true
  }

  /** Reads the place of the opened dict where a hash belongs. */
  touchPlace(hash: number): number {
    return this.#dict.touchChunk(hash)
  }

  /** Reads the member that a hash probably leads to. */
  touchMember(hash: number): number {
    return this.#dict.touchNode(hash)
  }
}
