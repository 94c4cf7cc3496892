/**
 * Large sorted sets: a dict of member nodes, whose values are the scores, for finding a member; and an
 * ordered tree of the same nodes, for ranks and ranges. Both stand in one root:
 *
 *     dict root 16 · tree root 9
 *
 * A member is named by its node.
 */
import { type Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { type HashHint, type KeyHasher, Slice } from '../bytes/index.ts'
import {
  Dict,
  freeMember,
  GATHER_MAX,
  HUGE_KEY,
  headOf,
  keyOf,
  keyStart,
  memberBytes,
  newMember,
  OrderedTree,
  ROOT_BYTES,
  readUint32,
  releaseDict,
  TREE_ROOT_BYTES,
  valueStart,
  WIDE,
} from '../structures/index.ts'
import type { Images } from './images.ts'
import { PopAhead } from './pop-ahead.ts'
import type { Slot, Space } from './slot.ts'
import { SortedImage } from './sorted-image.ts'

/** Bytes of a root. */
export const SORTED_TABLE_BYTES: number = ROOT_BYTES + TREE_ROOT_BYTES

const SCORE_BYTES = 8

/** Who takes members one after another: a reply. Each is lent for the call. */
export interface MemberSink {
  bulk(bytes: Uint8Array, start: number, end: number): void
  /** The same where there is a view of all of `bytes`. */
  bulkViewed(view: DataView, bytes: Uint8Array, start: number, end: number): void
}

export class SortedTable {
  readonly #arena: Arena
  readonly #hasher: KeyHasher
  readonly #hint: HashHint
  readonly #dict: Dict
  readonly #tree: OrderedTree
  readonly #uint32: () => number
  readonly #nodes = new Int32Array(GATHER_MAX)
  readonly #ahead: PopAhead
  readonly #images: Images
  readonly #passed = new Slice(new Uint8Array(0), 0, 0)
  /** The member that was looked for last, and its hash. */
  #node: Ref = NONE
  #hash = 0
  constructor({ arena, hasher, hint, images, uint32 }: Space) {
    this.#images = images
    this.#hasher = hasher
    this.#hint = hint
    this.#arena = arena
    this.#dict = new Dict(arena, hasher)
    this.#tree = new OrderedTree(arena)
    this.#ahead = new PopAhead(arena)
    this.#uint32 = uint32
  }

  count(value: Slot): number {
    return readUint32(value.bytes, value.start)
  }

  // ---- single members

  /** The node of a member; `NONE` when it is missing. */
  find(value: Slot, { bytes, start, end }: Slice): Ref {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    this.#hash = this.#hint.hashOf(this.#hasher, bytes, start, end)
    this.#node = dict.find(bytes, start, end, this.#hash)
    return this.#node
  }

  /** The score of a member. It is not aligned in its node. */
  score(node: Ref): number {
    const at = valueStart(this.#arena, node, headOf(this.#arena, node))
    return this.#arena.views[node >>> 17]!.getFloat64(at, true)
  }

  /** Lets `into` stand for the name of a member. */
  member(node: Ref, into: Slice): Slice {
    return keyOf(this.#arena, node, into)
  }

  /** Adds a member that `find` has just found to be missing. */
  add(value: Slot, member: Slice, score: number): void {
    this.#imageFor(value)?.coming(member.bytes, member.start, member.end, this.#hash)
    const node = this.#newNode(member, score)
    this.#dict.insert(node, this.#hash)
    this.#dict.save()
    this.#openTree(value)
    this.#tree.insert(score, node)
  }

  /** Gives the member that `find` has just found, and that has the score `held`, another one. */
  move(value: Slot, held: number, score: number): void {
    const node = this.#node
    this.#imageFor(value)?.before(node, this.#hash)
    this.#openTree(value)
    this.#tree.move(held, node, score)
    this.#writeScore(node, score)
  }

  /** Takes out the member that `find` has just found. */
  remove(value: Slot): void {
    const node = this.#node
    const isKept = this.#imageFor(value)?.leaving(node, this.#hash)
    this.#ahead.forget()
    this.#openTree(value)
    this.#tree.remove(this.score(node), node)
    this.#dict.remove(node, this.#hash)
    this.#dict.save()
    if (!isKept) freeMember(this.#arena, node)
  }

  /** How many members are before the one that `find` has just found. */
  rank(value: Slot): number {
    const node = this.#node
    this.#openTree(value)
    return this.#tree.rankOf(this.score(node), node)
  }

  // ---- ranges

  rankOfScore(value: Slot, score: number, orEqual: boolean): number {
    this.#openTree(value)
    return this.#tree.rankOfScore(score, orEqual)
  }

  rankOfMember(value: Slot, { bytes, start, end }: Slice, orEqual: boolean): number {
    this.#openTree(value)
    return this.#tree.rankOfKey(bytes, start, end, orEqual)
  }

  /** The tree of a value with its cursor at a rank, which there is. Lent until the next call. */
  walk(value: Slot, rank: number): OrderedTree {
    this.#openTree(value)
    this.#tree.seek(rank)
    return this.#tree
  }

  /** Hands on the names of `count` members, which there are, from a rank on or down from it. */
  pass(value: Slot, rank: number, count: number, isReverse: boolean, sink: MemberSink): void {
    const arena = this.#arena
    const tree = this.walk(value, rank)
    for (let left = count; left > 0; left--) {
      const node = tree.ref
      const page = node >>> 17
      const head = arena.words[page]![wordOffset(node)]!
      if (head & ((WIDE | HUGE_KEY) << 8)) {
        const { bytes, start, end } = keyOf(arena, node, this.#passed)
        sink.bulk(bytes, start, end)
      } else {
        const start = keyStart(node, head)
        const end = start + ((head >>> 16) & 0xff)
        sink.bulkViewed(arena.views[page]!, arena.bytes[page]!, start, end)
      }
      if (left > 1) {
        if (isReverse) tree.previous()
        else tree.next()
      }
    }
  }

  /** Takes out the member that `walk` has just set the cursor to. */
  removeHere(value: Slot): void {
    const tree = this.#tree
    const dict = this.#dict
    const node = tree.ref
    dict.open(value.bytes, value.start)
    const hash = this.#ahead.hashOf(value, node, tree, dict)
    const isKept = this.#imageFor(value)?.leaving(node, hash)
    tree.removeHere()
    dict.remove(node, hash)
    dict.save()
    if (!isKept) freeMember(this.#arena, node)
  }

  /** Takes out `count` members from a rank on. */
  removeRange(value: Slot, rank: number, count: number): void {
    const dict = this.#dict
    this.#imageFor(value)?.rangeLeaving(rank, count)
    this.#ahead.forget()
    this.#openTree(value)
    dict.open(value.bytes, value.start)
    const forget = (node: Ref) => {
      dict.remove(node)
      freeMember(this.#arena, node)
    }
    for (let left = count; left > 0; ) left -= this.#tree.removeSome(rank, left, forget)
    dict.save()
  }

  // ---- whole tables

  /** Makes a root whose bytes are undefined an empty one, with room for `count` members. */
  begin(value: Slot, count: number): void {
    value.bytes.fill(0, value.start, value.start + value.size)
    this.#dict.open(value.bytes, value.start)
    this.#dict.reserve(count)
    this.#dict.save()
  }

  /** Adds a member that `find` has just found to be missing, to be put in order by `arrange`. */
  gather(member: Slice, score: number): void {
    this.#dict.insert(this.#newNode(member, score), this.#hash)
    this.#dict.save()
  }

  /** Changes the score of the member that `find` has just found, before it is put in order. */
  setScore(score: number): void {
    this.#writeScore(this.#node, score)
  }

  /** Takes out the member that `find` has just found, before it is put in order. */
  ungather(): void {
    this.#dict.remove(this.#node, this.#hash)
    this.#dict.save()
    freeMember(this.#arena, this.#node)
  }

  /** Puts members in order that were all added by `gather`. */
  arrange(value: Slot): void {
    this.#openTree(value)
    this.each(value, (node) => this.#tree.insert(this.score(node), node))
  }

  /** Adds a member that is missing and belongs after all others. */
  append(value: Slot, member: Slice, score: number): void {
    const { bytes, start, end } = member
    const node = this.#newNode(member, score)
    const hash = this.#dict.hash(bytes, start, end)
    this.#imageFor(value)?.coming(bytes, start, end, hash)
    this.#dict.open(value.bytes, value.start)
    this.#dict.insert(node, hash)
    this.#dict.save()
    this.#openTree(value)
    this.#tree.append(score, node)
  }

  /** Visits every member in no particular order. */
  each(value: Slot, visit: (node: Ref) => void): void {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    for (let place = 0; place < dict.directorySize; ) {
      const count = dict.gather(place, this.#nodes)
      place += dict.spanAt(place)
      for (let i = 0; i < count; i++) visit(this.#nodes[i]! >>> 0)
    }
  }

  /** Visits the members at a cursor. @returns the next one, 0 at the end. */
  scan(value: Slot, cursor: number, visit: (node: Ref) => void): number {
    this.#dict.open(value.bytes, value.start)
    return this.#dict.scan(cursor, visit)
  }

  /** Any member, each with the same chance. */
  random(value: Slot): Ref {
    this.#dict.open(value.bytes, value.start)
    return this.#dict.random(this.#uint32)
  }

  free(value: Slot, budget: number): boolean {
    this.#ahead.forget()
    this.#openTree(value)
    if (!this.#tree.free(budget)) return false
    return releaseDict(this.#arena, value.bytes, value.start, budget, freeMember)
  }

  imageOf(value: Slot): SortedImage {
    return new SortedImage(this.#arena, this.#hasher, value)
  }

  #imageFor(value: Slot): SortedImage | undefined {
    return this.#images.sorted?.get(value.entry ?? NONE)
  }

  ownedBytes(value: Slot): number {
    let bytes = 0
    this.each(value, (node) => {
      bytes += memberBytes(this.#arena, node)
    })
    this.#openTree(value)
    return bytes + this.#dict.tableBytes + this.#tree.ownedBytes
  }

  check(value: Slot): void {
    this.#dict.open(value.bytes, value.start)
    this.#dict.check()
    this.#openTree(value)
    const tree = this.#tree
    tree.check()
    if (tree.count !== this.#dict.count) throw new Error('the dict and the tree differ in count')
    for (let isThere = tree.seek(0); isThere; isThere = tree.next()) {
      if (!Object.is(this.score(tree.ref), tree.score)) throw new Error('scores differ')
    }
  }

  #openTree(value: Slot): void {
    this.#tree.open(value.bytes, value.start + ROOT_BYTES)
  }

  #newNode({ bytes, start, end }: Slice, score: number): Ref {
    const node = newMember(this.#arena, bytes, start, end, SCORE_BYTES)
    this.#writeScore(node, score)
    return node
  }

  #writeScore(node: Ref, score: number): void {
    const at = valueStart(this.#arena, node, headOf(this.#arena, node))
    this.#arena.views[node >>> 17]!.setFloat64(at, score, true)
  }
}
