/** A stretch in a buffer of its own, which doubles as it grows: for values in the making. */
import type { Stretch } from './stretch.ts'

export class BufferStretch implements Stretch {
  bytes: Uint8Array
  readonly start = 0
  size: number

  /** Begins with a copy of `content`. */
  constructor(content: Uint8Array) {
    this.bytes = new Uint8Array(Math.max(64, content.length))
    this.bytes.set(content)
    this.size = content.length
  }

  /** Begins again with a copy of `content`, in the same buffer where that has room. */
  restart(content: Uint8Array): void {
    this.splice(0, this.size, content.length)
    this.bytes.set(content)
  }

  splice(at: number, removed: number, inserted: number): void {
    const size = this.size - removed + inserted
    if (size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(size, this.bytes.length * 2))
      grown.set(this.bytes.subarray(0, at))
      grown.set(this.bytes.subarray(at + removed, this.size), at + inserted)
      this.bytes = grown
    } else if (removed !== inserted) {
      this.bytes.copyWithin(at + inserted, at + removed, this.size)
    }
    this.size = size
  }

  /** The content. Lent until the next splice. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.size)
  }
}
