import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ref } from '../arena/index.ts'
import { TreeCursor } from '../structures/index.ts'
import type { References } from './stream-trim.ts'
import { type Entry, nameOf, StreamPair, slotOf, wide } from './streams.fixture.ts'

const MS = 2n ** 64n

function randomParts({ random }: StreamPair): string[] {
  const value = () =>
    random.pick(['', '7', '-3', '5000', '99999999999', 'text', '00', 'x'.repeat(80), '\r\n\0'])
  if (random.chance(0.7)) return ['a', value(), 'b', value()]
  const count = random.between(1, 4)
  return Array.from({ length: count * 2 }, (_, i) => (i % 2 === 0 ? `f${i}` : value()))
}

function randomId({ random, entries, lastId }: StreamPair): bigint {
  if (entries.length > 0 && random.chance(0.8)) {
    return random.pick(entries).id + BigInt(random.between(-1, 1))
  }
  return random.chance(0.5) ? lastId : BigInt(random.between(0, 9))
}

function nextId({ random, lastId }: StreamPair): bigint {
  const step = random.pick([1n, 2n, 200n, MS, MS * 3n, MS * 2n ** 33n, MS + 2n ** 40n])
  return random.chance(0.1) ? (lastId / MS + 1n) * MS + BigInt(random.between(0, 9)) : lastId + step
}

function randomDelete(pair: StreamPair): void {
  const id = randomId(pair)
  const index = pair.entries.findIndex((entry) => entry.id === id)
  const { entries } = pair.streams
  assert.equal(entries.has(pair.stream, wide(id)), index >= 0)
  assert.equal(entries.delete(pair.stream, wide(id)), index >= 0)
  entries.settle(pair.stream)
  if (index < 0) return
  pair.entries.splice(index, 1)
  if (id > pair.maxDeleted) pair.maxDeleted = id
}

/** Trims by chance. What goes is from the front on, no more than asked for, and never too little. */
function randomTrim(pair: StreamPair): void {
  const { random, streams } = pair
  const references = random.pick<References>(['KEEPREF', 'KEEPREF', 'DELREF', 'ACKED'])
  const isByLength = random.chance(0.5)
  const lengthMax = random.between(0, pair.entries.length + 1)
  const id = randomId(pair)
  const idMin = isByLength ? undefined : wide(id)
  const isApproximate = random.chance(0.3)
  const trim = { lengthMax, idMin, isApproximate, limit: 0, references }
  const before = pair.entries
  const isReferenced = (entry: Entry) =>
    references === 'ACKED' && [...pair.groups.values()].some((group) => group.has(entry.id))
  const deleted = streams.trimmer.trim(pair.stream, trim)
  const gone = before.filter((entry) => !streams.entries.has(pair.stream, wide(entry.id)))
  pair.entries = before.filter((entry) => !gone.includes(entry))
  assert.equal(deleted, gone.length)
  if (isByLength) assert.ok(deleted === 0 || pair.entries.length >= lengthMax)
  else assert.ok(gone.every((entry) => entry.id < id))
  assert.ok(!gone.some(isReferenced))
  const unreferenced = before.filter((entry) => !isReferenced(entry))
  assert.deepEqual(gone, unreferenced.slice(0, deleted))
  if (references === 'DELREF') {
    for (const entry of gone) for (const group of pair.groups.values()) group.delete(entry.id)
  }
  // Of blocks that are kept in part, and of what is referenced, more may stay.
  if (isApproximate || references === 'ACKED') return
  if (isByLength) assert.ok(pair.entries.length <= lengthMax)
  else assert.ok(pair.entries.every((entry) => entry.id >= id))
}

function randomGroupStep(pair: StreamPair): void {
  const { random, streams } = pair
  const { groups } = streams
  const name = random.pick(['g1', 'g2', 'g3'])
  const model = pair.groups.get(name)
  const group = groups.groups.find(pair.stream, nameOf(name))
  assert.equal(group !== 0, model !== undefined)
  if (model === undefined) {
    groups.create(pair.stream, nameOf(name), wide(MS * MS - 1n), -1)
    pair.groups.set(name, new Map())
  } else if (random.chance(0.03)) {
    const gone = slotOf(streams.takeGroup(pair.stream, group))
    while (!streams.free(gone, 64));
    pair.groups.delete(name)
  } else stepInGroup(pair, group, model)
}

