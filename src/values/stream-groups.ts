/**
 * The consumer groups of streams: by name in a tree of the stream. A group knows the last id it read
 * and, by id, what it delivered that is not acknowledged; each consumer of it, by name in a tree of
 * the group, knows the ids that were delivered to it.
 *
 * Invariant: an id is pending in a group exactly when it is so in one of its consumers, which the
 * group's entry names.
 */
import { NONE, type Ref, wordOffset } from '../arena/index.ts'
import type { Slice } from '../bytes/index.ts'
import {
  type IdImage,
  type IdTree,
  NameTree,
  newIdTree,
  TreeCursor,
  type WideId,
} from '../structures/index.ts'
import type { Space } from './slot.ts'
import { StreamId, storeId } from './stream-id.ts'
import type { GroupImage } from './stream-image.ts'
import {
  ACTIVE_AT,
  CONSUMER_OWN_WORDS,
  CONSUMER_PENDING_AT,
  CONSUMERS_AT,
  GROUP_ID_AT,
  GROUP_OWN_WORDS,
  GROUP_PENDING_AT,
  GROUPS_AT,
  incrementInt64,
  PENDING_CONSUMER_AT,
  PENDING_COUNT_AT,
  PENDING_TIME_AT,
  PENDING_WORDS,
  READ_AT,
  readInt64,
  readTime,
  SEEN_AT,
  writeInt64,
} from './stream-layout.ts'
import type { ReferenceKeeper } from './stream-trim.ts'

/** The time of a consumer that has never been active. */
export const NEVER_ACTIVE = -1
/** A consumer or a group that is freed may own so many blocks, so a step frees few of them. */
const CONSUMER_COST = 16
const GROUP_COST = 32

export class StreamGroups implements ReferenceKeeper {
  /** The groups of a stream, by name. */
  readonly groups: NameTree
  /** The consumers of a group, by name. */
  readonly consumers: NameTree
  /** What a group has pending, by id. */
  readonly pending: IdTree
  /** The ids that a consumer has pending. */
  readonly owned: IdTree
  readonly #space: Space
  readonly #cursor = new TreeCursor()
  readonly #walk = new TreeCursor()
  readonly #id = new StreamId()
  readonly #told = new TreeCursor()

  constructor(space: Space) {
    this.#space = space
    const { arena } = space
    this.groups = new NameTree(arena, GROUPS_AT, GROUP_OWN_WORDS)
    this.consumers = new NameTree(arena, CONSUMERS_AT, CONSUMER_OWN_WORDS)
    this.pending = newIdTree(arena, GROUP_PENDING_AT, PENDING_WORDS)
    this.owned = newIdTree(arena, CONSUMER_PENDING_AT, 0)
  }

  // ---- groups

  /** The group of a name, `NONE` when there is none. It may be changed: its image has been told. */
  named(stream: Ref, name: Slice): Ref {
    const group = this.groups.find(stream, name)
    if (group !== NONE) this.#space.images.streams?.get(stream)?.groups.before(group)
    return group
  }

  /** Makes a group, whose name must be new. @param read how many entries it read; -1 is unknown. */
  create(stream: Ref, name: Slice, lastId: WideId, read: number | bigint): Ref {
    const group = this.groups.insert(stream, name)
    this.pending.begin(group)
    this.consumers.tree.begin(group)
    this.setLastId(group, lastId)
    this.setRead(group, read)
    this.#space.images.streams?.get(stream)?.groups.coming(group)
    return group
  }

  /** Moves a group with all it has to another stream, which has none of its name. */
  move(stream: Ref, group: Ref, target: Ref): void {
    this.#space.images.streams?.get(stream)?.groups.leaving(group)
    this.groups.detach(stream, group)
    this.groups.attach(target, group)
  }

