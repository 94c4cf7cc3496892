/**
 * The hashes of one database some of whose fields have an expiry. Each has a ticket here: a node with
 * the key of the hash and the time at which the first of its fields expires. Tickets are found by key
 * in a dict, and in the order of time in a wheel of their own, so fields go in slices as keys do.
 *
 * A ticket belongs to a key and not to a value: the doors of the database drop it when the entry
 * leaves, and make it when one comes. In between, whoever changes expiries calls `follow`.
 *
 * Invariant: a hash has a ticket just when one of its fields has an expiry. Its time is that of the
 * first to expire, or a later one that has come too.
 */
import { NONE, type Ref } from '../arena/index.ts'
import { Slice, sliceOf } from '../bytes/index.ts'
import {
  Dict,
  expiryOf,
  freeMember,
  headOf,
  keyOf,
  newMember,
  setMemberExpiry,
} from '../structures/index.ts'
import { ENCODING_HASHTABLE_EXPIRES, ENCODING_LISTPACKEX } from '../values/index.ts'
import type { Database } from './database.ts'
import type { EventClass } from './events.ts'
import { encodingOf } from './kinds.ts'
import type { Value } from './value.ts'
import { Wheel } from './wheel.ts'

const never = () => false

/** Whether the value of an entry may have fields with an expiry, by its head. */
export function hasFieldExpiry(head: number): boolean {
  const encoding = encodingOf(head)
  return encoding === ENCODING_LISTPACKEX || encoding === ENCODING_HASHTABLE_EXPIRES
}

export class FieldExpiry {
  readonly #database: Database
  #tickets: Dict | undefined
  #wheel: Wheel | undefined
  /** A slice ended in the middle of a hash. */
  #isCut = false
  readonly #key = new Slice(new Uint8Array(0), 0, 0)

  constructor(database: Database) {
    this.#database = database
  }

  /** How many hashes have fields with an expiry. */
  get count(): number {
    return this.#tickets?.count ?? 0
  }

  /** Whether a field with this expiry, 0 for none, is to be taken for missing. */
  isDue(expiryMs: number): boolean {
    const { nowMs, isLoading } = this.#database.keyspace
    return expiryMs !== 0 && expiryMs <= nowMs && !isLoading
  }

  /** The time up to which fields with an expiry are taken for missing. */
  get dueMs(): number {
    const { nowMs, isLoading } = this.#database.keyspace
    return isLoading ? 0 : nowMs
  }

  // ---- tickets

  /** The hash at `key` has fields that expire, the first at `earliestMs`, or none when it is 0. */
  follow(key: Slice, earliestMs: number): void {
    if (earliestMs === 0 && this.count === 0) return
    const { arena, keyspace } = this.#database
    const { bytes, start, end } = key
    this.#tickets ??= new Dict(arena, keyspace.hasher)
    this.#wheel ??= new Wheel(arena, keyspace.nowMs)
    const hash = keyspace.hashOf(key)
    const ticket = this.#tickets.find(bytes, start, end, hash)
    // One that is late is served with those of now: the wheel does not go back.
    const timeMs = Math.max(earliestMs, keyspace.nowMs)
    if (ticket === NONE) {
      if (earliestMs === 0) return
      const fresh = newMember(arena, bytes, start, end, 0, true)
      this.#tickets.insert(fresh, hash)
      setMemberExpiry(arena, fresh, timeMs)
      this.#wheel.add(fresh)
    } else if (earliestMs === 0) this.#drop(ticket, hash)
    else if (expiryOf(arena, ticket, headOf(arena, ticket)) !== timeMs) {
      this.#wheel.remove(ticket)
      setMemberExpiry(arena, ticket, timeMs)
      this.#wheel.add(ticket)
    }
  }

