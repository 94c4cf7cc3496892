/**
 * The nodes of a quicklist and its root: how they hang together, how much each may hold, and which
 * are compressed. Elements are the business of `quicklist.ts`.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { copyBytes, lzfCompress } from '../bytes/index.ts'
import { endAt } from './listpack.ts'
import {
  LISTPACK_HEAD_BYTES,
  NodeStretch,
  type RoomLimit,
  writeListpackHead,
} from './quicklist-content.ts'
import type { NodeImage } from './quicklist-image.ts'
import {
  contentStart,
  countOf,
  flagsOfNode,
  freeNode,
  heldSizeOf,
  isLoose,
  LZF,
  newNodeWith,
  nextOf,
  PLAIN,
  previousOf,
  rawSizeOf,
  roomBytes,
  setContent,
  setCountOf,
  setNext,
  setPrevious,
  setRawSize,
} from './quicklist-node.ts'
import { readUint32, writeUint32 } from './segment.ts'
import type { Stretch } from './stretch.ts'

/** Bytes of a root. */
export const QUICKLIST_ROOT_BYTES = 22

/** Where nodes, head, tail, fill and depth stand in a root; the count comes first. */
const NODES = 6
const HEAD = 10
const TAIL = 14
const FILL = 18
const DEPTH = 20

/** What a root has room for. */
const FILL_MAX = 32767
const DEPTH_MAX = 65535

const TWO_32 = 4294967296

/** What a node holds at most, for fills of -1, -2, … */
const FILL_BYTES = [4096, 8192, 16384, 32768, 65536] as const
/** What a node holds at most where the fill counts elements. */
const SAFE_BYTES_MAX = 8192
/** More than an element of a listpack needs beside its bytes. */
const ELEMENT_EXTRA_BYTES = 8
/** Of two listpacks that become one, a head and an end mark are left over. */
const LISTPACK_EXTRA_BYTES = 7

/** Shorter content is not compressed. */
const COMPRESS_BYTES_MIN = 48
/** Longer content is not compressed either: it would hold the loop. */
const COMPRESS_BYTES_MAX = 2 ** 20
/** Content stays as it is unless this many bytes are saved. */
const COMPRESS_GAIN_MIN = 8
/** Neighbours from which elements were taken are joined when they fill this part of a node. */
const JOIN_FILL = 0.5

/** How much one node may hold: the bytes that a fill allows. */
export function fillBytes(fill: number): number {
  return fill >= 0 ? SAFE_BYTES_MAX : FILL_BYTES[Math.min(-fill, FILL_BYTES.length) - 1]!
}

/** How many elements the quicklist at a root has, without opening it. */
export function quicklistCount({ bytes, start }: Stretch): number {
  const lower = readShort(bytes, start) | (readShort(bytes, start + 2) << 16)
  const upper = readShort(bytes, start + 4)
  // A small integer where it can be: as a double, it would slow down all that counts with it.
  return lower >= 0 && upper === 0 ? lower : (lower >>> 0) + upper * TWO_32
}

export class Chain implements RoomLimit {
  readonly arena: Arena
  /** How many elements all nodes hold. */
  count = 0
  nodes = 0
  head: Ref = NONE
  tail: Ref = NONE
  depth = 0
  roomMax = 0
  /** For tests: elements of this many bytes are nodes of their own; 0 is as the fill says. */
  plainBytesMin = 0
  /** Who needs the nodes as they were, while there is someone. */
  image: NodeImage | undefined
  #fill = 0
  #countMax = 1
  /** Where the root stands. Not its stretch: an old object that refers to a new one costs the collector. */
  #rootBytes: Uint8Array = new Uint8Array(0)
  #rootAt = 0
  /** Whether nodes came or went since they were last settled. */
  #isShifted = false
  /** Whether the root must be written whole, not only the count. */
  #isMoved = true
  /** An inner node whose compression was undone for a change; its neighbours may be like it. */
  #touched: Ref = NONE
  #packed = new Uint8Array(0)
  readonly #stretch: NodeStretch

  constructor(arena: Arena) {
    this.arena = arena
    this.#stretch = new NodeStretch(arena, this)
    this.#setFill(-2)
  }

  /** Begins an empty quicklist at a root. */
  begin({ bytes, start }: Stretch, fill: number, depth: number): void {
    this.#rootBytes = bytes
    this.#rootAt = start
    this.image = undefined
    this.#setFill(Math.max(-FILL_BYTES.length, Math.min(FILL_MAX, fill)))
    this.depth = Math.min(DEPTH_MAX, depth)
    this.count = 0
    this.nodes = 0
    this.head = NONE
    this.tail = NONE
    this.#isShifted = false
    this.#isMoved = true
    this.#touched = NONE
  }

