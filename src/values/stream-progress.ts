/**
 * How far a group has read a stream, as a count of entries: kept while that can be done exactly, and
 * worked out again where the stream has no gaps. The rules are the reference's.
 */
import { type Arena, type Ref, wordOffset } from '../arena/index.ts'
import type { WideId } from '../structures/index.ts'
import type { StreamGroups } from './stream-groups.ts'
import { StreamId } from './stream-id.ts'
import {
  ADDED_AT,
  FIRST_ID_AT,
  LAST_ID_AT,
  LENGTH_AT,
  MAX_DELETED_AT,
  readInt64,
} from './stream-layout.ts'

/** A count that is not known. */
export const READ_UNKNOWN = -1

export class StreamProgress {
  readonly #arena: Arena
  readonly #groups: StreamGroups
  readonly #deleted = new StreamId()
  readonly #first = new StreamId()
  readonly #last = new StreamId()
  readonly #group = new StreamId()

  constructor(arena: Arena, groups: StreamGroups) {
    this.#arena = arena
    this.#groups = groups
  }

  /** A group reads an entry whose id is above the last it read. */
  advance(stream: Ref, group: Ref, id: WideId): void {
    const groups = this.#groups
    this.#look(stream)
    const lastId = groups.lastId(group, this.#group)
    if (groups.read(group) !== READ_UNKNOWN && !this.#hasGapFrom(stream, lastId)) {
      groups.countRead(group)
    } else if (this.#added(stream) !== 0) {
      groups.setRead(group, this.#distance(stream, this.#group.set(id)))
    }
    groups.setLastId(group, id)
  }

  /** How many entries a group whose last id this is has read; `READ_UNKNOWN` when that is not known. */
  estimate(stream: Ref, id: WideId): number | bigint {
    this.#look(stream)
    return this.#distance(stream, this.#group.set(id))
  }

  /** How many entries a group has still to read; `undefined` when that is not known. */
  lag(stream: Ref, group: Ref): number | bigint | undefined {
    const added = this.#added(stream)
    const length = this.#length(stream)
    if (added === 0 || length === 0) return 0
    this.#look(stream)
    const lastId = this.#groups.lastId(group, this.#group)
    if (lastId.compare(this.#first) < 0 && this.#deleted.compare(this.#first) < 0) return length
    let read = this.#groups.read(group)
    if (read === READ_UNKNOWN || this.#hasGapFrom(stream, lastId)) {
      read = this.#distance(stream, lastId)
    }
    return read === READ_UNKNOWN ? undefined : minus(added, read)
  }

  /** Whether an entry was deleted at or after an id. */
  #hasGapFrom(stream: Ref, id: StreamId): boolean {
    return this.#length(stream) > 0 && !this.#deleted.isMin && id.compare(this.#deleted) <= 0
  }

  /** How many entries were ever added up to an id; `READ_UNKNOWN` when that cannot be said. */
  #distance(stream: Ref, id: StreamId): number | bigint {
    const added = this.#added(stream)
    const length = this.#length(stream)
    if (added === 0) return 0
    if (length === 0 && id.compare(this.#last) <= 0) return added
    if (!id.isMin && id.compare(this.#deleted) < 0) return READ_UNKNOWN
    const order = id.compare(this.#last)
    if (order === 0) return added
    if (order > 0) return READ_UNKNOWN
    if (this.#deleted.isMin || this.#deleted.compare(this.#first) < 0) {
      const place = id.compare(this.#first)
      if (place < 0) return minus(added, length)
      if (place === 0) return minus(added, length - 1)
    }
    return READ_UNKNOWN
  }

  #look(stream: Ref): void {
    const words = this.#arena.words[stream >>> 17]!
    const at = wordOffset(stream)
    this.#deleted.read(words, at + MAX_DELETED_AT)
    this.#first.read(words, at + FIRST_ID_AT)
    this.#last.read(words, at + LAST_ID_AT)
  }

  #length(stream: Ref): number {
    return this.#arena.words[stream >>> 17]![wordOffset(stream) + LENGTH_AT]!
  }

  #added(stream: Ref): number | bigint {
    return readInt64(this.#arena.words[stream >>> 17]!, wordOffset(stream) + ADDED_AT)
  }
}

function minus(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const value = BigInt.asIntN(64, BigInt(a) - BigInt(b))
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
