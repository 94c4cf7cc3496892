/**
 * A stream as the commands that make it again: entries, groups with what they have pending, and what
 * the stream remembers of entries that are gone.
 *
 * A group may have entries pending that the stream has no more, and XCLAIM takes only those that are
 * there. So they are added as they once were, with nothing in them, and taken out again: those before
 * the first entry by XTRIM, as they had been, and those after it by XDEL.
 */
import { Slice } from '../../bytes/index.ts'
import type { EffectArgument } from '../../engine/index.ts'
import { type BlockReader, TreeCursor } from '../../structures/index.ts'
import {
  type ConsumerImage,
  type GroupImage,
  StreamId,
  type StreamImage,
  type Streams,
} from '../../values/index.ts'
import type { Emit, Rebuild, Rebuilding } from '../rebuild.ts'
import { ID_MAX, ID_MIN, idBytes } from './ids.ts'

/** Entries, ids that are pending, or groups and consumers, between two pauses. */
const ENTRIES_PER_STEP = 64
const NAMES_PER_STEP = 16

/** One stream on its way out. */
interface Job {
  readonly streams: Streams
  readonly image: StreamImage
  readonly key: Uint8Array
  readonly emit: Emit
  /** Ids that are pending but not in the stream, in order. */
  readonly lost: readonly StreamId[]
}

const id = new StreamId()
const part = new Slice(new Uint8Array(0), 0, 0)
const found = new TreeCursor()

/** Emits the commands that make a stream. */
export const rebuildStream: Rebuild = function* (db, _value, image, key, emit) {
  if (image?.kind !== 'stream') throw new Error('a stream is told by its image')
  const { streams } = db.keyspace
  const lost: StreamId[] = []
  yield* gatherLost(streams, image, lost)
  const job: Job = { streams, image, key, emit, lost: inOrder(lost) }
  yield* emitEntries(job)
  let steps = 0
  for (const group of image.groups.each()) {
    if (group !== undefined) yield* emitGroup(job, group)
    if (group === undefined || ++steps % NAMES_PER_STEP === 0) yield
  }
  if (job.lost.length > 0) yield* emitRemovals(job)
  const lastId = idBytes(image.lastId)
  const maxDeleted = idBytes(image.maxDeletedId)
  emit('XSETID', key, lastId, 'ENTRIESADDED', image.added, 'MAXDELETEDID', maxDeleted)
}

/** Adds the ids that are pending but not in the stream, and can be put there again. */
function* gatherLost({ groups }: Streams, image: StreamImage, lost: StreamId[]): Rebuilding {
  const walk = image.newWalk()
  for (const group of image.groups.survey((one) => groups.pending.count(one) > 0)) {
    if (group === undefined) {
      yield
      continue
    }
    yield* group.pending.each(ENTRIES_PER_STEP, (cursor) => {
      id.read(cursor.words, cursor.at)
      // Above the last id only what XSETID has put there, and it could not come back after it.
      if (image.length > 0 && id.compare(image.lastId) > 0) return
      walk.begin(image.stream, id, id)
      if (!walk.next()) lost.push(new StreamId().set(id))
    })
  }
}

function inOrder(ids: StreamId[]): StreamId[] {
  ids.sort((a, b) => a.compare(b))
  return ids.filter((one, i) => i === 0 || one.compare(ids[i - 1]!) !== 0)
}

/** Emits an XADD for each entry, and for each that is lost. */
function* emitEntries({ image, key, emit, lost }: Job): Rebuilding {
  let at = 0
  const emitLost = (before: BlockReader | StreamId) => {
    for (; at < lost.length && lost[at]!.compare(before) < 0; at++) {
      emit('XADD', key, idBytes(lost[at]!), 'x', 'y')
    }
  }
  if (image.length === 0 && lost.length === 0) {
    emit('XADD', key, 'MAXLEN', 0, '0-1', 'x', 'y')
    return
  }
  const walk = image.newWalk()
  const from = new StreamId().set(ID_MIN)
  walk.begin(image.stream, from, ID_MAX)
  for (let count = 1; walk.next(); count++) {
    emitLost(walk.entry)
    emit('XADD', key, idBytes(walk.entry), ...partsOf(walk.entry))
    if (count % ENTRIES_PER_STEP !== 0) continue
    from.set(walk.entry)
    yield
    // The walk does not hold after a pause.
    if (!from.increment()) return
    walk.begin(image.stream, from, ID_MAX)
  }
  emitLost(ID_MAX)
}

function partsOf(entry: BlockReader): EffectArgument[] {
  const parts: EffectArgument[] = []
  entry.eachPart(part, ({ bytes, start, end }) => parts.push(bytes.slice(start, end)))
  return parts
}

function* emitGroup(job: Job, group: GroupImage): Rebuilding {
  const { key, emit } = job
  const { name, lastId, read, consumers } = group
  emit('XGROUP', 'CREATE', key, name, idBytes(lastId), 'ENTRIESREAD', read)
  let steps = 0
  for (const consumer of consumers.each()) {
    if (consumer !== undefined && consumer.owned.count > 0) yield* emitOwned(job, group, consumer)
    else if (consumer !== undefined) emit('XGROUP', 'CREATECONSUMER', key, name, consumer.name)
    if (consumer === undefined || ++steps % NAMES_PER_STEP === 0) yield
  }
}

/** Emits what a consumer has pending. */
function emitOwned(
  { streams: { groups }, key, emit }: Job,
  { name, pending }: GroupImage,
  consumer: ConsumerImage,
): Rebuilding {
  return consumer.owned.each(ENTRIES_PER_STEP, (cursor) => {
    pending.find(id.read(cursor.words, cursor.at), found)
    const time = groups.deliveredMs(found)
    const count = groups.deliveries(found)
    const options = ['TIME', time, 'RETRYCOUNT', count, 'JUSTID', 'FORCE'] as const
    emit('XCLAIM', key, name, consumer.name, 0, idBytes(id), ...options)
  })
}

/** Takes out again what is lost. */
function* emitRemovals({ image, key, emit, lost }: Job): Rebuilding {
  if (image.length === 0) {
    emit('XTRIM', key, 'MAXLEN', 0)
    return
  }
  if (lost[0]!.compare(image.firstId) < 0) emit('XTRIM', key, 'MINID', idBytes(image.firstId))
  for (const [i, one] of lost.entries()) {
    if (one.compare(image.firstId) > 0) emit('XDEL', key, idBytes(one))
    if (i % ENTRIES_PER_STEP === 0) yield
  }
}
