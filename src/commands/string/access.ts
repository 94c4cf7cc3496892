/** Reaching strings: for reading, and for changing them in place. */
import { constants } from 'node:buffer'
import { pageOf } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Call, ReplyError, wrongType } from '../../engine/index.ts'
import { type Database, ENCODING_RAW, NEVER, TYPE_STRING } from '../../keyspace/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'

const NO_BYTES = new Uint8Array(0)
/** No buffer is longer, whatever the settings say. */
const BUFFER_BYTES_MAX = constants.MAX_LENGTH

/**
 * The string at `key` for a command that reads it, lent until the next look at the database, or
 * `undefined` when there is none. Throws when the key holds another type.
 */
export function readString(db: Database, key: Slice): Slice | undefined {
  const entry = db.read(key)
  if (entry === 0) return undefined
  if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
  return db.stringOf(entry)
}

/** Answers with the string in an entry. */
export function replyString(db: Database, entry: number, reply: ReplyWriter): void {
  const { bytes, start, end } = db.stringOf(entry)
  const { arena } = db
  const page = pageOf(entry)
  // All but a large one stands in the page of its entry, of which there is a view.
  if (bytes === arena.bytes[page]) reply.bulkViewed(arena.views[page]!, bytes, start, end)
  else reply.bulk(bytes, start, end)
}

/** The entry at `key` for a command that will change its bytes, 0 when missing. Throws likewise. */
export function writeString(db: Database, key: Slice): number {
  const entry = db.write(key)
  if (entry !== 0 && db.typeOf(entry) !== TYPE_STRING) throw wrongType()
  return entry
}

/**
 * Makes room in a string for at least `size` bytes, with zeros behind what it had, and takes its bytes
 * from `from` up to there as changed in place. `entry` comes from `writeString`; a missing string is made.
 * @returns all bytes, lent until the next change.
 */
export function growString(
  db: Database,
  key: Slice,
  entry: number,
  from: number,
  size: number,
): Slice {
  if (entry === 0) {
    db.setString(key, NO_BYTES, 0, 0, ENCODING_RAW, NEVER)
    entry = db.peek(key)
  }
  db.beforeBytes(entry, from, size)
  if (size > db.stringOf(entry).length) entry = db.resizeString(entry, size, ENCODING_RAW)
  else db.setEncoding(entry, ENCODING_RAW)
  return db.stringOf(entry)
}

/** The longest string that this call may build, in bytes. */
export function stringBytesMax({ keyspace }: Call): number {
  // What was done under another limit must come back from the log.
  if (keyspace.isLoading) return BUFFER_BYTES_MAX
  return Math.min(keyspace.stringBytesMax, BUFFER_BYTES_MAX)
}

/** Throws when a string of `size` bytes would be too long. */
export function checkStringSize(call: Call, size: number): void {
  if (size <= stringBytesMax(call)) return
  throw new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
}
