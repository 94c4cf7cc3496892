/**
 * A stream as it was at one instant, while it goes on changing. What it knows of itself, its groups and
 * their consumers are noted at once; blocks of entries, and what is pending, before they change.
 */
import { type Arena, type Ref, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { IdImage, type Stretch, TreeCursor } from '../structures/index.ts'
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
export interface ConsumerImage {
  readonly consumer: Ref
  readonly name: Uint8Array
  readonly seenMs: number
  readonly activeMs: number
  /** The ids that it had pending. */
  readonly owned: IdImage
}

/** A group as it was. */
export interface GroupImage {
  readonly group: Ref
  readonly name: Uint8Array
  readonly lastId: StreamId
  readonly read: number | bigint
  /** What it had pending, in the form of `StreamGroups.pending`. */
  readonly pending: IdImage
  readonly consumers: readonly ConsumerImage[]
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
  readonly groups: readonly GroupImage[]
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
    this.groups = groupsOf(arena, groups, stream)
  }

  /** The root stands elsewhere; the stream does not. */
  moved(): void {}

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

  /** Names the blocks of groups and consumers, with what they had pending. */
  eachPending(visit: (ref: Ref, image: IdImage) => void): void {
    for (const { group, pending, consumers } of this.groups) {
      visit(group, pending)
      for (const { consumer, owned } of consumers) visit(consumer, owned)
    }
  }

  /** Frees what was kept. Nothing is to be told any more. */
  close(): void {
    this.blocks.close((words, at) => {
      this.#room.place(words, at)
      this.#room.release()
    })
    this.eachPending((_ref, image) => image.close())
  }
}

const ID_MIN = new StreamId().setMin()

function groupsOf(arena: Arena, groups: StreamGroups, stream: Ref): GroupImage[] {
  const { tree } = groups.groups
  const cursor = new TreeCursor()
  const name = new Slice(new Uint8Array(0), 0, 0)
  const images: GroupImage[] = []
  for (let on = tree.first(stream, cursor); on; on = tree.next(cursor)) {
    const group = groups.groups.blockAt(cursor)
    images.push({
      group,
      name: groups.groups.nameOf(group, name).copyOf(),
      lastId: groups.lastId(group, new StreamId()),
      read: groups.read(group),
      pending: new IdImage(arena, groups.pending, group),
      consumers: consumersOf(arena, groups, group, name),
    })
  }
  return images
}

function consumersOf(arena: Arena, groups: StreamGroups, group: Ref, name: Slice): ConsumerImage[] {
  const { tree } = groups.consumers
  const cursor = new TreeCursor()
  const images: ConsumerImage[] = []
  for (let on = tree.first(group, cursor); on; on = tree.next(cursor)) {
    const consumer = groups.consumers.blockAt(cursor)
    images.push({
      consumer,
      name: groups.consumers.nameOf(consumer, name).copyOf(),
      seenMs: groups.seenMs(consumer),
      activeMs: groups.activeMs(consumer),
      owned: new IdImage(arena, groups.owned, consumer),
    })
  }
  return images
}
