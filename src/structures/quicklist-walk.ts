/** A walk over the nodes of a quicklist, whose content is read as it stands, compressed or not. */
import { type Arena, NONE, type Ref } from '../arena/index.ts'
import { Quicklist } from './quicklist.ts'
import {
  contentStart,
  flagsOfNode,
  heldSizeOf,
  LZF,
  nextOf,
  PLAIN,
  rawSizeOf,
  roomBytes,
} from './quicklist-node.ts'
import type { Stretch } from './stretch.ts'

export class NodeWalk {
  /** How many nodes there are. */
  readonly nodes: number
  readonly #arena: Arena
  #next: Ref
  /** The content of the node that `next` came to: `bytes[start, end)`. Lent until the list changes. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Its size when it is not compressed. */
  rawSize = 0
  isCompressed = false
  /** Whether the node is a single element. */
  isPlain = false

  /** Begins before the first node of the quicklist at a root. */
  constructor(arena: Arena, root: Stretch) {
    const list = new Quicklist(arena)
    list.open(root)
    this.#arena = arena
    this.#next = list.chain.head
    this.nodes = list.nodes
  }

  /** Goes to the next node. @returns whether there is one. */
  next(): boolean {
    const arena = this.#arena
    const node = this.#next
    if (node === NONE) return false
    const flags = flagsOfNode(arena, node)
    this.bytes = roomBytes(arena, node)
    this.start = contentStart(arena, node)
    this.end = this.start + heldSizeOf(arena, node)
    this.rawSize = rawSizeOf(arena, node)
    this.isCompressed = (flags & LZF) !== 0
    this.isPlain = (flags & PLAIN) !== 0
    this.#next = nextOf(arena, node)
    return true
  }
}
