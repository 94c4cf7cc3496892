/** What an entry costs, and how it was used of late, read from its access clock. */
import type { Ref } from '../arena/index.ts'
import { headOf } from '../structures/index.ts'
import { idleSeconds, lfuClock, lfuCounter, lruClock } from './access.ts'
import type { Database } from './database.ts'
import { footprint } from './entry.ts'
import { clockOf, setClock } from './entry-change.ts'
import type { Keyspace } from './keyspace.ts'
import { isRooted, typeOf } from './kinds.ts'

/** Bytes that an entry, what it owns and its place in the table cost. */
export function footprintOf(db: Database, entry: Ref): number {
  const { arena, keyspace } = db
  const head = headOf(arena, entry)
  const owned = isRooted(head)
    ? (keyspace.types[typeOf(head)]?.ownedBytes(db.valueOf(entry)) ?? 0)
    : 0
  const place = Math.ceil(db.dict.tableBytes / Math.max(1, db.count))
  return footprint(arena, entry) + owned + place
}

/** Seconds since an entry was used. */
export function idleSecondsOf({ arena, nowMs }: Keyspace, entry: Ref): number {
  return idleSeconds(clockOf(arena, entry), nowMs)
}

/** How often an entry was used, by the logarithmic counter. */
export function frequencyOf({ arena, access, nowMs }: Keyspace, entry: Ref): number {
  return lfuCounter(clockOf(arena, entry), nowMs, access.lfuDecayMinutes)
}

/** Sets the access clock of an entry as if it had been used that long ago. */
export function setIdleSeconds({ arena, nowMs }: Keyspace, entry: Ref, seconds: number): void {
  setClock(arena, entry, lruClock(nowMs - seconds * 1000))
}

/** Sets the access clock of an entry as if it had been used that often, by the logarithmic counter. */
export function setFrequency({ arena, nowMs }: Keyspace, entry: Ref, frequency: number): void {
  setClock(arena, entry, (lfuClock(nowMs) & ~0xff) | frequency)
}
