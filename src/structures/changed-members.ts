/**
 * What an image of a large collection notes of members that have changed since its instant, by name:
 * those that were there, as they were, and a mark for each that was not there, or was passed already.
 * Whoever reads the collection leaves all of them out, and reads here what they were.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import type { KeyHasher } from '../bytes/index.ts'
import { Slice } from '../bytes/index.ts'
import { Dict, GATHER_MAX } from './dict.ts'
import { freeMember, memberBytes, newMember } from './member.ts'
import { ERA, headOf, keyOf } from './node.ts'
import { releaseDict } from './release.ts'
import { ROOT_BYTES } from './table.ts'

/** What one step reads, about. */
const STEP_BYTES = 65536

const gathered = new Int32Array(GATHER_MAX)
const name = new Slice(new Uint8Array(0), 0, 0)

export class ChangedMembers {
  readonly #arena: Arena
  readonly #root = new Uint8Array(ROOT_BYTES)
  /** Nodes of their own. What is only a mark has the flag `ERA`. */
  readonly #dict: Dict
  #place = 0
  /** How many of those at the place were visited. */
  #visited = 0
  #isClosed = false

  constructor(arena: Arena, hasher: KeyHasher) {
    this.#arena = arena
    this.#dict = new Dict(arena, hasher)
    this.#dict.open(this.#root, 0)
  }

  /** Whether there is nothing to be left out. */
  get isEmpty(): boolean {
    return this.#dict.count === 0
  }

  /** Whether the member with the name of `node` is noted. */
  has(node: Ref, hash: number): boolean {
    if (this.isEmpty) return false
    const { bytes, start, end } = keyOf(this.#arena, node, name)
    return this.hasName(bytes, start, end, hash)
  }

  /** Whether the member `bytes[start, end)` is noted. */
  hasName(bytes: Uint8Array, start: number, end: number, hash: number): boolean {
    return !this.isEmpty && this.#dict.find(bytes, start, end, hash) !== NONE
  }

  /** Takes over a node with a member as it was, which is not noted yet. */
  keep(node: Ref, hash: number): void {
    this.#dict.insert(node, hash)
  }

  /** Notes that the member `bytes[start, end)` is to be left out. */
  mark(bytes: Uint8Array, start: number, end: number, hash: number): void {
    const node = newMember(this.#arena, bytes, start, end, 0)
    this.#arena.words[node >>> 17]![wordOffset(node)]! |= ERA << 8
    this.#dict.insert(node, hash)
  }

  /**
   * Visits some members as they were. Nothing more may be noted once this has begun.
   * @returns whether there are more.
   */
  step(visit: (node: Ref) => void): boolean {
    const dict = this.#dict
    if (dict.count === 0) return false
    const count = dict.gather(this.#place, gathered)
    for (let bytes = 0; bytes < STEP_BYTES && this.#visited < count; this.#visited++) {
      const node = gathered[this.#visited]! >>> 0
      bytes += memberBytes(this.#arena, node)
      if ((headOf(this.#arena, node) & (ERA << 8)) === 0) visit(node)
    }
    if (this.#visited < count) return true
    this.#visited = 0
    this.#place += dict.spanAt(this.#place)
    return this.#place < dict.directorySize
  }

  /** Frees about `budget` of what is noted; nothing else may be done any more. @returns whether all is. */
  free(budget: number): boolean {
    if (!this.#isClosed) this.#dict.save()
    this.#isClosed = true
    return releaseDict(this.#arena, this.#root, 0, budget, freeMember)
  }
}
