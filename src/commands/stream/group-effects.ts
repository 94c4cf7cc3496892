/**
 * What reading and claiming do to a group, as commands that do it again: each pending entry with its
 * consumer, time and count, and how far the group has read.
 */
import type { Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import type { Call, EffectArgument } from '../../engine/index.ts'
import type { TreeCursor } from '../../structures/index.ts'
import { StreamId } from '../../values/index.ts'
import { idBytes } from './ids.ts'

const name = new Slice(new Uint8Array(0), 0, 0)
const lastId = new StreamId()

/** A group by the names that its effects carry. */
export interface GroupPlace {
  readonly key: Slice
  readonly groupName: Slice
  readonly group: Ref
}

/** The pending entry at a cursor is as it is now. */
export function tellPending(
  { keyspace, effects }: Call,
  { key, groupName, group }: GroupPlace,
  id: EffectArgument,
  cursor: TreeCursor,
): void {
  if (effects.sink === undefined) return
  const { groups } = keyspace.streams
  effects.replaceWith(
    'XCLAIM',
    key,
    groupName,
    groups.consumers.nameOf(groups.consumerAt(cursor), name),
    0,
    id,
    'TIME',
    groups.deliveredMs(cursor),
    'RETRYCOUNT',
    groups.deliveries(cursor),
    'FORCE',
    'JUSTID',
    'LASTID',
    idBytes(groups.lastId(group, lastId)),
  )
}

/** The group has read so far. */
export function tellGroup(
  { keyspace, effects }: Call,
  { key, groupName, group }: GroupPlace,
): void {
  if (effects.sink === undefined) return
  const { groups } = keyspace.streams
  const id = idBytes(groups.lastId(group, lastId))
  effects.replaceWith('XGROUP', 'SETID', key, groupName, id, 'ENTRIESREAD', groups.read(group))
}

/** There is a consumer now that no pending entry tells of. */
export function tellConsumer(
  { effects }: Call,
  { key, groupName }: GroupPlace,
  consumerName: Slice,
): void {
  effects.replaceWith('XGROUP', 'CREATECONSUMER', key, groupName, consumerName)
}

/** The consumer of a name, made if it is missing; it is seen now. @returns whether it is new. */
export function touchConsumer(
  { db, keyspace }: Call,
  { key, group }: GroupPlace,
  consumerName: Slice,
): { readonly consumer: Ref; readonly isNew: boolean } {
  const { groups } = keyspace.streams
  const known = groups.consumerNamed(group, consumerName)
  if (known !== 0) {
    groups.setSeen(known, keyspace.nowMs)
    return { consumer: known, isNew: false }
  }
  const consumer = groups.createConsumer(group, consumerName, keyspace.nowMs)
  db.changed(key, 'xgroup-createconsumer', 'stream')
  return { consumer, isNew: true }
}
