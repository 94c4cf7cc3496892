/** Values that grow and shrink in the middle, against plain arrays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SMALL_BYTES_MAX } from '../arena/index.ts'
import { fromLatin1, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded, simulatedHost } from '../host/index.ts'
import { ENCODING_LISTPACK, ENCODING_QUICKLIST, type Slot } from '../values/index.ts'
import { copyEntry } from './copy.ts'
import { NEVER } from './database.ts'
import { Keyspace } from './keyspace.ts'
import { TYPE_LIST, TYPE_SET } from './kinds.ts'
import { footprintOf } from './usage.ts'

const keys = ['k', 'k'.repeat(300), 'k'.repeat(20_000)]

function randomSize(random: Seeded): number {
  if (random.chance(0.6)) return random.between(0, 40)
  return random.chance(0.9) ? random.between(0, 700) : random.between(0, SMALL_BYTES_MAX)
}

for (const key of keys) {
  test(`a value is what an array is after any splices, under a key of ${key.length}`, () => {
    const random = seeded()
    const keyspace = new Keyspace(simulatedHost(1), 1)
    const db = keyspace.databases[0]!
    const name = sliceOf(fromLatin1(key))
    let model: number[] = []
    let value = db.create(name, TYPE_LIST, ENCODING_LISTPACK, new Uint8Array(0))
    let expiryMs = NEVER
    for (let step = 0; step < 1500; step++) {
      const at = random.between(0, model.length)
      // It swells past what a block holds, and shrinks again.
      const isGrowing = step % 500 < 250
      const removed = random.between(
        0,
        isGrowing ? Math.min(9, model.length - at) : model.length - at,
      )
      const inserted = isGrowing ? randomSize(random) : random.between(0, 9)
      const bytes = random.bytes(inserted)
      value.splice(at, removed, inserted)
      value.bytes.set(bytes, value.start + at)
      model = [...model.slice(0, at), ...bytes, ...model.slice(at + removed)]
      if (random.chance(0.05)) {
        expiryMs = random.chance(0.5) ? NEVER : keyspace.nowMs + random.between(1000, 9000)
        value = db.valueOf(db.setExpiry(value.entry, expiryMs))
      }
      assert.equal(db.peek(name), value.entry)
      assert.deepEqual([...value.bytes.subarray(value.start, value.start + value.size)], model)
      assert.equal(value.encoding, ENCODING_LISTPACK)
      assert.equal(db.typeOf(value.entry), TYPE_LIST)
      assert.equal(db.expiryOf(value.entry), expiryMs)
      if (step % 100 === 0) keyspace.check()
    }
    const copyName = sliceOf(fromLatin1('copy'))
    copyEntry(db, value.entry, db, copyName)
    const copy = db.valueOf(db.peek(copyName))
    assert.deepEqual([...copy.bytes.subarray(copy.start, copy.start + copy.size)], model)
    db.delete(name)
    db.delete(copyName)
    keyspace.check()
  })
}

test('a value that owns many blocks is freed in steps, its entry last', () => {
  const host = simulatedHost(1)
  const keyspace = new Keyspace(host, 1)
  const db = keyspace.databases[0]!
  const { arena } = keyspace
  const owned = Array.from({ length: 1000 }, () => arena.allocate(100))
  const steps: number[] = []
  keyspace.types[TYPE_SET] = {
    count: () => owned.length,
    free: (_value: Slot, budget: number) => {
      const now = owned.splice(0, budget)
      for (const ref of now) arena.free(ref)
      steps.push(now.length)
      return owned.length === 0
    },
    copy: () => {},
    imageOf: () => assert.fail('nothing is saved'),
    ownedBytes: () => owned.length * 104,
  }
  const name = sliceOf(fromLatin1('k'))
  const empty = arena.usedBytes - 1000 * 104
  db.create(name, TYPE_SET, ENCODING_QUICKLIST, new Uint8Array(8))
  assert.ok(footprintOf(db, db.peek(name)) > 1000 * 104)
  db.delete(name)
  assert.equal(db.count, 0)
  assert.ok(owned.length > 900, 'most of it is freed later')
  host.timers.turn()
  keyspace.lazyFree.finish()
  assert.equal(owned.length, 0)
  assert.ok(steps.every((count) => count < 100))
  keyspace.check()
  // What is left is the database's own table.
  assert.equal(arena.usedBytes - empty, db.dict.tableBytes)
})
