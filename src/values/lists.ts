/**
 * Lists. A short one is a listpack in its entry; beyond `list-max-listpack-size` it is a quicklist,
 * whose root is in the entry, and it becomes a listpack again when it has shrunk to half of that.
 *
 * Indexes count from 0; what lies outside of the list is the caller's to refuse. Elements are read as
 * slices that are lent until the list, or one that is opened after it, is changed.
 */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import {
  afterElement,
  appendElement,
  BufferStretch,
  contentSize,
  copyNodes,
  type ElementSink,
  eachNode,
  elementEquals,
  fillBytes,
  findElement,
  firstAt,
  freeNodes,
  insertElement,
  LISTPACK_EMPTY,
  lastAt,
  listpackCount,
  NodeImage,
  nextAt,
  nodesFootprint,
  passElements,
  prependElement,
  previousAt,
  QUICKLIST_ROOT_BYTES,
  Quicklist,
  quicklistCount,
  readElement,
  removeElements,
  removeEqual,
  replaceElement,
  type Stretch,
  seekAt,
} from '../structures/index.ts'
import { ENCODING_LISTPACK, ENCODING_QUICKLIST } from './encodings.ts'
import type { Images } from './images.ts'
import type { EncodingLimits, Slot, Space, ValueType } from './slot.ts'

/** Where elements that are to be pushed come from, such as the arguments of a command. */
export interface ElementSource {
  /** How many there are still. */
  readonly left: number
  /** The next one, lent until the next call. */
  next(): Slice
}

/** What to look for in a list. */
export interface ListSearch {
  /** From the last element to the first. */
  readonly isBackwards: boolean
  /** How many of those found are passed over. */
  readonly passed: number
  /** How many are wanted after that. */
  readonly limit: number
  /** How many elements are looked at. */
  readonly looks: number
}

/** How a long list is made up. */
export interface ListShape {
  readonly nodes: number
  readonly count: number
  /** `list-max-listpack-size` as it was when the list became long. */
  readonly fill: number
  /** `list-compress-depth` likewise. */
  readonly depth: number
  /** Bytes of all nodes without compression. */
  readonly contentBytes: number
}

const NO_BYTES = new Uint8Array(0)

export class Lists implements ValueType {
  readonly #arena: Arena
  readonly #images: Images
  readonly #limits: EncodingLimits
  readonly #quicklist: Quicklist
  readonly #fresh = new BufferStretch(LISTPACK_EMPTY)
  readonly #held = new Slice(NO_BYTES, 0, 0)

  constructor({ arena, images, limits }: Space) {
    this.#arena = arena
    this.#images = images
    this.#limits = limits
    this.#quicklist = new Quicklist(arena)
  }

  /** For tests: elements of this many bytes are nodes of their own; 0 is as usual. */
  set plainBytesMin(size: number) {
    this.#quicklist.plainBytesMin = size
  }

