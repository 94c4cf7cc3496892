/** A stream as it stands in a snapshot: its blocks, what it knows of itself, and its groups. */
import type { ConsumerImage, GroupImage, StreamId, StreamImage, Streams } from '../values/index.ts'
import { RDB_STREAM_3 } from './format.ts'
import type { RdbOutput } from './output.ts'

/** Blocks, entries that are pending, or groups and consumers, between two pauses. */
const BLOCKS_PER_STEP = 4
const PENDING_PER_STEP = 256
const NAMES_PER_STEP = 32

const ID_BYTES = 16

/** Writes a stream, with pauses. */
export function* writeStream(
  { groups }: Streams,
  image: StreamImage,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  output.length(image.blocks.count)
  yield* image.blocks.each(BLOCKS_PER_STEP, (cursor) => {
    output.length(ID_BYTES)
    output.id(cursor.words, cursor.at)
    const { bytes, start, size } = image.blockAt(cursor)
    output.string(bytes, start, start + size)
  })
  output.length(image.length)
  writeId(image.lastId, output)
  writeId(image.firstId, output)
  writeId(image.maxDeletedId, output)
  output.longLength(image.added)
  output.length(image.groups.count)
  let steps = 0
  for (const group of image.groups.each()) {
    if (group !== undefined) yield* writeGroup(groups, group, rdbType, output)
    if (group === undefined || ++steps % NAMES_PER_STEP === 0) yield
  }
}

function writeId({ msHigh, msLow, seqHigh, seqLow }: StreamId, output: RdbOutput): void {
  output.lengthOf(msHigh, msLow)
  output.lengthOf(seqHigh, seqLow)
}

function* writeGroup(
  groups: Streams['groups'],
  { name, lastId, read, pending, consumers }: GroupImage,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  output.string(name, 0, name.length)
  writeId(lastId, output)
  output.longLength(read)
  output.length(pending.count)
  yield* pending.each(PENDING_PER_STEP, (cursor) => {
    output.id(cursor.words, cursor.at)
    output.time(groups.deliveredMs(cursor))
    output.longLength(groups.deliveries(cursor))
  })
  output.length(consumers.count)
  let steps = 0
  for (const consumer of consumers.each()) {
    if (consumer !== undefined) yield* writeConsumer(consumer, rdbType, output)
    if (consumer === undefined || ++steps % NAMES_PER_STEP === 0) yield
  }
}

function* writeConsumer(
  { name, seenMs, activeMs, owned }: ConsumerImage,
  rdbType: number,
  output: RdbOutput,
): Generator<void, void, void> {
  output.string(name, 0, name.length)
  output.time(seenMs)
  if (rdbType === RDB_STREAM_3) output.time(activeMs)
  output.length(owned.count)
  yield* owned.each(PENDING_PER_STEP, (cursor) => output.id(cursor.words, cursor.at))
}
