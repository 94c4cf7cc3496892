/** Reaching HyperLogLogs, which are strings of a certain form. */
import type { Slice } from '../../bytes/index.ts'
import { ReplyError } from '../../engine/index.ts'
import { type Database, ENCODING_RAW, TYPE_STRING, type Value } from '../../keyspace/index.ts'
import { emptySketch, isSketch } from '../../values/index.ts'
import { readValue, writeValue } from '../values.ts'

/** The head of a sketch is good, but not what follows it. */
export const brokenSketch = () => new ReplyError('INVALIDOBJ Corrupted HLL object detected')

function checked(value: Value | undefined): Value | undefined {
  if (value === undefined || isSketch(value)) return value
  throw new ReplyError('WRONGTYPE Key is not a valid HyperLogLog string value.')
}

/** The sketch at `key`, lent like any value, or `undefined`. Throws when it is none. */
export function readSketch(db: Database, key: Slice): Value | undefined {
  return checked(readValue(db, key, TYPE_STRING))
}

/** The same for a command that will change it in place. */
export function writeSketch(db: Database, key: Slice): Value | undefined {
  const value = checked(writeValue(db, key, TYPE_STRING))
  if (value !== undefined && value.encoding !== ENCODING_RAW) value.encoding = ENCODING_RAW
  return value
}

/** A sketch of nothing at `key`, which must be missing. */
export function createSketch(db: Database, key: Slice): Value {
  return db.create(key, TYPE_STRING, ENCODING_RAW, emptySketch())
}
