/**
 * A quicklist: a doubly linked list of nodes, most of which hold a listpack. Both ends are reached at
 * once, and an index by counting nodes from the nearer end. Its root is a stretch of
 *
 *     count 6 · nodes 4 · head 4 · tail 4 · fill 2 · depth 2        low byte first, not aligned
 *
 * `fill` says how much a node may hold: elements where it is positive, one of five sizes in bytes
 * where it is negative. Elements too large for that are nodes of their own. With a `depth`, all nodes
 * are compressed but as many at either end. Both stay as they were at the beginning.
 *
 * One object serves all quicklists of an arena: `open` a root, work, and `save` it when it was
 * changed. A cursor stands on one element until something changes.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import type { Slice } from '../bytes/index.ts'
import {
  afterElement,
  appendElement,
  type ElementSink,
  elementSize,
  firstAt,
  insertElement,
  LISTPACK_EMPTY,
  lastAt,
  listpackCount,
  nextAt,
  passElement,
  prependElement,
  previousAt,
  removeElements,
  removeEqual,
  replaceElement,
  seekAt,
} from './listpack.ts'
import {
  numberSize,
  parseNumber,
  textSize,
  wayBackSize,
  writeNumber,
  writeText,
} from './listpack-element.ts'
import { findElement, findLastElement } from './listpack-find.ts'
import { Chain } from './quicklist-chain.ts'
import type { NodeStretch } from './quicklist-content.ts'
import { Cursor } from './quicklist-cursor.ts'
import type { NodeImage } from './quicklist-image.ts'
import {
  countOf,
  newNode,
  newNodeWith,
  nextOf,
  PLAIN,
  previousOf,
  setContent,
  setCountOf,
} from './quicklist-node.ts'
import type { Stretch } from './stretch.ts'

/** The first room of a listpack at an end, which doubles as it fills. */
const FIRST_ROOM_BYTES = 512

export class Quicklist {
  readonly #arena: Arena
  /** The nodes, for what handles them as a whole. */
  readonly chain: Chain
  /** Stands on one element until something changes; changes are made where it stands. */
  readonly cursor: Cursor
  /** The content of the node that is open, which a change needs. */
  readonly #s: NodeStretch

  constructor(arena: Arena) {
    this.#arena = arena
    this.chain = new Chain(arena)
    this.cursor = new Cursor(this.chain)
    this.#s = this.cursor.s
  }

  /** Begins an empty quicklist at a root of `QUICKLIST_ROOT_BYTES`. */
  begin(root: Stretch, fill: number, depth: number): void {
    this.chain.begin(root, fill, depth)
  }

  /** Takes up the quicklist at a root. `image` is told of all that is changed from now on. */
  open(root: Stretch, image?: NodeImage): void {
    this.chain.open(root, image)
  }

  /** Writes the root, which stands at `root` if it has moved. What was lent is void after it. */
  save(root?: Stretch): void {
    this.chain.save(root)
  }

  /** How many elements there are. */
  get count(): number {
    return this.chain.count
  }

  /** How many nodes there are. */
  get nodes(): number {
    return this.chain.nodes
  }

  /** For tests: elements of this many bytes are nodes of their own; 0 is as the fill says. */
  set plainBytesMin(size: number) {
    this.chain.plainBytesMin = size
  }

  // ---- the ends

