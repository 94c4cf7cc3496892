/**
 * Named blocks in the order of their names, byte by byte: the groups of a stream, and the consumers
 * of a group. The tree makes and frees the blocks; what stands in them is the owner's business.
 *
 *     block   [ size of the name | id of a large buffer, or 0 | words of the owner … | name ]
 *
 * An entry of the tree is the ref of a block. Nodes hold no names, so what is above the leaves asks
 * the first block below it.
 */
import { type Arena, blockOffset, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { BlockTree, type KeyOrder } from './block-tree.ts'
import { TreeCursor } from './tree-cursor.ts'
import { HEAD_WORDS } from './tree-nodes.ts'

/** Where the owner's words begin in a block. */
export const NAMED_WORDS_AT = 2

/** Longer names have a buffer of their own. */
const INLINE_BYTES_MAX = 16384

export class NameTree implements KeyOrder<Slice> {
  /** By name, the refs of the blocks. */
  readonly tree: BlockTree<Slice>
  readonly #arena: Arena
  readonly #headBytes: number
  readonly #cursor = new TreeCursor()
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0
  readonly #held = new Slice(this.#bytes, 0, 0)

  /**
   * @param rootAt where the owner's block has its two words for this tree.
   * @param ownWords how many words each named block has beside its name.
   */
  constructor(arena: Arena, rootAt: number, ownWords: number) {
    this.#arena = arena
    this.tree = new BlockTree(arena, this, { rootAt, keyWords: 0, payloadWords: 1 })
    this.#headBytes = (NAMED_WORDS_AT + ownWords) * 4
  }

  /** The block of a name; `NONE` when there is none. */
  find(owner: Ref, name: Slice): Ref {
    return this.tree.find(owner, name, this.#cursor) ? this.blockAt(this.#cursor) : NONE
  }

  /** Makes a block for a name that has none. Its words are for the caller to write. */
  insert(owner: Ref, name: Slice): Ref {
    const block = this.create(name)
    this.attach(owner, block)
    return block
  }

  /** Puts in a block that is in no tree. Its name must be new. */
  attach(owner: Ref, block: Ref): void {
    this.tree.insert(owner, this.nameOf(block, new Slice(this.#bytes, 0, 0)), this.#cursor)
    this.#cursor.words[this.#cursor.at] = block
  }

  /** Takes out a block that is there, and lets it be. */
  detach(owner: Ref, block: Ref): void {
    this.tree.remove(owner, this.nameOf(block, new Slice(this.#bytes, 0, 0)))
  }

  /** Takes out a block that is there, and frees it. */
  remove(owner: Ref, block: Ref): void {
    this.detach(owner, block)
    this.release(block)
  }

  /** The block where a cursor stands. */
  blockAt(cursor: TreeCursor): Ref {
    return cursor.words[cursor.at]! >>> 0
  }

  /** Lets `into` stand for the name of a block. It is lent. */
  nameOf(block: Ref, into: Slice): Slice {
    const words = this.#arena.words[block >>> 17]!
    const at = wordOffset(block)
    const large = words[at + 1]!
    into.bytes = large === 0 ? this.#arena.bytes[block >>> 17]! : this.#arena.large(large)
    into.start = large === 0 ? blockOffset(block) + this.#headBytes : 0
    into.end = into.start + words[at]!
    return into
  }

  /** Bytes of a block with its name, as the arena gave them. */
  bytesOf(block: Ref): number {
    const large = this.#arena.words[block >>> 17]![wordOffset(block) + 1]!
    return this.#arena.sizeOf(block) + (large === 0 ? 0 : this.#arena.large(large).length)
  }

  /** A block for a name that is in no tree yet. */
  create(name: Slice): Ref {
    const size = name.end - name.start
    const isInline = size <= INLINE_BYTES_MAX
    const large = isInline ? 0 : this.#arena.adoptLarge(name.copyOf())
    const block = this.#arena.allocate(this.#headBytes + (isInline ? size : 0))
    const words = this.#arena.words[block >>> 17]!
    words[wordOffset(block)] = size
    words[wordOffset(block) + 1] = large
    if (isInline) {
      const held = name.bytes.subarray(name.start, name.end)
      this.#arena.bytes[block >>> 17]!.set(held, blockOffset(block) + this.#headBytes)
    }
    return block
  }

  /** Frees a block that is in no tree any more. */
  release(block: Ref): void {
    const large = this.#arena.words[block >>> 17]![wordOffset(block) + 1]!
    if (large !== 0) this.#arena.freeLarge(large)
    this.#arena.free(block)
  }

  /** See `KeyOrder`, as all that follows. */
  aim(name: Slice): void {
    this.#bytes = name.bytes
    this.#start = name.start
    this.#end = name.end
  }

  locate(words: Int32Array, at: number, count: number, stride: number, level: number): number {
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = words[at + middle * stride]! >>> 0
      if (this.#compareBlock(level === 0 ? entry : this.#firstBelow(entry)) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  compare(words: Int32Array, at: number): number {
    return this.#compareBlock(words[at]! >>> 0)
  }

  compareEntries(a: TreeCursor, b: TreeCursor): number {
    this.aim(this.nameOf(this.blockAt(b), new Slice(this.#bytes, 0, 0)))
    return this.#compareBlock(this.blockAt(a))
  }

  /** The entry is written by whoever puts in the block: its name is the key. */
  writeKey(): void {}

  #firstBelow(node: Ref): Ref {
    const leaf = this.tree.nodes.leafBelow(node)
    return this.#arena.words[leaf >>> 17]![wordOffset(leaf) + HEAD_WORDS]! >>> 0
  }

  #compareBlock(block: Ref): number {
    const held = this.nameOf(block, this.#held)
    const size = held.end - held.start
    const sought = this.#end - this.#start
    const common = Math.min(size, sought)
    for (let i = 0; i < common; i++) {
      const difference = held.bytes[held.start + i]! - this.#bytes[this.#start + i]!
      if (difference !== 0) return difference
    }
    return size - sought
  }
}
