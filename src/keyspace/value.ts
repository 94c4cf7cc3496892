/**
 * The value of one entry, as the types see it: bytes that can grow and shrink, and an encoding. When
 * the value needs another block the entry moves, and `entry` follows it.
 */
import { type Arena, blockOffset, pageOf, type Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { HUGE_KEY, headOf, keyStart, LARGE, WIDE } from '../structures/index.ts'
import type { Slot } from '../values/index.ts'
import { stringOf } from './entry.ts'

/** Who keeps the entry: lets another one take its place, or refuses where none is kept. */
export interface ValueOwner {
  readonly arena: Arena
  /** Changes the length of a value. @returns the entry that holds it from now on. */
  spliceEntry(entry: Ref, at: number, removed: number, inserted: number): Ref
}

const UNUSUAL = (WIDE | LARGE | HUGE_KEY) << 8
const scratch = new Slice(new Uint8Array(0), 0, 0)

export class Value implements Slot {
  readonly #owner: ValueOwner
  readonly #arena: Arena
  /** The entry that holds the value now. */
  entry: Ref
  bytes: Uint8Array
  start: number
  size: number

  /** The value that stands in `entry`. */
  constructor(owner: ValueOwner, entry: Ref) {
    this.#owner = owner
    this.#arena = owner.arena
    this.entry = entry
    const head = headOf(this.#arena, entry)
    if ((head & UNUSUAL) === 0) {
      // Mostly the head alone says where the value is: small keys with small values or roots.
      this.bytes = this.#arena.bytes[entry >>> 17]!
      this.start = keyStart(entry, head) + ((head >>> 16) & 0xff)
      this.size = head >>> 24
    } else {
      const { bytes, start, end } = stringOf(this.#arena, entry, scratch)
      this.bytes = bytes
      this.start = start
      this.size = end - start
    }
  }

  get dataView(): DataView | undefined {
    const page = pageOf(this.entry)
    return this.bytes === this.#arena.bytes[page] ? this.#arena.views[page] : undefined
  }

  get encoding(): number {
    return this.#arena.bytes[this.entry >>> 17]![blockOffset(this.entry)]! >>> 4
  }

  set encoding(encoding: number) {
    const bytes = this.#arena.bytes[this.entry >>> 17]!
    const at = blockOffset(this.entry)
    bytes[at] = (bytes[at]! & 15) | (encoding << 4)
  }

  splice(at: number, removed: number, inserted: number): void {
    // What takes the place of as many bytes moves nothing.
    if (removed === inserted) return
    this.entry = this.#owner.spliceEntry(this.entry, at, removed, inserted)
    const { bytes, start, end } = stringOf(this.#arena, this.entry, scratch)
    this.bytes = bytes
    this.start = start
    this.size = end - start
  }

  reset(encoding: number, size: number): void {
    this.encoding = encoding
    if (size !== this.size) this.splice(0, this.size, size)
  }
}
