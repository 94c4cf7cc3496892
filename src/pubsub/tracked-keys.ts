/**
 * Which clients have read which keys, by the clients' numbers. A client that is gone leaves its numbers
 * behind until the keys change. Keys of all databases with the same name are one.
 */
export class TrackedKeys {
  /** By key, its place in the arrays below. */
  readonly #places = new Map<string, number>()
  readonly #keys: string[] = []
  /** By place, who has read it: one number, or several. */
  readonly #readers: (number | Set<number>)[] = []
  /** Readers of all keys together. */
  items = 0

  /** How many keys. */
  get count(): number {
    return this.#keys.length
  }

  /** Notes that a client has read a key. */
  add(key: string, clientId: number): void {
    const place = this.#places.get(key)
    if (place === undefined) {
      this.#places.set(key, this.#keys.length)
      this.#keys.push(key)
      this.#readers.push(clientId)
      this.items++
      return
    }
    const readers = this.#readers[place]!
    if (typeof readers !== 'number') {
      const { size } = readers
      readers.add(clientId)
      this.items += readers.size - size
    } else if (readers !== clientId) {
      this.#readers[place] = new Set([readers, clientId])
      this.items++
    }
  }

  /** Takes a key out. @returns who had read it. */
  take(key: string): readonly number[] {
    const place = this.#places.get(key)
    if (place === undefined) return []
    const readers = this.#readers[place]!
    this.#places.delete(key)
    const lastKey = this.#keys.pop()!
    const lastReaders = this.#readers.pop()!
    if (lastKey !== key) {
      this.#keys[place] = lastKey
      this.#readers[place] = lastReaders
      this.#places.set(lastKey, place)
    }
    const ids = typeof readers === 'number' ? [readers] : [...readers]
    this.items -= ids.length
    return ids
  }

  /** A key for the random number `draw`, a whole one; there must be keys. */
  pick(draw: number): string {
    return this.#keys[draw % this.#keys.length]!
  }

  /** Forgets all. */
  clear(): void {
    this.#places.clear()
    this.#keys.length = 0
    this.#readers.length = 0
    this.items = 0
  }
}
