/** A value in the making, under no key yet: what a command computes before it stores it. */
import { BufferStretch } from '../structures/index.ts'
import type { Slot } from './slot.ts'

/**
 * A value in a buffer of its own. The blocks that it owns go over to whoever copies its bytes, or are
 * freed by its type.
 */
export class Draft implements Slot {
  encoding: number
  readonly #content: BufferStretch

  constructor(encoding: number, content: Uint8Array) {
    this.encoding = encoding
    this.#content = new BufferStretch(content)
  }

  get bytes(): Uint8Array {
    return this.#content.bytes
  }

  get start(): number {
    return this.#content.start
  }

  get size(): number {
    return this.#content.size
  }

  /** Begins again. What a root owned belongs to someone else by now, or is freed. */
  restart(encoding: number, content: Uint8Array): void {
    this.encoding = encoding
    this.#content.restart(content)
  }

  splice(at: number, removed: number, inserted: number): void {
    this.#content.splice(at, removed, inserted)
  }

  reset(encoding: number, size: number): void {
    this.encoding = encoding
    this.#content.splice(0, this.size, size)
  }

  /** The bytes. Lent until the next change. */
  view(): Uint8Array {
    return this.#content.view()
  }
}
