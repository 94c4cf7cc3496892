/**
 * One node of a quicklist: a block that begins with its links and holds a listpack, or the bytes of a
 * single element too large for one.
 *
 *     previous 4 · next 4 · size 4 · count 4 · place and flags 4 · large id 4 · raw size 4
 *     room: [ slack | content | slack ]
 *
 * The content may stand anywhere in the room, at `place`. So what is put in or taken out at either
 * end of a listpack moves only its few bytes on that side. Content that fits no block is in a large
 * buffer, which is the room then. Compressed content (LZF) is for reading only.
 */
import { type Arena, blockOffset, type Ref, SMALL_BYTES_MAX, wordOffset } from '../arena/index.ts'
import { copyBytes, lzfDecompress } from '../bytes/index.ts'
import { END } from './listpack-element.ts'
import type { Stretch } from './stretch.ts'

/** Bytes of a node before its room. */
export const NODE_BYTES = 28

/** The content is one element, not a listpack. */
export const PLAIN = 1
/** The content is compressed. */
export const LZF = 2
/** The room is a large buffer. */
const LARGE = 4
const FLAG_BITS = 3

const PREVIOUS = 0
const NEXT = 1
const SIZE = 2
const COUNT = 3
const PLACE = 4
const LARGE_ID = 5
const RAW_SIZE = 6

/** Rooms up to this are not made smaller when they empty. */
const SHRINK_ROOM_MIN = 256
/** A room is made smaller when less than one part in so many is used. */
const SHRINK_PARTS = 4
const LOOP_BYTES_MAX = 24

/** Bytes of a listpack before its first element, and the count that stands for those above. */
export const LISTPACK_HEAD_BYTES = 6
const COUNT_UNKNOWN = 65535

const NO_BYTES = new Uint8Array(0)

/** A node with nothing in it and no neighbours. */
export function newNode(arena: Arena, roomBytes: number, flags: number): Ref {
  const isLarge = NODE_BYTES + roomBytes > SMALL_BYTES_MAX
  const node = arena.allocate(isLarge ? NODE_BYTES : NODE_BYTES + roomBytes)
  const words = arena.words[node >>> 17]!
  const at = wordOffset(node)
  for (let i = 0; i < NODE_BYTES / 4; i++) words[at + i] = 0
  words[at + PLACE] = isLarge ? flags | LARGE : flags
  if (isLarge) words[at + LARGE_ID] = arena.allocateLarge(roomBytes)
  return node
}

/** A node that holds a copy of `bytes[start, end)`, with no more room than it takes. */
export function newNodeWith(
  arena: Arena,
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  flags: number,
): Ref {
  const node = newNode(arena, end - start, flags)
  copyBytes(bytes, start, end, roomBytesOf(arena, node), roomStart(arena, node))
  arena.words[node >>> 17]![wordOffset(node) + SIZE] = end - start
  setCountOf(arena, node, count)
  return node
}

/** Takes back a node and its room. */
export function freeNode(arena: Arena, node: Ref): void {
  if (isInLarge(arena, node)) arena.freeLarge(wordOf(arena, node, LARGE_ID))
  arena.free(node)
}

function wordOf(arena: Arena, node: Ref, index: number): number {
  return arena.words[node >>> 17]![wordOffset(node) + index]!
}

function setWord(arena: Arena, node: Ref, index: number, value: number): void {
  arena.words[node >>> 17]![wordOffset(node) + index] = value
}

function isInLarge(arena: Arena, node: Ref): boolean {
  return (wordOf(arena, node, PLACE) & LARGE) !== 0
}

/** The node before; `NONE` when it is the first. */
export function previousOf(arena: Arena, node: Ref): Ref {
  return wordOf(arena, node, PREVIOUS) >>> 0
}

/** The node after; `NONE` when it is the last. */
export function nextOf(arena: Arena, node: Ref): Ref {
  return wordOf(arena, node, NEXT) >>> 0
}

/** Sets the node before. */
export function setPrevious(arena: Arena, node: Ref, previous: Ref): void {
  setWord(arena, node, PREVIOUS, previous)
}

/** Sets the node after. */
export function setNext(arena: Arena, node: Ref, next: Ref): void {
  setWord(arena, node, NEXT, next)
}

/** How many elements the node holds. */
export function countOf(arena: Arena, node: Ref): number {
  return wordOf(arena, node, COUNT)
}

/** Sets how many elements the node holds. */
export function setCountOf(arena: Arena, node: Ref, count: number): void {
  setWord(arena, node, COUNT, count)
}

/** `PLAIN` and `LZF`, where they hold. */
export function flagsOfNode(arena: Arena, node: Ref): number {
  return wordOf(arena, node, PLACE) & (PLAIN | LZF)
}

/** Bytes of the content when it is not compressed. */
export function rawSizeOf(arena: Arena, node: Ref): number {
  return wordOf(arena, node, flagsOfNode(arena, node) & LZF ? RAW_SIZE : SIZE)
}

/** Notes how long compressed content is when it is not. */
export function setRawSize(arena: Arena, node: Ref, size: number): void {
  setWord(arena, node, RAW_SIZE, size)
}

/** Bytes of the content as it stands. */
export function heldSizeOf(arena: Arena, node: Ref): number {
  return wordOf(arena, node, SIZE)
}

