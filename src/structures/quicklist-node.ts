/**
 * One node of a quicklist: a small block, and a room for its content, which is a listpack, or the
 * bytes of a single element too large for one.
 *
 *     node   previous 4 · next 4 · size 4 · count 4 · place and flags 4 · room 4 · raw size 4
 *     room   [ slack | content | slack ]
 *
 * Nodes are apart from their rooms, so that those of a long list lie close together and are counted
 * quickly. The content may stand anywhere in its room, at `place`: what is put in or taken out at an
 * end of a listpack then moves only the few bytes on that side. A room is a block, or a large buffer
 * where no block has the size. Compressed content (LZF) is for reading only.
 */
import {
  type Arena,
  blockOffset,
  NONE,
  type Ref,
  SMALL_BYTES_MAX,
  wordOffset,
} from '../arena/index.ts'
import { copyBytes } from '../bytes/index.ts'

const NODE_BYTES = 28

/** The content is one element, not a listpack. */
export const PLAIN = 1
/** The content is compressed. */
export const LZF = 2
/** The room is a large buffer. */
export const LARGE_ROOM = 4
/** The flags are the low bits of the place. */
export const FLAG_BITS = 3

/** Where the fields stand in a node, in words. */
export const SIZE = 2
export const COUNT = 3
export const PLACE = 4
export const ROOM = 5
export const RAW_SIZE = 6
const PREVIOUS = 0
const NEXT = 1

/** A node without neighbours, whose room for at least `roomBytes` is empty. */
export function newNode(arena: Arena, roomBytes: number, flags: number): Ref {
  const node = arena.allocate(NODE_BYTES)
  const words = arena.words[node >>> 17]!
  const at = wordOffset(node)
  for (let i = 0; i < NODE_BYTES / 4; i++) words[at + i] = 0
  takeRoom(arena, node, roomBytes, flags)
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
  copyBytes(bytes, start, end, roomBytes(arena, node), roomStart(arena, node))
  setWord(arena, node, SIZE, end - start)
  setCountOf(arena, node, count)
  return node
}

/** A node without neighbours that is otherwise like another one. */
export function copyOfNode(arena: Arena, node: Ref): Ref {
  const start = contentStart(arena, node)
  const end = start + heldSizeOf(arena, node)
  const flags = flagsOfNode(arena, node)
  const copy = newNodeWith(arena, roomBytes(arena, node), start, end, countOf(arena, node), flags)
  setRawSize(arena, copy, rawSizeOf(arena, node))
  return copy
}

/** Gives a node other content, a copy of `bytes[start, end)`, and a room that it just fills. */
export function setContent(
  arena: Arena,
  node: Ref,
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
): void {
  const room = wordOf(arena, node, ROOM)
  const isLarge = isInLarge(arena, node)
  takeRoom(arena, node, end - start, flags)
  copyBytes(bytes, start, end, roomBytes(arena, node), roomStart(arena, node))
  setWord(arena, node, SIZE, end - start)
  freeRoom(arena, room, isLarge)
}

/** Gives a node a room for at least `size` bytes; the old one is the caller's. */
export function takeRoom(arena: Arena, node: Ref, size: number, flags: number): void {
  const isLarge = size > SMALL_BYTES_MAX
  setWord(arena, node, ROOM, isLarge ? arena.allocateLarge(size) : arena.allocate(size))
  setWord(arena, node, PLACE, isLarge ? flags | LARGE_ROOM : flags)
}

/** Takes back a room. */
export function freeRoom(arena: Arena, room: number, isLarge: boolean): void {
  if (isLarge) arena.freeLarge(room)
  else arena.free(room >>> 0)
}

/** Takes back a node and its room. */
export function freeNode(arena: Arena, node: Ref): void {
  freeRoom(arena, wordOf(arena, node, ROOM), isInLarge(arena, node))
  arena.free(node)
}

function wordOf(arena: Arena, node: Ref, index: number): number {
  return arena.words[node >>> 17]![wordOffset(node) + index]!
}

function setWord(arena: Arena, node: Ref, index: number, value: number): void {
  arena.words[node >>> 17]![wordOffset(node) + index] = value
}

/** Whether the room of a node is a large buffer. */
export function isInLarge(arena: Arena, node: Ref): boolean {
  return (wordOf(arena, node, PLACE) & LARGE_ROOM) !== 0
}

/** The node before; `NONE` when it is the first. */
export function previousOf(arena: Arena, node: Ref): Ref {
  return wordOf(arena, node, PREVIOUS) >>> 0
}

/** The node after; `NONE` when it is the last. */
export function nextOf(arena: Arena, node: Ref): Ref {
  return wordOf(arena, node, NEXT) >>> 0
}

/** How many elements of the node that `passNodes` found are to be passed still. */
export let leftToPass = 0

/**
 * Passes over `count` elements from a node on, or backwards from its last, by whole nodes.
 * @returns the node that the next one is in, `leftToPass` elements from the end it was entered by.
 */
export function passNodes(arena: Arena, node: Ref, count: number, isBackwards: boolean): Ref {
  const link = isBackwards ? PREVIOUS : NEXT
  let page = -1
  let words = arena.words[0]!
  for (;;) {
    // Mostly it is the page of the node before. None is in that of no node.
    if (node >>> 17 !== page) {
      if (node === NONE) throw new RangeError('a list has no element at that index')
      page = node >>> 17
      words = arena.words[page]!
    }
    const at = wordOffset(node)
    const held = words[at + COUNT]!
    if (count < held) {
      leftToPass = count
      return node
    }
    count -= held
    node = words[at + link]! >>> 0
  }
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
  return arena.sizeOf(node) + roomSize(arena, node)
}

/** The buffer that the node's room is in. */
export function roomBytes(arena: Arena, node: Ref): Uint8Array {
  const room = wordOf(arena, node, ROOM)
  return isInLarge(arena, node) ? arena.large(room) : arena.bytes[room >>> 17]!
}

/** A view of that buffer, where it is a page of the arena. */
export function roomView(arena: Arena, node: Ref): DataView | undefined {
  return isInLarge(arena, node) ? undefined : arena.views[wordOf(arena, node, ROOM) >>> 17]!
}

/** Where the room begins in its buffer. */
export function roomStart(arena: Arena, node: Ref): number {
  return isInLarge(arena, node) ? 0 : blockOffset(wordOf(arena, node, ROOM))
}

/** Bytes of the room. */
export function roomSize(arena: Arena, node: Ref): number {
  const room = wordOf(arena, node, ROOM)
  return isInLarge(arena, node) ? arena.large(room).length : arena.sizeOf(room >>> 0)
}

/** Where the content stands in the buffer of its room. */
export function contentStart(arena: Arena, node: Ref): number {
  return roomStart(arena, node) + (wordOf(arena, node, PLACE) >>> FLAG_BITS)
}

/** Whether a room without slack would be of another size. */
export function isLoose(arena: Arena, node: Ref): boolean {
  const size = heldSizeOf(arena, node)
  if (isInLarge(arena, node)) return roomSize(arena, node) !== size
  return !arena.fits(wordOf(arena, node, ROOM) >>> 0, size)
}
