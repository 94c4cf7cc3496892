/** A place for one value of its own, for the tests of types. */
import { Arena } from '../arena/index.ts'
import { HashHint, KeyHasher } from '../bytes/index.ts'
import type { Seeded } from '../host/index.ts'
import { BufferStretch } from '../structures/index.ts'
import { Images } from './images.ts'
import { defaultLimits, type Slot, type Space } from './slot.ts'

/** A value under no key. */
export class TestSlot implements Slot {
  encoding: number
  readonly #content: BufferStretch

  constructor(encoding: number, bytes: Uint8Array) {
    this.encoding = encoding
    this.#content = new BufferStretch(bytes)
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

  splice(at: number, removed: number, inserted: number): void {
    this.#content.splice(at, removed, inserted)
  }

  reset(encoding: number, size: number): void {
    this.encoding = encoding
    this.splice(0, this.size, size)
  }
}

/** A space in an arena of its own, with the default limits. */
export function testSpace(random: Seeded): Space {
  return {
    arena: new Arena(),
    hasher: new KeyHasher(random.uint32(), random.uint32()),
    hint: new HashHint(),
    limits: defaultLimits(),
    images: new Images(),
    uint32: () => random.uint32(),
  }
}
