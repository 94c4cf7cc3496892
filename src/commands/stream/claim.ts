/** XCLAIM: taking over entries that were delivered to others. */
import { NONE } from '../../arena/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { parseStreamId, StreamId } from '../../values/index.ts'
import { findGroup, noKeyOrGroup, shown, visitStream } from './access.ts'
import { replyEntryAt } from './entry-reply.ts'
import {
  type GroupPlace,
  tellConsumer,
  tellGroup,
  tellPending,
  touchConsumer,
} from './group-effects.ts'
import { isId, readId, replyId } from './ids.ts'

const cursor = new TreeCursor()
const id = new StreamId()
const lastId = new StreamId()
const groupId = new StreamId()

interface ClaimOptions {
  readonly idleMs: number
  /** The position of the first id, and how many there are. */
  readonly idsAt: number
  readonly ids: number
  deliveredMs: number
  /** How often it was delivered; below 0 it is counted on. */
  deliveries: bigint
  isForced: boolean
  isJustId: boolean
}

function claim(call: Call, args: Args): void {
  const { effects, keyspace } = call
  const key = args.key()
  const groupName = args.next()
  const consumerName = args.next()
  const stream = visitStream(call, key)
  const group = findGroup(call, stream, groupName)
  if (group === NONE) throw noKeyOrGroup(key, groupName)
  const options = readOptions(call, args)
  const place: GroupPlace = { key, groupName, group }
  effects.suppress()
  const { groups } = keyspace.streams
  let isGroupTold = true
  if (lastId.compare(groups.lastId(group, groupId)) > 0) {
    groups.setLastId(group, lastId)
    isGroupTold = false
  }
  const { consumer, isNew } = touchConsumer(call, place, consumerName)
  const mark = call.reply.at
  let claimed = 0
  for (let i = 0; i < options.ids; i++) {
    const outcome = claimOne(call, args, place, stream, consumer, options, options.idsAt + i)
    if (outcome === SKIPPED) continue
    // The effect of a pending entry says how far the group has read, too.
    isGroupTold = true
    keyspace.dirty++
    if (outcome === CLAIMED) claimed++
  }
  if (isNew && claimed === 0) tellConsumer(call, place, consumerName)
  if (!isGroupTold) {
    tellGroup(call, place)
    keyspace.dirty++
  }
  call.reply.arrayAt(mark, claimed)
}

const SKIPPED = 0
/** It is in the stream no more, and so not pending either. */
const DROPPED = 1
const CLAIMED = 2

function claimOne(
  call: Call,
  args: Args,
  place: GroupPlace,
  stream: number,
  consumer: number,
  options: ClaimOptions,
  position: number,
): number {
  const { keyspace, reply } = call
  const { entries, groups } = keyspace.streams
  const { group } = place
  const argument = args.slice(position)
  parseStreamId(argument.bytes, argument.start, argument.end, id)
  const isPending = groups.find(group, id, cursor)
  if (!entries.has(stream, id)) {
    if (!isPending) return SKIPPED
    tellPending(call, place, argument, cursor)
    groups.acknowledge(group, id)
    return DROPPED
  }
  if (!isPending && !options.isForced) return SKIPPED
  if (isPending && options.idleMs > 0) {
    if (keyspace.nowMs - groups.deliveredMs(cursor) < options.idleMs) return SKIPPED
  }
  if (groups.assign(group, consumer, id, cursor)) groups.setDeliveries(cursor, 1)
  groups.setDelivered(cursor, options.deliveredMs)
  if (options.deliveries >= 0n) groups.setDeliveries(cursor, options.deliveries)
  else if (!options.isJustId) groups.countDelivery(cursor)
  if (options.isJustId) replyId(reply, id)
  else replyEntryAt(keyspace, reply, stream, id)
  groups.setActive(consumer, keyspace.nowMs)
  tellPending(call, place, argument, cursor)
  return CLAIMED
}

function readOptions(call: Call, args: Args): ClaimOptions {
  const { nowMs } = call.keyspace
  const idleMs = args.int(() => invalid('min-idle-time'))
  const idsAt = args.at
  while (args.left > 0) {
    const { bytes, start, end } = args.slice(args.at)
    if (!isId(parseStreamId(bytes, start, end, id))) break
    args.at++
  }
  const options: ClaimOptions = {
    idleMs,
    idsAt,
    ids: args.at - idsAt,
    deliveredMs: nowMs,
    deliveries: -1n,
    isForced: false,
    isJustId: false,
  }
  lastId.setMin()
  while (args.left > 0) takeOption(args, options, nowMs)
  // A time that cannot be is taken for now: clients' clocks differ.
  if (options.deliveredMs < 0 || options.deliveredMs > nowMs) options.deliveredMs = nowMs
  return options
}

function takeOption(args: Args, options: ClaimOptions, nowMs: number): void {
  const hasMore = args.left > 1
  if (args.take('FORCE')) options.isForced = true
  else if (args.take('JUSTID')) options.isJustId = true
  else if (hasMore && args.take('IDLE')) {
    options.deliveredMs = nowMs - args.int(() => invalid('IDLE option'))
  } else if (hasMore && args.take('TIME')) {
    options.deliveredMs = args.int(() => invalid('TIME option'))
  } else if (hasMore && args.take('RETRYCOUNT')) {
    options.deliveries = args.int64(() => invalid('RETRYCOUNT option'))
  } else if (hasMore && args.take('LASTID')) readId(args, lastId)
  else throw new ReplyError(`ERR Unrecognized XCLAIM option '${shown(args.next())}'`)
}

function invalid(what: string): ReplyError {
  return new ReplyError(`ERR Invalid ${what} argument for XCLAIM`)
}

/** XCLAIM. */
export const claimCommands: readonly CommandSpec[] = [
  {
    name: 'XCLAIM',
    syntax:
      'key group consumer min-idle-time id [id ...] [IDLE ms:integer] ' +
      '[TIME unix-time-milliseconds:unix-time] [RETRYCOUNT count:integer] [FORCE] [JUSTID] ' +
      '[LASTID lastid]',
    summary: 'Makes a consumer the owner of entries that were delivered to another one.',
    since: '5.0.0',
    complexity: 'O(log N), where N is the number of entries that the group has pending',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    tips: ['nondeterministic_output'],
    run: claim,
  },
]
