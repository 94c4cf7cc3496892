/** XDEL, XDELEX, XACK and XACKDEL: entries that are done with, in the stream or in a group. */
import { NONE, type Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import type { Keyspace } from '../../keyspace/index.ts'
import type { References, StreamId } from '../../values/index.ts'
import { findGroup, visitStream, writeStream } from './access.ts'
import { readIds, readNewId } from './ids.ts'

/** What XDELEX and XACKDEL answer for each id. */
const MISSING = -1
const DELETED = 1
const KEPT = 2

function remove(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const key = args.key()
  const stream = writeStream(call, key)
  if (stream === NONE) {
    reply.integer(0)
    return
  }
  let deleted = 0
  for (const id of readIds(args)) if (keyspace.streams.entries.delete(stream, id)) deleted++
  settle(call, key, stream, deleted, deleted)
  reply.integer(deleted)
}

/** Ends a command that deleted entries, or changed so much in groups. */
function settle(
  { db, keyspace }: Call,
  key: Slice,
  stream: Ref,
  deleted: number,
  changes: number,
): void {
  if (deleted > 0) {
    keyspace.streams.entries.settle(stream)
    db.changed(key, 'xdel', 'stream')
    keyspace.dirty += changes - 1
  } else keyspace.dirty += changes
}

interface IdList {
  readonly references: References
  /** Where the ids are among the arguments, and how many. */
  readonly at: number
  readonly count: number
}

/** Reads what comes after the key and the group: how to treat references, and the ids. */
function readIdList(args: Args): IdList {
  let references: References | undefined
  let at = -1
  let count = 0
  while (args.left > 0) {
    const isOpen = references === undefined
    if (isOpen && args.take('KEEPREF')) references = 'KEEPREF'
    else if (isOpen && args.take('DELREF')) references = 'DELREF'
    else if (isOpen && args.take('ACKED')) references = 'ACKED'
    else if (args.left > 1 && args.take('IDS')) {
      count = readIdCount(args)
      at = args.at
      args.at += count
    } else throw syntaxError()
  }
  if (at < 0) throw new ReplyError('ERR IDS option is required')
  return { references: references ?? 'KEEPREF', at, count }
}

function readIdCount(args: Args): number {
  const refusal = () => new ReplyError('ERR Number of IDs must be a positive integer')
  const count = args.int(refusal)
  if (count < 1) throw refusal()
  if (count > args.left) {
    throw new ReplyError('ERR The `numids` parameter must match the number of arguments')
  }
  return count
}

function idsOf(args: Args, { at, count }: IdList): StreamId[] {
  args.at = at
  return Array.from({ length: count }, () => readNewId(args))
}

function replyMissing({ reply }: Call, { count }: IdList): void {
  reply.array(count)
  for (let i = 0; i < count; i++) reply.integer(MISSING)
}

function removeEach(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const key = args.key()
  const stream = writeStream(call, key)
  const list = readIdList(args)
  if (stream === NONE) {
    replyMissing(call, list)
    return
  }
  const { entries, groups } = keyspace.streams
  const ids = idsOf(args, list)
  let deleted = 0
  let changes = 0
  reply.array(ids.length)
  for (const id of ids) {
    if (list.references === 'DELREF' && groups.dropReferences(stream, id)) changes++
    if (list.references === 'ACKED' && groups.isReferenced(stream, id)) {
      reply.integer(KEPT)
    } else if (entries.delete(stream, id)) {
      deleted++
      reply.integer(DELETED)
    } else reply.integer(MISSING)
  }
  settle(call, key, stream, deleted, deleted + changes)
}

function acknowledge(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const stream = visitStream(call, args.key())
  const group = findGroup(call, stream, args.next())
  let acknowledged = 0
  if (group !== NONE) {
    for (const id of readIds(args)) {
      if (keyspace.streams.groups.acknowledge(group, id)) acknowledged++
    }
  }
  // The reference tells nobody else: no event, no watched key.
  keyspace.dirty += acknowledged
  reply.integer(acknowledged)
}

function acknowledgeEach(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const key = args.key()
  const groupName = args.next()
  const stream = writeStream(call, key)
  const list = readIdList(args)
  const group = findGroup(call, stream, groupName)
  if (group === NONE) {
    replyMissing(call, list)
    return
  }
  const ids = idsOf(args, list)
  let deleted = 0
  let changes = 0
  reply.array(ids.length)
  for (const id of ids) {
    if (!keyspace.streams.groups.acknowledge(group, id)) {
      reply.integer(MISSING)
      continue
    }
    changes++
    const isKept = isKeptAfterAck(keyspace, stream, id, list.references)
    if (!isKept && keyspace.streams.entries.delete(stream, id)) deleted++
    reply.integer(isKept ? KEPT : DELETED)
  }
  settle(call, key, stream, deleted, changes)
}

function isKeptAfterAck(
  { streams }: Keyspace,
  stream: Ref,
  id: StreamId,
  references: References,
): boolean {
  if (references === 'ACKED') return streams.groups.isReferenced(stream, id)
  if (references === 'DELREF') streams.groups.dropReferences(stream, id)
  return false
}

/** XDEL, XDELEX, XACK, XACKDEL. */
export const deleteCommands: readonly CommandSpec[] = [
  {
    name: 'XDEL',
    syntax: 'key id [id ...]',
    summary: 'Deletes entries of a stream and replies with how many there were.',
    since: '5.0.0',
    complexity: 'O(1) for each entry, however long the stream is',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: remove,
  },
  {
    name: 'XDELEX',
    syntax: 'key [KEEPREF | DELREF | ACKED]:condition <IDS numids:integer id [id ...]>:ids',
    summary: 'Deletes entries of a stream, with or without what groups have pending of them.',
    since: '8.2.0',
    complexity: 'O(1) for each entry and group, however long the stream is',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: removeEach,
  },
  {
    name: 'XACK',
    syntax: 'key group id [id ...]',
    summary: 'Acknowledges entries that were delivered to a group.',
    since: '5.0.0',
    complexity: 'O(1) for each id',
    arity: -4,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    run: acknowledge,
  },
  {
    name: 'XACKDEL',
    syntax: 'key group [KEEPREF | DELREF | ACKED]:condition <IDS numids:integer id [id ...]>:ids',
    summary: 'Acknowledges entries that were delivered to a group, and deletes them.',
    since: '8.2.0',
    complexity: 'O(1) for each id and group',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update', 'delete')],
    run: acknowledgeEach,
  },
]
