/**
 * Walking over the members of a set, in any encoding. The set must not change meanwhile.
 *
 * The nodes of a large set lie anywhere in memory. A segment's worth of them is touched in a loop
 * whose loads do not depend on each other, so that the processor waits for many of them at once.
 */
import { type Arena, wordOffset } from '../arena/index.ts'
import { type KeyHasher, Slice } from '../bytes/index.ts'
import {
  Dict,
  firstAt,
  GATHER_MAX,
  intsetCount,
  intsetText,
  keyOf,
  nextAt,
  readElement,
} from '../structures/index.ts'
import { ENCODING_HASHTABLE, ENCODING_INTSET } from './encodings.ts'
import type { Slot } from './slot.ts'

export class SetWalk {
  readonly #arena: Arena
  readonly #dict: Dict
  /** The member that `next` came to. Lent until the next call. */
  readonly member = new Slice(new Uint8Array(0), 0, 0)
  #value: Slot | undefined
  #encoding = 0
  /** In a listpack where the next element begins, in an intset its index. */
  #at = 0
  #end = 0
  /** The segment of the dict that `nodes` are from is the one before this place. */
  #place = 0
  /** Refs of a segment's nodes, as signed numbers, when the set is a hash table. */
  readonly nodes = new Int32Array(GATHER_MAX)
  /** What `touch` came to, kept so that no compiler can find it to be without use. */
  touched = 0

  constructor(arena: Arena, hasher: KeyHasher) {
    this.#arena = arena
    this.#dict = new Dict(arena, hasher)
  }

  /** Begins with a set. */
  begin(value: Slot): void {
    this.#value = value
    this.#encoding = value.encoding
    this.#at = 0
    this.#end = 0
    this.#place = 0
    if (this.#encoding === ENCODING_HASHTABLE) this.#dict.open(value.bytes, value.start)
    else if (this.#encoding === ENCODING_INTSET) this.#end = intsetCount(value)
    else this.#at = firstAt(value)
  }

  /** Goes on to the next member. @returns false when there is none. */
  next(): boolean {
    const value = this.#value!
    if (this.#encoding === ENCODING_HASHTABLE) {
      if (this.#at === this.#end) {
        this.#end = this.nextNodes()
        this.#at = 0
        if (this.#end === 0) return false
      }
      keyOf(this.#arena, this.nodes[this.#at++]! >>> 0, this.member)
      return true
    }
    if (this.#encoding === ENCODING_INTSET) {
      if (this.#at === this.#end) return false
      intsetText(value, this.#at++, this.member)
      return true
    }
    if (this.#at < 0) return false
    readElement(value, this.#at, this.member)
    this.#at = nextAt(value, this.#at)
    return true
  }

  /** Puts the nodes of the hash table's next segment into `nodes`. @returns how many; 0 at the end. */
  nextNodes(): number {
    const dict = this.#dict
    while (this.#place < dict.directorySize) {
      const count = dict.gather(this.#place, this.nodes)
      this.#place += dict.spanAt(this.#place)
      if (count === 0) continue
      this.#touch(count)
      return count
    }
    return 0
  }

  #touch(count: number): void {
    const { nodes } = this
    const pages = this.#arena.words
    let touched = 0
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      touched += pages[node >>> 17]![wordOffset(node)]!
    }
    this.touched = touched | 0
  }
}
