/**
 * A large sorted set as it was at one instant, while it goes on changing. It is read from the highest
 * score down, as files have it, so that loading needs no searching; what has changed before its turn is
 * noted as it was (changed-members.ts), and read at the end. A member can move from one side of the
 * reader to the other, so those that were read are noted too: to be left out.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { type KeyHasher, Slice } from '../bytes/index.ts'
import {
  ChangedMembers,
  cloneMember,
  Dict,
  headOf,
  keyOf,
  memberBytes,
  OrderedTree,
  ROOT_BYTES,
  type Stretch,
  valueStart,
} from '../structures/index.ts'

/** Members that one step reads. */
const MEMBERS_PER_STEP = 256
/** And at most about so many bytes. */
const STEP_BYTES = 65536

const name = new Slice(new Uint8Array(0), 0, 0)

export class SortedImage {
  readonly kind = 'sorted'
  /** How many members there were. */
  readonly count: number
  readonly #arena: Arena
  readonly #tree: OrderedTree
  readonly #dict: Dict
  readonly #changed: ChangedMembers
  /** Where the root of the set stands now. */
  #root: Stretch
  /** The next member for the reader; `NONE` when only those are left that were noted. */
  #next: Ref = NONE

  /** The instant is now. */
  constructor(arena: Arena, hasher: KeyHasher, root: Stretch) {
    this.#arena = arena
    this.#root = root
    this.#dict = new Dict(arena, hasher)
    this.#changed = new ChangedMembers(arena, hasher)
    this.#tree = new OrderedTree(arena)
    this.#open()
    this.count = this.#tree.count
    if (this.#tree.seek(this.count - 1)) this.#next = this.#tree.ref
  }

  /** The root stands elsewhere from now on. */
  moved(root: Stretch): void {
    this.#root = root
  }

  /** Visits some members, by their nodes, with their scores. @returns whether there are more. */
  step(visit: (node: Ref, score: number) => void): boolean {
    if (this.#next === NONE) {
      return this.#changed.step((node) => visit(node, this.#scoreOf(node)))
    }
    const tree = this.#tree
    this.#open()
    tree.seek(this.#rankOf(this.#next))
    let isThere = true
    let bytes = 0
    for (let i = 0; isThere && i < MEMBERS_PER_STEP && bytes < STEP_BYTES; i++) {
      const node = tree.ref
      bytes += memberBytes(this.#arena, node)
      const isNoted = !this.#changed.isEmpty && this.#changed.has(node, this.#dict.hashOf(node))
      if (!isNoted) visit(node, tree.score)
      isThere = tree.previous()
    }
    this.#next = isThere ? tree.ref : NONE
    return isThere || !this.#changed.isEmpty
  }

  /** The member `bytes[start, end)`, which is missing, is about to be put in. */
  coming(bytes: Uint8Array, start: number, end: number, hash: number): void {
    if (this.#next === NONE || this.#changed.hasName(bytes, start, end, hash)) return
    this.#changed.mark(bytes, start, end, hash)
  }

  /** A member is about to get another score. */
  before(node: Ref, hash: number): void {
    if (this.#isWanted(node, hash)) this.#changed.keep(cloneMember(this.#arena, node), hash)
  }

  /** A member is about to be taken out. @returns whether its node is kept here, and must not be freed. */
  leaving(node: Ref, hash: number): boolean {
    const isWanted = this.#isWanted(node, hash)
    if (isWanted) this.#changed.keep(node, hash)
    return isWanted
  }

  /** `count` members from a rank on are about to be taken out. */
  rangeLeaving(rank: number, count: number): void {
    if (this.#next === NONE) return
    const tree = new OrderedTree(this.#arena)
    tree.open(this.#root.bytes, this.#root.start + ROOT_BYTES)
    // From the last on, so that the reader's next one ends up before all of them.
    tree.seek(rank + count - 1)
    for (let i = 0; i < count; i++, tree.previous()) {
      this.before(tree.ref, this.#dict.hashOf(tree.ref))
    }
  }

  /**
   * Whether a member that is about to change was not read yet. If it was, that is noted, and if it is the
   * next one, the reader goes on to the one after it.
   */
  #isWanted(node: Ref, hash: number): boolean {
    if (this.#next === NONE) return false
    this.#open()
    const rank = this.#rankOf(node)
    const isAhead = rank <= this.#rankOf(this.#next)
    if (node === this.#next) this.#next = this.#tree.seek(rank - 1) ? this.#tree.ref : NONE
    if (this.#changed.has(node, hash)) return false
    if (isAhead) return true
    const { bytes, start, end } = keyOf(this.#arena, node, name)
    this.#changed.mark(bytes, start, end, hash)
    return false
  }

  #open(): void {
    this.#tree.open(this.#root.bytes, this.#root.start + ROOT_BYTES)
    this.#dict.open(this.#root.bytes, this.#root.start)
  }

  #rankOf(node: Ref): number {
    return this.#tree.rankOf(this.#scoreOf(node), node)
  }

  #scoreOf(node: Ref): number {
    const at = valueStart(this.#arena, node, headOf(this.#arena, node))
    return this.#arena.views[node >>> 17]!.getFloat64(at, true)
  }

  /** Frees about `budget` of what is kept; nothing is to be told any more. @returns whether all is. */
  free(budget: number): boolean {
    return this.#changed.free(budget)
  }
}
