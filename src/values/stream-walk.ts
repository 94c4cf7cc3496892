/**
 * A walk over the entries of a stream between two ids, in either order, which are read where they
 * stand. It holds until the stream is changed, and one walk object serves many walks.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { BlockReader, TreeCursor, type WideId } from '../structures/index.ts'
import { BlockRoom } from './stream-block-room.ts'
import { StreamId } from './stream-id.ts'

/** Blocks by the ids of their first entries: those of a stream, or those that it once had. */
export interface BlockSource {
  /** Where the place of a block begins, in words from its id. */
  readonly payloadAt: number
  first(stream: Ref, cursor: TreeCursor): boolean
  floor(stream: Ref, id: WideId, cursor: TreeCursor): boolean
  next(cursor: TreeCursor): boolean
  previous(cursor: TreeCursor): boolean
}

export class StreamWalk {
  /** The entry that the walk is at. Lent, like all it leads to. */
  readonly entry = new BlockReader()
  readonly #blocks: BlockSource
  readonly #cursor = new TreeCursor()
  readonly #room: BlockRoom
  readonly #from = new StreamId()
  readonly #to = new StreamId()
  #isReverse = false
  #takesDeleted = false
  #isInBlock = false

  constructor(arena: Arena, blocks: BlockSource) {
    this.#blocks = blocks
    this.#room = new BlockRoom(arena)
  }

  /** Begins before the first entry from `from` to `to`, both included. */
  begin(stream: Ref, from: WideId, to: WideId): void {
    this.#set(from, to, false)
    if (!this.#blocks.floor(stream, from, this.#cursor)) this.#blocks.first(stream, this.#cursor)
  }

  /** Begins after the last entry from `from` to `to`, both included, and goes backwards. */
  beginLast(stream: Ref, from: WideId, to: WideId): void {
    this.#set(from, to, true)
    this.#blocks.floor(stream, to, this.#cursor)
  }

  /** The walk that has begun also stops at entries that were deleted. */
  takeDeleted(): void {
    this.#takesDeleted = true
  }

  /** Goes to the next entry. @returns whether there is one. */
  next(): boolean {
    const { entry } = this
    while (this.#step()) {
      if (this.#isReverse) {
        if (entry.compare(this.#to) > 0) continue
        if (entry.compare(this.#from) < 0) return this.#cursor.end()
      } else {
        if (entry.compare(this.#from) < 0) continue
        if (entry.compare(this.#to) > 0) return this.#cursor.end()
      }
      if (this.#takesDeleted || !entry.isDeleted) return true
    }
    return false
  }

  #set(from: WideId, to: WideId, isReverse: boolean): void {
    this.#from.set(from)
    this.#to.set(to)
    this.#isReverse = isReverse
    this.#takesDeleted = false
    this.#isInBlock = false
  }

  /** Goes to the next entry of any id, in the order of the walk. */
  #step(): boolean {
    const { entry } = this
    while (this.#cursor.node !== NONE) {
      const isFound = this.#isInBlock
        ? this.#isReverse
          ? entry.previous()
          : entry.next()
        : this.#enter()
      if (isFound) return true
      this.#isInBlock = false
      if (this.#isReverse) this.#blocks.previous(this.#cursor)
      else this.#blocks.next(this.#cursor)
    }
    return false
  }

  #enter(): boolean {
    const { entry } = this
    const { words, at } = this.#cursor
    this.#room.open(words, at + this.#blocks.payloadAt)
    entry.open(this.#room.bytes, this.#room.start, words, at)
    this.#isInBlock = true
    return this.#isReverse ? entry.last(this.#room.size) : entry.first()
  }
}
