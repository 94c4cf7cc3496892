/** Reaching hashes and their fields; a field whose time has come is taken out when it is met. */
import type { Slice } from '../../bytes/index.ts'
import { type Database, TYPE_HASH, type Value } from '../../keyspace/index.ts'
import { LISTPACK_EMPTY } from '../../structures/index.ts'
import { ENCODING_LISTPACK } from '../../values/index.ts'
import { readValue, writeValue } from '../values.ts'

/** The hash at `key` for a command that reads it, or `undefined`. Throws for other types. */
export function readHash(db: Database, key: Slice): Value | undefined {
  return readValue(db, key, TYPE_HASH)
}

/** The hash at `key` for a command that changes it, or `undefined`. Throws for other types. */
export function writeHash(db: Database, key: Slice): Value | undefined {
  return writeValue(db, key, TYPE_HASH)
}

/** A hash without fields at `key`, which must be missing. The caller sets one. */
export function createHash(db: Database, key: Slice): Value {
  return db.create(key, TYPE_HASH, ENCODING_LISTPACK, LISTPACK_EMPTY)
}

/**
 * Whether a hash has a field; then `hashes.content` is its value. One that is due is not there, and
 * goes. With the last field the hash goes, so the value is not to be used again when this is false.
 */
export function findField(db: Database, key: Slice, value: Value, field: Slice): boolean {
  const { hashes } = db.keyspace
  if (!hashes.find(value, field)) return false
  if (!db.fields.isDue(hashes.expiryMs)) return true
  if (db.fields.take(key, value, field)) db.fields.settle(key, value)
  return false
}

/**
 * Several fields of a hash that are looked for one after another: those that are due are taken out as
 * they are met, but the hash stays until `end`, and is told of once.
 */
export class FieldSearch {
  readonly #db: Database
  readonly #key: Slice
  readonly #value: Value
  #hasTaken = false

  constructor(db: Database, key: Slice, value: Value) {
    this.#db = db
    this.#key = key
    this.#value = value
  }

  /** Whether a field is there; then `hashes.content` and `hashes.expiryMs` are what it has. */
  find(field: Slice): boolean {
    const { fields, keyspace } = this.#db
    if (!keyspace.hashes.find(this.#value, field)) return false
    if (!fields.isDue(keyspace.hashes.expiryMs)) return true
    if (fields.take(this.#key, this.#value, field)) this.#hasTaken = true
    return false
  }

  /** In the place of `end`, for a command that has deleted fields too: what is left is its matter. */
  endWithDeleted(): void {
    if (this.#hasTaken) this.#db.fields.tell(this.#key)
  }

  /** Tells of what has expired. @returns whether the hash is gone with it. */
  end(): boolean {
    return this.#hasTaken && this.#db.fields.settle(this.#key, this.#value)
  }
}

/** Removes a hash when its last field is gone. Told of after what took the field. */
export function removeIfEmpty(db: Database, key: Slice, value: Value): void {
  if (db.keyspace.hashes.count(value) > 0) return
  db.remove(value.entry)
  db.changed(key, 'del', 'generic')
}
