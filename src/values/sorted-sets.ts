/**
 * Sorted sets: members with a score each, in the order of scores and, where those are equal, of the
 * members' bytes. A small one is a listpack (sorted-pack.ts), a large one a dict with an ordered tree
 * (sorted-table.ts); from small to large it goes at the settings' limits, and never back while it
 * lives.
 *
 * A member that is there is named by its place: an offset or a node, as the set is small or large. It
 * holds until the set changes. What is read comes out in `member` and `score`; every range is one of
 * ranks, which the `rankOf…` calls find.
 */
import { Slice } from '../bytes/index.ts'
import {
  BufferStretch,
  firstAt,
  LISTPACK_EMPTY,
  nextAt,
  type OrderedTree,
  readElement,
  type Stretch,
} from '../structures/index.ts'
import { Draft } from './draft.ts'
import { ENCODING_LISTPACK, ENCODING_ROOTED_MIN, ENCODING_SKIPLIST } from './encodings.ts'
import type { EncodingLimits, Slot, Space, ValueType } from './slot.ts'
import type { SortedImage } from './sorted-image.ts'
import {
  appendToPack,
  findInPack,
  insertInPack,
  nextInPack,
  packCount,
  packFits,
  packPlace,
  packRank,
  packRankOfMember,
  packRankOfScore,
  packScore,
  previousInPack,
  readScore,
  removeFromPack,
} from './sorted-pack.ts'
import { type MemberSink, SORTED_TABLE_BYTES, SortedTable } from './sorted-table.ts'

/** For `add`: a member that is there stays as it is. */
export const ONLY_NEW = 1
/** A member that is missing is not added. */
export const ONLY_PRESENT = 2
/** A member that is there only gets a higher score. */
export const ONLY_HIGHER = 4
/** A member that is there only gets a lower score. */
export const ONLY_LOWER = 8
/** The score is added to the one that there is. */
export const INCREMENT = 16

/** What `add` did. */
export type Added = 'added' | 'updated' | 'kept' | 'skipped' | 'not a number'

/** A set without members, as it stands in its entry. */
export interface EmptySortedSet {
  readonly encoding: number
  readonly bytes: Uint8Array
}

const EMPTY_PACK: EmptySortedSet = { encoding: ENCODING_LISTPACK, bytes: LISTPACK_EMPTY }
const EMPTY_TABLE: EmptySortedSet = {
  encoding: ENCODING_SKIPLIST,
  bytes: new Uint8Array(SORTED_TABLE_BYTES),
}
const NO_BYTES = new Uint8Array(0)

export class SortedSets implements ValueType {
  readonly #space: Space
  readonly #limits: EncodingLimits
  readonly #table: SortedTable
  #other: SortedSets | undefined
  /** The member that was read last. Lent until the set changes. */
  readonly member = new Slice(NO_BYTES, 0, 0)
  /** The score that was read, or given, last. */
  score = 0
  /** The set that the cursor walks through, and where it is: in a tree if it is large. */
  #walked: Slot | undefined
  #tree: OrderedTree | undefined
  #at = 0
  #scoreAt = 0
  readonly #moved = new Slice(NO_BYTES, 0, 0)

  constructor(space: Space) {
    this.#space = space
    this.#limits = space.limits
    this.#table = new SortedTable(space)
  }

  /** Another one for the same sets: while this one walks through a set, it works on a second. */
  get other(): SortedSets {
    this.#other ??= new SortedSets(this.#space)
    return this.#other
  }

  count(value: Slot): number {
    return isTable(value) ? this.#table.count(value) : packCount(value)
  }

  /** The form in which to begin a set that will get `count` members, the first of `memberBytes`. */
  empty(count: number, memberBytes: number): EmptySortedSet {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits
    const isSmall = count <= zsetMaxListpackEntries && memberBytes <= zsetMaxListpackValue
    return isSmall ? EMPTY_PACK : EMPTY_TABLE
  }

