/**
 * Reading ahead for those who take one member after another out of an end of a large sorted set. Each
 * needs a node and two places of the dict that may lie anywhere in memory, one after the other. The
 * nodes that will be next are known: some of them are read at once, in loops whose loads do not depend
 * on each other, so that the processor waits for all of them together.
 *
 * Their hashes are kept for as long as the next member is the expected one. Whoever frees a node in
 * any other way says `forget`, because its ref may name another node then.
 */
import { type Arena, wordOffset } from '../arena/index.ts'
import type { Dict, OrderedTree } from '../structures/index.ts'
import type { Slot } from './slot.ts'

/** Enough to wait for together, and not much in vain when no more are taken. */
const NODES_MAX = 8
const NO_BYTES = new Uint8Array(0)

export class PopAhead {
  readonly #arena: Arena
  readonly #nodes = new Int32Array(NODES_MAX)
  readonly #hashes = new Int32Array(NODES_MAX)
  #at = 0
  #count = 0
  /** The set from which the last member was taken. */
  #bytes: Uint8Array = NO_BYTES
  #start = 0
  /** What reading came to, kept so that no compiler can find it to be without use. */
  #touched = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** The hash of a member that is about to be taken out, to whose pair the tree's cursor is set. */
  hashOf(value: Slot, node: number, tree: OrderedTree, dict: Dict): number {
    const isExpected = this.#at < this.#count && this.#nodes[this.#at] === (node | 0)
    const hash = isExpected ? this.#hashes[this.#at]! : dict.hashOf(node)
    this.#at++
    if (!isExpected || this.#at === this.#count) {
      const isAgain = value.bytes === this.#bytes && value.start === this.#start
      this.#bytes = value.bytes
      this.#start = value.start
      this.#at = 0
      this.#count = isAgain ? this.#read(tree, dict) : 0
    }
    return hash
  }

  /** Nodes were freed that may have been expected. */
  forget(): void {
    this.#count = 0
    this.#at = 0
  }

  /** What reading ahead came to. It means nothing. */
  get touched(): number {
    return this.#touched
  }

  #read(tree: OrderedTree, dict: Dict): number {
    const nodes = this.#nodes
    const hashes = this.#hashes
    const count = tree.gatherNear(nodes)
    let touched = 0
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      touched ^= this.#arena.words[node >>> 17]![wordOffset(node)]!
    }
    for (let i = 0; i < count; i++) hashes[i] = dict.hashOf(nodes[i]! >>> 0)
    for (let i = 0; i < count; i++) touched ^= dict.touchRemoval(hashes[i]!)
    this.#touched ^= touched
    return count
  }
}
