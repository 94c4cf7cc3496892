/**
 * Keys that clients watch: whoever changes one makes the next EXEC of those clients fail. The keyspace
 * is listened to only while someone watches.
 *
 * A key whose time had come when it was watched counts as missing: that it is removed changes nothing.
 */
import { NONE } from '../arena/index.ts'
import { fromLatin1, latin1, type Slice, sliceOf } from '../bytes/index.ts'
import {
  type Database,
  EVENTS_WITHOUT_CHANGE,
  type Keyspace,
  type KeyspaceObserver,
} from '../keyspace/index.ts'
import type { Client } from './client.ts'

/** A key that a client watches. */
export interface Watch {
  readonly client: Client
  readonly db: Database
  readonly key: string
  /** Its time had come already when it was watched. */
  wasExpired: boolean
}

export class Watching {
  readonly #keyspace: Keyspace
  readonly #byClient = new Map<Client, Watch[]>()
  readonly #byKey = new Map<Database, Map<string, Map<Client, Watch>>>()
  readonly #observer: KeyspaceObserver = {
    changed: (db, key, event) => {
      if (!EVENTS_WITHOUT_CHANGE.has(event)) this.#touch(db, key, false)
    },
    removed: (db, key) => this.#touch(db, key, true),
    replacing: (db, by) => this.#replace(db, by),
  }

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
  }

  /** How many clients watch. */
  get clientCount(): number {
    return this.#byClient.size
  }

  /** How many keys are watched, one for all who watch it. */
  get keyCount(): number {
    let count = 0
    for (const keys of this.#byKey.values()) count += keys.size
    return count
  }

  /** Lets a client watch a key of its database. */
  add(client: Client, key: Slice): void {
    const { db } = client
    const name = key.latin1()
    const byKey = this.#byKey.get(db) ?? new Map<string, Map<Client, Watch>>()
    const watches = byKey.get(name) ?? new Map<Client, Watch>()
    if (watches.has(client)) return
    const own = this.#byClient.get(client) ?? []
    if (this.#byClient.size === 0) this.#keyspace.observers.add(this.#observer)
    const watch: Watch = { client, db, key: name, wasExpired: isExpired(db, key) }
    this.#byClient.set(client, own)
    this.#byKey.set(db, byKey)
    byKey.set(name, watches)
    client.watchCount = own.push(watch)
    watches.set(client, watch)
  }

  /** A client watches nothing any more. */
  clear(client: Client): void {
    const own = this.#byClient.get(client)
    if (own === undefined) return
    client.watchCount = 0
    this.#byClient.delete(client)
    for (const watch of own) {
      const byKey = this.#byKey.get(watch.db)
      const watches = byKey?.get(watch.key)
      watches?.delete(client)
      if (watches?.size === 0) byKey?.delete(watch.key)
      if (byKey?.size === 0) this.#byKey.delete(watch.db)
    }
    if (this.#byClient.size === 0) this.#keyspace.observers.remove(this.#observer)
  }

  /** Whether the time of a key has come since a client watches it. */
  hasExpired(client: Client): boolean {
    const own = this.#byClient.get(client) ?? []
    return own.some(({ db, key, wasExpired }) => !wasExpired && isExpired(db, keyOf(key)))
  }

  #touch(db: Database, key: Slice, isGone: boolean): void {
    const byKey = this.#byKey.get(db)
    if (byKey === undefined) return
    const watches = byKey.get(latin1(key.bytes, key.start, key.end))
    if (watches === undefined) return
    for (const watch of watches.values()) {
      if (watch.wasExpired && (isGone || db.find(key) === NONE)) watch.wasExpired = false
      else this.#spoil(watch.client)
    }
  }

  /** A key of a database that goes is touched when there is one, before or after. */
  #replace(db: Database, by: Database | undefined): void {
    const byKey = this.#byKey.get(db)
    if (byKey === undefined) return
    const spoilt = new Set<Client>()
    for (const [name, watches] of byKey) {
      const key = keyOf(name)
      const isThere = db.find(key) !== NONE
      const comes = by !== undefined && by.find(key) !== NONE
      if (!isThere && !comes) continue
      const comesExpired = comes && isExpired(by, key)
      for (const watch of watches.values()) {
        if (watch.wasExpired ? comes && !comesExpired : isThere || !comesExpired) {
          spoilt.add(watch.client)
        } else watch.wasExpired = comesExpired
      }
    }
    for (const client of spoilt) this.#spoil(client)
  }

  /** The next EXEC of a client fails, so it need not watch any longer. */
  #spoil(client: Client): void {
    client.isWatchSpoilt = true
    this.clear(client)
  }
}

function keyOf(name: string): Slice {
  return sliceOf(fromLatin1(name))
}

function isExpired(db: Database, key: Slice): boolean {
  const entry = db.find(key)
  return entry !== NONE && db.isExpired(entry)
}
