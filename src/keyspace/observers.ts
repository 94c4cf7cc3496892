/**
 * Those who are told what happens at the keyspace's doors: the log, watched keys, key events, caches of
 * clients. Each names only what it wants to hear of, and a door that nobody listens at
 * costs one look at a flag.
 */
import type { Slice } from '../bytes/index.ts'
import type { Database } from './database.ts'
import type { EventClass } from './events.ts'

/** What others are told at the keyspace's doors. Each is called after the fact, but `replacing`. */
export interface KeyspaceObserver {
  /** A command changed the value at `key`: for watched keys, invalidation and key events. */
  changed?(database: Database, key: Slice, event: string, eventClass: EventClass): void
  /** A key event that came with no change of the value, such as a miss. */
  noticed?(database: Database, key: Slice, event: string, eventClass: EventClass): void
  /** Time or memory removed `key`: replicas and the AOF need to hear of it. */
  removed?(database: Database, key: Slice, reason: 'expired' | 'evicted'): void
  /** Time took a field out of the hash at `key`: the same need to hear of it. */
  fieldExpired?(database: Database, key: Slice, field: Slice): void
  /** All keys of a database are about to go, and those of `by` to come in their place, or none. */
  replacing?(database: Database, by: Database | undefined): void
  /** All keys of a database, or of two that were swapped, may have changed. */
  replaced?(database: Database): void
}

/** Tells that there was nothing at a key, and is now. */
export function tellNew(database: Database, key: Slice): void {
  database.keyspace.observers.noticed(database, key, 'new', 'new')
}

/** What the doors look at before they tell anyone. */
export interface ObserverFlags {
  /** Someone wants to hear of changes and events. */
  isObserved: boolean
}

export class Observers {
  readonly #flags: ObserverFlags
  #all: readonly KeyspaceObserver[] = []

  /** Keeps `flags` true to who is there. */
  constructor(flags: ObserverFlags) {
    this.#flags = flags
  }

  /** Tells `observer` from now on, after those who came before it. */
  add(observer: KeyspaceObserver): void {
    this.#set([...this.#all, observer])
  }

  /** Tells `observer` no more. */
  remove(observer: KeyspaceObserver): void {
    this.#set(this.#all.filter((other) => other !== observer))
  }

  changed(database: Database, key: Slice, event: string, eventClass: EventClass): void {
    for (const observer of this.#all) observer.changed?.(database, key, event, eventClass)
  }

  noticed(database: Database, key: Slice, event: string, eventClass: EventClass): void {
    for (const observer of this.#all) observer.noticed?.(database, key, event, eventClass)
  }

  removed(database: Database, key: Slice, reason: 'expired' | 'evicted'): void {
    for (const observer of this.#all) observer.removed?.(database, key, reason)
  }

  fieldExpired(database: Database, key: Slice, field: Slice): void {
    for (const observer of this.#all) observer.fieldExpired?.(database, key, field)
  }

  replacing(database: Database, by: Database | undefined): void {
    for (const observer of this.#all) observer.replacing?.(database, by)
  }

  replaced(database: Database): void {
    for (const observer of this.#all) observer.replaced?.(database)
  }

  #set(all: readonly KeyspaceObserver[]): void {
    this.#all = all
    this.#flags.isObserved = all.some((it) => it.changed !== undefined || it.noticed !== undefined)
  }
}
