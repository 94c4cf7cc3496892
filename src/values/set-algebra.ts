/**
 * Intersection, union and difference of sets, member by member, without building the result.
 *
 * All three are one walk: over the members of a source, kept when all of some other sets have them,
 * or none has. Where both are hash tables a segment's worth of members goes through together: what
 * they will be looked up by is touched first, in loops whose loads do not depend on each other.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { type KeyHasher, Slice } from '../bytes/index.ts'
import {
  currentText,
  Dict,
  GATHER_MAX,
  intsetCount,
  intsetRead,
  intsetSeek,
  intsetsNext,
  intsetText,
  keyOf,
} from '../structures/index.ts'
import { Draft } from './draft.ts'
import { ENCODING_HASHTABLE, ENCODING_INTSET } from './encodings.ts'
import { SetWalk } from './set-walk.ts'
import type { Sets } from './sets.ts'
import type { Slot, Space } from './slot.ts'

/**
 * What is done with each member of a result. The slice is lent until it returns. `node` is the
 * member's node where it comes from a hash table, else `NONE`.
 */
export type MemberVisit = (member: Slice, node: Ref) => void

/** Of so many intsets the least integer is found by looking at all. */
const MERGED_MAX = 4
/** With more sets, those to look in are first made one. */
const LOOKED_IN_MAX = 3

export class SetAlgebra {
  readonly #arena: Arena
  readonly #hasher: KeyHasher
  readonly #sets: Sets
  readonly #walk: SetWalk
  readonly #hashes = new Int32Array(GATHER_MAX)
  readonly #member = new Slice(new Uint8Array(0), 0, 0)
  readonly #draft = new Draft(ENCODING_HASHTABLE, new Uint8Array(0))
  /** The sets to look in, and for each that is a hash table its dict, opened. */
  #others: readonly Slot[] = []
  readonly #dicts: Dict[] = []
  /** What touching came to, kept so that no compiler can find it to be without use. */
  touched = 0

  constructor({ arena, hasher }: Space, sets: Sets) {
    this.#arena = arena
    this.#hasher = hasher
    this.#sets = sets
    this.#walk = new SetWalk(arena, hasher)
  }

  /**
   * Visits up to `countMax` members that all of the sets, of which there is at least one, have.
   * @returns how many.
   */
  intersect(values: readonly Slot[], countMax: number, visit: MemberVisit): number {
    const [smallest, ...others] = this.bySize(values)
    return this.#each(smallest!, others, true, countMax, visit)
  }

  /** The sets with the smallest first; those of one size keep their order. */
  bySize(values: readonly Slot[]): Slot[] {
    return [...values].sort((a, b) => this.#sets.count(a) - this.#sets.count(b))
  }

  /** Visits each member that any of the sets has, once. @returns how many. */
  unite(values: readonly Slot[], visit: MemberVisit): number {
    if (values.every(isIntset)) return this.#uniteOrdered(values, visit)
    if (values.length > LOOKED_IN_MAX) return this.#uniteMany(values, visit)
    // The largest comes first: its members need not be looked for.
    const ordered = this.bySize(values).reverse()
    let count = 0
    for (const [i, value] of ordered.entries()) {
      count += this.#each(value, ordered.slice(0, i), false, Number.POSITIVE_INFINITY, visit)
    }
    return count
  }

  /** Visits the members of the first set that none of the others has. @returns how many. */
  subtract(values: readonly Slot[], visit: MemberVisit): number {
    const [first, ...others] = values
    if (others.some((other) => isSame(first!, other))) return 0
    if (others.length <= LOOKED_IN_MAX) {
      return this.#each(first!, others, false, Number.POSITIVE_INFINITY, visit)
    }
    const all = this.#begin(ENCODING_HASHTABLE)
    for (const other of others) this.#addAll(all, other, nothing)
    const count = this.#each(first!, [all], false, Number.POSITIVE_INFINITY, visit)
    this.#end(all)
    return count
  }

  /** Integers come in order, as from a single intset. */
  #uniteOrdered(values: readonly Slot[], visit: MemberVisit): number {
    let count = 0
    if (values.length <= MERGED_MAX) {
      const places = new Int32Array(values.length)
      for (; intsetsNext(values, places); count++) visit(currentText(this.#member), NONE)
      return count
    }
    const all = this.#begin(ENCODING_INTSET)
    for (const value of values) this.#addAll(all, value, nothing)
    count = this.#each(all, [], false, Number.POSITIVE_INFINITY, visit)
    this.#end(all)
    return count
  }

  #uniteMany(values: readonly Slot[], visit: MemberVisit): number {
    const all = this.#begin(ENCODING_HASHTABLE)
    for (const value of values) this.#addAll(all, value, visit)
    const count = this.#sets.count(all)
    this.#end(all)
    return count
  }

  #begin(encoding: number): Draft {
    this.#sets.beginEmpty(this.#draft, encoding)
    return this.#draft
  }

