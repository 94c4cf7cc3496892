/** Eviction: what goes by each policy, how much of it, and for how long at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NONE } from '../arena/index.ts'
import { fromLatin1, type Slice, sliceOf } from '../bytes/index.ts'
import { type Seeded, type SimulatedHost, seeded, simulatedHost } from '../host/index.ts'
import { LISTPACK_EMPTY } from '../structures/index.ts'
import { ENCODING_LISTPACK, ENCODING_RAW } from '../values/index.ts'
import { type Database, NEVER } from './database.ts'
import { EVICTION_POLICIES, Eviction, type EvictionPolicy } from './eviction.ts'
import { Keyspace } from './keyspace.ts'
import { TYPE_HASH } from './kinds.ts'
import { setFrequency, setIdleSeconds } from './usage.ts'
import { Walk } from './walk.ts'

const POLICIES = Object.keys(EVICTION_POLICIES) as EvictionPolicy[]
const HOUR_MS = 3_600_000
const KEYS = 4000

function keyOf(number: number): Slice {
  return sliceOf(fromLatin1(`key:${number}`))
}

/** A keyspace that may have so many keys, or so many bytes. */
class World {
  readonly host: SimulatedHost
  readonly keyspace: Keyspace
  readonly eviction: Eviction
  /** The numbers of the keys that were given up, in their order. */
  readonly gone: number[] = []
  /** What is said of each that goes. */
  reason = 'evicted'
  isOver: () => boolean = () => false
  /** What reading the clock takes. */
  readingMs = 0
  #readings = 0

  constructor(random: Seeded, databaseCount = 1) {
    const host = simulatedHost(random.uint32())
    const clock = {
      nowMs: () => host.clock.nowMs(),
      monotonicMs: () => host.clock.monotonicMs() + this.readingMs * this.#readings++,
    }
    this.host = host
    this.keyspace = new Keyspace({ ...host, clock }, databaseCount)
    this.keyspace.observers.add({
      removed: (_, key, reason) => {
        assert.equal(reason, this.reason)
        this.gone.push(Number(key.latin1().slice(4)))
      },
    })
    this.eviction = new Eviction({
      keyspace: this.keyspace,
      isOver: () => this.isOver(),
      held: () => {},
    })
  }

  use(policy: EvictionPolicy, samples = 5): void {
    this.eviction.configure({ policy, samples, tenacity: 10 })
  }

  get db(): Database {
    return this.keyspace.databases[0]!
  }

  set(number: number, expiryMs = NEVER, db = this.db): void {
    db.setString(keyOf(number), fromLatin1('value'), 0, 5, ENCODING_RAW, expiryMs)
  }

  /** Lets it have `count` keys, and gives up the others. */
  shrinkTo(count: number): void {
    this.isOver = () => this.keyspace.count > count
    assert.equal(this.eviction.makeRoom(), true)
    assert.equal(this.keyspace.count, count)
    this.keyspace.check()
  }
}

/** The share of `gone` that is among the first `count` numbers. */
function shareBelow(gone: readonly number[], count: number): number {
  return gone.filter((number) => number < count).length / gone.length
}

for (const policy of ['allkeys-lru', 'volatile-lru'] as const) {
  test(`${policy} gives up what was not used for long`, () => {
    const world = new World(seeded())
    world.use(policy)
    for (let i = 0; i < KEYS; i++) {
      world.set(i, world.keyspace.nowMs + HOUR_MS)
      setIdleSeconds(world.keyspace, world.db.find(keyOf(i)), KEYS - i)
    }
    world.shrinkTo(KEYS * 0.7)
    // Five drawn at random, and nothing remembered, would give 0.83.
    const share = shareBelow(world.gone, KEYS * 0.4)
    assert.ok(share > 0.93, `${share} of what went was among the oldest`)
  })
}

for (const policy of ['allkeys-lfu', 'volatile-lfu'] as const) {
  test(`${policy} gives up what is used seldom`, () => {
    const world = new World(seeded())
    world.use(policy)
    for (let i = 0; i < KEYS; i++) {
      world.set(i, world.keyspace.nowMs + HOUR_MS)
      setFrequency(world.keyspace, world.db.find(keyOf(i)), Math.floor((i * 256) / KEYS))
    }
    world.shrinkTo(KEYS * 0.7)
    const share = shareBelow(world.gone, KEYS * 0.4)
    assert.ok(share > 0.93, `${share} of what went was among the rarest`)
  })
}

