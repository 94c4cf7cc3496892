/** A value alone as DUMP gives it: type, value, version 2, checksum 8, low byte first. */
import type { Database } from '../keyspace/index.ts'
import { Crc64 } from './crc64.ts'
import {
  RDB_HASH_EXPIRES,
  RDB_HASH_LISTPACK_EXPIRES,
  VERSION_BASE,
  VERSION_FIELD_EXPIRY,
} from './format.ts'
import { type ByteSink, RdbOutput } from './output.ts'
import { rdbTypeOf, writeValue } from './write-value.ts'

/** Bytes behind the value. */
export const FOOTER_BYTES = 10

/** One for all payloads. */
const output = new RdbOutput({ append: () => {} }, true)

/** The value of an entry as a payload, in the oldest version that has its form. */
export function dumpEntry(db: Database, entry: number): Uint8Array {
  const pieces: Uint8Array[] = []
  const sink: ByteSink = { append: (bytes, start, end) => pieces.push(bytes.slice(start, end)) }
  output.turnTo(sink)
  const value = db.valueOf(entry)
  const image = db.keyspace.imageOf(entry)
  const rdbType = rdbTypeOf(db.keyspace, db.typeOf(entry), value, image, VERSION_BASE)
  output.byte(rdbType)
  const writing = writeValue(db.keyspace, value, image, rdbType, output)
  if (writing !== undefined) while (writing.next().done !== true);
  const hasExpiry = rdbType === RDB_HASH_EXPIRES || rdbType === RDB_HASH_LISTPACK_EXPIRES
  output.flush()
  return withFooter(pieces, hasExpiry ? VERSION_FIELD_EXPIRY : VERSION_BASE)
}

/** Pieces as one payload, with the version that its form needs, and the checksum of all. */
export function withFooter(
  parts: readonly Uint8Array[],
  version: number = VERSION_BASE,
): Uint8Array {
  const pieces = [...parts, Uint8Array.of(version, 0)]
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const payload = new Uint8Array(size + 8)
  let at = 0
  for (const piece of pieces) {
    payload.set(piece, at)
    at += piece.length
  }
  const crc = new Crc64()
  crc.update(payload, 0, size)
  const view = new DataView(payload.buffer)
  view.setInt32(size, crc.low, true)
  view.setInt32(size + 4, crc.high, true)
  return payload
}
