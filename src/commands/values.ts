/** Reaching the values of collections: for reading, and for changing them in place. */
import type { Slice } from '../bytes/index.ts'
import { wrongType } from '../engine/index.ts'
import type { Database, Value } from '../keyspace/index.ts'

/**
 * The value of `type` at `key` for a command that reads it, lent until the key changes, or
 * `undefined` when there is none. Throws when the key holds another type.
 */
export function readValue(db: Database, key: Slice, type: number): Value | undefined {
  const entry = db.read(key)
  if (entry === 0) return undefined
  if (db.typeOf(entry) !== type) throw wrongType()
  return db.valueOf(entry)
}

/** The same for a command that will change the value in place. */
export function writeValue(db: Database, key: Slice, type: number): Value | undefined {
  const entry = db.write(key)
  if (entry === 0) return undefined
  if (db.typeOf(entry) !== type) throw wrongType()
  return db.valueOf(entry)
}
