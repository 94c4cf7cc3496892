/**
 * Large hashes: a dict of nodes, of which a field is the key and its value the value. Where fields
 * can expire, those that have an expiry are in a tree through their nodes as well, and its root
 * stands behind that of the dict:
 *
 *     dict root 16   [ tree root 4 ]
 *
 * A field is named by its node.
 */
import { type Arena, NONE, pageOf, type Ref, wordOffset } from '../arena/index.ts'
import { copyBytes, type HashHint, type KeyHasher, Slice } from '../bytes/index.ts'
import {
  addToExpiryTree,
  checkExpiryTree,
  cloneMember,
  copyIntoPage,
  countInExpiryTree,
  Dict,
  EXPIRES,
  expiryOf,
  firstInExpiryTree,
  freeMember,
  GATHER_MAX,
  headOf,
  keyOf,
  LARGE,
  MemberImage,
  memberBytes,
  memberValue,
  newMember,
  ROOT_BYTES,
  readUint32,
  releaseDict,
  removeFromExpiryTree,
  resizedMember,
  setMemberExpiry,
  writeUint32,
} from '../structures/index.ts'
import { ENCODING_HASHTABLE_EXPIRES } from './encodings.ts'
import type { Images } from './images.ts'
import type { Slot, Space } from './slot.ts'

/** Bytes of a root without and with room for expiries. */
export const TABLE_BYTES: number = ROOT_BYTES
export const TABLE_EXPIRES_BYTES: number = ROOT_BYTES + 4

/** Bytes of a large hash are counted in so many segments at most; beyond, they are extrapolated. */
const SEGMENTS_SAMPLED = 16

const NO_BYTES = new Uint8Array(0)

export class HashTable {
  readonly #arena: Arena
  readonly #dict: Dict
  readonly #hasher: KeyHasher
  readonly #hint: HashHint
  readonly #images: Images
  readonly #uint32: () => number
  readonly #nodes = new Int32Array(GATHER_MAX)
  readonly #held = new Slice(NO_BYTES, 0, 0)
  readonly #old = new Slice(NO_BYTES, 0, 0)
  /** What touching came to, kept so that no compiler can find it to be without use. */
  touched = 0
  /** The hash of the field that was looked for last. */
  #hash = 0

  constructor({ arena, hasher, hint, images, uint32 }: Space) {
    this.#images = images
    this.#arena = arena
    this.#hasher = hasher
    this.#hint = hint
    this.#dict = new Dict(arena, hasher)
    this.#uint32 = uint32
  }

  count(value: Slot): number {
    return readUint32(value.bytes, value.start)
  }