  /** Reads the last id that a group read. */
  lastId(group: Ref, into: StreamId): StreamId {
    return into.read(this.#words(group), wordOffset(group) + GROUP_ID_AT)
  }

  setLastId(group: Ref, id: WideId): void {
    storeId(id, this.#words(group), wordOffset(group) + GROUP_ID_AT)
  }

  /** How many entries a group read, as far as that is known; -1 when it is not. */
  read(group: Ref): number | bigint {
    return readInt64(this.#words(group), wordOffset(group) + READ_AT)
  }

  setRead(group: Ref, read: number | bigint): void {
    writeInt64(this.#words(group), wordOffset(group) + READ_AT, read)
  }

  /** Counts one more entry as read. */
  countRead(group: Ref): void {
    incrementInt64(this.#words(group), wordOffset(group) + READ_AT)
  }

  // ---- consumers

  /** The consumer of a name in a group that may be changed, `NONE` when there is none. So may it be. */
  consumerNamed(group: Ref, name: Slice): Ref {
    const consumer = this.consumers.find(group, name)
    if (consumer !== NONE) this.#imageOf(group)?.consumers.before(consumer)
    return consumer
  }

  /** Makes a consumer, whose name must be new. */
  createConsumer(group: Ref, name: Slice, nowMs: number): Ref {
    const consumer = this.consumers.insert(group, name)
    this.owned.begin(consumer)
    this.setSeen(consumer, nowMs)
    this.setActive(consumer, NEVER_ACTIVE)
    this.#imageOf(group)?.consumers.coming(consumer)
    return consumer
  }

  /** Removes a consumer, and what it has pending from the group. @returns how much that was. */
  removeConsumer(group: Ref, consumer: Ref): number {
    const count = this.owned.count(consumer)
    const walk = this.#walk
    for (let on = this.owned.first(consumer, walk); on; on = this.owned.next(walk)) {
      this.#id.read(walk.words, walk.at)
      this.#beforePending(group, this.#id)
      this.#beforeOwned(group, consumer, this.#id)
      this.pending.remove(group, this.#id)
    }
    this.#imageOf(group)?.consumers.leaving(consumer)?.owned.left()
    this.owned.free(consumer, Number.POSITIVE_INFINITY)
    this.consumers.remove(group, consumer)
    return count
  }

  /** When a consumer last tried to read or claim, in milliseconds since 1970. */
  seenMs(consumer: Ref): number {
    return readTime(this.#words(consumer), wordOffset(consumer) + SEEN_AT)
  }

  setSeen(consumer: Ref, nowMs: number): void {
    writeInt64(this.#words(consumer), wordOffset(consumer) + SEEN_AT, nowMs)
  }

  /** When a consumer last got something, or `NEVER_ACTIVE`. */
  activeMs(consumer: Ref): number {
    return readTime(this.#words(consumer), wordOffset(consumer) + ACTIVE_AT)
  }

  setActive(consumer: Ref, nowMs: number): void {
    writeInt64(this.#words(consumer), wordOffset(consumer) + ACTIVE_AT, nowMs)
  }

  // ---- pending entries

  /** Moves `cursor` to what a group has pending under an id. @returns whether there is something. */
  find(group: Ref, id: WideId, cursor: TreeCursor): boolean {
    return this.pending.find(group, id, cursor)
  }

  /** The same for who is going to change what is found. */
  findToChange(group: Ref, id: WideId, cursor: TreeCursor): boolean {
    this.#beforePending(group, id)
    return this.find(group, id, cursor)
  }

  /** What a group was that is noted and not written yet, if anybody wants to know. */
  #imageOf(group: Ref): GroupImage | undefined {
    const { images } = this.#space
    return images.streams === undefined ? undefined : images.groups.get(group)
  }

  /** What a group has pending under an id is about to change. */
  #beforePending(group: Ref, id: WideId): void {
    this.#tell(this.#imageOf(group)?.pending, this.pending, group, id)
  }

  /** The same for a consumer of a group. */
  #beforeOwned(group: Ref, consumer: Ref, id: WideId): void {
    const image = this.#imageOf(group)?.consumers.before(consumer)
    this.#tell(image?.owned, this.owned, consumer, id)
  }

  #tell(image: IdImage | undefined, tree: IdTree, owner: Ref, id: WideId): void {
    if (image === undefined) return
    if (tree.find(owner, id, this.#told)) image.before(this.#told)
    else image.coming(id)
  }

  /** The consumer of the pending entry at a cursor. */
  consumerAt(cursor: TreeCursor): Ref {
    return cursor.words[this.#at(cursor, PENDING_CONSUMER_AT)]! >>> 0
  }

  /** When the pending entry at a cursor was last delivered, in milliseconds since 1970. */
  deliveredMs(cursor: TreeCursor): number {
    return readTime(cursor.words, this.#at(cursor, PENDING_TIME_AT))
  }

  /** How often the pending entry at a cursor was delivered. */
  deliveries(cursor: TreeCursor): number | bigint {
    return readInt64(cursor.words, this.#at(cursor, PENDING_COUNT_AT))
  }

  /** The pending entry at a cursor has no consumer yet: it was put in from a file. */
  disown(cursor: TreeCursor): void {
    cursor.words[this.#at(cursor, PENDING_CONSUMER_AT)] = NONE
  }

  setDelivered(cursor: TreeCursor, nowMs: number): void {
    writeInt64(cursor.words, this.#at(cursor, PENDING_TIME_AT), nowMs)
  }

  setDeliveries(cursor: TreeCursor, count: number | bigint): void {
    writeInt64(cursor.words, this.#at(cursor, PENDING_COUNT_AT), count)
  }

  /** Counts one more delivery of the pending entry at a cursor. */
  countDelivery(cursor: TreeCursor): void {
    incrementInt64(cursor.words, this.#at(cursor, PENDING_COUNT_AT))
  }

  /**
   * Makes an id pending for a consumer, taking it from the one who had it, and moves `cursor` to its
   * entry. Of a new one, times and counts are for the caller to write. @returns whether it is new.
   */
  assign(group: Ref, consumer: Ref, id: WideId, cursor: TreeCursor): boolean {
    this.#beforePending(group, id)
    const isNew = this.pending.insert(group, id, cursor)
    const at = this.#at(cursor, PENDING_CONSUMER_AT)
    const owner = isNew ? NONE : cursor.words[at]! >>> 0
    if (owner === consumer) return false
    if (owner !== NONE) {
      this.#beforeOwned(group, owner, id)
      this.owned.remove(owner, id)
    }
    this.#beforeOwned(group, consumer, id)
    this.owned.insert(consumer, id, this.#cursor)
    cursor.words[at] = consumer
    return isNew
  }

  /** Takes an id from what is pending in a group. @returns whether it was. */
  acknowledge(group: Ref, id: WideId): boolean {
    if (!this.pending.find(group, id, this.#cursor)) return false
    const consumer = this.consumerAt(this.#cursor)
    this.#beforePending(group, id)
    this.#beforeOwned(group, consumer, id)
    this.owned.remove(consumer, id)
    return this.pending.remove(group, id)
  }

  // ---- references, see stream-trim.ts

  isReferenced(stream: Ref, id: WideId): boolean {
    const walk = this.#walk
    for (let on = this.groups.tree.first(stream, walk); on; on = this.groups.tree.next(walk)) {
      const group = this.groups.blockAt(walk)
      if (this.lastId(group, this.#id).compare(id) < 0) return true
      if (this.pending.find(group, id, this.#cursor)) return true
    }
    return false
  }

  dropReferences(stream: Ref, id: WideId): boolean {
    const walk = this.#walk
    let isDropped = false
    for (let on = this.groups.tree.first(stream, walk); on; on = this.groups.tree.next(walk)) {
      const group = this.groups.blockAt(walk)
      if (!this.pending.find(group, id, this.#cursor)) continue
      this.#space.images.streams?.get(stream)?.groups.before(group)
      isDropped = this.acknowledge(group, id)
    }
    return isDropped
  }

  // ---- whole groups

  /** Frees about `budget` blocks of what a group has. @returns whether it has nothing any more. */
  empty(group: Ref, budget: number): boolean {
    if (!this.pending.free(group, budget)) return false
    while (this.consumers.tree.first(group, this.#cursor)) {
      const consumer = this.consumers.blockAt(this.#cursor)
      if (budget <= 0 || !this.owned.free(consumer, budget)) return false
      this.consumers.tree.takeFirst(group)
      this.consumers.release(consumer)
      budget -= CONSUMER_COST
    }
    return true
  }

  /** Frees about `budget` blocks of a stream's groups. @returns whether there is none any more. */
  free(stream: Ref, budget: number): boolean {
    while (this.groups.tree.first(stream, this.#walk)) {
      const group = this.groups.blockAt(this.#walk)
      if (budget <= 0 || !this.empty(group, budget)) return false
      this.groups.tree.takeFirst(stream)
      this.groups.release(group)
      budget -= GROUP_COST
    }
    return true
  }

  /** Gives the stream `target` copies of the groups of `stream`; it has none itself. */
  cloneTo(stream: Ref, target: Ref, slice: Slice): void {
    const walk = this.#walk
    this.groups.tree.begin(target)
    for (let on = this.groups.tree.first(stream, walk); on; on = this.groups.tree.next(walk)) {
      const group = this.groups.blockAt(walk)
      const lastId = this.lastId(group, this.#id)
      const fresh = this.create(target, this.groups.nameOf(group, slice), lastId, this.read(group))
      const copies = this.#cloneConsumers(group, fresh, slice)
      this.pending.cloneTo(group, fresh, (words, at) => {
        const consumer = words[at + PENDING_CONSUMER_AT]! >>> 0
        words[at + PENDING_CONSUMER_AT] = copies.get(consumer)!
      })
    }
  }

  #cloneConsumers(group: Ref, target: Ref, slice: Slice): Map<Ref, Ref> {
    const copies = new Map<Ref, Ref>()
    const walk = new TreeCursor()
    for (let on = this.consumers.tree.first(group, walk); on; on = this.consumers.tree.next(walk)) {
      const consumer = this.consumers.blockAt(walk)
      const name = this.consumers.nameOf(consumer, slice)
      const copy = this.createConsumer(target, name, this.seenMs(consumer))
      this.setActive(copy, this.activeMs(consumer))
      this.owned.cloneTo(consumer, copy)
      copies.set(consumer, copy)
    }
    return copies
  }

  /** Bytes of all groups of a stream, as the arena gave them. */
  bytesOf(stream: Ref): number {
    let bytes = this.groups.tree.size(stream).bytes
    const groups = new TreeCursor()
    const consumers = new TreeCursor()
    for (let on = this.groups.tree.first(stream, groups); on; on = this.groups.tree.next(groups)) {
      const group = this.groups.blockAt(groups)
      bytes += this.groups.bytesOf(group)
      bytes += this.pending.size(group).bytes + this.consumers.tree.size(group).bytes
      let more = this.consumers.tree.first(group, consumers)
      for (; more; more = this.consumers.tree.next(consumers)) {
        const consumer = this.consumers.blockAt(consumers)
        bytes += this.consumers.bytesOf(consumer) + this.owned.size(consumer).bytes
      }
    }
    return bytes
  }

  #at(cursor: TreeCursor, word: number): number {
    return cursor.at + this.pending.payloadAt + word
  }

  #words(block: Ref): Int32Array {
    return this.#space.arena.words[block >>> 17]!
  }
}