function stepInGroup(pair: StreamPair, group: Ref, model: Map<bigint, string>): void {
  const { random, streams } = pair
  const { groups } = streams
  const name = random.pick(['alice', 'bob', 'carol'])
  const known = groups.consumers.find(group, nameOf(name))
  const id = randomId(pair)
  if (random.chance(0.6)) {
    const consumer = known === 0 ? groups.createConsumer(group, nameOf(name), 5) : known
    const cursor = new TreeCursor()
    assert.equal(groups.assign(group, consumer, wide(id), cursor), !model.has(id))
    groups.setDelivered(cursor, 17)
    groups.setDeliveries(cursor, 2n ** 63n - 2n)
    groups.countDelivery(cursor)
    assert.equal(groups.deliveries(cursor), 2n ** 63n - 1n)
    assert.equal(groups.deliveredMs(cursor), 17)
    model.set(id, name)
  } else if (random.chance(0.9)) {
    assert.equal(groups.acknowledge(group, wide(id)), model.delete(id))
  } else if (known !== 0) {
    const owned = [...model].filter(([, owner]) => owner === name)
    assert.equal(groups.removeConsumer(group, known), owned.length)
    for (const [gone] of owned) model.delete(gone)
  }
}

test('streams and their groups do what an array and maps do', () => {
  const pair = new StreamPair()
  const { random } = pair
  for (let step = 0; step < 4000; step++) {
    if (random.chance(0.02)) pair.limits.streamNodeMaxEntries = random.pick([0, 1, 3, 100, 200])
    if (random.chance(0.02)) pair.limits.streamNodeMaxBytes = random.pick([0, 150, 4096])
    const dice = random.between(0, 99)
    if (dice < 45) pair.append(nextId(pair), randomParts(pair))
    else if (dice < 60) randomDelete(pair)
    else if (dice < 63) randomTrim(pair)
    else if (dice < 90) randomGroupStep(pair)
    else pair.assertRange(randomId(pair), randomId(pair), random.chance(0.5))
    if (step % 200 === 0) pair.assertWhole()
  }
  pair.assertWhole()
})

test('a copy has nothing in common with what it was made of', () => {
  const pair = new StreamPair()
  for (let i = 0; i < 600; i++) pair.append(nextId(pair), randomParts(pair))
  for (let i = 0; i < 400; i++) randomGroupStep(pair)
  const root = new Uint8Array(4).fill(255)
  const copy = slotOf(root)
  pair.streams.copy(pair.slot, copy)
  pair.assertWhole([copy])
  pair.assertGroups(pair.streams.streamOf(copy))
  pair.assertRange(0n, MS * MS - 1n, false, pair.streams.streamOf(copy))
  while (!pair.streams.free(copy, 64));
  pair.assertWhole()
})

test('a stream is freed in steps, each of about as many blocks as it was told', () => {
  const pair = new StreamPair()
  pair.limits.streamNodeMaxEntries = 1
  for (let i = 0; i < 2000; i++) pair.append(nextId(pair), ['a', 'b'])
  for (let i = 0; i < 500; i++) randomGroupStep(pair)
  let steps = 1
  for (; !pair.streams.free(pair.slot, 64); steps++) pair.arena.check()
  assert.ok(steps > 20)
  assert.equal(pair.arena.usedBytes, 0)
  assert.equal(pair.streams.ownedBytes(pair.slot), 0)
})

test('an entry may be longer than any block of the arena', () => {
  const pair = new StreamPair()
  pair.append(5n, ['a', 'x'.repeat(100_000)])
  pair.append(6n, ['a', 'y'])
  pair.append(7n, ['b', 'z'.repeat(40_000), 'c', '12'])
  pair.assertWhole()
  pair.limits.streamNodeMaxBytes = 0
  pair.append(8n, ['b', 'z'.repeat(40_000), 'c', '12'])
  pair.assertWhole()
})

test('sixteen bytes in a stream cost less than thirty', () => {
  const pair = new StreamPair()
  const count = 100_000
  for (let i = 1; i <= count; i++) pair.append(BigInt(i), ['myfield', 'data_of_16_bytes'])
  assert.ok(pair.arena.usedBytes / count < 30)
})
