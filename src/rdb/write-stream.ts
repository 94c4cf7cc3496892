/** A stream as it stands in a snapshot: its blocks, what it knows of itself, and its groups. */
import type { Ref } from '../arena/index.ts'
import { Slice } from '../bytes/index.ts'
import { TreeCursor } from '../structures/index.ts'
import { StreamId, type Streams } from '../values/index.ts'
import { RDB_STREAM_3 } from './format.ts'
import type { RdbOutput } from './output.ts'

/** Entries that are pending between two pauses. */
const PENDING_PER_STEP = 256

const ID_BYTES = 16
const name = new Slice(new Uint8Array(0), 0, 0)
const id = new StreamId()

/** Writes a stream, with pauses. */
export function* writeStream(
  streams: Streams,
  stream: Ref,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  const { entries } = streams
  const { blocks } = entries
  const cursor = new TreeCursor()
  output.length(blocks.count(stream))
  for (let on = blocks.first(stream, cursor); on; on = blocks.next(cursor)) {
    output.length(ID_BYTES)
    output.id(cursor.words, cursor.at)
    const { bytes, start, size } = entries.blockAt(cursor)
    output.string(bytes, start, start + size)
    yield
  }
  output.length(entries.length(stream))
  writeId(streams.lastId(stream, id), output)
  writeId(streams.firstId(stream, id), output)
  writeId(streams.maxDeletedId(stream, id), output)
  output.longLength(streams.added(stream))
  yield* writeGroups(streams, stream, rdbType, output)
}

function writeId({ msHigh, msLow, seqHigh, seqLow }: StreamId, output: RdbOutput): void {
  output.lengthOf(msHigh, msLow)
  output.lengthOf(seqHigh, seqLow)
}

function* writeGroups(
  { groups }: Streams,
  stream: Ref,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  const cursor = new TreeCursor()
  const consumers = new TreeCursor()
  const { tree } = groups.groups
  output.length(tree.count(stream))
  for (let on = tree.first(stream, cursor); on; on = tree.next(cursor)) {
    const group = groups.groups.blockAt(cursor)
    writeName(groups.groups.nameOf(group, name), output)
    writeId(groups.lastId(group, id), output)
    output.longLength(groups.read(group))
    yield* writePending(groups, group, output)
    const { tree: members } = groups.consumers
    output.length(members.count(group))
    for (let more = members.first(group, consumers); more; more = members.next(consumers)) {
      yield* writeConsumer(groups, groups.consumers.blockAt(consumers), rdbType, output)
    }
  }
}

function writeName({ bytes, start, end }: Slice, output: RdbOutput): void {
  output.string(bytes, start, end)
}

function* writePending(
  groups: Streams['groups'],
  group: Ref,
  output: RdbOutput,
): Generator<void, void, void> {
  const { pending } = groups
  const cursor = new TreeCursor()
  output.length(pending.count(group))
  let i = 0
  for (let on = pending.first(group, cursor); on; on = pending.next(cursor)) {
    output.id(cursor.words, cursor.at)
    output.time(groups.deliveredMs(cursor))
    output.longLength(groups.deliveries(cursor))
    if (++i % PENDING_PER_STEP === 0) yield
  }
}

function* writeConsumer(
  groups: Streams['groups'],
  consumer: Ref,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  const { owned } = groups
  const cursor = new TreeCursor()
  writeName(groups.consumers.nameOf(consumer, name), output)
  output.time(groups.seenMs(consumer))
  if (rdbType === RDB_STREAM_3) output.time(groups.activeMs(consumer))
  output.length(owned.count(consumer))
  let i = 0
  for (let on = owned.first(consumer, cursor); on; on = owned.next(cursor)) {
    output.id(cursor.words, cursor.at)
    if (++i % PENDING_PER_STEP === 0) yield
  }
}