test('volatile-ttl gives up what would die first', () => {
  const random = seeded()
  const world = new World(random)
  world.use('volatile-ttl')
  const numbers = Array.from({ length: KEYS }, (_, i) => i).sort(() => random.between(-1, 1))
  for (const number of numbers) world.set(number, world.keyspace.nowMs + (number + 1) * 1000)
  world.shrinkTo(KEYS * 0.7)
  const share = shareBelow(world.gone, KEYS * 0.4)
  assert.ok(share > 0.97, `${share} of what went was among the first to die`)
})

for (const policy of ['allkeys-random', 'volatile-random'] as const) {
  test(`${policy} gives each key the same chance`, () => {
    const world = new World(seeded(), 3)
    world.use(policy)
    for (let i = 0; i < KEYS; i++) {
      const db = world.keyspace.databases[i < KEYS / 4 ? 0 : 2]!
      world.set(i, world.keyspace.nowMs + HOUR_MS, db)
    }
    world.shrinkTo(KEYS / 2)
    // Of 2000 about 500: that six deviations are passed happens once in 10^8 runs.
    for (const quarter of [1, 2, 3, 4]) {
      const count = world.gone.filter((number) => Math.floor((number * 4) / KEYS) === quarter - 1)
      assert.ok(Math.abs(count.length - 500) < 6 * 13.7, `${count.length} of quarter ${quarter}`)
    }
  })
}

for (const every of [2, 100, 2000]) {
  test(`of keys of which one in ${every} has an expiry, volatile policies take those only`, () => {
    for (const policy of POLICIES.filter((name) => name.startsWith('volatile'))) {
      const world = new World(seeded(), 2)
      world.use(policy)
      for (let i = 0; i < KEYS; i++) {
        const expiryMs = i % every === 0 ? world.keyspace.nowMs + HOUR_MS + i : NEVER
        world.set(i, expiryMs, world.keyspace.databases[i % 3 === 0 ? 0 : 1]!)
      }
      const volatile = KEYS / every
      world.shrinkTo(KEYS - volatile)
      assert.equal(new Set(world.gone).size, volatile)
      assert.ok(world.gone.every((number) => number % every === 0))
      world.isOver = () => true
      assert.equal(world.eviction.makeRoom(), false, 'there is nothing left to give up')
      assert.equal(world.keyspace.stats.evictedKeys, volatile)
    }
  })
}

for (const policy of ['volatile-lru', 'volatile-ttl'] as const) {
  test(`what has lost its expiry since it was drawn stays, by ${policy}`, () => {
    const world = new World(seeded())
    world.use(policy)
    const { db, keyspace } = world
    for (let i = 0; i < 100; i++) {
      world.set(i, keyspace.nowMs + HOUR_MS + i)
      setIdleSeconds(keyspace, db.find(keyOf(i)), 1000)
    }
    world.shrinkTo(99)
    for (let i = 0; i < 100; i++) {
      const entry = db.find(keyOf(i))
      if (entry !== NONE) db.setExpiry(entry, NEVER)
    }
    world.set(200, keyspace.nowMs + 10 * HOUR_MS)
    world.gone.length = 0
    world.shrinkTo(99)
    assert.deepEqual(world.gone, [200])
  })
}

test('without eviction nothing is given up, and memory that is on its way back is waited for', () => {
  const world = new World(seeded())
  world.use('noeviction')
  world.set(1)
  world.isOver = () => true
  assert.equal(world.eviction.makeRoom(), false)
  assert.equal(world.keyspace.count, 1)
  for (let i = 0; i < KEYS; i++) world.set(i)
  world.db.clear()
  const { arena } = world.keyspace
  const before = arena.usedBytes
  world.isOver = () => arena.usedBytes > before / 2
  assert.equal(world.eviction.makeRoom(), true)
  assert.ok(arena.usedBytes <= before / 2)
})

test('what has expired and is still there goes as such', () => {
  const world = new World(seeded())
  world.use('allkeys-lru')
  for (let i = 0; i < 10; i++) world.set(i, world.keyspace.nowMs + 1000)
  world.host.clock.advance(2000)
  world.keyspace.refreshNow()
  world.reason = 'expired'
  world.shrinkTo(5)
  assert.equal(world.gone.length, 5)
})

test('what was used since it was drawn stays', () => {
  const world = new World(seeded())
  world.use('allkeys-lru', 10)
  for (let i = 0; i < 100; i++) {
    world.set(i)
    setIdleSeconds(world.keyspace, world.db.find(keyOf(i)), 1000 + i)
  }
  world.shrinkTo(90)
  const old = Array.from({ length: 90 }, (_, i) => i).filter((i) => !world.gone.includes(i))
  for (const number of old) world.db.read(keyOf(number))
  for (let i = 200; i < 300; i++) {
    world.set(i)
    setIdleSeconds(world.keyspace, world.db.find(keyOf(i)), 500)
  }
  world.gone.length = 0
  world.shrinkTo(150)
  const used = world.gone.filter((number) => old.includes(number))
  assert.ok(used.length <= 2, `${used} were used a moment ago`)
})

