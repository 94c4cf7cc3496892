/** The groups of a stream as XINFO STREAM FULL shows them. */
import type { Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import type { Call } from '../../engine/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { READ_UNKNOWN, StreamId } from '../../values/index.ts'
import { replyId } from './ids.ts'

const groupCursor = new TreeCursor()
const consumerCursor = new TreeCursor()
const cursor = new TreeCursor()
const ownCursor = new TreeCursor()
const id = new StreamId()
const name = new Slice(new Uint8Array(0), 0, 0)

/** Answers the groups of a stream, with at most `countMax` pending entries for each owner. */
export function replyFullGroups(call: Call, stream: Ref, countMax: number): void {
  const { reply, keyspace } = call
  const { groups } = keyspace.streams
  const { tree } = groups.groups
  reply.array(tree.count(stream))
  for (let on = tree.first(stream, groupCursor); on; on = tree.next(groupCursor)) {
    const group = groups.groups.blockAt(groupCursor)
    reply.map(7)
    reply.latin1('name')
    reply.bulkSlice(groups.groups.nameOf(group, name))
    reply.latin1('last-delivered-id')
    replyId(reply, groups.lastId(group, id))
    replyRead(call, group)
    replyLag(call, stream, group)
    reply.latin1('pel-count')
    reply.integer(groups.pending.count(group))
    reply.latin1('pending')
    replyPending(call, group, countMax)
    reply.latin1('consumers')
    replyConsumers(call, group, countMax)
  }
}

/** Answers the field that says how many entries a group has read. */
export function replyRead({ reply, keyspace }: Call, group: Ref): void {
  const read = keyspace.streams.groups.read(group)
  reply.latin1('entries-read')
  if (read === READ_UNKNOWN) reply.null()
  else reply.integer(read)
}

/** Answers the field that says how many entries a group has still to read. */
export function replyLag({ reply, keyspace }: Call, stream: Ref, group: Ref): void {
  const lag = keyspace.streams.progress.lag(stream, group)
  reply.latin1('lag')
  if (lag === undefined) reply.null()
  else reply.integer(lag)
}

function replyPending({ reply, keyspace }: Call, group: Ref, countMax: number): void {
  const { groups } = keyspace.streams
  const { pending } = groups
  let left = Math.min(countMax, pending.count(group))
  reply.array(left)
  for (let on = pending.first(group, cursor); on && left > 0; on = pending.next(cursor)) {
    reply.array(4)
    replyId(reply, id.read(cursor.words, cursor.at))
    reply.bulkSlice(groups.consumers.nameOf(groups.consumerAt(cursor), name))
    reply.integer(groups.deliveredMs(cursor))
    reply.integer(groups.deliveries(cursor))
    left--
  }
}

function replyConsumers(call: Call, group: Ref, countMax: number): void {
  const { reply, keyspace } = call
  const { groups } = keyspace.streams
  const { tree } = groups.consumers
  reply.array(tree.count(group))
  for (let on = tree.first(group, consumerCursor); on; on = tree.next(consumerCursor)) {
    const consumer = groups.consumers.blockAt(consumerCursor)
    reply.map(5)
    reply.latin1('name')
    reply.bulkSlice(groups.consumers.nameOf(consumer, name))
    reply.latin1('seen-time')
    reply.integer(groups.seenMs(consumer))
    reply.latin1('active-time')
    reply.integer(groups.activeMs(consumer))
    reply.latin1('pel-count')
    reply.integer(groups.owned.count(consumer))
    reply.latin1('pending')
    replyOwned(call, group, consumer, countMax)
  }
}

function replyOwned({ reply, keyspace }: Call, group: Ref, consumer: Ref, countMax: number): void {
  const { groups } = keyspace.streams
  const { owned } = groups
  let left = Math.min(countMax, owned.count(consumer))
  reply.array(left)
  for (let on = owned.first(consumer, ownCursor); on && left > 0; on = owned.next(ownCursor)) {
    groups.find(group, id.read(ownCursor.words, ownCursor.at), cursor)
    reply.array(3)
    replyId(reply, id)
    reply.integer(groups.deliveredMs(cursor))
    reply.integer(groups.deliveries(cursor))
    left--
  }
}
