/**
 * The bytes of one file on a simulated disk, twice: as programs see them, and as far as they are on
 * stable storage. Between the two lie the changes that were not synced, in their order.
 *
 *     stable ──change──change──change──► seen
 *
 * A power cut draws what of these has reached the disk: none, all, the first ones with the last of
 * them cut at any byte, or each sector by itself, as of any moment since the last sync.
 */
import type { Seeded } from './seeded.ts'

/** What a disk writes as a whole. */
const SECTOR_BYTES = 512

interface Change {
  readonly version: number
  readonly position: number
  /** What was written; `undefined` when a failed sync has lost it, and for a change of the size. */
  readonly bytes: Uint8Array | undefined
  /** The size of the file after it. */
  readonly size: number
  /** A failed sync has lost what was written. */
  readonly isForgotten?: boolean
}

/** Bytes that grow. */
class Content {
  bytes: Uint8Array
  size: number

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes
    this.size = bytes.length
  }

  put(position: number, bytes: Uint8Array): void {
    this.resize(Math.max(this.size, position + bytes.length))
    this.bytes.set(bytes, position)
  }

  resize(size: number): void {
    if (size > this.bytes.length) {
      const wider = new Uint8Array(size * 2)
      wider.set(this.bytes.subarray(0, this.size))
      this.bytes = wider
    } else if (size > this.size) {
      this.bytes.fill(0, this.size, size)
    }
    this.size = size
  }

  apply({ position, bytes, size }: Change): void {
    if (bytes !== undefined) this.put(position, bytes)
    this.resize(size)
  }

  copy(): Content {
    return new Content(this.bytes.slice(0, this.size))
  }
}

/** A file's bytes. See the top of this file. */
export class SimulatedBytes {
  readonly #seen: Content
  #stable: Content
  #changes: Change[] = []
  #version = 0

  /** Stable bytes. */
  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#seen = new Content(Uint8Array.from(bytes))
    this.#stable = new Content(Uint8Array.from(bytes))
  }

  /** What programs see. Not to be kept: it changes. */
  get bytes(): Uint8Array {
    return this.#seen.bytes.subarray(0, this.#seen.size)
  }

  get size(): number {
    return this.#seen.size
  }

  /** Grows with every change, so that a sync knows which ones it covers. */
  get version(): number {
    return this.#version
  }

  /** Whether a failed sync has left changes that programs see and no disk will have. */
  get hasForgotten(): boolean {
    return this.#changes.some(({ isForgotten }) => isForgotten)
  }

  append(bytes: Uint8Array): void {
    this.#change(this.size, bytes, this.size + bytes.length)
  }

  rewrite(bytes: Uint8Array, position: number): void {
    if (position + bytes.length > this.size) {
      throw new RangeError('a rewrite must lie inside of the file')
    }
    this.#change(position, bytes, this.size)
  }

  truncate(size: number): void {
    this.#change(size, undefined, size)
  }

  /** A sync of what was there at `version` has succeeded. */
  settle(version: number): void {
    const count = this.#countUpTo(version)
    for (const change of this.#changes.splice(0, count)) this.#stable.apply(change)
  }

  /** It has failed, and the system takes for written what will never be. */
  forget(version: number): void {
    const count = this.#countUpTo(version)
    for (let i = 0; i < count; i++)
      this.#changes[i] = { ...this.#changes[i]!, bytes: undefined, isForgotten: true }
  }

  /** The same file for another process, while the power holds. */
  copy(): SimulatedBytes {
    const copy = new SimulatedBytes(this.bytes)
    copy.#stable = this.#stable.copy()
    copy.#changes = [...this.#changes]
    copy.#version = this.#version
    return copy
  }

  /** One of the contents that could be found after a power cut. */
  afterCut(random: Seeded, reordersSectors: boolean): Uint8Array {
    const count = this.#changes.length
    if (count === 0) return this.#stable.copy().bytes
    switch (random.between(0, reordersSectors ? 4 : 3)) {
      case 0:
        return this.#stable.copy().bytes
      case 1:
        return this.#after(count).copy().bytes
      case 2:
        return this.#torn(random)
      case 3:
        return this.#unfilled(random)
      default:
        return this.#reordered(random)
    }
  }

  /** What is unsynced are whole sectors: bytes around the changed ones are written with them. */
  #change(position: number, bytes: Uint8Array | undefined, size: number): void {
    const version = ++this.#version
    this.#seen.apply({ version, position, bytes, size })
    const from = position - (position % SECTOR_BYTES)
    const to = position + (bytes?.length ?? 0)
    const sectors = this.#seen.bytes.slice(from, Math.min(size, roundedUp(to)))
    this.#changes.push({ version, position: from, bytes: sectors, size })
  }

  #countUpTo(version: number): number {
    const index = this.#changes.findIndex((change) => change.version > version)
    return index < 0 ? this.#changes.length : index
  }

  #after(count: number): Content {
    const content = this.#stable.copy()
    for (const change of this.#changes.slice(0, count)) content.apply(change)
    return content
  }

  /** The first changes, and the next one up to some byte. */
  #torn(random: Seeded): Uint8Array {
    const count = random.between(0, this.#changes.length - 1)
    const content = this.#after(count)
    const { position, bytes } = this.#changes[count]!
    if (bytes !== undefined) {
      content.put(position, bytes.subarray(0, random.between(0, bytes.length)))
    }
    return content.copy().bytes
  }

  /** All of the size, of the bytes that were added only the first. */
  #unfilled(random: Seeded): Uint8Array {
    const content = this.#after(this.#changes.length)
    const from = Math.min(this.#stable.size, content.size)
    return content.copy().bytes.fill(0, random.between(from, content.size))
  }

  /** Each sector, and the size, as of one of some moments since the last sync. */
  #reordered(random: Seeded): Uint8Array {
    const { length } = this.#changes
    const counts = [0, length, ...Array.from({ length: 4 }, () => random.between(0, length))]
    const moments = counts.map((count) => this.#after(count))
    const { size } = random.pick(moments)
    const found = new Uint8Array(size)
    for (let at = 0; at < size; at += SECTOR_BYTES) {
      const { bytes, size: sizeThen } = random.pick(moments)
      found.set(bytes.subarray(at, Math.min(at + SECTOR_BYTES, size, Math.max(at, sizeThen))), at)
    }
    return found
  }
}

function roundedUp(size: number): number {
  return Math.ceil(size / SECTOR_BYTES) * SECTOR_BYTES
}
