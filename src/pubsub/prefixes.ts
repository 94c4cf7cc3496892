/**
 * Clients that hear of every change to keys that begin with a prefix, and the keys that have changed
 * since they were told.
 */
import type { Client } from '../engine/index.ts'

/** A prefix that somebody wants to hear of. */
export interface Prefix {
  readonly text: string
  readonly clients: Set<Client>
  /** Each with the client that changed it last, if one did. */
  keys: Map<string, Client | undefined>
}

export class Prefixes {
  readonly #byText = new Map<string, Prefix>()
  /** How many prefixes there are of each length, so that a key is looked up once a length. */
  readonly #lengths = new Map<number, number>()
  #changed = new Set<Prefix>()

  /** How many prefixes. */
  get count(): number {
    return this.#byText.size
  }

  /** A client wants to hear of a prefix. */
  add(text: string, client: Client): void {
    let prefix = this.#byText.get(text)
    if (prefix === undefined) {
      prefix = { text, clients: new Set(), keys: new Map() }
      this.#byText.set(text, prefix)
      this.#lengths.set(text.length, (this.#lengths.get(text.length) ?? 0) + 1)
    }
    prefix.clients.add(client)
  }

  /** A client wants to hear of it no more. */
  remove(text: string, client: Client): void {
    const prefix = this.#byText.get(text)
    prefix?.clients.delete(client)
    if (prefix?.clients.size !== 0) return
    this.#byText.delete(text)
    this.#changed.delete(prefix)
    const left = this.#lengths.get(text.length)! - 1
    if (left > 0) this.#lengths.set(text.length, left)
    else this.#lengths.delete(text.length)
  }

  /** Notes that a key was changed, by a client or by nobody. @returns whether anybody is to be told. */
  note(key: string, by: Client | undefined): boolean {
    let isHit = false
    for (const length of this.#lengths.keys()) {
      if (length > key.length) continue
      const prefix = this.#byText.get(key.slice(0, length))
      if (prefix === undefined) continue
      prefix.keys.set(key, by)
      this.#changed.add(prefix)
      isHit = true
    }
    return isHit
  }

  /**
   * The prefixes with keys that have changed since the last call, in the order of their bytes. Whoever
   * calls takes the keys.
   */
  takeChanged(): readonly Prefix[] {
    if (this.#changed.size === 0) return []
    const changed = [...this.#changed].sort((a, b) => (a.text < b.text ? -1 : 1))
    this.#changed = new Set()
    return changed
  }
}