test('a long value that goes frees enough, so that nothing else has to', () => {
  const world = new World(seeded())
  world.use('allkeys-lru', 64)
  for (let i = 1; i <= 50; i++) world.set(i)
  const { keyspace, db } = world
  addLongHash(world, 20_000)
  setIdleSeconds(keyspace, db.find(keyOf(0)), 5000)
  world.readingMs = 0.1
  const limit = keyspace.arena.usedBytes - 100_000
  world.isOver = () => keyspace.arena.usedBytes > limit
  for (let turn = 0; world.isOver(); turn++) {
    assert.ok(turn < 10_000)
    assert.equal(world.eviction.makeRoom(), true)
  }
  assert.deepEqual(world.gone, [0])
})

test('a limit that is far away is come to in slices, and commands run meanwhile', () => {
  const world = new World(seeded())
  world.use('allkeys-random')
  for (let i = 0; i < KEYS; i++) world.set(i)
  world.readingMs = 0.05
  world.isOver = () => world.keyspace.count > 100
  assert.equal(world.eviction.makeRoom(), true)
  assert.ok(world.gone.length >= 5 && world.gone.length <= 20, `${world.gone.length} in one slice`)
  assert.ok(world.eviction.exceeded.currentMs > 0)
  for (let turn = 0; world.isOver(); turn++) {
    assert.ok(turn < KEYS)
    world.host.timers.turn()
  }
  assert.equal(world.keyspace.count, 100)
  const { currentMs, totalMs } = world.eviction.exceeded
  assert.equal(currentMs, 0)
  assert.ok(totalMs > KEYS * 0.04)
})

test('nothing is given up while data is loaded, clients are paused, or a command goes on', () => {
  const world = new World(seeded())
  world.use('allkeys-random')
  world.set(1)
  world.isOver = () => world.keyspace.count > 0
  for (const state of ['isLoading', 'isExpiryPaused', 'isMidCommand'] as const) {
    world.keyspace[state] = true
    assert.equal(world.eviction.makeRoom(), true, state)
    world.keyspace[state] = false
  }
  assert.deepEqual(world.gone, [])
  assert.equal(world.eviction.makeRoom(), true)
  assert.deepEqual(world.gone, [1])
})

test('the time of a command that is not over stands still when its turn to give up comes', () => {
  const { eviction, keyspace, host } = new World(seeded())
  keyspace.refreshNow()
  const beganMs = keyspace.nowMs
  for (const isMidCommand of [true, false]) {
    keyspace.isMidCommand = isMidCommand
    eviction.schedule()
    host.clock.advance(5)
    host.timers.turn()
    assert.equal(keyspace.nowMs > beganMs, !isMidCommand)
  }
})

test('what a walk keeps of what was taken out counts as gone', () => {
  const world = new World(seeded())
  const { keyspace, db } = world
  keyspace.isMemoryLimited = true
  addLongHash(world, 5000)
  const walk = new Walk(keyspace, { write: () => undefined })
  const before = keyspace.arena.usedBytes
  db.remove(db.find(keyOf(0)))
  const used = keyspace.arena.usedBytes - walk.keptBytes
  assert.ok(used < before / 4, `${used} of ${before}`)
  world.set(1)
  db.clear()
  assert.ok(keyspace.arena.usedBytes - walk.keptBytes < before / 4)
  while (!walk.step(() => false));
  keyspace.lazyFree.finish()
  assert.equal(walk.keptBytes, 0)
  assert.ok(keyspace.arena.usedBytes < before / 4)

  for (let i = 0; i < KEYS; i++) world.set(i)
  const second = new Walk(keyspace, { write: () => undefined })
  const full = keyspace.arena.usedBytes
  db.clear()
  world.set(1)
  assert.ok(keyspace.arena.usedBytes - second.keptBytes < full / 4)
  while (!second.step(() => false));
  assert.ok(Math.abs(second.keptBytes) < 1)
})

/** A hash of many fields at key 0. */
function addLongHash({ keyspace, db }: World, fields: number): void {
  const { hashes } = keyspace
  const value = db.create(keyOf(0), TYPE_HASH, ENCODING_LISTPACK, LISTPACK_EMPTY)
  for (let i = 0; i < fields; i++) {
    const field = sliceOf(fromLatin1(`field:${i}`))
    hashes.set(value, field, field)
  }
}
