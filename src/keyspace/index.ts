/**
 * Databases and their entries: one door for reading and one for writing, on which lazy expiry, access
 * clocks, snapshot preservation, watched keys, invalidation, key events and accounting hang.
 */

export {
  EMBSTR_BYTES_MAX,
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_NAMES,
  ENCODING_RAW,
} from '../values/index.ts'
export { copyEntry } from './copy.ts'
export { Database, KEEP, NEVER } from './database.ts'
export { EVENT_CLASSES, EVENTS_WITHOUT_CHANGE, type EventClass } from './events.ts'
export {
  EVICTION_POLICIES,
  Eviction,
  type EvictionPolicy,
  type EvictionSettings,
} from './eviction.ts'
export {
  type AccessPolicy,
  Keyspace,
  type KeyspaceStats,
  type Waiting,
} from './keyspace.ts'
export {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_NAMES,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from './kinds.ts'
export { SLICE_MS } from './lazy-free.ts'
export type { KeyspaceObserver } from './observers.ts'
export { randomEntry } from './random-entry.ts'
export {
  footprintOf,
  frequencyOf,
  idleSecondsOf,
  setFrequency,
  setIdleSeconds,
} from './usage.ts'
export type { Value } from './value.ts'
export { type Rest, type Scribe, Walk } from './walk.ts'
