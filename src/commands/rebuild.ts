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
import type { ValueImage } from '../values/index.ts'
import { rebuildHash } from './hash/rebuild.ts'
import { rebuildList } from './list/rebuild.ts'
import { rebuildSet } from './set/rebuild.ts'
import { rebuildSortedSet } from './sorted-set/rebuild.ts'
import { rebuildStream } from './stream/rebuild.ts'
import { rebuildLongString } from './string/rebuild.ts'

/** Takes one command that helps to make a value. */
export type Emit = (name: string, ...args: readonly EffectArgument[]) => void

/** A value that is being told, which pauses now and then. */
export type Rebuilding = Generator<void, void, void>

/**
 * Emits the commands that make a value at `key`, without its expiry: that of `image`, if there is one, or
 * else `value` as it stands, which is short then.
 */
export type Rebuild = (
  db: Database,
  value: Value,
  image: ValueImage | undefined,
  key: Uint8Array,
  emit: Emit,
) => Rebuilding

/** By type; strings have no elements, and only long ones have images. */
const REBUILDS: { readonly [type: number]: Rebuild } = {
  [TYPE_LIST]: rebuildList,
  [TYPE_SET]: rebuildSet,
  [TYPE_ZSET]: rebuildSortedSet,
  [TYPE_HASH]: rebuildHash,
  [TYPE_STREAM]: rebuildStream,
}

/**
 * Emits the commands that make an entry, its expiry included, with pauses where its value is that of
 * `image`. Up to the first pause the entry must stay as it is.
 */
export function* rebuildInSteps(
  db: Database,
  entry: Ref,
  image: ValueImage | undefined,
  emit: Emit,
): Rebuilding {
  const key = db.keyOf(entry).copyOf()
  const expiry = db.expiryOf(entry)
  const value = db.valueOf(entry)
  const type = db.typeOf(entry)
  if (image?.kind === 'string') yield* rebuildLongString(image, key, emit)
  else if (type === TYPE_STRING) {
    emit('SET', key, value.bytes.subarray(value.start, value.start + value.size))
  } else yield* REBUILDS[type]!(db, value, image, key, emit)
  if (expiry !== NEVER) emit('PEXPIREAT', key, expiry)
}

/** The same without pauses, and each string by one command. */
export function rebuildEntry(db: Database, entry: Ref, emit: Emit): void {
  const image = db.typeOf(entry) === TYPE_STRING ? undefined : db.keyspace.imageOf(entry)
  const rebuilding = rebuildInSteps(db, entry, image, emit)
  while (rebuilding.next().done !== true);
}
