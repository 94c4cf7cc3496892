/**
 * Values as the commands that make them: for a log that begins with data already in memory. One
 * function a type; the order of what has none is as it comes.
 */
import type { Ref } from '../arena/index.ts'
import type { EffectArgument } from '../engine/index.ts'
import {
  type Database,
  NEVER,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
  type Value,
} from '../keyspace/index.ts'
import { rebuildHash } from './hash/rebuild.ts'
import { rebuildList } from './list/rebuild.ts'
import { rebuildSet } from './set/rebuild.ts'
import { rebuildSortedSet } from './sorted-set/rebuild.ts'
import { rebuildStream } from './stream/rebuild.ts'

/** Takes one command that helps to make a value. */
export type Emit = (name: string, ...args: readonly EffectArgument[]) => void

/** Emits the commands that make `value` at `key`, without its expiry. */
export type Rebuild = (db: Database, value: Value, key: Uint8Array, emit: Emit) => void

/** By type. */
const REBUILDS: { readonly [type: number]: Rebuild } = {
  [TYPE_STRING]: (_db, value, key, emit) => {
    emit('SET', key, value.bytes.subarray(value.start, value.start + value.size))
  },
  [TYPE_LIST]: rebuildList,
  [TYPE_SET]: rebuildSet,
  [TYPE_ZSET]: rebuildSortedSet,
  [TYPE_HASH]: rebuildHash,
  [TYPE_STREAM]: rebuildStream,
}

/** Emits the commands that make an entry, its expiry included. */
export function rebuildEntry(db: Database, entry: Ref, emit: Emit): void {
  const key = db.keyOf(entry).copyOf()
  const rebuild = REBUILDS[db.typeOf(entry)]
  if (rebuild === undefined) throw new Error('a type that cannot be written as commands')
  rebuild(db, db.valueOf(entry), key, emit)
  const expiry = db.expiryOf(entry)
  if (expiry !== NEVER) emit('PEXPIREAT', key, expiry)
}