  #end(value: Draft): void {
    this.#sets.free(value, Number.POSITIVE_INFINITY)
  }

  /** Visits those members of `from` that `into` had not yet. */
  #addAll(into: Draft, from: Slot, visit: MemberVisit): void {
    const walk = this.#walk
    for (walk.begin(from); walk.next(); ) {
      const { bytes, start, end } = walk.member
      if (this.#sets.add(into, bytes, start, end)) visit(walk.member, NONE)
    }
  }

  /** Visits up to `countMax` members that all of the others have, or that none has. */
  #each(
    source: Slot,
    others: readonly Slot[],
    isWanted: boolean,
    countMax: number,
    visit: MemberVisit,
  ): number {
    if (source.encoding === ENCODING_INTSET && others.length > 0 && others.every(isIntset)) {
      return this.#eachInteger(source, others, isWanted, countMax, visit)
    }
    this.#open(others)
    const walk = this.#walk
    walk.begin(source)
    let count = 0
    if (source.encoding !== ENCODING_HASHTABLE) {
      while (count < countMax && walk.next()) {
        if (!this.#isKept(walk.member, isWanted)) continue
        visit(walk.member, NONE)
        count++
      }
      return count
    }
    for (let left = walk.nextNodes(); left > 0 && count < countMax; left = walk.nextNodes()) {
      const kept = others.length === 0 ? left : this.#filter(left, isWanted)
      for (let i = 0; i < kept && count < countMax; i++) {
        const node = walk.nodes[i]! >>> 0
        visit(keyOf(this.#arena, node, this.#member), node)
        count++
      }
    }
    return count
  }

  /** Integers against integers: all are in order, so each set is gone through but once. */
  #eachInteger(
    source: Slot,
    others: readonly Slot[],
    isWanted: boolean,
    countMax: number,
    visit: MemberVisit,
  ): number {
    const places = new Int32Array(others.length)
    const size = intsetCount(source)
    let count = 0
    for (let index = 0; index < size && count < countMax; index++) {
      intsetRead(source, index)
      let isKept = true
      for (let i = 0; i < others.length && isKept; i++) {
        const found = intsetSeek(others[i]!, places[i]!)
        places[i] = found < 0 ? ~found : found
        isKept = found >= 0 === isWanted
      }
      if (!isKept) continue
      visit(intsetText(source, index, this.#member), NONE)
      count++
    }
    return count
  }

  #open(others: readonly Slot[]): void {
    this.#others = others
    others.forEach((other, i) => {
      if (i === this.#dicts.length) this.#dicts.push(new Dict(this.#arena, this.#hasher))
      const dict = this.#dicts[i]!
      if (other.encoding === ENCODING_HASHTABLE) dict.open(other.bytes, other.start)
    })
  }

  #isKept(member: Slice, isWanted: boolean): boolean {
    const { bytes, start, end } = member
    let hash = 0
    let isHashed = false
    for (let i = 0; i < this.#others.length; i++) {
      const other = this.#others[i]!
      let isThere: boolean
      if (other.encoding === ENCODING_HASHTABLE) {
        if (!isHashed) hash = this.#hasher.hash(bytes, start, end)
        isHashed = true
        isThere = this.#dicts[i]!.find(bytes, start, end, hash) !== NONE
      } else isThere = this.#sets.has(other, bytes, start, end)
      if (isThere !== isWanted) return false
    }
    return true
  }

  /** Moves those of the walk's first `count` nodes to the front that are kept. @returns how many. */
  #filter(count: number, isWanted: boolean): number {
    const { nodes } = this.#walk
    const hashes = this.#hashes
    const dict = this.#dicts[0]!
    for (let i = 0; i < count; i++) hashes[i] = dict.hashOf(nodes[i]! >>> 0)
    let left = count
    for (let i = 0; i < this.#others.length && left > 0; i++) {
      const other = this.#others[i]!
      left =
        other.encoding === ENCODING_HASHTABLE
          ? this.#filterByTable(this.#dicts[i]!, left, isWanted)
          : this.#filterBySmall(other, left, isWanted)
    }
    return left
  }

  #filterByTable(dict: Dict, count: number, isWanted: boolean): number {
    const { nodes } = this.#walk
    const hashes = this.#hashes
    let touched = 0
    for (let i = 0; i < count; i++) touched += dict.touchChunk(hashes[i]!)
    for (let i = 0; i < count; i++) touched += dict.touchNode(hashes[i]!)
    this.touched = touched | 0
    const member = this.#member
    let kept = 0
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      const hash = hashes[i]!
      const { bytes, start, end } = keyOf(this.#arena, node >>> 0, member)
      if ((dict.find(bytes, start, end, hash) !== NONE) !== isWanted) continue
      nodes[kept] = node
      hashes[kept] = hash
      kept++
    }
    return kept
  }

  #filterBySmall(other: Slot, count: number, isWanted: boolean): number {
    const { nodes } = this.#walk
    const hashes = this.#hashes
    let kept = 0
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      const { bytes, start, end } = keyOf(this.#arena, node >>> 0, this.#member)
      if (this.#sets.has(other, bytes, start, end) !== isWanted) continue
      nodes[kept] = node
      hashes[kept] = hashes[i]!
      kept++
    }
    return kept
  }
}

function nothing(): void {}

function isIntset({ encoding }: Slot): boolean {
  return encoding === ENCODING_INTSET
}

/** Whether two values are the same one. */
function isSame(a: Slot, b: Slot): boolean {
  return a.bytes === b.bytes && a.start === b.start
}
