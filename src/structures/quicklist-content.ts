/** The content of one node of a quicklist, as a stretch that grows and shrinks in the node's room. */
import { type Arena, blockOffset, type Ref, wordOffset } from '../arena/index.ts'
import { copyBytes, lzfDecompress } from '../bytes/index.ts'
import { LISTPACK_EMPTY } from './listpack.ts'
import { END } from './listpack-element.ts'
import {
  COUNT,
  FLAG_BITS,
  freeRoom,
  isInLarge,
  LARGE_ROOM,
  LZF,
  PLACE,
  PLAIN,
  RAW_SIZE,
  ROOM,
  roomBytes,
  roomSize,
  roomStart,
  roomView,
  SIZE,
  takeRoom,
} from './quicklist-node.ts'
import type { Stretch } from './stretch.ts'

/** Rooms up to this are not made smaller when they empty. */
const SHRINK_ROOM_MIN = 256
/** A room is made smaller when less than one part in so many is used. */
const SHRINK_PARTS = 4
const LOOP_BYTES_MAX = 24

/** Bytes of a listpack before its first element. */
export const LISTPACK_HEAD_BYTES = 6
/** The count in it that stands for those it has no room for. */
const COUNT_UNKNOWN = 65535

const NO_BYTES = new Uint8Array(0)

/** What says how large the room of a listpack may be. */
export interface RoomLimit {
  /** No room that grows is larger, unless its content is. */
  readonly roomMax: number
}

/** The content of one node, which can be another one each time. */
export class NodeStretch implements Stretch {
  bytes: Uint8Array = NO_BYTES
  /** A view of `bytes`, where that is a page of the arena. */
  dataView: DataView | undefined
  start = 0
  size = 0
  /** The node that is open. */
  node: Ref = 0
  /** Its `PLAIN` and `LZF`. */
  flags = 0
  readonly #arena: Arena
  readonly #limit: RoomLimit
  /** What compressed content is read from. */
  #raw: Uint8Array = NO_BYTES

  constructor(arena: Arena, limit: RoomLimit) {
    this.#arena = arena
    this.#limit = limit
  }

  /** Stands for the content of `node` from now on. Compressed content must not be changed. */
  open(node: Ref): void {
    const arena = this.#arena
    const words = arena.words[node >>> 17]!
    const at = wordOffset(node)
    const placed = words[at + PLACE]!
    const room = words[at + ROOM]!
    this.node = node
    this.size = words[at + SIZE]!
    this.flags = placed & (PLAIN | LZF)
    if (placed & LARGE_ROOM) {
      this.bytes = arena.large(room)
      this.dataView = undefined
      this.start = placed >>> FLAG_BITS
    } else {
      this.bytes = arena.bytes[room >>> 17]!
      this.dataView = arena.views[room >>> 17]!
      this.start = blockOffset(room) + (placed >>> FLAG_BITS)
    }
    if (placed & LZF) this.#decompress(words[at + RAW_SIZE]!)
  }