/** Bytes of all that the node takes from the arena. */
export function footprintOf(arena: Arena, node: Ref): number {
  return arena.sizeOf(node) + (isInLarge(arena, node) ? roomBytesOf(arena, node).byteLength : 0)
}

/** The buffer that the node's room is in. */
function roomBytesOf(arena: Arena, node: Ref): Uint8Array {
  return isInLarge(arena, node)
    ? arena.large(wordOf(arena, node, LARGE_ID))
    : arena.bytes[node >>> 17]!
}

function roomStart(arena: Arena, node: Ref): number {
  return isInLarge(arena, node) ? 0 : blockOffset(node) + NODE_BYTES
}

function roomOf(arena: Arena, node: Ref): number {
  return isInLarge(arena, node) ? roomBytesOf(arena, node).length : arena.sizeOf(node) - NODE_BYTES
}

/** Where the content stands in the buffer of the room. */
export function contentStart(arena: Arena, node: Ref): number {
  return roomStart(arena, node) + (wordOf(arena, node, PLACE) >>> FLAG_BITS)
}

/** The buffer that the content stands in. */
export function contentBytes(arena: Arena, node: Ref): Uint8Array {
  return roomBytesOf(arena, node)
}

/** Whether a node without slack would take another size of block. */
export function isLoose(arena: Arena, node: Ref): boolean {
  const size = heldSizeOf(arena, node)
  if (isInLarge(arena, node)) return roomOf(arena, node) !== size
  return !arena.fits(node, NODE_BYTES + size)
}

/** What needs to hear that a node stands elsewhere now. */
export interface NodeOwner {
  /** How much room a node of a listpack is given at most, unless its content is larger. */
  readonly roomMax: number
  /** `fresh` has taken over the links of `old`, which is gone. */
  nodeMoved(old: Ref, fresh: Ref): void
}

/** The content of one node, which can be another one each time. */
export class NodeStretch implements Stretch {
  bytes: Uint8Array = NO_BYTES
  start = 0
  size = 0
  /** The node that is open. */
  node: Ref = 0
  /** Its `PLAIN` and `LZF`. */
  flags = 0
  readonly #arena: Arena
  readonly #owner: NodeOwner
  /** What compressed content is read from. */
  #raw: Uint8Array = NO_BYTES

  constructor(arena: Arena, owner: NodeOwner) {
    this.#arena = arena
    this.#owner = owner
  }

  /** Stands for the content of `node` from now on. Compressed content must not be spliced. */
  open(node: Ref): void {
    const arena = this.#arena
    const words = arena.words[node >>> 17]!
    const at = wordOffset(node)
    const placed = words[at + PLACE]!
    this.node = node
    this.size = words[at + SIZE]!
    this.flags = placed & (PLAIN | LZF)
    if ((placed & (LZF | LARGE)) === 0) {
      this.bytes = arena.bytes[node >>> 17]!
      this.start = blockOffset(node) + NODE_BYTES + (placed >>> FLAG_BITS)
      return
    }
    this.bytes = contentBytes(arena, node)
    this.start = contentStart(arena, node)
    if (placed & LZF) this.#decompress(words[at + RAW_SIZE]!)
  }

  #decompress(size: number): void {
    if (this.#raw.length < size) this.#raw = new Uint8Array(size)
    lzfDecompress(this.bytes, this.start, this.start + this.size, this.#raw, 0, size)
    this.bytes = this.#raw
    this.start = 0
    this.size = size
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
      if (place + size + added > roomOf(this.#arena, node)) return -1
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
    const room = roomOf(this.#arena, node)
    if (room > SHRINK_ROOM_MIN && size < room / SHRINK_PARTS) return false
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

  splice(at: number, removed: number, inserted: number): void {
    const arena = this.#arena
    const size = this.size - removed + inserted
    const room = roomOf(arena, this.node)
    if (size > room || (room > SHRINK_ROOM_MIN && size < room / SHRINK_PARTS)) {
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
    words[at + PLACE] = (words[at + PLACE]! & (PLAIN | LARGE)) | ((start - base) << FLAG_BITS)
  }

  /** Into another node, whose slack is on the side where something is put in. */
  #move(at: number, removed: number, inserted: number): void {
    const arena = this.#arena
    const old = this.node
    const { bytes, start } = this
    const tail = this.size - at - removed
    const size = at + inserted + tail
    const fresh = newNode(arena, Math.max(size, Math.min(this.#owner.roomMax, size * 2)), 0)
    const room = roomOf(arena, fresh)
    const into = roomBytesOf(arena, fresh)
    const base = roomStart(arena, fresh)
    const to = at < tail ? base + room - size : base
    copyBytes(bytes, start, start + at, into, to)
    copyBytes(bytes, start + at + removed, start + this.size, into, to + at + inserted)
    takePlace(arena, old, fresh)
    this.bytes = into
    this.node = fresh
    this.#note(to, base, size)
    freeNode(arena, old)
    this.#owner.nodeMoved(old, fresh)
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

/** Copies links and count from one node to another. */
export function takePlace(arena: Arena, old: Ref, fresh: Ref): void {
  setPrevious(arena, fresh, previousOf(arena, old))
  setNext(arena, fresh, nextOf(arena, old))
  setCountOf(arena, fresh, countOf(arena, old))
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
