/** Streams beside the most naive ones: an array of entries, and maps of what is pending. */
import assert from 'node:assert/strict'
import { Arena, type Ref } from '../arena/index.ts'
import { fromLatin1, HashHint, KeyHasher, latin1, Slice, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { type PairSource, TreeCursor } from '../structures/index.ts'
import { Images } from './images.ts'
import { defaultLimits, type EncodingLimits, type Slot } from './slot.ts'
import { parseStreamId, StreamId } from './stream-id.ts'
import { Streams } from './streams.ts'

/** One entry of the model. */
export interface Entry {
  readonly id: bigint
  readonly parts: readonly string[]
}

/** A group of the model: who has what pending. */
export type ModelGroup = Map<bigint, string>

const MASK = 2n ** 64n - 1n

/** An id as a number of 128 bits. */
export function wide(id: bigint): StreamId {
  const made = new StreamId()
  const bytes = fromLatin1(`${id >> 64n}-${id & MASK}`)
  parseStreamId(bytes, 0, bytes.length, made)
  return made
}

/** The number of 128 bits that an id is. */
export function numberOf(id: { msHigh: number; msLow: number; seqHigh: number; seqLow: number }) {
  const words = [id.msHigh, id.msLow, id.seqHigh, id.seqLow]
  return words.reduce((value, word) => (value << 32n) | BigInt(word >>> 0), 0n)
}

/** Fields and values as a request would have them. */
export function sourceOf(parts: readonly string[]): PairSource {
  const starts = new Int32Array(parts.length)
  const ends = new Int32Array(parts.length)
  let at = 0
  parts.forEach((part, i) => {
    starts[i] = at
    at += part.length
    ends[i] = at
  })
  return { bytes: fromLatin1(parts.join('')), starts, ends }
}

/** A slot of its own for a root. */
export function slotOf(root: Uint8Array): Slot {
  return {
    bytes: root.slice(),
    start: 0,
    size: root.length,
    encoding: 11,
    splice: () => assert.fail('a root keeps its size'),
    reset: () => assert.fail('a root keeps its size'),
  }
}

export class StreamPair {
  readonly random: Seeded = seeded()
  readonly arena = new Arena()
  readonly limits: EncodingLimits = defaultLimits()
  readonly streams = new Streams({
    arena: this.arena,
    hasher: new KeyHasher(1, 2),
    hint: new HashHint(),
    limits: this.limits,
    images: new Images(),
    uint32: () => this.random.uint32(),
  })
  readonly slot = slotOf(this.streams.create())
  entries: Entry[] = []
  lastId = 0n
  maxDeleted = 0n
  readonly groups = new Map<string, ModelGroup>()

  get stream(): Ref {
    return this.streams.streamOf(this.slot)
  }

  append(id: bigint, parts: readonly string[]): void {
    this.streams.entries.append(this.stream, wide(id), sourceOf(parts), 0, parts.length / 2)
    this.entries.push({ id, parts })
    this.lastId = id
  }

  /** A walk over a range is the model's range. */
  assertRange(from: bigint, to: bigint, isReverse: boolean, stream: Ref = this.stream): void {
    const { walk } = this.streams
    const part = new Slice(new Uint8Array(0), 0, 0)
    if (isReverse) walk.beginLast(stream, wide(from), wide(to))
    else walk.begin(stream, wide(from), wide(to))
    const found: Entry[] = []
    while (walk.next()) {
      const parts: string[] = []
      walk.entry.eachPart(part, (one) => parts.push(one.latin1()))
      found.push({ id: numberOf(walk.entry), parts })
    }
    const expected = this.entries.filter(({ id }) => id >= from && id <= to)
    assert.deepEqual(found, isReverse ? expected.reverse() : expected)
  }

  /** What a stream has pending in its groups is what the model has. */
  assertGroups(stream: Ref = this.stream): void {
    const { groups } = this.streams
    const cursor = new TreeCursor()
    const slice = new Slice(new Uint8Array(0), 0, 0)
    assert.equal(groups.groups.tree.count(stream), this.groups.size)
    for (const [name, model] of this.groups) {
      const group = groups.groups.find(stream, sliceOf(fromLatin1(name)))
      groups.pending.check(group)
      groups.consumers.tree.check(group)
      const found: [bigint, string][] = []
      let on = groups.pending.first(group, cursor)
      for (; on; on = groups.pending.next(cursor)) {
        const id = new StreamId().read(cursor.words, cursor.at)
        const consumer = groups.consumerAt(cursor)
        assert.ok(groups.owned.find(consumer, id, new TreeCursor()))
        found.push([numberOf(id), groups.consumers.nameOf(consumer, slice).latin1()])
      }
      assert.deepEqual(
        found,
        [...model].sort(([a], [b]) => (a < b ? -1 : 1)),
      )
      let owned = 0
      on = groups.consumers.tree.first(group, cursor)
      for (; on; on = groups.consumers.tree.next(cursor)) {
        owned += groups.owned.count(groups.consumers.blockAt(cursor))
      }
      assert.equal(owned, model.size)
    }
  }

  /** Everything at once, with the accounting to the byte. */
  assertWhole(others: readonly Slot[] = []): void {
    const { streams, stream, entries } = this
    const id = new StreamId()
    streams.entries.blocks.check(stream)
    this.arena.check()
    this.assertRange(0n, 2n ** 128n - 1n, false)
    this.assertRange(0n, 2n ** 128n - 1n, true)
    this.assertGroups()
    assert.equal(streams.count(this.slot), entries.length)
    assert.equal(numberOf(streams.lastId(stream, id)), this.lastId)
    assert.equal(numberOf(streams.firstId(stream, id)), entries[0]?.id ?? 0n)
    assert.equal(numberOf(streams.maxDeletedId(stream, id)), this.maxDeleted)
    assert.equal(streams.entries.lastId(stream, id), entries.length > 0)
    if (entries.length > 0) assert.equal(numberOf(id), entries.at(-1)!.id)
    const owned = [this.slot, ...others].map((slot) => streams.ownedBytes(slot))
    assert.equal(
      owned.reduce((sum, bytes) => sum + bytes),
      this.arena.usedBytes,
    )
  }
}

/** A name as the structures take it. */
export const nameOf = (text: string): Slice => sliceOf(fromLatin1(text))

/** The text of a slice's bytes. */
export const textOf = (slice: Slice): string => latin1(slice.bytes, slice.start, slice.end)
