/** A place in a quicklist: one node that is open, and one element in it. For looking around. */
import { NONE, type Ref } from '../arena/index.ts'
import { equalBytes, type Slice } from '../bytes/index.ts'
import {
  type ElementSink,
  elementEquals,
  firstAt,
  lastAt,
  nextAt,
  passElements,
  previousAt,
  readElement,
  seekAt,
} from './listpack.ts'
import { findElement } from './listpack-find.ts'
import type { Chain } from './quicklist-chain.ts'
import { NodeStretch } from './quicklist-content.ts'
import { countOf, leftToPass, nextOf, PLAIN, passNodes, previousOf } from './quicklist-node.ts'

export class Cursor {
  readonly chain: Chain
  /** The content of the node that is open. */
  readonly s: NodeStretch
  /** Where the element stands in it. */
  at = 0
  /** Whether the node is a single element. */
  isPlain = false

  constructor(chain: Chain) {
    this.chain = chain
    this.s = new NodeStretch(chain.arena, chain)
  }

  /** Stands on the element at an index from 0 to `count - 1`. */
  seek(index: number): void {
    const within = this.seekNode(index)
    this.at = this.isPlain ? 0 : seekAt(this.s, within)
  }

  /** Opens the node that an index leads to. @returns the index within the node. */
  seekNode(index: number): number {
    const { arena, head, tail, count } = this.chain
    if (index < count / 2) {
      this.open(passNodes(arena, head, index, false))
      return leftToPass
    }
    const node = passNodes(arena, tail, count - 1 - index, true)
    this.open(node)
    return countOf(arena, node) - 1 - leftToPass
  }

  /** Opens a node, wherever the cursor stood in it. */
  open(node: Ref): void {
    this.s.open(node)
    this.isPlain = (this.s.flags & PLAIN) !== 0
  }

  /** Stands on the first element of a node, or on its last. */
  enter(node: Ref, isLast: boolean): void {
    this.open(node)
    if (this.isPlain) this.at = 0
    else this.at = isLast ? lastAt(this.s) : firstAt(this.s)
  }

  /** Goes to the next element, or to the one before. @returns false when there is none. */
  step(isBackwards: boolean): boolean {
    const s = this.s
    if (!this.isPlain) {
      const at = isBackwards ? previousAt(s, this.at) : nextAt(s, this.at)
      if (at >= 0) {
        this.at = at
        return true
      }
    }
    const node = isBackwards
      ? previousOf(this.chain.arena, s.node)
      : nextOf(this.chain.arena, s.node)
    if (node === NONE) return false
    this.enter(node, isBackwards)
    return true
  }

  /** Lets `into` stand for the element under the cursor. */
  read(into: Slice): Slice {
    const s = this.s
    if (!this.isPlain) return readElement(s, this.at, into)
    into.bytes = s.bytes
    into.start = s.start
    into.end = s.start + s.size
    return into
  }

  /** Whether the element under the cursor is `bytes[start, end)`. */
  equals(bytes: Uint8Array, start: number, end: number): boolean {
    const s = this.s
    if (!this.isPlain) return elementEquals(s, this.at, bytes, start, end)
    return s.size === end - start && equalBytes(s.bytes, s.start, bytes, start, s.size)
  }

  /** Stands on the first element that is `bytes[start, end)`. @returns false when there is none. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    for (let node = this.chain.head; node !== NONE; node = nextOf(this.chain.arena, node)) {
      this.enter(node, false)
      if (this.isPlain) {
        if (this.equals(bytes, start, end)) return true
        continue
      }
      const at = findElement(this.s, this.at, bytes, start, end, 0)
      if (at < 0) continue
      this.at = at
      return true
    }
    return false
  }

  /** Hands on all elements of a node, which need not be in a list any more. */
  passNode(node: Ref, sink: ElementSink): void {
    this.enter(node, false)
    const s = this.s
    if (this.isPlain) sink.bulk(s.bytes, s.start, s.start + s.size)
    else passElements(s, this.at, countOf(this.chain.arena, node), false, sink)
  }

  /** Hands on `count` elements from an index on, to the end or backwards. They must be there. */
  pass(index: number, count: number, isBackwards: boolean, sink: ElementSink): void {
    if (count === 0) return
    this.seek(index)
    const s = this.s
    for (;;) {
      if (this.isPlain) {
        sink.bulk(s.bytes, s.start, s.start + s.size)
        count--
      } else count = passElements(s, this.at, count, isBackwards, sink)
      if (count === 0) return
      const node = isBackwards
        ? previousOf(this.chain.arena, s.node)
        : nextOf(this.chain.arena, s.node)
      this.enter(node, isBackwards)
    }
  }
}
