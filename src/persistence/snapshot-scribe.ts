/**
 * Puts the entries of a walk into a file, one after another. While a long one is being written, others
 * come that are about to change; those are kept aside, by database, and follow it.
 */
import type { Ref } from '../arena/index.ts'
import type { Keyspace, Rest, Scribe } from '../keyspace/index.ts'
import type { ValueImage } from '../values/index.ts'
import type { ByteSink, SavedDatabase, SaveFormat } from './format.ts'
import { GatheredSink } from './gathered-sink.ts'

export class SnapshotScribe implements Scribe {
  readonly #format: SaveFormat
  readonly #sink: ByteSink
  readonly #databases: readonly SavedDatabase[]
  readonly #aside = new Map<number, GatheredSink>()
  #selected = -1
  #isInLong = false
  /** The database of which only a part of what is aside has been taken. */
  #taken: number | undefined

  constructor(format: SaveFormat, sink: ByteSink, keyspace: Keyspace) {
    this.#format = format
    this.#sink = format.through?.(sink) ?? sink
    this.#databases = keyspace.databases.map(({ index, count, expiringCount }) => {
      return { index, count, expiringCount }
    })
    format.begin(this.#sink)
  }

  write(index: number, entry: Ref, image: ValueImage | undefined): Rest | undefined {
    if (this.#isInLong) return this.#format.write(this.#asideOf(index), entry, image)
    this.#select(index)
    const rest = this.#format.write(this.#sink, entry, image)
    if (rest === undefined) return undefined
    this.#isInLong = true
    let isWritten = false
    return (isEnough) => {
      isWritten ||= rest(isEnough)
      if (!isWritten || !this.#takeAside(isEnough)) return false
      this.#isInLong = false
      return true
    }
  }

  /** All entries have come. */
  end(): void {
    this.#format.end(this.#sink)
  }

  #select(index: number): void {
    if (index === this.#selected) return
    this.#selected = index
    this.#format.select(this.#sink, this.#databases[index]!)
  }

  #asideOf(index: number): GatheredSink {
    const known = this.#aside.get(index)
    if (known !== undefined) return known
    const fresh = new GatheredSink()
    this.#aside.set(index, fresh)
    return fresh
  }

  /** Takes what is aside, also what comes meanwhile. @returns whether there is nothing any more. */
  #takeAside(isEnough: () => boolean): boolean {
    for (;;) {
      this.#taken ??= this.#nextAside()
      const index = this.#taken
      if (index === undefined) return true
      this.#select(index)
      // A piece may end within an entry, so nothing else may follow it.
      while (!this.#aside.get(index)!.moveSome(this.#sink)) if (isEnough()) return false
      this.#taken = undefined
    }
  }

  /** A database of which something is aside. */
  #nextAside(): number | undefined {
    for (const [index, { size }] of this.#aside) if (size > 0) return index
    return undefined
  }
}
