/** Reading the number of a database, in the reference's words when it is none. */
import { type Args, ReplyError } from '../engine/index.ts'
import type { Database, Keyspace } from '../keyspace/index.ts'

const INT32_MAX = 2147483647
const INT32_MIN = -2147483648

/** Reads a number that fits 32 bits. `refusal` replaces the usual errors. */
export function readInt32(args: Args, refusal?: string): number {
  const value = args.int(refusal === undefined ? undefined : () => new ReplyError(refusal))
  if (value >= INT32_MIN && value <= INT32_MAX) return value
  const usual = `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`
  throw new ReplyError(refusal ?? usual)
}

/** The database with a number. Throws when there is none. */
export function databaseAt(keyspace: Keyspace, index: number): Database {
  const database = keyspace.databases[index]
  if (database === undefined) throw new ReplyError('ERR DB index is out of range')
  return database
}
