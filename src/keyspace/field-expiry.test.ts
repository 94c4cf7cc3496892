/** Fields that expire, in hashes of several databases, against maps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, type Slice, sliceOf } from '../bytes/index.ts'
import { type Seeded, type SimulatedHost, seeded, simulatedHost } from '../host/index.ts'
import { LISTPACK_EMPTY } from '../structures/index.ts'
import { ENCODING_LISTPACK, ENCODING_RAW } from '../values/index.ts'
import { copyEntry } from './copy.ts'
import { type Database, NEVER } from './database.ts'
import { Keyspace } from './keyspace.ts'
import { TYPE_HASH } from './kinds.ts'
import type { Value } from './value.ts'

const never = () => false
const nameOf = (text: string) => sliceOf(fromLatin1(text))
const KEYS = ['a', 'b', 'c', 'k'.repeat(300)]
/** A passed tick of the wheel is served at the next look, which the collector has every 50 ms. */
const LATE_MS = 128

class World {
  readonly host: SimulatedHost
  readonly keyspace: Keyspace
  readonly told: string[] = []

  constructor(random: Seeded) {
    this.host = simulatedHost(random.uint32())
    this.keyspace = new Keyspace(this.host, 2)
    this.keyspace.observers.add({
      changed: (db, key, event) => this.told.push(`${db.index} ${event} ${key.latin1()}`),
      fieldExpired: (db, key, field) =>
        this.told.push(`${db.index} HDEL ${key.latin1()} ${field.latin1()}`),
    })
  }

  hash(db: Database, key: Slice): Value {
    const entry = db.peek(key)
    if (entry !== 0 && db.typeOf(entry) === TYPE_HASH) return db.valueOf(entry)
    if (entry !== 0) db.remove(entry)
    return db.create(key, TYPE_HASH, ENCODING_LISTPACK, LISTPACK_EMPTY)
  }

  /** Sets a field with an expiry, as a command would. */
  setField(db: Database, key: string, field: string, expiryMs: number): void {
    const { hashes } = this.keyspace
    const value = this.hash(db, nameOf(key))
    hashes.set(value, nameOf(field), nameOf('value'))
    if (expiryMs !== 0) {
      hashes.widen(value)
      hashes.setExpiry(value, nameOf(field), expiryMs)
    }
    db.fields.follow(nameOf(key), hashes.earliestMs(value))
  }

  wait(ms: number): void {
    this.host.clock.advance(ms)
    this.keyspace.refreshNow()
  }
}

/** By database and key, the expiry of each field. */
type Model = Map<string, number>[][]

function step(world: World, model: Model, random: Seeded): void {
  const { databases } = world.keyspace
  const index = random.between(0, 1)
  const db = databases[index]!
  const at = random.between(0, KEYS.length - 1)
  const to = random.between(0, KEYS.length - 1)
  const key = nameOf(KEYS[at]!)
  const entry = db.peek(key)
  const other = databases[1 - index]!
  const act = random.between(0, 19)
  if (act < 12) {
    const field = `f${random.between(0, 12)}`
    const expiryMs = random.chance(0.3) ? 0 : world.keyspace.nowMs + random.between(1, 3000)
    world.setField(db, KEYS[at]!, field, expiryMs)
    model[index]![at]!.set(field, expiryMs)
  } else if (act < 14) {
    if (entry !== 0) db.remove(entry)
    model[index]![at] = new Map()
  } else if (act === 14) {
    db.setString(key, fromLatin1('text'), 0, 4, ENCODING_RAW, NEVER)
    db.delete(key)
    model[index]![at] = new Map()
  } else if (act < 17 && entry !== 0 && other.peek(nameOf(KEYS[to]!)) === 0) {
    if (act === 15) copyEntry(db, entry, other, nameOf(KEYS[to]!))
    else db.moveTo(entry, other, nameOf(KEYS[to]!))
    model[1 - index]![to] = new Map(model[index]![at])
    if (act === 16) model[index]![at] = new Map()
  } else if (act === 17) {
    world.keyspace.swap(db, other)
    model.reverse()
  } else if (act === 18 && random.chance(0.1)) {
    db.clear()
    model[index] = KEYS.map(() => new Map())
  } else world.wait(random.between(0, 400))
}

