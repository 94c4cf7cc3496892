/** The content of one node of a quicklist, read as it stands, compressed or not. */
import type { Arena, Ref } from '../arena/index.ts'
import {
  contentStart,
  flagsOfNode,
  heldSizeOf,
  LZF,
  PLAIN,
  rawSizeOf,
  roomBytes,
} from './quicklist-node.ts'

export class NodeView {
  readonly #arena: Arena
  /** The content of the node: `bytes[start, end)`. Lent until the list changes. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Its size when it is not compressed. */
  rawSize = 0
  isCompressed = false
  /** Whether the node is a single element. */
  isPlain = false

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Stands for another node from now on. */
  look(node: Ref): void {
    const arena = this.#arena
    const flags = flagsOfNode(arena, node)
    this.bytes = roomBytes(arena, node)
    this.start = contentStart(arena, node)
    this.end = this.start + heldSizeOf(arena, node)
    this.rawSize = rawSizeOf(arena, node)
    this.isCompressed = (flags & LZF) !== 0
    this.isPlain = (flags & PLAIN) !== 0
  }
}
