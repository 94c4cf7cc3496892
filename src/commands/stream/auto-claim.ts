/** XAUTOCLAIM: taking over what has been pending for long, from an id on. */
import { NONE } from '../../arena/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { StreamId } from '../../values/index.ts'
import { findGroup, noKeyOrGroup, visitEntry } from './access.ts'
import { replyEntryAt } from './entry-reply.ts'
import { type GroupPlace, tellConsumer, tellPending, touchConsumer } from './group-effects.ts'
import { ID_MIN, idBytes, replyId, toStart } from './ids.ts'

const COUNT_DEFAULT = 100
/** So many entries are looked at for each that may be claimed. */
const ATTEMPTS_PER_COUNT = 10
const COUNT_MAX = 2 ** 63 / 16

const startId = new StreamId()
const id = new StreamId()
const cursor = new TreeCursor()
const walkCursor = new TreeCursor()

interface AutoClaim {
  readonly place: GroupPlace
  readonly stream: number
  readonly consumer: number
  readonly idleMs: number
  readonly isJustId: boolean
  count: number
  claimed: number
  readonly deleted: Uint8Array[]
}

function autoClaim(call: Call, args: Args): void {
  const { reply, effects } = call
  const key = args.key()
  // A key that is missing is told of even where an argument is wrong.
  const entry = call.db.read(key)
  const groupName = args.next()
  const consumerName = args.next()
  const idleMs = args.int(() => new ReplyError('ERR Invalid min-idle-time argument for XAUTOCLAIM'))
  toStart(args.next(), startId)
  const { count, isJustId } = readOptions(args)
  const stream = visitEntry(call, entry)
  const group = findGroup(call, stream, groupName)
  if (group === NONE) throw noKeyOrGroup(key, groupName)
  const place: GroupPlace = { key, groupName, group }
  effects.suppress()
  const { consumer, isNew } = touchConsumer(call, place, consumerName)
  const job: AutoClaim = {
    place,
    stream,
    consumer,
    idleMs,
    isJustId,
    count,
    claimed: 0,
    deleted: [],
  }
  reply.array(3)
  const mark = reply.at
  const isMore = claimAll(call, job)
  reply.arrayAt(mark, job.claimed)
  const end = reply.at
  replyId(reply, isMore ? id.read(walkCursor.words, walkCursor.at) : ID_MIN)
  reply.moveBefore(mark, end)
  reply.array(job.deleted.length)
  for (const gone of job.deleted) reply.bulk(gone)
  if (isNew && job.claimed === 0) tellConsumer(call, place, consumerName)
}

/** @returns whether there is more, at which the cursor stands then. */
function claimAll(call: Call, job: AutoClaim): boolean {
  const { keyspace } = call
  const { entries, groups } = keyspace.streams
  const { group } = job.place
  let attempts = job.count * ATTEMPTS_PER_COUNT
  let isThere = groups.pending.ceiling(group, startId, walkCursor)
  while (isThere && attempts > 0 && job.count > 0) {
    attempts--
    id.read(walkCursor.words, walkCursor.at)
    if (!entries.has(job.stream, id)) {
      drop(call, job)
      isThere = groups.pending.ceiling(group, id, walkCursor)
      continue
    }
    const idle = keyspace.nowMs - groups.deliveredMs(walkCursor)
    if (job.idleMs <= 0 || idle >= job.idleMs) claimOne(call, job)
    isThere = groups.pending.next(walkCursor)
  }
  return isThere
}

/** What is in the stream no more is pending no more. */
function drop(call: Call, job: AutoClaim): void {
  const { keyspace } = call
  const bytes = idBytes(id)
  tellPending(call, job.place, bytes, walkCursor)
  keyspace.streams.groups.acknowledge(job.place.group, id)
  keyspace.dirty++
  job.deleted.push(bytes)
  job.count--
}

function claimOne(call: Call, job: AutoClaim): void {
  const { keyspace, reply, effects } = call
  const { groups } = keyspace.streams
  groups.assign(job.place.group, job.consumer, id, cursor)
  groups.setDelivered(cursor, keyspace.nowMs)
  if (!job.isJustId) groups.countDelivery(cursor)
  if (job.isJustId) replyId(reply, id)
  else replyEntryAt(keyspace, reply, job.stream, id)
  groups.setActive(job.consumer, keyspace.nowMs)
  if (effects.sink !== undefined) tellPending(call, job.place, idBytes(id), cursor)
  keyspace.dirty++
  job.claimed++
  job.count--
}

function readOptions(args: Args): { readonly count: number; readonly isJustId: boolean } {
  const refusal = () => new ReplyError('ERR COUNT must be > 0')
  let count = COUNT_DEFAULT
  let isJustId = false
  while (args.left > 0) {
    if (args.left > 1 && args.take('COUNT')) {
      count = args.int(refusal)
      if (count < 1 || count >= COUNT_MAX) throw refusal()
    } else if (args.take('JUSTID')) isJustId = true
    else throw syntaxError()
  }
  return { count, isJustId }
}

/** XAUTOCLAIM. */
export const autoClaimCommands: readonly CommandSpec[] = [
  {
    name: 'XAUTOCLAIM',
    syntax: 'key group consumer min-idle-time start [COUNT count:integer] [JUSTID]',
    summary: 'Makes a consumer the owner of entries that have been pending for long.',
    since: '6.2.0',
    complexity: 'O(1) if COUNT is small',
    arity: -6,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    tips: ['nondeterministic_output'],
    history: [
      [
        '7.0.0',
        'Added an element to the reply array, containing deleted entries the command cleared from the PEL',
      ],
    ],
    run: autoClaim,
  },
]
