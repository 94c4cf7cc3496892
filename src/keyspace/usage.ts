/** How an entry was used of late, read from its access clock. */
import type { Ref } from '../arena/index.ts'
import { idleSeconds, lfuCounter, lruClock } from './access.ts'
import { clockOf, setClock } from './entry-change.ts'
import type { Keyspace } from './keyspace.ts'

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
