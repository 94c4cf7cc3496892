/**
 * A stream as the commands that make it again: entries, groups with what they have pending, and what
 * the stream remembers of entries that are gone.
 *
 * A group may have entries pending that the stream has no more, and XCLAIM takes only those that are
 * there. So they are added as they once were, with nothing in them, and taken out again: those before
 * the first entry by XTRIM, as they had been, and those after it by XDEL.
 */
import type { Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import type { EffectArgument } from '../../engine/index.ts'
import type { Database, Value } from '../../keyspace/index.ts'
import { type BlockReader, TreeCursor } from '../../structures/index.ts'
import { StreamId, type Streams } from '../../values/index.ts'
import type { Emit } from '../rebuild.ts'
import { ID_MAX, ID_MIN, idBytes } from './ids.ts'

/** One stream on its way out. */
interface Job {
  readonly streams: Streams
  readonly stream: Ref
  readonly key: Uint8Array
  readonly emit: Emit
  /** Ids that are pending but not in the stream, in order. */
  readonly lost: readonly StreamId[]
}

const id = new StreamId()
const part = new Slice(new Uint8Array(0), 0, 0)
const groupCursor = new TreeCursor()
const consumerCursor = new TreeCursor()
const cursor = new TreeCursor()
const ownCursor = new TreeCursor()

/** Emits the commands that make the stream at `key`. */
export function rebuildStream(db: Database, value: Value, key: Uint8Array, emit: Emit): void {
  const { streams } = db.keyspace
  const stream = streams.streamOf(value)
  const job: Job = { streams, stream, key, emit, lost: lostIds(streams, stream) }
  emitEntries(job)
  const { tree } = streams.groups.groups
  for (let on = tree.first(stream, groupCursor); on; on = tree.next(groupCursor)) {
    emitGroup(job, streams.groups.groups.blockAt(groupCursor))
  }
  if (job.lost.length > 0) emitRemovals(job)
  const lastId = idBytes(streams.lastId(stream, id))
  const maxDeleted = idBytes(streams.maxDeletedId(stream, id))
  const added = streams.added(stream)
  emit('XSETID', key, lastId, 'ENTRIESADDED', added, 'MAXDELETEDID', maxDeleted)
}

function lostIds(streams: Streams, stream: Ref): StreamId[] {
  const { entries, groups } = streams
  const { tree } = groups.groups
  const lastId = streams.lastId(stream, new StreamId())
  const lost: StreamId[] = []
  for (let on = tree.first(stream, groupCursor); on; on = tree.next(groupCursor)) {
    const group = groups.groups.blockAt(groupCursor)
    let more = groups.pending.first(group, cursor)
    for (; more; more = groups.pending.next(cursor)) {
      id.read(cursor.words, cursor.at)
      // Above the last id only what XSETID has put there, and it could not come back after it.
      const canReturn = entries.length(stream) === 0 || id.compare(lastId) <= 0
      if (canReturn && !entries.has(stream, id)) lost.push(new StreamId().set(id))
    }
  }
  lost.sort((a, b) => a.compare(b))
  return lost.filter((one, i) => i === 0 || one.compare(lost[i - 1]!) !== 0)
}

/** Emits an XADD for each entry, and for each that is lost. */
function emitEntries({ streams, stream, key, emit, lost }: Job): void {
  const { walk } = streams
  let at = 0
  const emitLost = (before: BlockReader | StreamId) => {
    for (; at < lost.length && lost[at]!.compare(before) < 0; at++) {
      emit('XADD', key, idBytes(lost[at]!), 'x', 'y')
    }
  }
  if (streams.entries.length(stream) === 0 && lost.length === 0) {
    emit('XADD', key, 'MAXLEN', 0, '0-1', 'x', 'y')
    return
  }
  walk.begin(stream, ID_MIN, ID_MAX)
  while (walk.next()) {
    emitLost(walk.entry)
    emit('XADD', key, idBytes(walk.entry), ...partsOf(walk.entry))
  }
  emitLost(ID_MAX)
}

function partsOf(entry: BlockReader): EffectArgument[] {
  const parts: EffectArgument[] = []
  entry.eachPart(part, ({ bytes, start, end }) => parts.push(bytes.slice(start, end)))
  return parts
}

function emitGroup(job: Job, group: Ref): void {
  const { streams, key, emit } = job
  const { groups } = streams
  const groupName = groups.groups.nameOf(group, part).copyOf()
  const lastId = idBytes(groups.lastId(group, id))
  emit('XGROUP', 'CREATE', key, groupName, lastId, 'ENTRIESREAD', groups.read(group))
  const { tree } = groups.consumers
  for (let on = tree.first(group, consumerCursor); on; on = tree.next(consumerCursor)) {
    const consumer = groups.consumers.blockAt(consumerCursor)
    const name = groups.consumers.nameOf(consumer, part).copyOf()
    if (!emitOwned(job, group, groupName, consumer, name)) {
      emit('XGROUP', 'CREATECONSUMER', key, groupName, name)
    }
  }
}

/** Emits what a consumer has pending. @returns whether it has anything. */
function emitOwned(
  { streams, key, emit }: Job,
  group: Ref,
  groupName: Uint8Array,
  consumer: Ref,
  name: Uint8Array,
): boolean {
  const { groups } = streams
  const { owned } = groups
  let isAny = false
  for (let on = owned.first(consumer, ownCursor); on; on = owned.next(ownCursor)) {
    isAny = true
    groups.find(group, id.read(ownCursor.words, ownCursor.at), cursor)
    emit(
      'XCLAIM',
      key,
      groupName,
      name,
      0,
      idBytes(id),
      'TIME',
      groups.deliveredMs(cursor),
      'RETRYCOUNT',
      groups.deliveries(cursor),
      'JUSTID',
      'FORCE',
    )
  }
  return isAny
}

/** Takes out again what is lost. */
function emitRemovals({ streams, stream, key, emit, lost }: Job): void {
  if (!streams.entries.firstId(stream, id, false)) {
    emit('XTRIM', key, 'MAXLEN', 0)
    return
  }
  if (lost[0]!.compare(id) < 0) emit('XTRIM', key, 'MINID', idBytes(id))
  for (const one of lost) if (one.compare(id) > 0) emit('XDEL', key, idBytes(one))
}