  /** Puts an element first or last. */
  push(isHead: boolean, bytes: Uint8Array, start: number, end: number): void {
    const { chain } = this
    const length = end - start
    const s = this.#s
    if (!this.#openEnd(isHead, length)) {
      chain.settleEnds()
      if (chain.isTooLarge(length)) {
        chain.linkAfter(isHead ? NONE : chain.tail, this.#plainNode(bytes, start, end))
        chain.count++
        return
      }
      s.open(this.#addEnd(isHead))
    }
    chain.touch(s.node)
    const isNumber = parseNumber(bytes, start, end)
    const size = isNumber ? numberSize() : textSize(length)
    const at = s.extend(isHead, size + wayBackSize(size))
    if (at < 0) {
      // With more room, or the slack on this side.
      if (isHead) prependElement(s, bytes, start, end)
      else appendElement(s, bytes, start, end)
      this.#grew(1)
      return
    }
    chain.count++
    if (isNumber) writeNumber(s.bytes, at)
    else writeText(s.bytes, at, bytes, start, end, s.dataView)
  }

  /** Opens the node at an end. @returns whether one more element of `length` bytes belongs there. */
  #openEnd(isHead: boolean, length: number): boolean {
    const { chain } = this
    const node = isHead ? chain.head : chain.tail
    if (node === NONE) return false
    const s = this.#s
    s.open(node)
    return s.flags === 0 && chain.hasRoomIn(s, length)
  }

  /** An empty listpack at an end. The one that was there will not be pushed to again. */
  #addEnd(isHead: boolean): Ref {
    const { chain } = this
    chain.tighten(isHead ? chain.head : chain.tail)
    const room = Math.min(FIRST_ROOM_BYTES, chain.roomMax)
    return this.#addListpack(isHead ? NONE : chain.tail, isHead, room)
  }

  #addListpack(previous: Ref, isHead: boolean, roomBytes: number): Ref {
    const node = newNode(this.#arena, Math.max(roomBytes, LISTPACK_EMPTY.length), 0)
    this.chain.linkAfter(previous, node)
    const s = this.#s
    s.open(node)
    s.begin(isHead)
    return s.node
  }

  #plainNode(bytes: Uint8Array, start: number, end: number): Ref {
    return newNodeWith(this.#arena, bytes, start, end, 1, PLAIN)
  }

  /** Elements came to the node that is open, or left it. */
  #grew(added: number): void {
    const { node } = this.#s
    setCountOf(this.#arena, node, countOf(this.#arena, node) + added)
    this.chain.count += added
  }

  /** Lets `into` stand for the first or the last element. There must be one. */
  readEnd(isHead: boolean, into: Slice): Slice {
    this.cursor.enter(isHead ? this.chain.head : this.chain.tail, !isHead)
    return this.cursor.read(into)
  }

  /** Takes out the first or the last element. There must be one. */
  removeEnd(isHead: boolean): void {
    const { chain } = this
    const node = isHead ? chain.head : chain.tail
    if (countOf(this.#arena, node) === 1) {
      chain.drop(node)
      chain.count--
      return
    }
    const s = this.#s
    s.open(node)
    this.#removeOpenEnd(isHead, isHead ? firstAt(s) : lastAt(s))
  }

  /** Takes the element at `at`, the first or the last, out of the listpack that is open. */
  #removeOpenEnd(isHead: boolean, at: number): void {
    const { chain } = this
    const s = this.#s
    chain.touch(s.node)
    if (s.cut(isHead, afterElement(s, at) - at)) {
      chain.count--
      return
    }
    removeElements(s, at, 1)
    this.#grew(-1)
  }

