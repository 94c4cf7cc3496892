/** XPENDING: what a group delivered that is not acknowledged. */
import { NONE, type Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, syntaxError } from '../../engine/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { StreamId } from '../../values/index.ts'
import { findGroup, noKeyOrGroup, readStream } from './access.ts'
import { replyId, toEnd, toStart } from './ids.ts'

const startId = new StreamId()
const endId = new StreamId()
const id = new StreamId()
const cursor = new TreeCursor()
const ownCursor = new TreeCursor()
const name = new Slice(new Uint8Array(0), 0, 0)

interface Range {
  readonly idleMs: number
  readonly countMax: number
  readonly consumer: Slice | undefined
}

function pending(call: Call, args: Args): void {
  const key = args.key()
  const groupName = args.next()
  const range = args.left > 0 ? readRange(args) : undefined
  const group = findGroup(call, readStream(call, key), groupName)
  if (group === NONE) throw noKeyOrGroup(key, groupName)
  if (range === undefined) replySummary(call, group)
  else replyRange(call, group, range)
}

function readRange(args: Args): Range {
  if (args.left < 3 || args.left > 6) throw syntaxError()
  let idleMs = 0
  if (args.take('IDLE')) {
    idleMs = args.int()
    if (args.left < 3) throw syntaxError()
  }
  const start = args.next()
  const end = args.next()
  const countMax = args.int()
  toStart(start, startId)
  toEnd(end, endId)
  return { idleMs, countMax, consumer: args.left > 0 ? args.next() : undefined }
}

function replySummary({ keyspace, reply }: Call, group: Ref): void {
  const { groups } = keyspace.streams
  reply.array(4)
  reply.integer(groups.pending.count(group))
  if (!groups.pending.first(group, cursor)) {
    reply.null()
    reply.null()
    reply.nullArray()
    return
  }
  replyId(reply, id.read(cursor.words, cursor.at))
  groups.pending.last(group, cursor)
  replyId(reply, id.read(cursor.words, cursor.at))
  const mark = reply.at
  let count = 0
  const { tree } = groups.consumers
  for (let on = tree.first(group, cursor); on; on = tree.next(cursor)) {
    const consumer = groups.consumers.blockAt(cursor)
    const owned = groups.owned.count(consumer)
    if (owned === 0) continue
    reply.array(2)
    reply.bulkSlice(groups.consumers.nameOf(consumer, name))
    reply.bulkInt(owned)
    count++
  }
  reply.arrayAt(mark, count)
}

function replyRange(call: Call, group: Ref, { idleMs, countMax, consumer }: Range): void {
  const { keyspace, reply } = call
  const { groups } = keyspace.streams
  const owner = consumer === undefined ? NONE : groups.consumers.find(group, consumer)
  if (consumer !== undefined && owner === NONE) {
    reply.array(0)
    return
  }
  const tree = owner === NONE ? groups.pending : groups.owned
  const mark = reply.at
  let count = 0
  let isThere = tree.ceiling(owner === NONE ? group : owner, startId, ownCursor)
  for (; isThere && count < countMax; isThere = tree.next(ownCursor)) {
    if (id.read(ownCursor.words, ownCursor.at).compare(endId) > 0) break
    if (owner === NONE) cursor.moveTo(ownCursor)
    else groups.find(group, id, cursor)
    const idle = keyspace.nowMs - groups.deliveredMs(cursor)
    if (idleMs !== 0 && idle < idleMs) continue
    reply.array(4)
    replyId(reply, id)
    reply.bulkSlice(groups.consumers.nameOf(groups.consumerAt(cursor), name))
    reply.integer(Math.max(0, idle))
    reply.integer(groups.deliveries(cursor))
    count++
  }
  reply.arrayAt(mark, count)
}

/** XPENDING. */
export const pendingCommands: readonly CommandSpec[] = [
  {
    name: 'XPENDING',
    syntax: 'key group [[IDLE min-idle-time:integer] start end count:integer [consumer]]:filters',
    summary: 'Replies with what a group was delivered and has not acknowledged.',
    since: '5.0.0',
    argumentsSince: { 'filters/min-idle-time': '6.2.0' },
    complexity:
      'O(N), where N is the number of entries in the reply, or with IDLE of those looked at; ' +
      'O(N) for N consumers when no range is given',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'Added the `IDLE` option and exclusive range intervals.']],
    run: pending,
  },
]
