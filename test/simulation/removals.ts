/** What a store removes because its time has come. */
import type { Keyspace } from '../../src/keyspace/index.ts'

type Removed = readonly [database: number, key: string, field?: string]

/** Tells of keys and fields that go: at once, or behind what the store is just given. */
export class Removals {
  #held: Removed[] | undefined
  readonly #tell: (...removed: Removed) => void

  constructor(keyspace: Keyspace, tell: (...removed: Removed) => void) {
    this.#tell = tell
    const went = (...removed: Removed) => {
      if (this.#held === undefined) tell(...removed)
      else this.#held.push(removed)
    }
    keyspace.observers.add({
      removed: (database, key) => went(database.index, key.latin1()),
      fieldExpired: (database, key, field) => went(database.index, key.latin1(), field.latin1()),
    })
  }

  /** Tells of what goes meanwhile when the call is over. */
  during(call: () => void): void {
    const held: Removed[] = []
    this.#held = held
    try {
      call()
    } finally {
      this.#held = undefined
      for (const one of held) this.#tell(...one)
    }
  }
}