  /** Hands on the first or the last element, and takes it out. There must be one. */
  pop(isHead: boolean, sink: ElementSink): void {
    const { chain, cursor } = this
    const node = isHead ? chain.head : chain.tail
    cursor.enter(node, !isHead)
    const s = this.#s
    if (cursor.isPlain) sink.bulk(s.bytes, s.start, s.start + s.size)
    else passElement(s, cursor.at, sink, s.dataView)
    if (countOf(this.#arena, node) === 1) {
      chain.drop(node)
      chain.count--
    } else this.#removeOpenEnd(isHead, cursor.at)
  }

  /** Appends a whole listpack, which is not empty, as a node of its own. */
  appendListpack(listpack: Stretch): void {
    const { bytes, start, size } = listpack
    const count = listpackCount(listpack)
    this.chain.settleEnds()
    const node = newNodeWith(this.#arena, bytes, start, start + size, count, 0)
    this.chain.linkAfter(this.chain.tail, node)
    this.chain.count += count
  }

  /** Appends an element as a node of its own, whatever its size. */
  appendPlain(bytes: Uint8Array, start: number, end: number): void {
    this.chain.settleEnds()
    this.chain.linkAfter(this.chain.tail, this.#plainNode(bytes, start, end))
    this.chain.count++
  }

  /** The listpack that is all of it, when there is a single node; lent until something changes. */
  get onlyListpack(): Stretch | undefined {
    if (this.chain.nodes !== 1) return undefined
    this.cursor.enter(this.chain.head, false)
    return this.cursor.isPlain ? undefined : this.#s
  }

  // ---- changes at the cursor

  /** Puts an element before the one under the cursor, or after it. */
  insert(isAfter: boolean, bytes: Uint8Array, start: number, end: number): void {
    const { chain } = this
    const s = this.#s
    const { node } = s
    const length = end - start
    if (chain.hasRoom(node, length)) {
      this.#edit(node)
      insertElement(
        s,
        isAfter ? afterElement(s, this.cursor.at) : this.cursor.at,
        bytes,
        start,
        end,
      )
      this.#grew(1)
    } else if (
      this.cursor.isPlain ||
      (isAfter ? nextAt(s, this.cursor.at) : previousAt(s, this.cursor.at)) < 0
    ) {
      this.#insertBetween(isAfter ? node : previousOf(this.#arena, node), bytes, start, end)
    } else {
      this.#edit(node)
      const at = isAfter ? afterElement(s, this.cursor.at) : this.cursor.at
      chain.split(s, at, this.#countFrom(at))
      chain.joinAround(this.#insertBetween(s.node, bytes, start, end))
    }
  }

  /** Opens a node for a change. The cursor's offset, where it is in this node, still holds. */
  #edit(node: Ref): void {
    this.chain.loosen(node)
    this.cursor.open(node)
  }

  /** How many elements of the open listpack stand from `at` on. */
  #countFrom(at: number): number {
    let count = 0
    for (; at >= 0; at = nextAt(this.#s, at)) count++
    return count
  }

  /** Puts an element between `previous` and what follows. @returns the node that it is in. */
  #insertBetween(previous: Ref, bytes: Uint8Array, start: number, end: number): Ref {
    const { chain } = this
    const length = end - start
    if (chain.isTooLarge(length)) {
      const node = this.#plainNode(bytes, start, end)
      chain.linkAfter(previous, node)
      chain.count++
      return node
    }
    const next = previous === NONE ? chain.head : nextOf(this.#arena, previous)
    const s = this.#s
    if (chain.hasRoom(previous, length)) {
      this.#edit(previous)
      appendElement(s, bytes, start, end)
    } else if (chain.hasRoom(next, length)) {
      this.#edit(next)
      prependElement(s, bytes, start, end)
    } else {
      this.#addListpack(previous, false, elementSize(bytes, start, end) + LISTPACK_EMPTY.length)
      this.cursor.isPlain = false
      appendElement(s, bytes, start, end)
    }
    this.#grew(1)
    return s.node
  }

  /** Puts another element in the place of the one under the cursor. */
  replace(bytes: Uint8Array, start: number, end: number): void {
    const { chain } = this
    const s = this.#s
    const length = end - start
    const isTooLarge = chain.isTooLarge(length)
    if (!this.cursor.isPlain && !isTooLarge) {
      const size = elementSize(bytes, start, end)
      if (s.size + size - (afterElement(s, this.cursor.at) - this.cursor.at) <= chain.roomMax) {
        this.#edit(s.node)
        replaceElement(s, this.cursor.at, bytes, start, end)
        return
      }
    }
    if (this.cursor.isPlain && isTooLarge) {
      chain.touch(s.node)
      setContent(this.#arena, s.node, bytes, start, end, PLAIN)
      return
    }
    // The element leaves, and another comes to where it was.
    if (countOf(this.#arena, s.node) === 1) {
      const previous = previousOf(this.#arena, s.node)
      chain.drop(s.node)
      chain.count--
      chain.joinAround(this.#insertBetween(previous, bytes, start, end))
      return
    }
    this.#edit(s.node)
    const isLast = nextAt(s, this.cursor.at) < 0
    removeElements(s, this.cursor.at, 1)
    this.#grew(-1)
    if (isLast) this.cursor.at = lastAt(s)
    this.insert(isLast, bytes, start, end)
  }

  // ---- removing many

  /** Takes out `count` elements from an index on. They must be there. Whole nodes go unread. */
  removeRange(index: number, count: number): void {
    const { chain } = this
    const arena = this.#arena
    // What reaches to the end goes from there, so that nothing is walked twice.
    const isSuffix = index + count === chain.count
    while (isSuffix && count > 0 && countOf(arena, chain.tail) <= count) {
      const held = countOf(arena, chain.tail)
      chain.drop(chain.tail)
      chain.count -= held
      count -= held
    }
    if (count === 0) return
    let within = this.cursor.seekNode(index)
    let { node } = this.#s
    while (count > 0) {
      const held = countOf(arena, node)
      const removed = Math.min(count, held - within)
      if (removed === held) {
        const next = nextOf(arena, node)
        chain.drop(node)
        chain.count -= held
        node = next
      } else {
        this.#edit(node)
        removeElements(this.#s, seekAt(this.#s, within), removed)
        this.#grew(-removed)
        this.#shrunk()
        node = nextOf(arena, node)
      }
      within = 0
      count -= removed
    }
    if (node !== NONE) chain.joinSmall(previousOf(arena, node), node)
  }

  /** The open node has become smaller: an inner one gives its slack back. */
  #shrunk(): void {
    const { node } = this.#s
    if (node !== this.chain.head && node !== this.chain.tail) this.chain.tighten(node)
  }

  /**
   * Takes out the first `limit` elements that are `bytes[start, end)`, or from the end the last.
   * @returns how many there were.
   */
  removeEqual(
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
    isFromEnd: boolean,
  ): number {
    const { chain } = this
    let removed = 0
    let node = isFromEnd ? chain.tail : chain.head
    while (node !== NONE && removed < limit) {
      const found = this.#removeEqualIn(node, bytes, start, end, limit - removed, isFromEnd)
      node = this.#leave(found > 0, isFromEnd)
      removed += found
    }
    return removed
  }

  #removeEqualIn(
    node: Ref,
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
    isFromEnd: boolean,
  ): number {
    const s = this.#s
    this.cursor.enter(node, false)
    if (this.cursor.isPlain) {
      if (!this.cursor.equals(bytes, start, end)) return 0
      this.#grew(-1)
      return 1
    }
    // Most nodes hold none, and are not taken out of compression for that.
    const found = isFromEnd
      ? findLastElement(s, bytes, start, end)
      : findElement(s, this.cursor.at, bytes, start, end, 0)
    if (found < 0) return 0
    this.#edit(node)
    const removed = removeEqual(s, bytes, start, end, limit, isFromEnd)
    this.#grew(-removed)
    return removed
  }

  /** Goes on from the open node, which goes when it is empty and is joined when it is small. */
  #leave(isChanged: boolean, isBackwards: boolean): Ref {
    const { chain } = this
    const { node } = this.#s
    const previous = previousOf(this.#arena, node)
    const next = nextOf(this.#arena, node)
    if (!isChanged) return isBackwards ? previous : next
    if (countOf(this.#arena, node) === 0) {
      chain.drop(node)
      return isBackwards ? previous : next
    }
    this.#shrunk()
    // Only with a neighbour that was visited before, so that the way on stays as it is.
    const first = isBackwards ? node : previous
    const isJoined = chain.joinSmall(first, isBackwards ? next : node)
    chain.compressInner(isJoined ? first : node)
    return isBackwards ? previous : next
  }
}
