/**
 * An ordered map from ids of 128 bits to a few words, over the arena: the blocks of a stream, and the
 * entries that a group or a consumer has pending. An id is four words, the highest first, each an
 * unsigned number in the form of an `Int32Array`'s element.
 */
import type { Arena } from '../arena/index.ts'
import { BlockTree, type KeyOrder } from './block-tree.ts'
import type { TreeCursor } from './tree-cursor.ts'

/** Words of an id. */
export const ID_WORDS = 4

/** An id as this tree takes it: milliseconds and sequence, 64 bits each, in halves. */
export interface WideId {
  /** Each half as a signed number of 32 bits. */
  readonly msHigh: number
  readonly msLow: number
  readonly seqHigh: number
  readonly seqLow: number
}

/** A tree by ids. */
export type IdTree = BlockTree<WideId>

/** A tree by ids, whose two words stand at `rootAt` of the owner's block. */
export function newIdTree(arena: Arena, rootAt: number, payloadWords: number): IdTree {
  return new BlockTree(arena, new IdOrder(), { rootAt, keyWords: ID_WORDS, payloadWords })
}

class IdOrder implements KeyOrder<WideId> {
  #msHigh = 0
  #msLow = 0
  #seqHigh = 0
  #seqLow = 0

  aim(id: WideId): void {
    this.#msHigh = id.msHigh
    this.#msLow = id.msLow
    this.#seqHigh = id.seqHigh
    this.#seqLow = id.seqLow
  }

  locate(words: Int32Array, at: number, count: number, stride: number): number {
    // Streams grow at their end.
    if (count > 0 && this.compare(words, at + (count - 1) * stride) <= 0) return count - 1
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(words, at + middle * stride) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  compare(words: Int32Array, at: number): number {
    return (
      compareWords(words[at]!, this.#msHigh) ||
      compareWords(words[at + 1]!, this.#msLow) ||
      compareWords(words[at + 2]!, this.#seqHigh) ||
      compareWords(words[at + 3]!, this.#seqLow)
    )
  }

  compareEntries(a: TreeCursor, b: TreeCursor): number {
    for (let i = 0; i < ID_WORDS; i++) {
      const difference = compareWords(a.words[a.at + i]!, b.words[b.at + i]!)
      if (difference !== 0) return difference
    }
    return 0
  }

  writeKey(words: Int32Array, at: number): void {
    words[at] = this.#msHigh
    words[at + 1] = this.#msLow
    words[at + 2] = this.#seqHigh
    words[at + 3] = this.#seqLow
  }
}

function compareWords(a: number, b: number): number {
  if (a === b) return 0
  return a >>> 0 < b >>> 0 ? -1 : 1
}