  /** Makes room for `count` more members at once, as the reference does before it adds several. */
  prepare(value: Slot, count: number): void {
    if (count > this.#limits.zsetMaxListpackEntries && !isTable(value)) this.#enlarge(value)
  }

  // ---- single members

  /** Whether a member is there; then `score` is its. */
  find(value: Slot, member: Slice): boolean {
    if (isTable(value)) {
      const node = this.#table.find(value, member)
      if (node === 0) return false
      this.score = this.#table.score(node)
      return true
    }
    const at = findInPack(value, member)
    if (at < 0) return false
    this.score = packScore(value, at)
    return true
  }

  /** Adds a member or changes its score, by rules such as `ONLY_NEW`. `score` is what it has then. */
  add(value: Slot, member: Slice, score: number, rules: number): Added {
    if (!this.find(value, member)) {
      if (rules & ONLY_PRESENT) return 'skipped'
      this.score = score
      this.#insert(value, member, score)
      return 'added'
    }
    if (rules & ONLY_NEW) return 'skipped'
    const held = this.score
    if (rules & INCREMENT) {
      score += held
      if (Number.isNaN(score)) return 'not a number'
    }
    if (rules & ONLY_LOWER && score >= held) return 'skipped'
    if (rules & ONLY_HIGHER && score <= held) return 'skipped'
    this.score = score
    if (score === held) return 'kept'
    if (isTable(value)) this.#table.move(value, held, score)
    else {
      removeFromPack(value, findInPack(value, member), 1)
      insertInPack(value, member, score)
    }
    return 'updated'
  }

  /** Takes a member out. @returns whether it was there. */
  remove(value: Slot, member: Slice): boolean {
    if (isTable(value)) {
      if (this.#table.find(value, member) === 0) return false
      this.#table.remove(value)
      return true
    }
    const at = findInPack(value, member)
    if (at < 0) return false
    removeFromPack(value, at, 1)
    return true
  }

  /** How many members are before one, whose `score` is read too; -1 when it is missing. */
  rankOf(value: Slot, member: Slice): number {
    if (isTable(value)) {
      const node = this.#table.find(value, member)
      if (node === 0) return -1
      this.score = this.#table.score(node)
      return this.#table.rank(value)
    }
    const at = findInPack(value, member)
    if (at < 0) return -1
    this.score = packScore(value, at)
    return packRank(value, at)
  }

  // ---- ranges

  /** How many members have a lower score, or with `orEqual` one that is not higher. */
  rankOfScore(value: Slot, score: number, orEqual: boolean): number {
    if (score === Number.NEGATIVE_INFINITY && !orEqual) return 0
    if (score === Number.POSITIVE_INFINITY && orEqual) return this.count(value)
    if (isTable(value)) return this.#table.rankOfScore(value, score, orEqual)
    return packRankOfScore(value, score, orEqual)
  }

  /**
   * How many members are lower by their bytes, or with `orEqual` not higher. It means something where
   * all scores are equal.
   */
  rankOfMember(value: Slot, member: Slice, orEqual: boolean): number {
    if (isTable(value)) return this.#table.rankOfMember(value, member, orEqual)
    return packRankOfMember(value, member, orEqual)
  }

  /** Reads the member of a rank, which there is, and walks on from there. */
  seek(value: Slot, rank: number): void {
    this.#walked = value
    if (isTable(value)) {
      this.#tree = this.#table.walk(value, rank)
      this.#readTree(this.#tree)
    } else {
      this.#tree = undefined
      this.#readPack(packPlace(value, rank))
    }
  }

  /** Reads the member after the one that was read. There is one. */
  next(): void {
    const tree = this.#tree
    if (tree === undefined) this.#readPack(nextAt(this.#walked!, this.#scoreAt))
    else {
      tree.next()
      this.#readTree(tree)
    }
  }

  /** Reads the member before the one that was read. There is one. */
  previous(): void {
    const tree = this.#tree
    if (tree === undefined) this.#readPack(previousInPack(this.#walked!, this.#at))
    else {
      tree.previous()
      this.#readTree(tree)
    }
  }

  /** Hands on the names of `count` members of a large set, from a rank on or down from it. */
  pass(value: Slot, rank: number, count: number, isReverse: boolean, sink: MemberSink): void {
    this.#table.pass(value, rank, count, isReverse, sink)
  }

  /** Takes out the member that `seek` has just read. */
  removeHere(): void {
    const value = this.#walked!
    if (this.#tree === undefined) removeFromPack(value, this.#at, 1)
    else this.#table.removeHere(value)
  }

  /** Takes out `count` members from a rank on. */
  removeRange(value: Slot, rank: number, count: number): void {
    if (count <= 0) return
    if (isTable(value)) this.#table.removeRange(value, rank, count)
    else removeFromPack(value, packPlace(value, rank), count)
  }

  // ---- in no particular order

  /** Visits the places of all members. `visit` looks into other sets by `other`. */
  each(value: Slot, visit: (place: number) => void): void {
    if (isTable(value)) this.#table.each(value, visit)
    else for (let at = firstAt(value); at >= 0; at = nextInPack(value, at)) visit(at)
  }

  /**
   * Visits the places of the members at a cursor, all at once where the set is small.
   * @returns the next cursor, 0 at the end.
   */
  scan(value: Slot, cursor: number, visit: (place: number) => void): number {
    if (isTable(value)) return this.#table.scan(value, cursor, visit)
    this.each(value, visit)
    return 0
  }

  /** Reads the member at a place. */
  read(value: Slot, place: number): void {
    if (isTable(value)) {
      this.#table.member(place, this.member)
      this.score = this.#table.score(place)
    } else this.#readAt(value, place)
  }

  /** Reads any member, each with the same chance. */
  readRandom(value: Slot): void {
    if (isTable(value)) {
      this.read(value, this.#table.random(value))
      return
    }
    const rank = Math.floor((this.#space.uint32() / 4294967296) * packCount(value))
    this.read(value, packPlace(value, rank))
  }

  // ---- whole sets

  /** A set to which `gather` adds members, which `arrange` then puts in order. */
  draft(): Draft {
    return new Draft(EMPTY_TABLE.encoding, EMPTY_TABLE.bytes)
  }

  /** Adds a member to a draft, or changes its score to what `combine` makes of the two. */
  gather(
    draft: Draft,
    member: Slice,
    score: number,
    combine: (held: number, score: number) => number,
  ): void {
    const node = this.#table.find(draft, member)
    if (node === 0) this.#table.gather(member, score)
    else this.#table.setScore(combine(this.#table.score(node), score))
  }

  /** Adds a member to a draft. @returns false when it is there already. */
  gatherNew(draft: Draft, member: Slice, score: number): boolean {
    if (this.#table.find(draft, member) !== 0) return false
    this.#table.gather(member, score)
    return true
  }

  /** Takes a member out of a draft if it is there. @returns how many are left. */
  ungather(draft: Draft, member: Slice): number {
    if (this.#table.find(draft, member) !== 0) this.#table.ungather()
    return this.count(draft)
  }

  /** Puts the members of a draft in order: it is a sorted set then. */
  arrange(draft: Draft): void {
    this.#table.arrange(draft)
  }

  /** Adds a member that is missing and belongs after all others. */
  append(value: Slot, member: Slice, score: number): void {
    if (isTable(value)) this.#table.append(value, member, score)
    else if (this.#staysSmall(value, member)) appendToPack(value, member, score)
    else this.#insert(value, member, score)
  }

  /** Makes a large set a small one where it is within the limits: for one that is to be stored. */
  shrink(value: Slot): void {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits
    let left = this.count(value)
    if (!isTable(value) || left === 0 || left > zsetMaxListpackEntries) return
    const pack = new BufferStretch(LISTPACK_EMPTY)
    for (this.seek(value, 0); ; this.next()) {
      const { start, end } = this.member
      if (end - start > zsetMaxListpackValue || !packFits(pack, end - start)) return
      appendToPack(pack, this.member, this.score)
      if (--left === 0) break
    }
    while (!this.free(value, Number.POSITIVE_INFINITY));
    value.reset(ENCODING_LISTPACK, pack.size)
    value.bytes.set(pack.view(), value.start)
  }

  free(value: Slot, budget: number): boolean {
    return isTable(value) ? this.#table.free(value, budget) : true
  }

  imageOf(value: Slot): SortedImage {
    return this.#table.imageOf(value)
  }

  copy(source: Slot, target: Slot): void {
    if (!isTable(source)) return
    const table = this.other.#table
    const count = this.count(source)
    table.begin(target, count)
    for (let i = 0; i < count; i++) {
      if (i === 0) this.seek(source, 0)
      else this.next()
      table.append(target, this.member, this.score)
    }
  }

  ownedBytes(value: Slot): number {
    return isTable(value) ? this.#table.ownedBytes(value) : 0
  }

  /** Throws when an invariant does not hold. For tests. */
  check(value: Slot): void {
    if (isTable(value)) this.#table.check(value)
  }

  #insert(value: Slot, member: Slice, score: number): void {
    if (!isTable(value)) {
      if (this.#staysSmall(value, member)) {
        insertInPack(value, member, score)
        return
      }
      this.#enlarge(value)
      this.#table.find(value, member)
    }
    this.#table.add(value, member, score)
  }

  #staysSmall(value: Slot, { start, end }: Slice): boolean {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits
    return (
      packCount(value) < zsetMaxListpackEntries &&
      end - start <= zsetMaxListpackValue &&
      packFits(value, end - start)
    )
  }

  #enlarge(value: Slot): void {
    const pack = new BufferStretch(value.bytes.subarray(value.start, value.start + value.size))
    value.reset(ENCODING_SKIPLIST, SORTED_TABLE_BYTES)
    this.#table.begin(value, packCount(pack) + 1)
    for (let at = firstAt(pack); at >= 0; at = nextInPack(pack, at)) {
      readElement(pack, at, this.#moved)
      this.#table.append(value, this.#moved, packScore(pack, at))
    }
  }

  #readTree(tree: OrderedTree): void {
    this.#table.member(tree.ref, this.member)
    this.score = tree.score
  }

  #readPack(at: number): void {
    this.#at = at
    this.#readAt(this.#walked!, at)
  }

  #readAt(pack: Stretch, at: number): void {
    readElement(pack, at, this.member)
    this.#scoreAt = nextAt(pack, at)
    this.score = readScore(pack, this.#scoreAt)
  }
}

function isTable({ encoding }: Slot): boolean {
  return encoding >= ENCODING_ROOTED_MIN
}
