/**
 * The entries of streams: blocks of up to some hundred in an ordered tree, by the id of the first.
 * Entries are appended, found, deleted one by one, and trimmed from the oldest on.
 */
import { NONE, type Ref, wordOffset } from '../arena/index.ts'
import {
  appendEntry,
  BlockReader,
  BufferStretch,
  beginBlock,
  countLive,
  ID_WORDS,
  type IdTree,
  LISTPACK_EMPTY,
  markDeleted,
  newIdTree,
  type PairSource,
  roomFor,
  type Stretch,
  setCounts,
  TreeCursor,
  type WideId,
} from '../structures/index.ts'
import type { Space } from './slot.ts'
import { BlockRoom, ROOM_WORDS } from './stream-block-room.ts'
import { StreamId, storeId } from './stream-id.ts'
import {
  ADDED_AT,
  BLOCKS_AT,
  FIRST_ID_AT,
  incrementInt64,
  LAST_ID_AT,
  LENGTH_AT,
  MAX_DELETED_AT,
} from './stream-layout.ts'
import { StreamWalk } from './stream-walk.ts'

/** Fields and values of one entry are no longer than this in all; blocks are held to it too. */
export const ENTRY_BYTES_MAX = 2 ** 30

const ID_MIN = new StreamId().setMin()
const ID_MAX = new StreamId().setMax()
/** From so many live entries on, their count in the block takes more than a byte. */
const LIVE_OPEN_MAX = 127
/** No block gets more room than that before it needs it. */
const CAPACITY_MAX = 8192
/** A wider buffer is not kept for the next block. */
const SCRATCH_BYTES_MAX = 65536

export class StreamEntries {
  readonly blocks: IdTree
  readonly #space: Space
  readonly #cursor = new TreeCursor()
  readonly #room: BlockRoom
  readonly #shown: BlockRoom
  readonly #reader = new BlockReader()
  readonly #walk: StreamWalk
  readonly #id = new StreamId()
  /** Where a block is made, and the words of its id. */
  #scratch = new BufferStretch(LISTPACK_EMPTY)
  readonly #idWords = new Int32Array(ID_WORDS)
  /** The stream whose last block `#cursor`, `#room` and `#reader` are at; `NONE` when they are not. */
  #openStream: Ref = NONE
  /** The size of the block that the last entry did not go into any more. */
  #sizeBefore = 0
  /** Whether the first entry was among those deleted since `settle`. */
  #isFirstGone = false

  constructor(space: Space) {
    this.#space = space
    this.blocks = newIdTree(space.arena, BLOCKS_AT, ROOM_WORDS)
    this.#room = new BlockRoom(space.arena)
    this.#shown = new BlockRoom(space.arena)
    this.#walk = this.newWalk()
  }