  /** Takes up the quicklist at a root. `image` is told of all that is changed from now on. */
  open(root: Stretch, image?: NodeImage): void {
    const { bytes, start } = root
    this.#rootBytes = bytes
    this.#rootAt = start
    this.image = image
    this.count = quicklistCount(root)
    this.nodes = readUint32(bytes, start + NODES)
    this.head = readUint32(bytes, start + HEAD)
    this.tail = readUint32(bytes, start + TAIL)
    this.depth = readShort(bytes, start + DEPTH)
    const fill = (readShort(bytes, start + FILL) << 16) >> 16
    if (fill !== this.#fill) this.#setFill(fill)
    this.#isShifted = false
    this.#isMoved = false
    this.#touched = NONE
  }

  /** Compresses what should be, and writes the root. Where that has moved since, `root` says where to. */
  save(root?: Stretch): void {
    if (root !== undefined) {
      this.#rootBytes = root.bytes
      this.#rootAt = root.start
    }
    if (this.depth > 0 && (this.#isShifted || this.#touched !== NONE)) this.#settle()
    const bytes = this.#rootBytes
    const start = this.#rootAt
    writeUint32(bytes, start, this.count)
    writeShort(Math.floor(this.count / TWO_32), bytes, start + 4)
    if (!this.#isMoved) return
    writeUint32(bytes, start + NODES, this.nodes)
    writeUint32(bytes, start + HEAD, this.head)
    writeUint32(bytes, start + TAIL, this.tail)
    writeShort(this.#fill, bytes, start + FILL)
    writeShort(this.depth, bytes, start + DEPTH)
  }

  get fill(): number {
    return this.#fill
  }

  #setFill(fill: number): void {
    this.#fill = fill
    this.#countMax = fill < 0 ? Number.POSITIVE_INFINITY : Math.max(1, fill)
    this.roomMax = fillBytes(fill)
  }

  /** Whether an element of `length` bytes is a node of its own. */
  isTooLarge(length: number): boolean {
    if (this.plainBytesMin > 0) return length >= this.plainBytesMin
    return length > fillBytes(this.#fill)
  }

  /** Whether a node has room for one more element of `length` bytes. */
  hasRoom(node: Ref, length: number): boolean {
    const { arena } = this
    if (node === NONE || flagsOfNode(arena, node) & PLAIN) return false
    if (this.plainBytesMin > 0 && length >= this.plainBytesMin) return false
    if (countOf(arena, node) >= this.#countMax) return false
    return rawSizeOf(arena, node) + length + ELEMENT_EXTRA_BYTES <= this.roomMax
  }

  /** The same for a listpack that is open. */
  hasRoomIn({ node, size }: NodeStretch, length: number): boolean {
    if (size + length + ELEMENT_EXTRA_BYTES > this.roomMax) return false
    if (this.plainBytesMin > 0 && length >= this.plainBytesMin) return false
    return this.#fill < 0 || countOf(this.arena, node) < this.#countMax
  }

  /** Puts a node of its own between `previous` and what follows that; `NONE` makes it the first. */
  linkAfter(previous: Ref, node: Ref): void {
    const next = previous === NONE ? this.head : nextOf(this.arena, previous)
    setPrevious(this.arena, node, previous)
    setNext(this.arena, node, next)
    if (previous === NONE) this.head = node
    else setNext(this.arena, previous, node)
    if (next === NONE) this.tail = node
    else setPrevious(this.arena, next, node)
    this.nodes++
    this.#isMoved = true
    this.#isShifted = true
    if (this.image !== undefined) this.image.linked(node)
  }

  /** Takes a node out and gives it back, with all that it holds. */
  drop(node: Ref): void {
    const previous = previousOf(this.arena, node)
    const next = nextOf(this.arena, node)
    if (previous === NONE) this.head = next
    else setNext(this.arena, previous, next)
    if (next === NONE) this.tail = previous
    else setPrevious(this.arena, next, previous)
    if (this.#touched === node) this.#touched = NONE
    if (this.image === undefined || !this.image.leaving(node, next)) freeNode(this.arena, node)
    this.nodes--
    this.#isMoved = true
    this.#isShifted = true
  }

  /** The content of a node that is not compressed is about to change. */
  touch(node: Ref): void {
    if (this.image !== undefined) this.image.before(node)
  }

  /** Undoes the compression of a node that is about to change. */
  loosen(node: Ref): void {
    this.touch(node)
    if (this.#unpack(node)) this.#touched = node
  }

  /** @returns whether there was something to undo. */
  #unpack(node: Ref): boolean {
    const flags = flagsOfNode(this.arena, node)
    if ((flags & LZF) === 0) return false
    const s = this.#stretch
    s.open(node)
    setContent(this.arena, node, s.bytes, s.start, s.start + s.size, flags & PLAIN)
    return true
  }

  #pack(node: Ref): void {
    const { arena } = this
    const flags = flagsOfNode(arena, node)
    const size = heldSizeOf(arena, node)
    if (flags & LZF || size < COMPRESS_BYTES_MIN || size > COMPRESS_BYTES_MAX) return
    const limit = size - COMPRESS_GAIN_MIN
    if (this.#packed.length < limit) this.#packed = new Uint8Array(size)
    const start = contentStart(arena, node)
    const end = lzfCompress(roomBytes(arena, node), start, start + size, this.#packed, 0, limit)
    if (end < 0) return
    setContent(arena, node, this.#packed, 0, end, flags | LZF)
    setRawSize(arena, node, size)
  }

  /** Compresses what should be before more nodes come to an end. */
  settleEnds(): void {
    if (this.depth > 0 && this.#isShifted) this.#settle()
  }

  /** The outer nodes are not compressed; those next to them are, and what was undone for a change. */
  #settle(): void {
    const { arena, depth } = this
    this.#isShifted = false
    let front = this.head
    let back = this.tail
    for (let n = 0; n < depth && front !== NONE; n++) {
      this.#unpack(front)
      this.#unpack(back)
      front = nextOf(arena, front)
      back = previousOf(arena, back)
    }
    if (this.nodes <= depth * 2) return
    this.#pack(front)
    this.#pack(back)
    if (this.#touched === NONE) return
    this.compressInner(previousOf(arena, this.#touched))
    this.compressInner(nextOf(arena, this.#touched))
    this.compressInner(this.#touched)
  }

  /** Compresses a node, unless it is one of the outer ones. */
  compressInner(node: Ref): void {
    if (this.depth === 0 || node === NONE) return
    let front = this.head
    let back = this.tail
    for (let n = 0; n < this.depth; n++) {
      if (front === node || back === node || front === NONE) return
      front = nextOf(this.arena, front)
      back = previousOf(this.arena, back)
    }
    this.#pack(node)
  }

  /** Gives back the slack of a node that stands between others. */
  tighten(node: Ref): void {
    const { arena } = this
    if (node === NONE || flagsOfNode(arena, node) & LZF || !isLoose(arena, node)) return
    const start = contentStart(arena, node)
    const end = start + heldSizeOf(arena, node)
    setContent(arena, node, roomBytes(arena, node), start, end, flagsOfNode(arena, node))
  }

  /**
   * Moves what stands in a listpack from `at` on, `moved` elements, to a new node behind. Both parts
   * hold something. `s` is open on the node, and remains so.
   */
  split(s: NodeStretch, at: number, moved: number): void {
    const size = LISTPACK_HEAD_BYTES + s.size - at
    const fresh = newNodeWith(
      this.arena,
      s.bytes,
      s.start + s.size - size,
      s.start + s.size,
      moved,
      0,
    )
    const start = contentStart(this.arena, fresh)
    writeListpackHead(roomBytes(this.arena, fresh), start, size, moved)
    s.splice(at, endAt(s) - at, 0)
    const kept = countOf(this.arena, s.node) - moved
    setCountOf(this.arena, s.node, kept)
    writeListpackHead(s.bytes, s.start, s.size, kept)
    this.linkAfter(s.node, fresh)
    this.#touched = fresh
  }

  /** Whether two neighbours would together fill no more than `part` of a node. */
  canJoin(first: Ref, second: Ref, part: number): boolean {
    const { arena } = this
    if (first === NONE || second === NONE) return false
    if ((flagsOfNode(arena, first) | flagsOfNode(arena, second)) & PLAIN) return false
    if (countOf(arena, first) + countOf(arena, second) > this.#countMax * part) return false
    const size = rawSizeOf(arena, first) + rawSizeOf(arena, second) - LISTPACK_EXTRA_BYTES
    return size <= this.roomMax * part
  }

  /** Appends the listpack of `second` to that of `first`, the node before it. */
  join(first: Ref, second: Ref): void {
    const { arena } = this
    this.loosen(first)
    this.#unpack(second)
    const size = heldSizeOf(arena, second)
    const count = countOf(arena, first) + countOf(arena, second)
    const s = this.#stretch
    s.open(first)
    const at = endAt(s)
    s.splice(at, 0, size - LISTPACK_EXTRA_BYTES)
    const from = contentStart(arena, second) + LISTPACK_HEAD_BYTES
    const end = from + size - LISTPACK_EXTRA_BYTES
    copyBytes(roomBytes(arena, second), from, end, s.bytes, s.start + at)
    writeListpackHead(s.bytes, s.start, s.size, count)
    setCountOf(arena, first, count)
    this.drop(second)
    this.#touched = first
  }

  /** Joins neighbours that have become small. @returns whether `first` is the node of both now. */
  joinSmall(first: Ref, second: Ref): boolean {
    const isSmall = this.canJoin(first, second, JOIN_FILL)
    if (isSmall) this.join(first, second)
    return isSmall
  }

  /** After a split: joins the nodes around one wherever two fit into one. */
  joinAround(node: Ref): void {
    const before = previousOf(this.arena, node)
    const after = nextOf(this.arena, node)
    this.#tryJoin(before === NONE ? NONE : previousOf(this.arena, before), before)
    this.#tryJoin(after, after === NONE ? NONE : nextOf(this.arena, after))
    node = this.#tryJoin(previousOf(this.arena, node), node)
    this.#tryJoin(node, nextOf(this.arena, node))
  }

  #tryJoin(first: Ref, second: Ref): Ref {
    if (!this.canJoin(first, second, 1)) return second
    this.join(first, second)
    return first
  }
}

function readShort(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

function writeShort(value: number, bytes: Uint8Array, at: number): void {
  bytes[at] = value
  bytes[at + 1] = value >> 8
}