  #decompress(size: number): void {
    if (this.#raw.length < size) this.#raw = new Uint8Array(size)
    lzfDecompress(this.bytes, this.start, this.start + this.size, this.#raw, 0, size)
    this.bytes = this.#raw
    this.dataView = undefined
    this.start = 0
    this.size = size
  }

  /** Begins a listpack without elements in the open node, with all slack before it or behind. */
  begin(isHead: boolean): void {
    const base = roomStart(this.#arena, this.node)
    const size = LISTPACK_EMPTY.length
    this.#note(isHead ? base + roomSize(this.#arena, this.node) - size : base, base, size)
    this.bytes.set(LISTPACK_EMPTY, this.start)
  }

  /**
   * Grows the open listpack by one element of `added` bytes at an end, where there is slack.
   * @returns where in `bytes` the element is to be written; -1 when there is no slack.
   */
  extend(isHead: boolean, added: number): number {
    const { node, bytes, start, size } = this
    const words = this.#arena.words[node >>> 17]!
    const at = wordOffset(node)
    const placed = words[at + PLACE]!
    const place = placed >>> FLAG_BITS
    let to: number
    if (isHead) {
      if (place < added) return -1
      words[at + PLACE] = placed - (added << FLAG_BITS)
      this.start = start - added
      to = start - added + LISTPACK_HEAD_BYTES
    } else {
      if (place + size + added > roomSize(this.#arena, node)) return -1
      to = start + size - 1
      bytes[to + added] = END
    }
    words[at + SIZE] = size + added
    this.size = size + added
    const count = words[at + COUNT]! + 1
    words[at + COUNT] = count
    writeListpackHead(bytes, this.start, size + added, count)
    return to
  }

  /**
   * Takes `removed` bytes, one element, from an end of the open listpack, which holds others.
   * @returns false when too little would be left for its room: it should move to a smaller one.
   */
  cut(isHead: boolean, removed: number): boolean {
    const { node, bytes, start } = this
    const size = this.size - removed
    if (this.#isTooLarge(roomSize(this.#arena, node), size)) return false
    const words = this.#arena.words[node >>> 17]!
    const at = wordOffset(node)
    if (isHead) {
      words[at + PLACE]! += removed << FLAG_BITS
      this.start = start + removed
    } else bytes[start + size - 1] = END
    words[at + SIZE] = size
    this.size = size
    const count = words[at + COUNT]! - 1
    words[at + COUNT] = count
    writeListpackHead(bytes, this.start, size, count)
    return true
  }

  #isTooLarge(room: number, size: number): boolean {
    return room > SHRINK_ROOM_MIN && size < room / SHRINK_PARTS
  }

  splice(at: number, removed: number, inserted: number): void {
    const arena = this.#arena
    const size = this.size - removed + inserted
    const room = roomSize(arena, this.node)
    if (size > room || this.#isTooLarge(room, size)) {
      this.#move(at, removed, inserted)
      return
    }
    const base = roomStart(arena, this.node)
    const tail = this.size - at - removed
    const grown = inserted - removed
    const canFront = this.start - base >= grown
    const canTail = this.start + size <= base + room
    let start = this.start
    if (canFront && (at < tail || !canTail)) start -= grown
    else if (!canTail) start = base + ((room - size) >>> 1)
    moveParts(this.bytes, this.start, start, at, removed, inserted, tail)
    this.#note(start, base, size)
  }

  #note(start: number, base: number, size: number): void {
    this.start = start
    this.size = size
    const words = this.#arena.words[this.node >>> 17]!
    const at = wordOffset(this.node)
    words[at + SIZE] = size
    words[at + PLACE] = (words[at + PLACE]! & (PLAIN | LARGE_ROOM)) | ((start - base) << FLAG_BITS)
  }

  /** Into another room, whose slack is on the side where something is put in. */
  #move(at: number, removed: number, inserted: number): void {
    const arena = this.#arena
    const { node, bytes, start } = this
    const tail = this.size - at - removed
    const size = at + inserted + tail
    const old = arena.words[node >>> 17]![wordOffset(node) + ROOM]!
    const isLarge = isInLarge(arena, node)
    takeRoom(arena, node, Math.max(size, Math.min(this.#limit.roomMax, size * 2)), 0)
    const into = roomBytes(arena, node)
    const base = roomStart(arena, node)
    const to = at < tail ? base + roomSize(arena, node) - size : base
    copyBytes(bytes, start, start + at, into, to)
    copyBytes(bytes, start + at + removed, start + this.size, into, to + at + inserted)
    this.bytes = into
    this.dataView = roomView(arena, node)
    this.#note(to, base, size)
    freeRoom(arena, old, isLarge)
  }
}

/** Writes the head of a listpack: its size, and its count where that is known. */
export function writeListpackHead(
  bytes: Uint8Array,
  at: number,
  size: number,
  count: number,
): void {
  const noted = Math.min(count, COUNT_UNKNOWN)
  bytes[at] = size
  bytes[at + 1] = size >> 8
  bytes[at + 2] = size >> 16
  bytes[at + 3] = size >> 24
  bytes[at + 4] = noted
  bytes[at + 5] = noted >> 8
}

/** Moves what is before and after a gap to where both belong. Neither may step on the other. */
function moveParts(
  bytes: Uint8Array,
  from: number,
  to: number,
  at: number,
  removed: number,
  inserted: number,
  tail: number,
): void {
  const tailFrom = from + at + removed
  const tailTo = to + at + inserted
  if (to > from) {
    if (tailTo !== tailFrom) moveBytes(bytes, tailTo, tailFrom, tail)
    moveBytes(bytes, to, from, at)
    return
  }
  if (to < from) moveBytes(bytes, to, from, at)
  if (tailTo !== tailFrom) moveBytes(bytes, tailTo, tailFrom, tail)
}

/** At the ends of a listpack only a head or an end mark moves: too few bytes for a call. */
function moveBytes(bytes: Uint8Array, to: number, from: number, size: number): void {
  if (size > LOOP_BYTES_MAX) bytes.copyWithin(to, from, from + size)
  else if (to < from) for (let i = 0; i < size; i++) bytes[to + i] = bytes[from + i]!
  else for (let i = size - 1; i >= 0; i--) bytes[to + i] = bytes[from + i]!
}