  /** A walk over entries, to be kept and used again. */
  newWalk(): StreamWalk {
    return new StreamWalk(this.#space.arena, this.blocks)
  }

  /** How many entries there are. */
  length(stream: Ref): number {
    return this.#words(stream)[wordOffset(stream) + LENGTH_AT]!
  }

  /** Appends an entry, whose id must be above the last one, with `pairs` fields from `from` on. */
  append(stream: Ref, id: WideId, source: PairSource, from: number, pairs: number): void {
    let textBytes = 0
    for (let i = from; i < from + pairs * 2; i++) textBytes += source.ends[i]! - source.starts[i]!
    const room = this.#room
    const reader = this.#reader
    const { streams } = this.#space.images
    if (this.#openLast(stream, textBytes)) {
      if (streams !== undefined) streams.get(stream)?.beforeBlock(this.#cursor)
      if (room.reserve(roomFor(pairs * 2, textBytes))) {
        reader.open(room.bytes, room.start, this.#cursor.words, this.#cursor.at)
      }
      room.grewTo(appendEntry(reader, room.size, id, source, from, pairs))
      countLive(room, reader.live)
      reader.live++
      // The next entry mostly goes to the same place, unless the count has just grown by a byte.
      this.#openStream = reader.live < LIVE_OPEN_MAX ? stream : NONE
    } else this.#appendBlock(stream, id, source, from, pairs, textBytes)
    const words = this.#words(stream)
    const at = wordOffset(stream)
    words[at + LENGTH_AT]! += 1
    incrementInt64(words, at + ADDED_AT)
    storeId(id, words, at + LAST_ID_AT)
    if (words[at + LENGTH_AT] === 1) storeId(id, words, at + FIRST_ID_AT)
  }

  /** Opens the last block when an entry with so many bytes still goes into it. */
  #openLast(stream: Ref, textBytes: number): boolean {
    const { streamNodeMaxBytes, streamNodeMaxEntries } = this.#space.limits
    const room = this.#room
    this.#sizeBefore = 0
    if (this.#openStream !== stream) {
      if (!this.blocks.last(stream, this.#cursor)) return false
      const { words, at } = this.#cursor
      room.open(words, at + this.blocks.payloadAt)
      this.#reader.open(room.bytes, room.start, words, at)
    }
    const bytesMax =
      streamNodeMaxBytes > 0 ? Math.min(streamNodeMaxBytes, ENTRY_BYTES_MAX) : ENTRY_BYTES_MAX
    const held = this.#reader.live + this.#reader.deleted
    const isFull =
      room.size + textBytes >= bytesMax ||
      (streamNodeMaxEntries > 0 && held >= streamNodeMaxEntries)
    if (!isFull) return true
    room.shrink()
    this.#sizeBefore = room.size
    return false
  }

  #appendBlock(
    stream: Ref,
    id: WideId,
    source: PairSource,
    from: number,
    pairs: number,
    textBytes: number,
  ): void {
    this.forgetOpen()
    // Made beside the arena first, so that it gets a block of the right size.
    const scratch = this.#scratch
    scratch.splice(0, scratch.size, 2 * roomFor(pairs * 2, textBytes))
    const { bytes } = scratch
    const begun = beginBlock(bytes, 0, source, from, pairs)
    storeId(id, this.#idWords, 0)
    this.#reader.open(bytes, 0, this.#idWords, 0)
    const size = appendEntry(this.#reader, begun, id, source, from, pairs)
    this.#space.images.streams?.get(stream)?.blocks.coming(id)
    this.blocks.insert(stream, id, this.#cursor)
    // The block before tells how long this one is going to be.
    const capacity = Math.min(this.#sizeBefore, CAPACITY_MAX)
    const { words, at } = this.#cursor
    this.#room.create(words, at + this.blocks.payloadAt, bytes, size, capacity)
    if (bytes.length > SCRATCH_BYTES_MAX) this.#scratch = new BufferStretch(LISTPACK_EMPTY)
  }

  /** Whether there is an entry with an id that was not deleted. */
  has(stream: Ref, id: WideId): boolean {
    this.#walk.begin(stream, id, id)
    return this.#walk.next()
  }

  /** Finds the last entry that was not deleted. @returns whether there is one. */
  lastId(stream: Ref, into: StreamId): boolean {
    this.#walk.beginLast(stream, ID_MIN, ID_MAX)
    if (!this.#walk.next()) return false
    into.set(this.#walk.entry)
    return true
  }

  /** Finds the first entry. @param takesDeleted whether it may be a deleted one. */
  firstId(stream: Ref, into: StreamId, takesDeleted: boolean): boolean {
    this.#walk.begin(stream, ID_MIN, ID_MAX)
    if (takesDeleted) this.#walk.takeDeleted()
    if (!this.#walk.next()) return false
    into.set(this.#walk.entry)
    return true
  }

  /** Deletes an entry; after the last of several, `settle` is due. @returns whether there was one. */
  delete(stream: Ref, id: WideId): boolean {
    const { blocks } = this
    this.forgetOpen()
    if (!blocks.floor(stream, id, this.#cursor)) return false
    const room = this.#room
    const reader = this.#reader
    const { words, at } = this.#cursor
    room.open(words, at + blocks.payloadAt)
    reader.open(room.bytes, room.start, words, at)
    if (!this.#findInBlock(id) || reader.isDeleted) return false
    const image = this.#space.images.streams?.get(stream)
    if (reader.live === 1) {
      if (!image?.blockLeaving(this.#cursor)) room.release()
      this.#id.read(words, at)
      blocks.remove(stream, this.#id)
    } else {
      image?.beforeBlock(this.#cursor)
      markDeleted(reader)
      setCounts(room, reader.live - 1, reader.deleted + 1)
    }
    const streamWords = this.#words(stream)
    const streamAt = wordOffset(stream)
    streamWords[streamAt + LENGTH_AT]! -= 1
    if (this.#id.read(streamWords, streamAt + FIRST_ID_AT).compare(id) === 0) {
      this.#isFirstGone = true
    }
    if (this.#id.read(streamWords, streamAt + MAX_DELETED_AT).compare(id) < 0) {
      storeId(id, streamWords, streamAt + MAX_DELETED_AT)
    }
    return true
  }

  /** The block that a cursor of `blocks` stands at, lent until the next call. */
  blockAt({ words, at }: TreeCursor): Stretch {
    this.#shown.open(words, at + this.blocks.payloadAt)
    return this.#shown
  }

  /**
   * Puts a whole block `bytes[start, start + size)` in, with `live` entries: from a file, checked, in
   * the order of ids. @returns false when there is one of that id.
   */
  adoptBlock(stream: Ref, id: WideId, block: Stretch, live: number): boolean {
    this.forgetOpen()
    if (!this.blocks.insert(stream, id, this.#cursor)) return false
    const { words, at } = this.#cursor
    const content = block.bytes.subarray(block.start, block.start + block.size)
    this.#room.create(words, at + this.blocks.payloadAt, content, block.size, 0)
    this.#words(stream)[wordOffset(stream) + LENGTH_AT]! += live
    return true
  }

  /** Blocks are about to be changed by others. */
  forgetOpen(): void {
    this.#openStream = NONE
  }

  /** Notes which entry is the first, after some were trimmed. */
  settleTrimmed(stream: Ref): void {
    this.#isFirstGone = true
    this.settle(stream)
  }

  /** Notes which entry is the first, after some were deleted. */
  settle(stream: Ref): void {
    if (this.length(stream) === 0) this.#id.setMin()
    else if (this.#isFirstGone) this.firstId(stream, this.#id, false)
    else return
    this.#isFirstGone = false
    storeId(this.#id, this.#words(stream), wordOffset(stream) + FIRST_ID_AT)
  }

  /** Frees the blocks of about `budget` leaves. @returns whether there is none any more. */
  free(stream: Ref, budget: number): boolean {
    this.forgetOpen()
    return this.blocks.free(stream, budget, (words, at) => {
      this.#room.open(words, at)
      this.#room.release()
    })
  }

  /** Bytes of all entries, as the arena gave them. */
  bytesOf(stream: Ref): number {
    this.forgetOpen()
    const { blocks } = this
    const cursor = this.#cursor
    let bytes = blocks.size(stream).bytes
    for (let on = blocks.first(stream, cursor); on; on = blocks.next(cursor)) {
      this.#room.place(cursor.words, cursor.at + blocks.payloadAt)
      bytes += this.#room.capacity
    }
    return bytes
  }

  #words(stream: Ref): Int32Array {
    return this.#space.arena.words[stream >>> 17]!
  }

  #findInBlock(id: WideId): boolean {
    const reader = this.#reader
    for (let isFound = reader.first(); isFound; isFound = reader.next()) {
      const order = reader.compare(id)
      if (order >= 0) return order === 0
    }
    return false
  }
}
