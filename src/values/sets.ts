/**
 * Sets: integers in an intset while they are few, members in a listpack while they are few and short,
 * else a dict of members. The steps from one to the next, and that none leads back, are the
 * reference's, because people and test suites look at the encodings.
 *
 *     intset ──(a member that is no integer)──► listpack ──(too many, or too long)──► hash table
 *        └────────────────(too many)─────────────────────────────────────────────────────┘
 */
import { NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  appendElement,
  BufferStretch,
  cloneMember,
  Dict,
  findTuple,
  freeMember,
  INTSET_EMPTY,
  intsetAdd,
  intsetCount,
  intsetHas,
  intsetRemove,
  intsetRemoveAt,
  intsetText,
  keyOf,
  LISTPACK_EMPTY,
  listpackCount,
  listpackFits,
  MemberImage,
  memberBytes,
  newMember,
  parseNumber,
  ROOT_BYTES,
  readElement,
  readUint32,
  releaseDict,
  removeElements,
  seekAt,
} from '../structures/index.ts'
import { Draft } from './draft.ts'
import { ENCODING_HASHTABLE, ENCODING_INTSET, ENCODING_LISTPACK } from './encodings.ts'
import { SetAlgebra } from './set-algebra.ts'
import { SetWalk } from './set-walk.ts'
import type { Slot, Space, ValueType } from './slot.ts'

const EMPTY_ROOT = new Uint8Array(ROOT_BYTES)
const NO_BYTES = new Uint8Array(0)
/** No intset grows beyond this, whatever the limit. */
const INTSET_COUNT_MAX = 2 ** 30
/** The size of a large set is known from a sample of so many segments. */
const SEGMENTS_SAMPLED = 8

export class Sets implements ValueType {
  readonly #space: Space
  readonly #dict: Dict
  /** For walks of which the caller does not hear. */
  readonly #walk: SetWalk
  readonly #visited: SetWalk
  /** For what is made of a value before it takes the value's place. */
  readonly #root = new Uint8Array(ROOT_BYTES)
  /** Intersections, unions and differences. */
  readonly algebra: SetAlgebra
  /** For a set in the making. */
  readonly draft = new Draft(ENCODING_LISTPACK, NO_BYTES)
  /** Where `draw` found its member: a node, an index or a place in a listpack. */
  #drawn = 0

  constructor(space: Space) {
    this.#space = space
    this.#dict = new Dict(space.arena, space.hasher)
    this.#walk = new SetWalk(space.arena, space.hasher)
    this.#visited = new SetWalk(space.arena, space.hasher)
    this.algebra = new SetAlgebra(space, this)
  }

  /** How many members there are. */
  count(value: Slot): number {
    const { encoding } = value
    if (encoding === ENCODING_HASHTABLE) return readUint32(value.bytes, value.start)
    return encoding === ENCODING_INTSET ? intsetCount(value) : listpackCount(value)
  }

  /** Whether `bytes[start, end)` is a member. */
  has(value: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const { encoding } = value
    if (encoding === ENCODING_HASHTABLE) {
      const dict = this.#dict
      dict.open(value.bytes, value.start)
      return dict.find(bytes, start, end, dict.hash(bytes, start, end)) !== NONE
    }
    if (encoding === ENCODING_INTSET) return parseNumber(bytes, start, end) && intsetHas(value)
    return findTuple(value, 1, bytes, start, end) >= 0
  }

  /**
   * Lets a draft be the empty set that a key begins with when `bytes[start, end)` is the first
   * of `expected` members to be put in.
   */
  begin(into: Draft, bytes: Uint8Array, start: number, end: number, expected: number): void {
    const { limits } = this.#space
    if (expected <= limits.setMaxIntsetEntries && parseNumber(bytes, start, end)) {
      into.restart(ENCODING_INTSET, INTSET_EMPTY)
    } else if (expected <= limits.setMaxListpackEntries) {
      into.restart(ENCODING_LISTPACK, LISTPACK_EMPTY)
    } else this.#beginTable(into, expected)
  }