  /** The node of a field; `NONE` when it is missing. */
  find(value: Slot, { bytes, start, end }: Slice): Ref {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    this.#hash = this.#hint.hashOf(this.#hasher, bytes, start, end)
    return dict.find(bytes, start, end, this.#hash)
  }

  /** Lets `into` stand for the name of a field. */
  field(node: Ref, into: Slice): Slice {
    return keyOf(this.#arena, node, into)
  }

  /** Lets `into` stand for the value of a field. */
  content(node: Ref, into: Slice): Slice {
    return memberValue(this.#arena, node, into)
  }

  /** When a field expires, in milliseconds since 1970; 0 is never. */
  expiry(node: Ref): number {
    const head = headOf(this.#arena, node)
    return head & (EXPIRES << 8) ? expiryOf(this.#arena, node, head) : 0
  }

  /** Adds a field that `find` has just found to be missing. */
  add(value: Slot, field: Slice, content: Slice, expiryMs = 0): Ref {
    this.#imageFor(value)?.coming(field.bytes, field.start, field.end, this.#hash)
    const size = content.end - content.start
    const hasExpiry = expiryMs !== 0
    const node = newMember(this.#arena, field.bytes, field.start, field.end, size, hasExpiry)
    this.#write(node, content)
    this.#dict.insert(node, this.#hash)
    this.#dict.save()
    return node
  }

  /** Gives a field that `find` has just found another value, and keeps its expiry. */
  replace(value: Slot, node: Ref, content: Slice): void {
    const arena = this.#arena
    // A large one is never changed but replaced, and then kept as it is.
    const isLarge = (headOf(arena, node) & (LARGE << 8)) !== 0
    if (!isLarge) this.#imageFor(value)?.before(node, this.#hash)
    const fresh = resizedMember(arena, node, content.end - content.start)
    if (fresh !== node) {
      const expiryMs = this.expiry(node)
      this.#exchange(value, node, fresh, expiryMs)
    }
    this.#write(fresh, content)
  }

  /** Gives a field that `find` has just found an expiry; 0 for none. */
  setExpiry(value: Slot, node: Ref, expiryMs: number): void {
    const hadExpiry = this.expiry(node) !== 0
    if (hadExpiry && expiryMs !== 0) {
      this.#imageFor(value)?.before(node, this.#hash)
      this.#unlink(value, node)
      this.#link(value, node, expiryMs)
    } else if (hadExpiry || expiryMs !== 0) {
      const arena = this.#arena
      const content = memberValue(arena, node, this.#old)
      const fresh = resizedMember(arena, node, content.end - content.start, expiryMs !== 0)
      this.#write(fresh, content)
      this.#exchange(value, node, fresh, expiryMs)
    }
  }

  /** Takes out a field that `find` has just found. */
  remove(value: Slot, node: Ref): void {
    this.#take(value, node, this.#hash)
  }

  /** Takes out a field that came from elsewhere. */
  removeNode(value: Slot, node: Ref): void {
    this.#dict.open(value.bytes, value.start)
    this.#take(value, node, this.#dict.hashOf(node))
  }

  /** The field that expires first; `NONE` when none does. */
  earliest(value: Slot): Ref {
    return firstInExpiryTree(this.#arena, treeOf(value))
  }

  /** How many fields expire at `timeMs` or before. */
  dueCount(value: Slot, timeMs: number): number {
    return countInExpiryTree(this.#arena, treeOf(value), timeMs)
  }

  /** Makes room for expiries. */
  widen(value: Slot): void {
    value.splice(ROOT_BYTES, 0, TABLE_EXPIRES_BYTES - ROOT_BYTES)
    value.encoding = ENCODING_HASHTABLE_EXPIRES
    setTree(value, NONE)
  }

  /** Begins to fill an empty root, whose fields are then given to `fill`. */
  begin(value: Slot, count: number): void {
    value.bytes.fill(0, value.start, value.start + value.size)
    this.#dict.open(value.bytes, value.start)
    this.#dict.reserve(count)
    this.#dict.save()
  }

  /** Adds a field that no other is equal to, after `begin`. */
  fill(value: Slot, field: Slice, content: Slice, expiryMs: number): void {
    this.#hash = this.#dict.hash(field.bytes, field.start, field.end)
    const node = this.add(value, field, content, expiryMs)
    if (expiryMs !== 0) this.#link(value, node, expiryMs)
  }

  /** Visits every field. The hash must not change meanwhile. */
  each(value: Slot, visit: (node: Ref) => void): void {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    const size = dict.directorySize
    for (let place = 0; place < size; ) {
      const count = dict.gather(place, this.#nodes)
      place += dict.spanAt(place)
      this.#touch(count)
      for (let i = 0; i < count; i++) visit(this.#nodes[i]! >>> 0)
    }
  }

  /** Reads the gathered nodes, which lie anywhere, without waiting for one after the other. */
  #touch(count: number): void {
    const pages = this.#arena.words
    let touched = 0
    for (let i = 0; i < count; i++) {
      const node = this.#nodes[i]!
      touched += pages[node >>> 17]![wordOffset(node)]!
    }
    this.touched = touched | 0
  }

  /** Visits the fields at a cursor. @returns the next one, 0 at the end. */
  scan(value: Slot, cursor: number, visit: (node: Ref) => void): number {
    this.#dict.open(value.bytes, value.start)
    return this.#dict.scan(cursor, visit)
  }

  /** Any field, each with the same chance. */
  random(value: Slot): Ref {
    this.#dict.open(value.bytes, value.start)
    return this.#dict.random(this.#uint32)
  }

  free(value: Slot, budget: number): boolean {
    return releaseDict(this.#arena, value.bytes, value.start, budget, freeMember)
  }

  imageOf(value: Slot, earliestMs: number): MemberImage {
    return new MemberImage(this.#arena, this.#hasher, value, earliestMs)
  }

  /** `target` is a copy of a root: gives it nodes of its own. */
  copy(target: Slot): void {
    const arena = this.#arena
    let tree: Ref = NONE
    this.#dict.open(target.bytes, target.start)
    this.#dict.cloneAll((node) => {
      const fresh = cloneMember(arena, node)
      if (this.expiry(fresh) !== 0) tree = addToExpiryTree(arena, tree, fresh)
      return fresh
    })
    this.#dict.save()
    if (target.encoding === ENCODING_HASHTABLE_EXPIRES) setTree(target, tree)
  }

  ownedBytes(value: Slot): number {
    const dict = this.#dict
    dict.open(value.bytes, value.start)
    const size = dict.directorySize
    let sampled = 0
    let bytes = 0
    for (let place = 0, step = 0; place < size && step < SEGMENTS_SAMPLED; step++) {
      const count = dict.gather(place, this.#nodes)
      place += dict.spanAt(place)
      for (let i = 0; i < count; i++) bytes += memberBytes(this.#arena, this.#nodes[i]! >>> 0)
      sampled += count
    }
    const fields = sampled === 0 ? 0 : Math.round((bytes * dict.count) / sampled)
    return fields + dict.tableBytes
  }

  check(value: Slot): void {
    this.#dict.open(value.bytes, value.start)
    this.#dict.check()
    let timed = 0
    this.each(value, (node) => {
      if (this.expiry(node) !== 0) timed++
    })
    const linked = value.encoding === ENCODING_HASHTABLE_EXPIRES ? treeOf(value) : NONE
    if (checkExpiryTree(this.#arena, linked) !== timed) throw new Error('expiring fields are lost')
  }

  #take(value: Slot, node: Ref, hash: number): void {
    if (this.expiry(node) !== 0) this.#unlink(value, node)
    this.#dict.remove(node, hash)
    this.#dict.save()
    this.#letGo(value, node, hash)
  }

  #write(node: Ref, { bytes, start, end }: Slice): void {
    const arena = this.#arena
    const content = memberValue(arena, node, this.#held)
    const page = pageOf(node)
    if (content.bytes === arena.bytes[page]) {
      copyIntoPage(arena, page, content.start, bytes, start, end)
    } else copyBytes(bytes, start, end, content.bytes, content.start)
  }

  /** Lets another node take the place of one, in the dict and among those that expire. */
  #exchange(value: Slot, node: Ref, fresh: Ref, expiryMs: number): void {
    if (this.expiry(node) !== 0) this.#unlink(value, node)
    if (expiryMs !== 0) this.#link(value, fresh, expiryMs)
    this.#dict.replace(node, fresh)
    this.#letGo(value, node, this.#hash)
  }

  /** Frees a node that was taken out, unless an image keeps it. */
  #letGo(value: Slot, node: Ref, hash: number): void {
    if (!this.#imageFor(value)?.leaving(node, hash)) freeMember(this.#arena, node)
  }

  #imageFor(value: Slot): MemberImage | undefined {
    return this.#images.members?.get(value.entry ?? NONE)
  }

  #link(value: Slot, node: Ref, expiryMs: number): void {
    setMemberExpiry(this.#arena, node, expiryMs)
    setTree(value, addToExpiryTree(this.#arena, treeOf(value), node))
  }

  #unlink(value: Slot, node: Ref): void {
    setTree(value, removeFromExpiryTree(this.#arena, treeOf(value), node))
  }
}

function treeOf({ bytes, start }: Slot): Ref {
  return readUint32(bytes, start + ROOT_BYTES)
}

function setTree({ bytes, start }: Slot, root: Ref): void {
  writeUint32(bytes, start + ROOT_BYTES, root)
}
