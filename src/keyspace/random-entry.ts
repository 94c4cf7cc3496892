/** Drawing an entry of a database. */
import { NONE, type Ref } from '../arena/index.ts'
import type { Database } from './database.ts'

/** Drawing ends after as many expired entries that must be kept. */
const HIDDEN_PASSED_MAX = 100

/** Any live entry, each with the same chance; `NONE` when there is none. */
export function randomEntry(database: Database): Ref {
  const { dict, keyspace } = database
  const draw = () => keyspace.host.random.uint32()
  for (let passed = 0; passed < HIDDEN_PASSED_MAX; ) {
    const entry = dict.random(draw)
    if (entry === NONE || !database.isExpired(entry)) return entry
    // An expired entry leaves, so that the next draw is from fewer, or is passed by.
    if (keyspace.isExpiryPaused) passed++
    else database.lose(entry, 'expired')
  }
  return NONE
}
