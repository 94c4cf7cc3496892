/** Reading a stream: its blocks, what it knows of itself, and its groups. */
import type { Ref } from '../arena/index.ts'
import { Slice, sliceOf } from '../bytes/index.ts'
import { type Stretch, TreeCursor } from '../structures/index.ts'
import { StreamId, type Streams } from '../values/index.ts'
import { RDB_STREAM_2, RDB_STREAM_3 } from './format.ts'
import type { RdbInput } from './input.ts'
import { checkBlock } from './stream-check.ts'

/** Elements between two pauses. */
const PENDING_PER_STEP = 256
const ID_BYTES = 16

type Reading = Generator<void, void, void>

/** Reads into a stream that is empty, with pauses. */
export function* readStream(
  streams: Streams,
  stream: Ref,
  rdbType: number,
  input: RdbInput,
): Reading {
  const lastId = new StreamId()
  yield* readBlocks(streams, stream, lastId, input)
  const length = input.length()
  if (length !== streams.entries.length(stream)) input.fail('a stream counts its entries wrongly')
  const id = new StreamId()
  const firstId = new StreamId()
  readId(id, input)
  if (id.compare(lastId) < 0) input.fail('the last id of a stream is below that of an entry')
  streams.setLastId(stream, id)
  if (rdbType >= RDB_STREAM_2) {
    readId(firstId, input)
    readId(id, input)
    streams.setMaxDeletedId(stream, id)
    streams.setAdded(stream, input.signedLength())
  } else streams.setAdded(stream, length)
  streams.entries.settleTrimmed(stream)
  const groups = input.count(5)
  for (let i = 0; i < groups; i++) yield* readGroup(streams, stream, rdbType, input)
}

function* readBlocks(streams: Streams, stream: Ref, lastId: StreamId, input: RdbInput): Reading {
  const words = new Int32Array(4)
  const text = new Slice(new Uint8Array(0), 0, 0)
  const fixed = () => input.fail('a block was changed')
  const blocks = input.count(1 + ID_BYTES + 1)
  for (let i = 0; i < blocks; i++) {
    const name = input.string(text)
    if (name.length !== ID_BYTES) input.fail('a block of a stream has no id')
    const view = new DataView(name.bytes.buffer, name.bytes.byteOffset + name.start, ID_BYTES)
    for (let w = 0; w < 4; w++) words[w] = view.getInt32(4 * w)
    const ownId = new StreamId().read(words, 0)
    if (i > 0 && ownId.compare(lastId) <= 0) input.fail('blocks of a stream are not in order')
    const { bytes, start, end } = input.string(text)
    const block: Stretch = { bytes, start, size: end - start, splice: fixed }
    const facts = checkBlock(block, words)
    if (facts === undefined) input.fail('Stream listpack integrity check failed')
    lastId.set(facts.lastId)
    if (facts.live > 0) streams.entries.adoptBlock(stream, ownId, block, facts.live)
    yield
  }
}

function readId(id: StreamId, input: RdbInput): void {
  input.longLength()
  id.msHigh = input.high | 0
  id.msLow = input.low | 0
  input.longLength()
  id.seqHigh = input.high | 0
  id.seqLow = input.low | 0
}

function* readGroup(streams: Streams, stream: Ref, rdbType: number, input: RdbInput): Reading {
  const { groups } = streams
  const text = new Slice(new Uint8Array(0), 0, 0)
  const id = new StreamId()
  const name = sliceOf(input.string(text).copyOf())
  if (groups.groups.find(stream, name) !== 0) input.fail('a group is there twice')
  readId(id, input)
  const read =
    rdbType >= RDB_STREAM_2 ? input.signedLength() : streams.progress.estimate(stream, id)
  const group = groups.create(stream, name, id, read)
  const pending = yield* readPending(groups, group, input)
  let owned = 0
  const consumers = input.count(10)
  for (let i = 0; i < consumers; i++) {
    const member = sliceOf(input.string(text).copyOf())
    if (groups.consumers.find(group, member) !== 0) input.fail('Duplicate stream consumer detected')
    const seenMs = input.time()
    const consumer = groups.createConsumer(group, member, seenMs)
    groups.setActive(consumer, rdbType >= RDB_STREAM_3 ? input.time() : seenMs)
    owned += yield* readOwned(groups, group, consumer, input)
  }
  if (owned !== pending) input.fail('a pending entry has no consumer')
}

function* readPending(
  groups: Streams['groups'],
  group: Ref,
  input: RdbInput,
): Generator<void, number, void> {
  const words = new Int32Array(4)
  const id = new StreamId()
  const cursor = new TreeCursor()
  const count = input.count(ID_BYTES + 9)
  for (let i = 1; i <= count; i++) {
    input.id(words)
    const isNew = groups.pending.insert(group, id.read(words, 0), cursor)
    if (!isNew) input.fail('a pending entry is there twice')
    groups.disown(cursor)
    groups.setDelivered(cursor, input.time())
    groups.setDeliveries(cursor, input.signedLength())
    if (i % PENDING_PER_STEP === 0) yield
  }
  return count
}

function* readOwned(
  groups: Streams['groups'],
  group: Ref,
  consumer: Ref,
  input: RdbInput,
): Generator<void, number, void> {
  const words = new Int32Array(4)
  const id = new StreamId()
  const cursor = new TreeCursor()
  const count = input.count(ID_BYTES)
  for (let i = 1; i <= count; i++) {
    input.id(words)
    id.read(words, 0)
    if (!groups.find(group, id, cursor)) input.fail('a consumer has an entry that is not pending')
    if (groups.consumerAt(cursor) !== 0) input.fail('a pending entry has two consumers')
    groups.assign(group, consumer, id, cursor)
    if (i % PENDING_PER_STEP === 0) yield
  }
  return count
}
