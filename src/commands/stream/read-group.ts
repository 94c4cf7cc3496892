/** XREADGROUP: reading for a consumer of a group, who gets what no other of the group got. */
import type { Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, ReplyError } from '../../engine/index.ts'
import { TYPE_STREAM } from '../../keyspace/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { StreamId } from '../../values/index.ts'
import { findGroup, noKeyOrGroup, visitStream } from './access.ts'
import { replyEntry, replyEntryAt } from './entry-reply.ts'
import {
  type GroupPlace,
  tellConsumer,
  tellGroup,
  tellPending,
  touchConsumer,
} from './group-effects.ts'
import { ID_MAX, idBytes, replyId, toId } from './ids.ts'
import { hasAfter, replyStream } from './read.ts'
import { keysOf, type ReadOptions, readOptions } from './read-options.ts'

/** One stream of the request. */
interface Source extends GroupPlace {
  readonly stream: Ref
  /** The entries of the consumer's own history that come after this id; the greatest is for new ones. */
  readonly after: StreamId
}

const lastId = new StreamId()
const cursor = new TreeCursor()
const ownCursor = new TreeCursor()

function readGroup(call: Call, args: Args): void {
  const { reply, effects } = call
  const options = readOptions(args, 'XREADGROUP')
  const sources = readSources(call, args, options)
  // The effects are what came of it, pending entry by pending entry.
  effects.suppress()
  const mark = reply.at
  let served = 0
  for (const source of sources) if (serve(call, source, options)) served++
  if (served > 0) reply.arrayAt(mark, served, reply.isResp3 ? 'map' : 'array')
  else if (options.timeoutMs < 0) reply.nullArray()
  else {
    call.block({
      keys: keysOf(args, options),
      type: TYPE_STREAM,
      timeoutMs: options.timeoutMs,
      timeoutReply: 'nullArray',
      wakesOnRemoval: true,
    })
  }
}

function readSources(call: Call, args: Args, options: ReadOptions): Source[] {
  const { streams, keysAt } = options
  const groupName = options.group!
  const sources: Source[] = []
  for (let i = 0; i < streams; i++) {
    const key = args.slice(keysAt + i)
    const stream = visitStream(call, key)
    const group = findGroup(call, stream, groupName)
    if (group === 0) throw noKeyOrGroup(key, groupName, ' in XREADGROUP with GROUP option')
    const after = readAfter(args.slice(keysAt + streams + i))
    sources.push({ key, groupName, group, stream, after })
  }
  return sources
}

function readAfter(argument: Slice): StreamId {
  const { bytes, start, end } = argument
  const isSign = end - start === 1 || (end - start > 1 && bytes[start + 1] === 0)
  const sign = isSign ? String.fromCharCode(bytes[start]!) : ''
  if (sign === '$' || sign === '+') {
    throw new ReplyError(
      `ERR The ${sign} ID is meaningless in the context of XREADGROUP: you want to read the ` +
        'history of this consumer by specifying a proper ID, or use the > ID to get new ' +
        `messages. The ${sign} ID would just return an empty result set.`,
    )
  }
  return sign === '>' ? new StreamId().setMax() : toId(argument, new StreamId())
}

/** Answers what a stream has for the consumer. @returns whether that is anything. */
function serve(call: Call, source: Source, options: ReadOptions): boolean {
  const { keyspace, reply } = call
  const { stream, group, key, after } = source
  const isHistory = !after.isMax
  const { groups } = keyspace.streams
  const isServed = isHistory || hasAfter(keyspace, stream, groups.lastId(group, after))
  const { consumer, isNew } = touchConsumer(call, source, options.consumer!)
  if (isNew && (options.isNoAck || isHistory || !isServed)) {
    tellConsumer(call, source, options.consumer!)
  }
  // Should it have to wait, it is to look for new entries again.
  if (!isServed) return false
  replyStream(reply, key)
  after.increment()
  if (isHistory) replyHistory(call, source, consumer, options.countMax)
  else deliver(call, source, consumer, options)
  return true
}

/** Answers entries that the consumer has pending, which are delivered once more by it. */
function replyHistory(call: Call, source: Source, consumer: Ref, countMax: number): void {
  const { keyspace, reply } = call
  const { groups } = keyspace.streams
  const { owned } = groups
  const mark = reply.at
  let count = 0
  let isThere = owned.ceiling(consumer, source.after, ownCursor)
  for (; isThere && count < countMax; isThere = owned.next(ownCursor)) {
    lastId.read(ownCursor.words, ownCursor.at)
    if (replyEntryAt(keyspace, reply, source.stream, lastId)) {
      groups.findToChange(source.group, lastId, cursor)
      groups.setDelivered(cursor, keyspace.nowMs)
      groups.countDelivery(cursor)
    } else {
      // It was deleted, but is still to be acknowledged.
      reply.array(2)
      replyId(reply, lastId)
      reply.nullArray()
    }
    count++
  }
  reply.arrayAt(mark, count)
}

/** Answers entries that the group has not read, and notes to whom they went. */
function deliver(call: Call, source: Source, consumer: Ref, options: ReadOptions): void {
  const { keyspace, reply } = call
  const { groups, progress, walk } = keyspace.streams
  const { stream, group } = source
  const mark = reply.at
  let count = 0
  walk.begin(stream, source.after, ID_MAX)
  while (count < options.countMax && walk.next()) {
    const { entry } = walk
    progress.advance(stream, group, entry)
    replyEntry(reply, entry)
    if (!options.isNoAck) {
      groups.assign(group, consumer, entry, cursor)
      groups.setDelivered(cursor, keyspace.nowMs)
      groups.setDeliveries(cursor, 1)
      tellPending(call, source, entryId(call), cursor)
    }
    count++
  }
  if (!options.isNoAck) groups.setActive(consumer, keyspace.nowMs)
  tellGroup(call, source)
  reply.arrayAt(mark, count)
  // The reference tells nobody else: no event, no watched key.
  keyspace.dirty++
}

/** The id of the entry where the walk is, for effects, if they go anywhere. */
function entryId({ keyspace, effects }: Call): Uint8Array | string {
  return effects.sink === undefined ? '' : idBytes(keyspace.streams.walk.entry)
}

/** XREADGROUP. */
export const readGroupCommands: readonly CommandSpec[] = [
  {
    name: 'XREADGROUP',
    syntax:
      '<GROUP group consumer>:group-block [COUNT count:integer] [BLOCK milliseconds:integer] ' +
      '[NOACK] <STREAMS key [key ...] id [id ...]>:streams',
    summary: 'Replies with entries of streams that no other consumer of the group has got.',
    since: '5.0.0',
    complexity:
      'O(M) for each stream, where M is the number of its entries in the reply; an XADD that ' +
      'serves N waiting clients is O(N)',
    arity: -7,
    flags: ['write', 'blocking'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { kind: 'keyword', keyword: 'STREAMS', startFrom: 4 },
        find: { kind: 'range', lastKey: -1, step: 1, limit: 2 },
      },
    ],
    run: readGroup,
  },
]
