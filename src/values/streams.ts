/**
 * Streams: entries in order of their ids, and the consumer groups that read them. The value in an
 * entry of the keyspace is the ref of the stream's own block, see `stream-layout.ts`.
 */
import { NONE, type Ref, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { readUint32, writeUint32 } from '../structures/index.ts'
import type { Slot, Space, ValueType } from './slot.ts'
import { BlockRoom } from './stream-block-room.ts'
import { StreamEntries } from './stream-entries.ts'
import { StreamGroups } from './stream-groups.ts'
import { type StreamId, storeId } from './stream-id.ts'
import { StreamImage } from './stream-image.ts'
import {
  ADDED_AT,
  FIRST_ID_AT,
  LAST_ID_AT,
  MAX_DELETED_AT,
  readInt64,
  STREAM_WORDS,
  writeInt64,
} from './stream-layout.ts'
import { StreamProgress } from './stream-progress.ts'
import { StreamTrimmer } from './stream-trim.ts'
import type { StreamWalk } from './stream-walk.ts'

const ROOT_BYTES = 4
/** A leaf of the blocks tree counts as so many blocks when a stream is freed. */
const BLOCKS_PER_LEAF = 64

export class Streams implements ValueType {
  readonly entries: StreamEntries
  readonly groups: StreamGroups
  readonly progress: StreamProgress
  readonly trimmer: StreamTrimmer
  /** For walks that end before anything else is done. */
  readonly walk: StreamWalk
  readonly #space: Space
  readonly #root = new Uint8Array(ROOT_BYTES)
  readonly #name = new Slice(this.#root, 0, 0)

  constructor(space: Space) {
    this.#space = space
    this.entries = new StreamEntries(space)
    this.groups = new StreamGroups(space)
    this.progress = new StreamProgress(space.arena, this.groups)
    this.walk = this.entries.newWalk()
    this.trimmer = new StreamTrimmer(space, this.entries, this.groups)
  }

  /** Makes an empty stream. @returns the root for the entry that is to hold it, lent. */
  create(): Uint8Array {
    writeUint32(this.#root, 0, this.#newStream())
    return this.#root
  }

  /** The stream that a value is the root of. */
  streamOf(value: Slot): Ref {
    return readUint32(value.bytes, value.start)
  }

  /** Takes a group away. @returns the root of a stream that has nothing but the group, lent. */
  takeGroup(stream: Ref, group: Ref): Uint8Array {
    const root = this.create()
    this.groups.move(stream, group, readUint32(root, 0))
    return root
  }

  // ---- what a stream knows of itself

  /** Reads the last id that was given, which is never given again. */
  lastId(stream: Ref, into: StreamId): StreamId {
    return into.read(this.#words(stream), wordOffset(stream) + LAST_ID_AT)
  }

  setLastId(stream: Ref, id: StreamId): void {
    storeId(id, this.#words(stream), wordOffset(stream) + LAST_ID_AT)
  }

  /** Reads the id of the first entry; 0-0 when there is none. */
  firstId(stream: Ref, into: StreamId): StreamId {
    return into.read(this.#words(stream), wordOffset(stream) + FIRST_ID_AT)
  }

  /** Reads the highest id that was ever deleted; 0-0 when none was. */
  maxDeletedId(stream: Ref, into: StreamId): StreamId {
    return into.read(this.#words(stream), wordOffset(stream) + MAX_DELETED_AT)
  }

  setMaxDeletedId(stream: Ref, id: StreamId): void {
    storeId(id, this.#words(stream), wordOffset(stream) + MAX_DELETED_AT)
  }

  /** How many entries were ever added. */
  added(stream: Ref): number | bigint {
    return readInt64(this.#words(stream), wordOffset(stream) + ADDED_AT)
  }

  setAdded(stream: Ref, added: number | bigint): void {
    writeInt64(this.#words(stream), wordOffset(stream) + ADDED_AT, added)
  }

  // ---- ValueType

  count(value: Slot): number {
    return this.entries.length(this.streamOf(value))
  }

  free(value: Slot, budget: number): boolean {
    const stream = this.streamOf(value)
    if (stream === NONE) return true
    if (!this.entries.free(stream, Math.ceil(budget / BLOCKS_PER_LEAF))) return false
    if (!this.groups.free(stream, budget)) return false
    this.#space.arena.free(stream)
    writeUint32(value.bytes, value.start, NONE)
    return true
  }

  imageOf(value: Slot): StreamImage {
    return new StreamImage(this.#space.arena, this, this.streamOf(value))
  }

  copy(source: Slot, target: Slot): void {
    const stream = this.streamOf(source)
    const copy = this.#newStream()
    writeUint32(target.bytes, target.start, copy)
    const from = wordOffset(stream)
    this.#words(copy).set(this.#words(stream).slice(from, from + STREAM_WORDS), wordOffset(copy))
    const room = new BlockRoom(this.#space.arena)
    this.entries.blocks.cloneTo(stream, copy, (words, at) => room.cloneAt(words, at))
    this.groups.cloneTo(stream, copy, this.#name)
  }

  ownedBytes(value: Slot): number {
    const stream = this.streamOf(value)
    if (stream === NONE) return 0
    const { arena } = this.#space
    return arena.sizeOf(stream) + this.entries.bytesOf(stream) + this.groups.bytesOf(stream)
  }

  #newStream(): Ref {
    const stream = this.#space.arena.allocate(STREAM_WORDS * 4)
    const at = wordOffset(stream)
    this.#words(stream).fill(0, at, at + STREAM_WORDS)
    this.entries.blocks.begin(stream)
    this.groups.groups.tree.begin(stream)
    return stream
  }

  #words(stream: Ref): Int32Array {
    return this.#space.arena.words[stream >>> 17]!
  }
}