function compare(world: World, model: Model): void {
  const { databases, hashes, nowMs } = world.keyspace
  databases.forEach((db, index) => {
    KEYS.forEach((key, at) => {
      const expected = model[index]![at]!
      for (const [field, expiryMs] of expected) {
        if (expiryMs !== 0 && expiryMs <= nowMs - LATE_MS) expected.delete(field)
      }
      const entry = db.peek(nameOf(key))
      const held = new Map<string, number>()
      if (entry !== 0) {
        const value = db.valueOf(entry)
        hashes.each(value, (place) => {
          hashes.read(value, place)
          held.set(hashes.field.latin1(), hashes.expiryMs)
        })
        assert.ok(held.size > 0, 'an empty hash is left')
      }
      for (const [field, expiryMs] of held) {
        assert.equal(expected.get(field), expiryMs, `${index} ${key} ${field} is late or wrong`)
      }
      for (const [field, expiryMs] of expected) {
        const isDue = expiryMs !== 0 && expiryMs <= nowMs
        assert.ok(held.has(field) || isDue, `${index} ${key} ${field} is lost`)
      }
    })
  })
}

for (const entriesMax of [2, 512]) {
  test(`fields go at their time wherever their hash went, ${entriesMax} in a listpack`, () => {
    const random = seeded()
    const world = new World(random)
    world.keyspace.limits.hashMaxListpackEntries = entriesMax
    const model: Model = [0, 1].map(() => KEYS.map(() => new Map()))
    for (let i = 0; i < 4000; i++) {
      step(world, model, random)
      for (const db of world.keyspace.databases) db.collect(never)
      world.keyspace.check()
      compare(world, model)
    }
    world.wait(5000)
    for (const db of world.keyspace.databases) {
      db.collect(never)
      assert.equal(db.fields.count, 0)
      db.clear()
    }
    world.keyspace.lazyFree.finish()
    assert.equal(world.keyspace.arena.usedBytes, 0)
  })
}

test('a hash whose fields expire at once is emptied in slices, and told of once a slice', () => {
  const world = new World(seeded())
  const db = world.keyspace.databases[0]!
  const until = world.keyspace.nowMs + 100
  for (let i = 0; i < 1000; i++) world.setField(db, 'h', `f${i}`, until)
  world.wait(100)
  let slices = 0
  for (let isDone = false; !isDone; slices++) {
    let fields = 0
    isDone = db.collect(() => ++fields >= 64)
    world.keyspace.check()
    if (slices === 5) world.wait(10_000)
  }
  assert.ok(slices > 10, `${slices} slices`)
  assert.equal(db.count, 0)
  assert.equal(world.keyspace.stats.expiredFields, 1000)
  assert.equal(world.told.filter((line) => line.startsWith('0 HDEL h f')).length, 1000)
  assert.ok(world.told.filter((line) => line === '0 hexpired h').length <= slices)
  assert.deepEqual(world.told.slice(-2), ['0 hexpired h', '0 del h'])
})

test('a field is missing from its time on, to the millisecond, and nothing goes while loading', () => {
  const world = new World(seeded())
  const db = world.keyspace.databases[0]!
  const until = world.keyspace.nowMs + 100
  world.setField(db, 'h', 'f', until)
  world.wait(99)
  assert.ok(!db.fields.isDue(until))
  world.wait(1)
  assert.ok(db.fields.isDue(until))
  world.keyspace.isLoading = true
  assert.ok(!db.fields.isDue(until))
  world.keyspace.isLoading = false
  world.keyspace.isExpiryPaused = true
  const value = db.valueOf(db.peek(nameOf('h')))
  assert.ok(!db.fields.take(nameOf('h'), value, nameOf('f')))
  world.keyspace.isExpiryPaused = false
  assert.ok(db.fields.takeAll(nameOf('h'), value))
  assert.equal(db.count, 0)
  assert.deepEqual(world.told, ['0 HDEL h f', '0 hexpired h', '0 del h'])
})