  /** Lets a draft be an empty set. */
  beginEmpty(into: Draft, encoding: number): void {
    if (encoding === ENCODING_INTSET) into.restart(encoding, INTSET_EMPTY)
    else into.restart(encoding, encoding === ENCODING_LISTPACK ? LISTPACK_EMPTY : EMPTY_ROOT)
  }

  /** Lets a draft be an empty set that will have at least so many members. */
  beginLarge(into: Draft, expected: number): void {
    const { setMaxIntsetEntries, setMaxListpackEntries } = this.#space.limits
    if (expected <= Math.max(setMaxIntsetEntries, setMaxListpackEntries)) {
      this.beginEmpty(into, ENCODING_INTSET)
    } else this.#beginTable(into, expected)
  }

  #beginTable(into: Draft, expected: number): void {
    into.restart(ENCODING_HASHTABLE, EMPTY_ROOT)
    this.#dict.open(into.bytes, into.start)
    this.#dict.reserve(expected)
    this.#dict.save()
  }

  /** Lets a set be an intset when all of its members are integers, and not too many. */
  becomeIntset(value: Draft): void {
    const limit = Math.min(this.#space.limits.setMaxIntsetEntries, INTSET_COUNT_MAX)
    if (value.encoding === ENCODING_INTSET || this.count(value) > limit) return
    const intset = new BufferStretch(INTSET_EMPTY)
    const walk = this.#walk
    for (walk.begin(value); walk.next(); ) {
      const { bytes, start, end } = walk.member
      if (!parseNumber(bytes, start, end)) return
      intsetAdd(intset)
    }
    this.free(value, Number.POSITIVE_INFINITY)
    value.restart(ENCODING_INTSET, intset.view())
  }

  /** Before `expected` members are put in: a set that would be too small for them is converted. */
  expect(value: Slot, expected: number): void {
    const { limits } = this.#space
    // Mostly it is one.
    if (expected <= limits.setMaxListpackEntries && expected <= limits.setMaxIntsetEntries) return
    const { encoding } = value
    const isTooMany =
      (encoding === ENCODING_LISTPACK && expected > limits.setMaxListpackEntries) ||
      (encoding === ENCODING_INTSET && expected > limits.setMaxIntsetEntries)
    if (isTooMany) this.#becomeTable(value, expected)
  }

  /** Puts `bytes[start, end)` in. @returns whether it was not there. */
  add(value: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const { encoding } = value
    if (encoding === ENCODING_HASHTABLE) return this.#addToTable(value, bytes, start, end)
    if (encoding === ENCODING_INTSET) return this.#addToIntset(value, bytes, start, end)
    if (findTuple(value, 1, bytes, start, end) >= 0) return false
    this.#addToListpack(value, bytes, start, end)
    return true
  }

  /** Puts a copy of a member in, where `node` is its node in another hash table, or `NONE`. */
  addCopy(value: Slot, { bytes, start, end }: Slice, node: Ref): boolean {
    if (node === NONE || value.encoding !== ENCODING_HASHTABLE) {
      return this.add(value, bytes, start, end)
    }
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    const hash = dict.hashOf(node)
    if (dict.find(bytes, start, end, hash) !== NONE) return false
    this.#imageFor(value)?.coming(bytes, start, end, hash)
    dict.insert(cloneMember(this.#space.arena, node), hash)
    dict.save()
    return true
  }

  /** Takes `bytes[start, end)` out. @returns whether it was there. */
  remove(value: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const { encoding } = value
    if (encoding === ENCODING_INTSET) return parseNumber(bytes, start, end) && intsetRemove(value)
    if (encoding === ENCODING_LISTPACK) {
      const at = findTuple(value, 1, bytes, start, end)
      return at >= 0 && removeElements(value, at, 1) === 1
    }
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    const hash = dict.hash(bytes, start, end)
    const node = dict.find(bytes, start, end, hash)
    if (node === NONE) return false
    dict.remove(node, hash)
    dict.save()
    this.#letGo(value, node, hash)
    return true
  }

  /**
   * Lets `into` stand for any member, each with the same chance. The set is not empty. Lent until
   * the set changes.
   */
  draw(value: Slot, into: Slice): Slice {
    const { uint32, arena } = this.#space
    if (value.encoding === ENCODING_HASHTABLE) {
      this.#dict.open(value.bytes, value.start)
      this.#drawn = this.#dict.random(uint32)
      return keyOf(arena, this.#drawn, into)
    }
    if (value.encoding === ENCODING_INTSET) {
      this.#drawn = uint32() % intsetCount(value)
      return intsetText(value, this.#drawn, into)
    }
    this.#drawn = seekAt(value, uint32() % listpackCount(value))
    return readElement(value, this.#drawn, into)
  }

  /** Takes the member out that `draw` gave, of the same value and as the next step. */
  removeDrawn(value: Slot): void {
    if (value.encoding === ENCODING_INTSET) intsetRemoveAt(value, this.#drawn)
    else if (value.encoding === ENCODING_LISTPACK) removeElements(value, this.#drawn, 1)
    else {
      const hash = this.#dict.hashOf(this.#drawn)
      this.#dict.remove(this.#drawn, hash)
      this.#dict.save()
      this.#letGo(value, this.#drawn, hash)
    }
  }

  /** Which member `draw` gave: a number that no other member has until the set changes. */
  get drawn(): number {
    return this.#drawn
  }

  /**
   * Visits members until `visit` answers false. The slice is lent until it returns. The set must not
   * change meanwhile; others may.
   */
  each(value: Slot, visit: (member: Slice) => unknown): void {
    const walk = this.#visited
    for (walk.begin(value); walk.next(); ) {
      if (visit(walk.member) === false) return
    }
  }

  /**
   * Visits the members of a hash table at a cursor, by their nodes. @returns the next cursor, 0 at
   * the end.
   */
  scan(value: Slot, cursor: number, visit: (node: Ref) => void): number {
    this.#dict.open(value.bytes, value.start)
    return this.#dict.scan(cursor, visit)
  }

  /** Lets `into` stand for a member of a hash table by its node. */
  memberOf(node: Ref, into: Slice): Slice {
    return keyOf(this.#space.arena, node, into)
  }

  /**
   * Takes all members out of a hash table, in whose place another value can be put then.
   * @returns its root, by which they are to be freed.
   */
  takeAll(value: Slot): Uint8Array {
    const root = value.bytes.slice(value.start, value.start + ROOT_BYTES)
    this.#imageFor(value)?.left(new BufferStretch(root))
    return root
  }

  free(value: Slot, budget: number): boolean {
    if (value.encoding !== ENCODING_HASHTABLE) return true
    return releaseDict(this.#space.arena, value.bytes, value.start, budget, freeMember)
  }

  imageOf(value: Slot): MemberImage {
    return new MemberImage(this.#space.arena, this.#space.hasher, value)
  }

  copy(_source: Slot, target: Slot): void {
    if (target.encoding !== ENCODING_HASHTABLE) return
    const { arena } = this.#space
    this.#dict.open(target.bytes, target.start)
    this.#dict.cloneAll((node) => cloneMember(arena, node))
    this.#dict.save()
  }

  /** Beyond some thousands of members what they take is known from a sample, which is fair. */
  ownedBytes(value: Slot): number {
    if (value.encoding !== ENCODING_HASHTABLE) return 0
    const { arena } = this.#space
    const walk = this.#walk
    const count = this.count(value)
    let sampled = 0
    let bytes = 0
    walk.begin(value)
    for (let step = 0; step < SEGMENTS_SAMPLED; step++) {
      const found = walk.nextNodes()
      for (let i = 0; i < found; i++) bytes += memberBytes(arena, walk.nodes[i]! >>> 0)
      sampled += found
    }
    this.#dict.open(value.bytes, value.start)
    const members = sampled === 0 ? 0 : Math.round((bytes * count) / sampled)
    return this.#dict.tableBytes + members
  }

  #addToTable(value: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    const hash = dict.hash(bytes, start, end)
    if (dict.find(bytes, start, end, hash) !== NONE) return false
    this.#imageFor(value)?.coming(bytes, start, end, hash)
    dict.insert(newMember(this.#space.arena, bytes, start, end, 0), hash)
    dict.save()
    return true
  }

  /** Frees a member that was taken out, unless an image keeps it. */
  #letGo(value: Slot, node: Ref, hash: number): void {
    if (!this.#imageFor(value)?.leaving(node, hash)) freeMember(this.#space.arena, node)
  }

  #imageFor(value: Slot): MemberImage | undefined {
    return this.#space.images.members?.get(value.entry ?? NONE)
  }

  /** The member is not there yet. */
  #addToListpack(value: Slot, bytes: Uint8Array, start: number, end: number): void {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#space.limits
    const count = listpackCount(value)
    const size = end - start
    if (count < setMaxListpackEntries && size <= setMaxListpackValue && listpackFits(value, size)) {
      appendElement(value, bytes, start, end)
      return
    }
    this.#becomeTable(value, count + 1)
    this.#addToTable(value, bytes, start, end)
  }

  #addToIntset(value: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const { setMaxIntsetEntries, setMaxListpackEntries, setMaxListpackValue } = this.#space.limits
    if (parseNumber(bytes, start, end)) {
      if (!intsetAdd(value)) return false
      const count = intsetCount(value)
      const isTooMany = count > Math.min(setMaxIntsetEntries, INTSET_COUNT_MAX)
      if (isTooMany) this.#becomeTable(value, count)
      return true
    }
    const count = intsetCount(value)
    const size = end - start
    const isSmall = count < setMaxListpackEntries && size <= setMaxListpackValue
    if (isSmall && longestDigits(value, count) <= setMaxListpackValue) {
      this.#becomeListpack(value, bytes, start, end)
      return true
    }
    this.#becomeTable(value, count + 1)
    return this.#addToTable(value, bytes, start, end)
  }

  /** Lets an intset be a listpack with one more member. */
  #becomeListpack(value: Slot, bytes: Uint8Array, start: number, end: number): void {
    const listpack = new BufferStretch(LISTPACK_EMPTY)
    const walk = this.#walk
    for (walk.begin(value); walk.next(); ) {
      appendElement(listpack, walk.member.bytes, walk.member.start, walk.member.end)
    }
    appendElement(listpack, bytes, start, end)
    value.reset(ENCODING_LISTPACK, listpack.size)
    value.bytes.set(listpack.view(), value.start)
  }

  /** Lets a small set be a hash table with room for `expected` members. */
  #becomeTable(value: Slot, expected: number): void {
    const root = this.#root
    root.fill(0)
    const dict = this.#dict
    dict.open(root, 0)
    dict.reserve(expected)
    const walk = this.#walk
    for (walk.begin(value); walk.next(); ) {
      const { bytes, start, end } = walk.member
      const hash = dict.hash(bytes, start, end)
      dict.insert(newMember(this.#space.arena, bytes, start, end, 0), hash)
    }
    dict.save()
    value.reset(ENCODING_HASHTABLE, ROOT_BYTES)
    value.bytes.set(root, value.start)
  }
}

/** The digits of the longest integer of an intset: it is the first or the last. */
function longestDigits(value: Slot, count: number): number {
  if (count === 0) return 0
  const slice = new Slice(NO_BYTES, 0, 0)
  const first = intsetText(value, 0, slice).length
  return Math.max(first, intsetText(value, count - 1, slice).length)
}
