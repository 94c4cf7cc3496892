/** Copying an entry, with all that its value owns. */
import type { Ref } from '../arena/index.ts'
import type { Slice } from '../bytes/index.ts'
import { headOf } from '../structures/index.ts'
import { type Database, NEVER } from './database.ts'
import { isRooted } from './kinds.ts'

/** Copies an entry to another key, which must be free in the target, with its expiry. */
export function copyEntry(db: Database, entry: Ref, target: Database, key: Slice): void {
  const type = db.typeOf(entry)
  const source = db.valueOf(entry)
  const bytes = source.bytes.subarray(source.start, source.start + source.size)
  const copy = target.create(key, type, source.encoding, bytes)
  if (isRooted(headOf(db.arena, entry))) db.keyspace.types[type]?.copy(source, copy)
  const expiryMs = db.expiryOf(entry)
  if (expiryMs !== NEVER) target.setExpiry(copy.entry, expiryMs)
  target.fields.adopt(target.peek(key))
}
