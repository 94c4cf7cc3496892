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
import { cloneMember, memberBytes } from './member.ts'
import type { Stretch } from './stretch.ts'

/** Places of a directory at its deepest: a position counts them, and means the same at any depth. */
const SPAN = 2 ** 26

/** What one step reads, about, where members are long. */
const STEP_BYTES = 65536
/** A segment of so many bytes is read at once. */
const SEGMENT_BYTES_MAX = 2 * STEP_BYTES
/** Above the number of a member that was gathered. */
const GATHERED_SPAN = 1024

/** The members of a segment that are still to be read, in the order of their hashes. */
interface Ordered {
  /** The place of each, by the hash, and behind it its number in `nodes`. */
  readonly keys: Float64Array
  readonly nodes: Int32Array
  /** Where the segment ends. */
  readonly end: number
  /** How many are read. */
  at: number
}

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
  /** Where the segment at the position is read in several steps. */
  #ordered: Ordered | undefined
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
    if (this.#ordered === undefined) this.#readSegment(visit)
    else this.#readOrdered(this.#ordered, visit)
    return this.#position < SPAN || !this.#changed.isEmpty
  }

  /** Reads the segment at the position, or where its members are long its first ones. */
  #readSegment(visit: (node: Ref) => void): void {
    const dict = this.#dict
    dict.open(this.#root.bytes, this.#root.start)
    const size = dict.directorySize
    const place = Math.floor((this.#position / SPAN) * size)
    const span = dict.spanAt(place)
    const first = Math.floor(place / span) * span
    let count = dict.gather(place, gathered)
    // Two segments may have become one, of which the first is behind.
    const isPartial = first * (SPAN / size) < this.#position
    if (isPartial || !this.#changed.isEmpty) count = this.#filter(count)
    const end = (first + span) * (SPAN / size)
    let bytes = 0
    for (let i = 0; i < count; i++) bytes += memberBytes(this.#arena, gathered[i]! >>> 0)
    if (bytes > SEGMENT_BYTES_MAX) this.#readOrdered(this.#order(count, end), visit)
    else {
      for (let i = 0; i < count; i++) visit(gathered[i]! >>> 0)
      this.#position = end
    }
  }

  /** Of so many members that were gathered, leaves those that are to be read. @returns how many. */
  #filter(count: number): number {
    let left = 0
    for (let i = 0; i < count; i++) {
      const node = gathered[i]! >>> 0
      const hash = this.#dict.hashOf(node)
      if (!this.#isBehind(hash) && !this.#changed.has(node, hash)) gathered[left++] = node
    }
    return left
  }

  #order(count: number, end: number): Ordered {
    const keys = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      keys[i] = (this.#dict.hashOf(gathered[i]! >>> 0) >>> 6) * GATHERED_SPAN + i
    }
    this.#ordered = { keys: keys.sort(), nodes: gathered.slice(0, count), end, at: 0 }
    return this.#ordered
  }

  /** Reads some of those that were ordered; those of one place go together. */
  #readOrdered(ordered: Ordered, visit: (node: Ref) => void): void {
    const { keys, nodes, end } = ordered
    const placeAt = (at: number) => Math.floor(keys[at]! / GATHERED_SPAN)
    let { at } = ordered
    for (let bytes = 0; at < keys.length; at++) {
      if (bytes >= STEP_BYTES && placeAt(at) !== placeAt(at - 1)) break
      const node = nodes[keys[at]! % GATHERED_SPAN]! >>> 0
      bytes += memberBytes(this.#arena, node)
      visit(node)
    }
    ordered.at = at
    if (at === keys.length) this.#ordered = undefined
    this.#position = at === keys.length ? end : placeAt(at)
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
    this.#forgetOrder(hash)
  }

  /** A member was taken out. @returns whether its node is kept here, and must not be freed. */
  leaving(node: Ref, hash: number): boolean {
    if (this.#isPast(hash) || this.#changed.has(node, hash)) return false
    this.#changed.keep(node, hash)
    this.#forgetOrder(hash)
    return true
  }

  /** What is noted now may be among those that were ordered. */
  #forgetOrder(hash: number): void {
    if (this.#ordered !== undefined && hash >>> 6 < this.#ordered.end) this.#ordered = undefined
  }

  /** Frees about `budget` of what is kept; nothing is to be told any more. @returns whether all is. */
  free(budget: number): boolean {
    return this.#changed.free(budget)
  }
}
