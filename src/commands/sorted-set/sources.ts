/** What ZUNION and its fellows read: sorted sets, and sets, whose members all have the score 1. */
import { NONE, type Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, wrongType } from '../../engine/index.ts'
import { TYPE_SET, TYPE_ZSET } from '../../keyspace/index.ts'
import type { Sets, Slot, SortedSets } from '../../values/index.ts'

/** One of the sets that a command reads. */
export interface Source {
  /** What is read; `NONE` where the key is missing. */
  readonly entry: Ref
  readonly count: number
  /** What the scores are multiplied by. */
  weight: number
  /** Visits each member with its score until `visit` answers false. `visit` may call `find`. */
  each(visit: (member: Slice, score: number) => boolean): void
  /** The score of a member; `NaN` when it is missing. */
  find(member: Slice): number
}

class SortedSource implements Source {
  readonly entry: Ref
  readonly count: number
  weight = 1
  readonly #sets: SortedSets
  readonly #value: Slot

  constructor(entry: Ref, sets: SortedSets, value: Slot) {
    this.entry = entry
    this.count = sets.count(value)
    this.#sets = sets
    this.#value = value
  }

  each(visit: (member: Slice, score: number) => boolean): void {
    const sets = this.#sets
    for (let i = 0; i < this.count; i++) {
      if (i === 0) sets.seek(this.#value, 0)
      else sets.next()
      if (!visit(sets.member, sets.score)) return
    }
  }

  find(member: Slice): number {
    const { other } = this.#sets
    return other.find(this.#value, member) ? other.score : Number.NaN
  }
}

class SetSource implements Source {
  readonly entry: Ref
  readonly count: number
  weight = 1
  readonly #sets: Sets
  readonly #value: Slot

  constructor(entry: Ref, sets: Sets, value: Slot) {
    this.entry = entry
    this.count = sets.count(value)
    this.#sets = sets
    this.#value = value
  }

  each(visit: (member: Slice, score: number) => boolean): void {
    this.#sets.each(this.#value, (member) => visit(member, 1))
  }

  find({ bytes, start, end }: Slice): number {
    return this.#sets.has(this.#value, bytes, start, end) ? 1 : Number.NaN
  }
}

class MissingSource implements Source {
  readonly entry = NONE
  readonly count = 0
  weight = 1

  each(): void {}

  find(): number {
    return Number.NaN
  }
}

/** The sources of the next `count` keys. Throws when one holds something else. */
export function readSources({ db, keyspace }: Call, args: Args, count: number): Source[] {
  const sources: Source[] = []
  for (let i = 0; i < count; i++) {
    const entry = db.read(args.key())
    if (entry === NONE) sources.push(new MissingSource())
    else if (db.typeOf(entry) === TYPE_ZSET) {
      sources.push(new SortedSource(entry, keyspace.sortedSets, db.valueOf(entry)))
    } else if (db.typeOf(entry) === TYPE_SET) {
      sources.push(new SetSource(entry, keyspace.sets, db.valueOf(entry)))
    } else throw wrongType()
  }
  return sources
}