  /** An entry has come to its key. */
  adopt(entry: Ref): void {
    if (!hasFieldExpiry(headOf(this.#database.arena, entry))) return
    const earliestMs = this.#database.keyspace.hashes.earliestMs(this.#database.valueOf(entry))
    this.follow(keyOf(this.#database.arena, entry, this.#key), earliestMs)
  }

  /** An entry leaves its key. */
  forget(entry: Ref): void {
    if (this.count === 0 || !hasFieldExpiry(headOf(this.#database.arena, entry))) return
    this.follow(keyOf(this.#database.arena, entry, this.#key), 0)
  }

  #drop(ticket: Ref, hash: number): void {
    this.#wheel!.remove(ticket)
    this.#tickets!.remove(ticket, hash)
    freeMember(this.#database.arena, ticket)
  }

  // ---- expiring

  /**
   * Takes a field out that is there and due. Whoever calls goes on to `settle`.
   * @returns whether it did; while expiry is paused, the field is to be taken for missing all the same.
   */
  take(key: Slice, value: Value, field: Slice): boolean {
    const { keyspace } = this.#database
    if (keyspace.isExpiryPaused) return false
    this.#database.beforeChange(value.entry)
    this.#taken(key, field)
    keyspace.hashes.delete(value, field)
    return true
  }

  /** Takes all fields out that are due. @returns whether the hash is gone with them. */
  takeAll(key: Slice, value: Value): boolean {
    const { isExpiryPaused, hashes } = this.#database.keyspace
    if (isExpiryPaused || !this.isDue(hashes.earliestMs(value))) return false
    this.#takeSome(key, value, never)
    return this.settle(key, value)
  }

  /** Tells that fields of a hash have expired. @returns whether it was the last: the hash is gone. */
  settle(key: Slice, value: Value): boolean {
    const { keyspace } = this.#database
    this.tell(key)
    if (keyspace.hashes.count(value) > 0) {
      this.follow(key, keyspace.hashes.earliestMs(value))
      return false
    }
    this.#database.remove(value.entry)
    // Nobody who waits has to hear of it: to those who want to know of a removal, a hash was an answer.
    this.#tell(key, 'del', 'generic')
    return true
  }

  /** Tells no more than that: whoever calls deletes other fields too, and sees to what is left then. */
  tell(key: Slice): void {
    this.#tell(key, 'hexpired', 'hash')
  }

  /** Takes out fields that are due, until `isEnough`. @returns whether all are gone. */
  collect(isEnough: () => boolean): boolean {
    if (this.#wheel === undefined) return true
    this.#isCut = false
    const { nowMs } = this.#database.keyspace
    const hasArrived = this.#wheel.advance(
      nowMs,
      (ticket) => this.#serve(ticket, isEnough),
      isEnough,
    )
    return hasArrived && !this.#isCut
  }

  #serve(ticket: Ref, isEnough: () => boolean): void {
    const database = this.#database
    // The ticket goes when the hash does, and its key is still needed then.
    const key = sliceOf(keyOf(database.arena, ticket, this.#key).copyOf())
    const entry = database.peek(key)
    if (entry === NONE) return
    const value = database.valueOf(entry)
    this.#takeSome(key, value, isEnough)
    if (!this.settle(key, value)) {
      this.#isCut ||= this.isDue(database.keyspace.hashes.earliestMs(value))
    }
  }

  #takeSome(key: Slice, value: Value, isEnough: () => boolean): void {
    const { hashes } = this.#database.keyspace
    this.#database.beforeChange(value.entry)
    const tell = (field: Slice) => this.#taken(key, field)
    do hashes.takeEarliest(value, tell)
    while (this.isDue(hashes.earliestMs(value)) && !isEnough())
  }

  #taken(key: Slice, field: Slice): void {
    const { stats, observers } = this.#database.keyspace
    stats.expiredFields++
    observers.fieldExpired(this.#database, key, field)
  }

  #tell(key: Slice, event: string, eventClass: EventClass): void {
    const { isObserved, observers } = this.#database.keyspace
    if (isObserved) observers.changed(this.#database, key, event, eventClass)
  }

  // ---- whole databases

  /** All entries leave. */
  clear(): void {
    if (this.#tickets !== undefined) this.#database.keyspace.lazyFree.add(this.#tickets)
    this.#wheel?.clear()
    this.#tickets = undefined
    this.#wheel = undefined
  }

  /** The entries of two databases change places. */
  swapWith(other: FieldExpiry): void {
    const tickets = this.#tickets
    const wheel = this.#wheel
    this.#tickets = other.#tickets
    this.#wheel = other.#wheel
    other.#tickets = tickets
    other.#wheel = wheel
  }

  /** Throws when an invariant does not hold, given all entries of the database. For tests. */
  check(entries: readonly Ref[]): void {
    const { arena, keyspace } = this.#database
    let count = 0
    for (const entry of entries) {
      if (!hasFieldExpiry(headOf(arena, entry))) continue
      const value = this.#database.valueOf(entry)
      keyspace.hashes.check(value)
      const earliestMs = keyspace.hashes.earliestMs(value)
      if (earliestMs === 0) continue
      count++
      const { bytes, start, end } = this.#database.keyOf(entry)
      const ticket = this.#tickets!.find(bytes, start, end, keyspace.hasher.hash(bytes, start, end))
      if (ticket === NONE) throw new Error('a hash with expiring fields has no ticket')
      const timeMs = expiryOf(arena, ticket, headOf(arena, ticket))
      const isRight = timeMs === earliestMs || (timeMs > earliestMs && timeMs <= keyspace.nowMs)
      if (!isRight) throw new Error(`a ticket says ${timeMs}, its hash ${earliestMs}`)
    }
    if (count !== this.count) throw new Error(`there are ${this.count} tickets for ${count} hashes`)
  }
}