  #open(value: Slot): Quicklist {
    this.#quicklist.open(value, this.#images.nodes?.get(value.entry ?? NONE))
    return this.#quicklist
  }

  // ---- what the keyspace needs

  count(value: Slot): number {
    return value.encoding === ENCODING_LISTPACK ? listpackCount(value) : quicklistCount(value)
  }

  free(value: Slot, budget: number): boolean {
    const isDone = freeNodes(this.#open(value), budget)
    this.#quicklist.save()
    return isDone
  }

  imageOf(value: Slot): NodeImage {
    return new NodeImage(this.#arena, value)
  }

  copy(source: Slot, target: Slot): void {
    copyNodes(this.#open(source), target)
  }

  ownedBytes(value: Slot): number {
    return value.encoding === ENCODING_LISTPACK ? 0 : nodesFootprint(this.#open(value))
  }

  // ---- adding

  /**
   * Begins a list with some elements: all of them, where they fit into a listpack.
   * @returns the bytes of a listpack, lent until the next call.
   */
  begin(isHead: boolean, source: ElementSource, addedBytes: number): Uint8Array {
    const fresh = this.#fresh
    fresh.restart(LISTPACK_EMPTY)
    if (!this.#exceeds(fresh.size + addedBytes, source.left)) pushAll(fresh, isHead, source)
    return fresh.view()
  }

  /**
   * Puts elements first or last, one after another. `addedBytes` is the sum of their sizes.
   * @returns how many there are then.
   */
  push(value: Slot, isHead: boolean, source: ElementSource, addedBytes: number): number {
    if (value.encoding === ENCODING_LISTPACK) {
      this.#makeRoom(value, addedBytes, source.left)
      if (value.encoding === ENCODING_LISTPACK) {
        pushAll(value, isHead, source)
        return listpackCount(value)
      }
    }
    const list = this.#open(value)
    while (source.left > 0) {
      const { bytes, start, end } = source.next()
      list.push(isHead, bytes, start, end)
    }
    list.save()
    return list.count
  }

  /** Puts one element first or last. It must not stand in the list itself. */
  pushOne(value: Slot, isHead: boolean, { bytes, start, end }: Slice): void {
    this.#makeRoom(value, end - start, 1)
    if (value.encoding === ENCODING_QUICKLIST) {
      const list = this.#open(value)
      list.push(isHead, bytes, start, end)
      list.save()
    } else if (isHead) prependElement(value, bytes, start, end)
    else appendElement(value, bytes, start, end)
  }

  /**
   * Puts an element before or after the first one that is `pivot`.
   * @returns false when there is none.
   */
  insert(value: Slot, pivot: Slice, isAfter: boolean, { bytes, start, end }: Slice): boolean {
    this.#makeRoom(value, end - start, 1)
    if (value.encoding === ENCODING_LISTPACK) {
      const at = findElement(value, firstAt(value), pivot.bytes, pivot.start, pivot.end, 0)
      if (at < 0) return false
      insertElement(value, isAfter ? afterElement(value, at) : at, bytes, start, end)
      return true
    }
    const list = this.#open(value)
    if (!list.cursor.find(pivot.bytes, pivot.start, pivot.end)) return false
    list.insert(isAfter, bytes, start, end)
    list.save()
    return true
  }

  /**
   * A listpack that would become too long becomes a quicklist first. The check is that of the
   * reference, made before anything is added, on the sizes of the elements alone.
   */
  #makeRoom(value: Slot, addedBytes: number, addedCount: number): void {
    if (value.encoding !== ENCODING_LISTPACK) return
    const count = this.#limits.listMaxListpackSize < 0 ? 0 : listpackCount(value)
    if (this.#exceeds(value.size + addedBytes, count + addedCount)) this.#toQuicklist(value)
  }

  #exceeds(size: number, count: number): boolean {
    const fill = this.#limits.listMaxListpackSize
    return size > fillBytes(fill) || (fill >= 0 && count > Math.max(1, fill))
  }

  #toQuicklist(value: Slot): void {
    const list = this.#quicklist
    list.begin(value, this.#limits.listMaxListpackSize, this.#limits.listCompressDepth)
    if (firstAt(value) >= 0) list.appendListpack(value)
    value.reset(ENCODING_QUICKLIST, QUICKLIST_ROOT_BYTES)
    list.save(value)
  }

  /** Lets a value, whose content is given up, be a long list without elements: for `appendPart`. */
  beginLong(value: Slot): void {
    value.reset(ENCODING_QUICKLIST, QUICKLIST_ROOT_BYTES)
    this.#quicklist.begin(value, this.#limits.listMaxListpackSize, this.#limits.listCompressDepth)
    this.#quicklist.save()
  }

  /** Appends to a long list what files hold: a listpack that is not empty, or one element alone. */
  appendPart(value: Slot, part: Stretch, isPlain: boolean): void {
    const list = this.#open(value)
    if (isPlain) list.appendPlain(part.bytes, part.start, part.start + part.size)
    else list.appendListpack(part)
    list.save()
  }

  /** After a list was filled: one that fits into a listpack becomes one. */
  settle(value: Slot): void {
    if (value.encoding === ENCODING_LISTPACK) this.#makeRoom(value, 0, 0)
    else this.#shrink(value, this.#open(value), 1)
  }

  /** Writes the root of the open quicklist, or makes it a listpack when that fits `part` of one. */
  #shrink(value: Slot, list: Quicklist, part: number): void {
    if (list.nodes === 1 && list.count > 0) {
      const only = list.onlyListpack
      const fill = this.#limits.listMaxListpackSize
      const countMax = fill < 0 ? Number.POSITIVE_INFINITY : Math.floor(Math.max(1, fill) * part)
      const sizeMax = fill < 0 ? fillBytes(fill) * part : Number.POSITIVE_INFINITY
      if (only !== undefined && only.size <= sizeMax && list.count <= countMax) {
        toListpack(value, list, only)
        return
      }
    }
    list.save()
  }

  // ---- the ends

  /** Lets `into` stand for the first or the last element. There must be one. */
  readEnd(value: Slot, isHead: boolean, into: Slice): Slice {
    if (value.encoding === ENCODING_LISTPACK) {
      return readElement(value, isHead ? firstAt(value) : lastAt(value), into)
    }
    return this.#open(value).readEnd(isHead, into)
  }

  /** Hands on the first or the last element, and takes it out. @returns how many are left. */
  pop(value: Slot, isHead: boolean, sink: ElementSink): number {
    if (value.encoding === ENCODING_LISTPACK) {
      const at = isHead ? firstAt(value) : lastAt(value)
      passElements(value, at, 1, false, sink)
      removeElements(value, at, 1)
      return listpackCount(value)
    }
    const list = this.#open(value)
    list.pop(isHead, sink)
    const { count } = list
    this.#shrink(value, list, 0.5)
    return count
  }

  /** Takes out the first or the last element. @returns how many are left. */
  removeEnd(value: Slot, isHead: boolean): number {
    if (value.encoding === ENCODING_LISTPACK) {
      removeElements(value, isHead ? firstAt(value) : lastAt(value), 1)
      return listpackCount(value)
    }
    const list = this.#open(value)
    list.removeEnd(isHead)
    const { count } = list
    this.#shrink(value, list, 0.5)
    return count
  }

  /** After an element left and came again: a list that has shrunk to half becomes a listpack. */
  shrink(value: Slot): void {
    if (value.encoding === ENCODING_QUICKLIST) this.#shrink(value, this.#open(value), 0.5)
  }

  /** Copies an element to where it stays, whatever becomes of its list, until the next call. */
  hold({ bytes, start, end }: Slice): Slice {
    const held = this.#held
    const size = end - start
    if (held.bytes.length < size) held.bytes = new Uint8Array(size * 2)
    held.bytes.set(bytes.subarray(start, end))
    held.end = size
    return held
  }

  // ---- by index

  /** Lets `into` stand for the element at an index. */
  read(value: Slot, index: number, into: Slice): Slice {
    if (value.encoding === ENCODING_LISTPACK) {
      return readElement(value, seekAt(value, index), into)
    }
    const list = this.#open(value)
    list.cursor.seek(index)
    return list.cursor.read(into)
  }

  /** Hands on `count` elements from an index on, to the end or backwards. */
  pass(value: Slot, index: number, count: number, isBackwards: boolean, sink: ElementSink): void {
    if (value.encoding === ENCODING_LISTPACK) {
      passElements(value, seekAt(value, index), count, isBackwards, sink)
    } else this.#open(value).cursor.pass(index, count, isBackwards, sink)
  }

  /** Hands on all elements of one node of a quicklist, which need not be in one any more. */
  passNode(node: Ref, sink: ElementSink): void {
    this.#quicklist.cursor.passNode(node, sink)
  }

  /** What comes before a replacement by an element of this size, even one that fails. */
  prepareReplace(value: Slot, size: number): void {
    this.#makeRoom(value, size, 1)
  }

  /** Puts another element in the place of the one at an index. */
  replace(value: Slot, index: number, { bytes, start, end }: Slice): void {
    if (value.encoding === ENCODING_LISTPACK) {
      replaceElement(value, seekAt(value, index), bytes, start, end)
      return
    }
    const list = this.#open(value)
    list.cursor.seek(index)
    list.replace(bytes, start, end)
    this.#shrink(value, list, 0.5)
  }

  /** Takes out `count` elements from an index on. @returns how many are left. */
  removeRange(value: Slot, index: number, count: number): number {
    if (value.encoding === ENCODING_LISTPACK) {
      if (count > 0) removeElements(value, seekAt(value, index), count)
      return listpackCount(value)
    }
    const list = this.#open(value)
    list.removeRange(index, count)
    const left = list.count
    this.#shrink(value, list, 0.5)
    return left
  }

  // ---- by content

  /**
   * Takes out the first `limit` elements that are `element`, or from the end the last.
   * @returns how many there were.
   */
  removeEqual(value: Slot, element: Slice, limit: number, isFromEnd: boolean): number {
    const { bytes, start, end } = element
    if (value.encoding === ENCODING_LISTPACK) {
      return removeEqual(value, bytes, start, end, limit, isFromEnd)
    }
    const list = this.#open(value)
    const removed = list.removeEqual(bytes, start, end, limit, isFromEnd)
    this.#shrink(value, list, 0.5)
    return removed
  }

  /** Looks for elements that are `element`. `found` is given their indexes, in the order found. */
  search(
    value: Slot,
    { bytes, start, end }: Slice,
    { isBackwards, passed, limit, looks }: ListSearch,
    found: (index: number) => void,
  ): void {
    const count = this.count(value)
    const list = value.encoding === ENCODING_QUICKLIST ? this.#open(value) : undefined
    let at = 0
    if (list === undefined) at = isBackwards ? lastAt(value) : firstAt(value)
    else list.cursor.seek(isBackwards ? count - 1 : 0)
    for (let n = 0; n < Math.min(count, looks); n++) {
      const isEqual =
        list === undefined
          ? elementEquals(value, at, bytes, start, end)
          : list.cursor.equals(bytes, start, end)
      if (isEqual && passed-- <= 0) {
        found(isBackwards ? count - 1 - n : n)
        if (--limit <= 0) return
      }
      if (list === undefined) at = isBackwards ? previousAt(value, at) : nextAt(value, at)
      else list.cursor.step(isBackwards)
    }
  }

  /** How a quicklist is made up. */
  shapeOf(value: Slot): ListShape {
    const list = this.#open(value)
    const { fill, depth } = list.chain
    const { nodes, count } = list
    return { nodes, count, fill, depth, contentBytes: contentSize(list) }
  }

  /**
   * Visits what a list is made of, first to last: listpacks, and elements too large for one, as the
   * reference's files have them. Lent for the call.
   */
  eachPart(value: Slot, visit: (content: Stretch, isPlain: boolean) => void): void {
    if (value.encoding === ENCODING_LISTPACK) visit(value, false)
    else eachNode(this.#open(value), visit)
  }
}

function pushAll(listpack: Stretch, isHead: boolean, source: ElementSource): void {
  while (source.left > 0) {
    const { bytes, start, end } = source.next()
    if (isHead) prependElement(listpack, bytes, start, end)
    else appendElement(listpack, bytes, start, end)
  }
}

/** Takes the only node of the open quicklist back into the entry. */
function toListpack(value: Slot, list: Quicklist, only: Stretch): void {
  value.reset(ENCODING_LISTPACK, only.size)
  value.bytes.set(only.bytes.subarray(only.start, only.start + only.size), value.start)
  freeNodes(list, 1)
}
