/**
 * A stream as it was at one instant, while it goes on changing. What it knows of itself is noted at once;
 * blocks of entries, groups, their consumers, and what is pending, before they change.
 */
import { type Arena, type Ref, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  IdImage,
  NameImage,
  type NameNote,
  type Stretch,
  type TreeCursor,
} from '../structures/index.ts'
import { BlockRoom } from './stream-block-room.ts'
import type { StreamGroups } from './stream-groups.ts'
import { StreamId } from './stream-id.ts'
import {
  ADDED_AT,
  FIRST_ID_AT,
  LAST_ID_AT,
  LENGTH_AT,
  MAX_DELETED_AT,
  readInt64,
  STREAM_WORDS,
} from './stream-layout.ts'
import { StreamWalk } from './stream-walk.ts'
import type { Streams } from './streams.ts'

/** A consumer as it was. */
export interface ConsumerImage extends NameNote {
  readonly name: Uint8Array
  readonly seenMs: number
  readonly activeMs: number
  /** The ids that it had pending. */
  readonly owned: IdImage
}

/** A group as it was. */
export interface GroupImage extends NameNote {
  readonly name: Uint8Array
  readonly lastId: StreamId
  readonly read: number | bigint
  /** What it had pending, in the form of `StreamGroups.pending`. */
  readonly pending: IdImage
  readonly consumers: NameImage<ConsumerImage>
}

export class StreamImage {
  readonly kind = 'stream'
  /** The block of the stream. */
  readonly stream: Ref
  readonly length: number
  readonly lastId = new StreamId()
  readonly firstId = new StreamId()
  readonly maxDeletedId = new StreamId()
  readonly added: number | bigint
  /** The blocks of entries, for `blockAt`. */
  readonly blocks: IdImage
  readonly groups: NameImage<GroupImage>
  /** Where groups that are noted are to be found by those who change them. */
  #told: Map<Ref, GroupImage> | undefined
  readonly #arena: Arena
  readonly #room: BlockRoom

  /** The instant is now. */
  constructor(arena: Arena, { entries, groups }: Streams, stream: Ref) {
    this.#arena = arena
    this.#room = new BlockRoom(arena)
    this.stream = stream
    const at = wordOffset(stream)
    const words = arena.words[stream >>> 17]!.slice(at, at + STREAM_WORDS)
    this.length = words[LENGTH_AT]!
    this.lastId.read(words, LAST_ID_AT)
    this.firstId.read(words, FIRST_ID_AT)
    this.maxDeletedId.read(words, MAX_DELETED_AT)
    this.added = readInt64(words, ADDED_AT)
    this.blocks = new IdImage(arena, entries.blocks, stream)
    this.groups = new NameImage(groups.groups, stream, {
      note: (group) => {
        const note = imageOfGroup(arena, groups, group)
        this.#told?.set(group, note)
        return note
      },
      // One that was given up is freed later, when there may be another image.
      forget: (note) => {
        if (this.#told?.get(note.block) === note) this.#told.delete(note.block)
      },
    })
  }

  /** Groups are entered in `told` as they are noted, so that they are told of what becomes of them. */
  enterGroups(told: Map<Ref, GroupImage>): void {
    this.#told = told
  }

  /** The block that a cursor of `blocks` stands at, lent until the next call. */
  blockAt({ words, at }: TreeCursor): Stretch {
    this.#room.open(words, at + this.blocks.payloadAt)
    return this.#room
  }

  /** A walk over the entries, forwards. It is to be begun again after the stream has changed. */
  newWalk(): StreamWalk {
    const { blocks } = this
    return new StreamWalk(this.#arena, {
      payloadAt: blocks.payloadAt,
      first: (_stream, cursor) => blocks.ceiling(ID_MIN, cursor),
      floor: (_stream, id, cursor) => blocks.floor(id, cursor),
      next: (cursor) => blocks.next(cursor),
      previous: (cursor) => cursor.end(),
    })
  }

  /** A block that a cursor of the live tree stands at is about to be changed. */
  beforeBlock(cursor: TreeCursor): void {
    this.blocks.before(cursor, (words, at) => this.#room.cloneAt(words, at))
  }

  /** The same for one that is taken out. @returns whether it is kept, and must not be freed. */
  blockLeaving(cursor: TreeCursor): boolean {
    return this.blocks.before(cursor)
  }

  /** Frees about `budget` of what was kept; nothing is to be told any more. @returns whether all is. */
  free(budget: number): boolean {
    const leaves = Math.ceil(budget / BLOCKS_PER_LEAF)
    const isDone = this.blocks.free(leaves, (words, at) => {
      this.#room.place(words, at)
      this.#room.release()
    })
    return isDone && this.groups.free(budget)
  }
}

/** A leaf of the tree of blocks counts as so many blocks when it is freed. */
const BLOCKS_PER_LEAF = 64
const ID_MIN = new StreamId().setMin()
const name = new Slice(new Uint8Array(0), 0, 0)

function imageOfGroup(arena: Arena, groups: StreamGroups, group: Ref): GroupImage {
  const pending = new IdImage(arena, groups.pending, group)
  const consumers = new NameImage(groups.consumers, group, {
    note: (consumer) => imageOfConsumer(arena, groups, consumer),
    forget: () => {},
  })
  return {
    block: group,
    name: groups.groups.nameOf(group, name).copyOf(),
    lastId: groups.lastId(group, new StreamId()),
    read: groups.read(group),
    pending,
    consumers,
    free: (budget) => pending.free(budget) && consumers.free(budget),
  }
}

function imageOfConsumer(arena: Arena, groups: StreamGroups, consumer: Ref): ConsumerImage {
  const owned = new IdImage(arena, groups.owned, consumer)
  return {
    block: consumer,
    name: groups.consumers.nameOf(consumer, name).copyOf(),
    seenMs: groups.seenMs(consumer),
    activeMs: groups.activeMs(consumer),
    owned,
    free: (budget) => owned.free(budget),
  }
}
