/**
 * Trimming a stream from its oldest entry on: whole blocks at once where that is allowed, then entry
 * by entry within a block.
 */
import { type Arena, type Ref, wordOffset } from '../arena/index.ts'
import {
  BlockReader,
  type IdTree,
  markDeleted,
  setCounts,
  TreeCursor,
  type WideId,
} from '../structures/index.ts'
import type { Images } from './images.ts'
import type { Space } from './slot.ts'
import { BlockRoom } from './stream-block-room.ts'
import type { StreamEntries } from './stream-entries.ts'
import { StreamId } from './stream-id.ts'
import { LENGTH_AT } from './stream-layout.ts'

/** What becomes of the groups' references to entries that are to go. */
export type References =
  /** They stay. */
  | 'KEEPREF'
  /** They go too. */
  | 'DELREF'
  /** What a group has still to read or to acknowledge stays. */
  | 'ACKED'

/** How far a stream is trimmed. */
export interface Trim {
  /** How many entries may stay. */
  readonly lengthMax: number
  /** The least id that stays, instead of a length. */
  readonly idMin: WideId | undefined
  /** Only whole blocks go. */
  readonly isApproximate: boolean
  /** How many entries may go at the most; 0 is any number. */
  readonly limit: number
  readonly references: References
}

/** What is asked of the groups about an entry that is to go. */
export interface ReferenceKeeper {
  /** Whether a group has still to read it or to acknowledge it. */
  isReferenced(stream: Ref, id: WideId): boolean
  /** Takes it from what is pending in all groups. @returns whether any had it. */
  dropReferences(stream: Ref, id: WideId): boolean
}

export class StreamTrimmer {
  readonly #arena: Arena
  readonly #images: Images
  readonly #blocks: IdTree
  readonly #entries: StreamEntries
  readonly #keeper: ReferenceKeeper
  readonly #cursor = new TreeCursor()
  readonly #room: BlockRoom
  readonly #reader = new BlockReader()
  readonly #id = new StreamId()

  constructor({ arena, images }: Space, entries: StreamEntries, keeper: ReferenceKeeper) {
    this.#arena = arena
    this.#images = images
    this.#blocks = entries.blocks
    this.#entries = entries
    this.#keeper = keeper
    this.#room = new BlockRoom(arena)
  }

  /** Deletes entries from the oldest on. @returns how many. */
  trim(stream: Ref, trim: Trim): number {
    const blocks = this.#blocks
    const room = this.#room
    this.#entries.forgetOpen()
    let deleted = 0
    let isThere = blocks.first(stream, this.#cursor)
    while (isThere && !this.#isShort(stream, trim)) {
      const { words, at } = this.#cursor
      room.open(words, at + blocks.payloadAt)
      this.#reader.open(room.bytes, room.start, words, at)
      const { live } = this.#reader
      if (trim.limit > 0 && deleted + live > trim.limit) break
      const isWhole = this.#goesWhole(stream, trim)
      let gone = live
      if (!isWhole || trim.references !== 'KEEPREF') {
        if (trim.isApproximate && trim.references === 'KEEPREF') break
        gone = this.#trimBlock(stream, trim)
      } else this.#addToLength(stream, -live)
      deleted += gone
      if (isWhole && gone === live) {
        isThere = this.#removeBlock(stream)
        continue
      }
      if (gone > 0) setCounts(room, live - gone, this.#reader.deleted + gone)
      if (!isWhole) break
      isThere = blocks.next(this.#cursor)
    }
    if (deleted > 0) this.#entries.settleTrimmed(stream)
    return deleted
  }

  #isShort(stream: Ref, trim: Trim): boolean {
    return trim.idMin === undefined && this.#entries.length(stream) <= trim.lengthMax
  }

  /** Whether all of the block that is open lies below the bound. */
  #goesWhole(stream: Ref, trim: Trim): boolean {
    const reader = this.#reader
    if (trim.idMin === undefined) {
      return this.#entries.length(stream) - reader.live >= trim.lengthMax
    }
    return reader.last(this.#room.size) && reader.compare(trim.idMin) < 0
  }

  /** Marks entries of the open block as deleted. @returns how many. */
  #trimBlock(stream: Ref, trim: Trim): number {
    const reader = this.#reader
    let gone = 0
    for (let isThere = reader.first(); isThere; isThere = reader.next()) {
      if (this.#isShort(stream, trim)) break
      if (trim.idMin !== undefined && reader.compare(trim.idMin) >= 0) break
      if (reader.isDeleted) continue
      if (trim.references === 'ACKED' && this.#keeper.isReferenced(stream, reader)) continue
      if (trim.references === 'DELREF') this.#keeper.dropReferences(stream, reader)
      this.#images.streams?.get(stream)?.beforeBlock(this.#cursor)
      markDeleted(reader)
      this.#addToLength(stream, -1)
      gone++
    }
    return gone
  }

  /** Frees the open block and goes to the one after it. @returns whether there is one. */
  #removeBlock(stream: Ref): boolean {
    this.#id.read(this.#cursor.words, this.#cursor.at)
    const isKept = this.#images.streams?.get(stream)?.blockLeaving(this.#cursor)
    if (!isKept) this.#room.release()
    this.#blocks.remove(stream, this.#id)
    return this.#blocks.ceiling(stream, this.#id, this.#cursor)
  }

  #addToLength(stream: Ref, by: number): void {
    this.#arena.words[stream >>> 17]![wordOffset(stream) + LENGTH_AT]! += by
  }
}
