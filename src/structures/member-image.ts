/**
 * A large set or hash as it was at one instant, while it goes on changing. Members are read in the order
 * of their hashes, which growth does not change, so whether a member is behind is seen by its hash. One
 * that is still ahead is noted as it was before it changes (changed-members.ts), and read at the end.
 *
 *     hashes   0 ──── read ────► position ──── read where not noted ────► end ──► what was noted
 */
import type { Arena, Ref } from '../arena/index.ts'
import type { KeyHasher } from '../bytes/index.ts'
import { ChangedMembers } from './changed-members.ts'
import { Dict, GATHER_MAX } from './dict.ts'
import { cloneMember } from './member.ts'
import type { Stretch } from './stretch.ts'

/** Places of a directory at its deepest: a position counts them, and means the same at any depth. */
const SPAN = 2 ** 26

const gathered = new Int32Array(GATHER_MAX)

export class MemberImage {
  readonly kind = 'members'
  /** How many members there were. */
  readonly count: number
  /** Of a hash, when the first of its fields was to expire; 0 when none was. */
  readonly earliestMs: number
  readonly #arena: Arena
  readonly #dict: Dict
  readonly #changed: ChangedMembers
  /** Where the root of the dict stands now. */
  #root: Stretch
  #position = 0
  /** The dict is nobody else's any more, and changes no more. */
  #isAlone = false

  /** The instant is now. */
  constructor(arena: Arena, hasher: KeyHasher, root: Stretch, earliestMs = 0) {
    this.#arena = arena
    this.earliestMs = earliestMs
    this.#root = root
    this.#dict = new Dict(arena, hasher)
    this.#changed = new ChangedMembers(arena, hasher)
    this.#dict.open(root.bytes, root.start)
    this.count = this.#dict.count
  }

  /** The root stands elsewhere from now on. */
  moved(root: Stretch): void {
    if (!this.#isAlone) this.#root = root
  }

  /** The dict with all its members leaves its value, by a copy of its root, and is to be freed later. */
  left(root: Stretch): void {
    this.moved(root)
    this.#isAlone = true
  }

  /** Visits some members, by their nodes. @returns whether there are more. */
  step(visit: (node: Ref) => void): boolean {
    if (this.#position >= SPAN) return this.#changed.step(visit)
    const dict = this.#dict
    dict.open(this.#root.bytes, this.#root.start)
    const size = dict.directorySize
    const place = Math.floor((this.#position / SPAN) * size)
    const span = dict.spanAt(place)
    const first = Math.floor(place / span) * span
    const count = dict.gather(place, gathered)
    // Two segments may have become one, of which the first is behind.
    const isPartial = first * (SPAN / size) < this.#position
    const isFiltered = isPartial || !this.#changed.isEmpty
    for (let i = 0; i < count; i++) {
      const node = gathered[i]! >>> 0
      if (isFiltered) {
        const hash = dict.hashOf(node)
        if (this.#isBehind(hash) || this.#changed.has(node, hash)) continue
      }
      visit(node)
    }
    this.#position = (first + span) * (SPAN / size)
    return this.#position < SPAN || !this.#changed.isEmpty
  }

  #isBehind(hash: number): boolean {
    return hash >>> 6 < this.#position
  }

  /** Whether it does not matter what becomes of a member. */
  #isPast(hash: number): boolean {
    return this.#isAlone || this.#isBehind(hash)
  }

  /** The member `bytes[start, end)`, which is missing, is about to be put in. */
  coming(bytes: Uint8Array, start: number, end: number, hash: number): void {
    if (this.#isPast(hash) || this.#changed.hasName(bytes, start, end, hash)) return
    this.#changed.mark(bytes, start, end, hash)
  }

  /** A member is about to be changed. */
  before(node: Ref, hash: number): void {
    if (this.#isPast(hash) || this.#changed.has(node, hash)) return
    this.#changed.keep(cloneMember(this.#arena, node), hash)
  }

  /** A member was taken out. @returns whether its node is kept here, and must not be freed. */
  leaving(node: Ref, hash: number): boolean {
    if (this.#isPast(hash) || this.#changed.has(node, hash)) return false
    this.#changed.keep(node, hash)
    return true
  }

  /** What is left, if anything, for the caller to free: see `ChangedMembers`. */
  takeRest(): Uint8Array | undefined {
    return this.#changed.takeRest()
  }
}
