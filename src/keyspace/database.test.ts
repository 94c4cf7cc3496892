/** Databases against Maps of plain values. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NONE, type Ref, SMALL_BYTES_MAX } from '../arena/index.ts'
import { fromLatin1, latin1, Slice } from '../bytes/index.ts'
import { type Seeded, type SimulatedHost, seeded, simulatedHost } from '../host/index.ts'
import { ENCODING_EMBSTR, ENCODING_RAW } from '../values/index.ts'
import { copyEntry } from './copy.ts'
import { type Database, KEEP, NEVER } from './database.ts'
import { Keyspace } from './keyspace.ts'
import { TYPE_STRING } from './kinds.ts'
import { randomEntry } from './random-entry.ts'
import { idleSecondsOf, setIdleSeconds } from './usage.ts'

interface Held {
  value: Uint8Array
  expiryMs: number
  encoding: number
}
type Model = Map<string, Held>

/** As arguments come: in the middle of a buffer. */
function argument(text: string): Slice {
  return new Slice(fromLatin1(`<<${text}>>`), 2, 2 + text.length)
}

class World {
  readonly host: SimulatedHost
  readonly keyspace: Keyspace
  models: Model[]
  expired: string[] = []

  constructor(random: Seeded, databaseCount = 3) {
    this.host = simulatedHost(random.uint32())
    this.keyspace = new Keyspace(this.host, databaseCount)
    this.models = this.keyspace.databases.map(() => new Map())
    this.keyspace.observers.add({
      removed: (database, key) => this.expired.push(`${database.index} ${key.latin1()}`),
    })
  }

  set(index: number, key: string, value: Uint8Array, expiryMs: number, encoding: number): void {
    const database = this.keyspace.databases[index]!
    const model = this.models[index]!
    const old = this.live(index, key)
    const padded = new Uint8Array(value.length + 5)
    padded.set(value, 3)
    database.setString(argument(key), padded, 3, 3 + value.length, encoding, expiryMs)
    const kept = expiryMs === KEEP ? (old?.expiryMs ?? NEVER) : expiryMs
    model.set(key, { value, expiryMs: kept, encoding })
  }

  /** What the model holds at a key whose time has not come. */
  live(index: number, key: string): Held | undefined {
    const held = this.models[index]!.get(key)
    if (held === undefined) return undefined
    if (held.expiryMs === NEVER || held.expiryMs > this.keyspace.nowMs) return held
    this.models[index]!.delete(key)
    return undefined
  }

  compare(index: number, key: string): void {
    const database = this.keyspace.databases[index]!
    const held = this.live(index, key)
    const entry = database.read(argument(key))
    assert.equal(entry !== NONE, held !== undefined, `${key.slice(0, 40)} in ${index}`)
    if (held === undefined) return
    assertEntry(database, entry, key, held)
  }

  compareAll(): void {
    this.models.forEach((model, index) => {
      for (const key of [...model.keys()]) this.compare(index, key)
      const database = this.keyspace.databases[index]!
      const seen: string[] = []
      database.each((entry) => seen.push(database.keyOf(entry).latin1()))
      assert.deepEqual(seen.sort(), [...model.keys()].sort())
      const expiring = [...model.values()].filter(({ expiryMs }) => expiryMs !== NEVER)
      assert.ok(database.expiringCount >= expiring.length)
    })
    this.keyspace.check()
  }

  wait(ms: number): void {
    this.host.clock.advance(ms)
    this.keyspace.refreshNow()
  }
}

function assertEntry(database: Database, entry: Ref, key: string, held: Held): void {
  assert.equal(database.typeOf(entry), TYPE_STRING)
  assert.equal(database.encodingOf(entry), held.encoding)
  assert.equal(database.keyOf(entry).latin1(), key)
  assert.equal(database.expiryOf(entry), held.expiryMs)
  const { bytes, start, end } = database.stringOf(entry)
  assert.ok(Buffer.compare(bytes.subarray(start, end), held.value) === 0, key.slice(0, 40))
}

/** At every border: narrow and wide, in the node and in a buffer of its own. */
const SIZES = [0, 1, 16, 44, 200, 254, 255, 256, 257, 1000, 4096, 20_000, 32_700, 40_000, 100_000]

function randomSize(random: Seeded): number {
  if (random.chance(0.6)) return random.between(0, 64)
  if (random.chance(0.1)) return SMALL_BYTES_MAX + random.between(-60, 10)
  return random.pick(SIZES)
}

function randomKey(random: Seeded): string {
  const number = random.between(0, 60)
  if (number === 7) return 'huge'.padEnd(16_384, 'k')
  if (number === 8) return 'huge'.padEnd(16_385, 'k')
  if (number === 9) return 'huge'.padEnd(40_000, 'k')
  if (number === 10) return ''
  if (number % 9 === 0) return `wide:${number}`.padEnd(250 + number / 9, 'w')
  return `key:${number}`
}

function randomExpiry(random: Seeded, nowMs: number): number {
  return random.chance(0.5) ? NEVER : nowMs + random.between(1, 10 ** random.between(1, 8))
}

/** One random step, on the database and on the model. */
function step(world: World, random: Seeded): void {
  const index = random.between(0, world.models.length - 1)
  const database = world.keyspace.databases[index]!
  const model = world.models[index]!
  const key = randomKey(random)
  const held = world.live(index, key)
  const entry = database.write(argument(key))
  assert.equal(entry !== NONE, held !== undefined)
  const kind = random.between(0, 9)
  if (kind <= 3 || held === undefined) {
    const expiry = random.chance(0.2) ? KEEP : randomExpiry(random, world.keyspace.nowMs)
    const encoding = random.pick([ENCODING_RAW, ENCODING_EMBSTR])
    world.set(index, key, random.bytes(randomSize(random)), expiry, encoding)
  } else if (kind === 4) {
    const size = randomSize(random)
    const fresh = database.resizeString(entry, size, ENCODING_RAW)
    const value = new Uint8Array(size)
    value.set(held.value.subarray(0, size))
    model.set(key, { value, expiryMs: held.expiryMs, encoding: ENCODING_RAW })
    assertEntry(database, fresh, key, model.get(key)!)
  } else if (kind === 5) {
    held.expiryMs = randomExpiry(random, world.keyspace.nowMs)
    assertEntry(database, database.setExpiry(entry, held.expiryMs), key, held)
  } else if (kind === 6 || kind === 7) moveOrCopy(world, random, { index, key, entry, held })
  else if (kind === 8) {
    assert.ok(database.delete(argument(key)))
    model.delete(key)
  } else changeInPlace(database, entry, held, random)
}

function moveOrCopy(
  world: World,
  random: Seeded,
  from: { readonly index: number; readonly key: string; readonly entry: Ref; readonly held: Held },
): void {
  const { databases } = world.keyspace
  const { index, key, held } = from
  const toIndex = random.between(0, databases.length - 1)
  const toKey = randomKey(random)
  if (world.live(toIndex, toKey) !== undefined) return
  const database = databases[index]!
  const target = databases[toIndex]!
  // An expired entry at the target leaves when it is looked up, as commands do first.
  assert.equal(target.peek(argument(toKey)), NONE)
  const entry = database.write(argument(key))
  world.models[toIndex]!.set(toKey, { ...held })
  if (random.chance(0.5)) {
    const fresh = database.moveTo(entry, target, argument(toKey))
    assertEntry(target, fresh, toKey, held)
    if (toIndex !== index || toKey !== key) world.models[index]!.delete(key)
  } else copyEntry(database, entry, target, argument(toKey))
  world.compare(toIndex, toKey)
}

function changeInPlace(database: Database, entry: Ref, held: Held, random: Seeded): void {
  if (held.value.length === 0) return
  const at = random.between(0, held.value.length - 1)
  const slice = database.stringOf(entry)
  slice.bytes[slice.start + at] = 77
  held.value = held.value.slice()
  held.value[at] = 77
  database.setEncoding(entry, ENCODING_RAW)
  held.encoding = ENCODING_RAW
}

/** Deletes everything, one by one or at once, and sees that every byte came back. */
function assertAllComesBack(world: World): void {
  for (const [index, model] of world.models.entries()) {
    const database = world.keyspace.databases[index]!
    for (const key of model.keys()) {
      assert.equal(database.delete(argument(key)), world.live(index, key) !== undefined)
      model.delete(key)
    }
    world.host.clock.advance(1e12)
    world.keyspace.refreshNow()
    assert.ok(database.collect(() => false))
    assert.equal(database.count, 0)
    assert.equal(database.expiringCount, 0)
    database.clear()
  }
  world.keyspace.lazyFree.finish()
  assert.equal(world.keyspace.arena.usedBytes, 0)
  world.keyspace.check()
}

function run(random: Seeded): void {
  const world = new World(random)
  for (let n = 0; n < 6000; n++) {
    step(world, random)
    if (random.chance(0.1)) world.wait(random.between(0, 10 ** random.between(0, 6)))
    if (random.chance(0.1)) world.keyspace.databases[0]!.collect(() => random.chance(0.2))
    if (random.chance(0.002)) {
      const first = random.between(0, 2)
      const second = random.between(0, 2)
      const { databases } = world.keyspace
      world.keyspace.swap(databases[first]!, databases[second]!)
      const model = world.models[first]!
      world.models[first] = world.models[second]!
      world.models[second] = model
    }
    if (n % 500 === 0) compareLive(world)
  }
  compareLive(world)
  assertAllComesBack(world)
}

function compareLive(world: World): void {
  world.models.forEach((model, index) => {
    for (const key of [...model.keys()]) world.live(index, key)
  })
  world.compareAll()
}

test('databases hold what Maps hold, at every size of keys and values, and every byte comes back', () => {
  run(seeded())
})

test('a key moves onto itself in another database, with its value, expiry and clock', () => {
  const world = new World(seeded(1), 2)
  const [first, second] = world.keyspace.databases
  for (const size of SIZES) {
    const value = new Uint8Array(size).fill(9)
    const expiryMs = world.keyspace.nowMs + 1000
    world.set(0, 'k', value, expiryMs, ENCODING_RAW)
    setIdleSeconds(world.keyspace, first!.peek(argument('k')), 100)
    const fresh = first!.moveTo(first!.peek(argument('k')), second!, argument('k'))
    assert.equal(idleSecondsOf(world.keyspace, fresh), 100)
    assert.equal(first!.count, 0)
    assertEntry(second!, fresh, 'k', { value, expiryMs, encoding: ENCODING_RAW })
    second!.delete(argument('k'))
    world.models[0]!.clear()
  }
  assertAllComesBack(world)
})

test('a key is never returned at or after its time, not even by a millisecond', () => {
  const world = new World(seeded(1), 1)
  const [database] = world.keyspace.databases
  const expiryMs = world.keyspace.nowMs + 50
  for (const key of ['a', 'b', 'c'])
    world.set(0, key, fromLatin1('value'), expiryMs, ENCODING_EMBSTR)
  world.wait(49)
  assert.notEqual(database!.read(argument('a')), NONE)
  world.wait(1)
  assert.equal(database!.read(argument('a')), NONE)
  assert.equal(database!.write(argument('b')), NONE)
  assert.equal(randomEntry(database!), NONE)
  database!.each(() => assert.fail('an expired key is shown'))
  assert.equal(
    database!.scan(0, () => assert.fail('an expired key is shown')),
    0,
  )
  assert.deepEqual(world.expired.sort(), ['0 a', '0 b', '0 c'])
})

test('while expiry is paused an expired key is hidden and kept', () => {
  const world = new World(seeded(1), 1)
  const [database] = world.keyspace.databases
  world.set(0, 'k', fromLatin1('v'), world.keyspace.nowMs + 10, ENCODING_EMBSTR)
  world.keyspace.isExpiryPaused = true
  world.wait(20)
  assert.equal(database!.read(argument('k')), NONE)
  assert.equal(database!.count, 1)
  assert.deepEqual(world.expired, [])
  world.keyspace.isExpiryPaused = false
  assert.equal(database!.read(argument('k')), NONE)
  assert.equal(database!.count, 0)
  assert.deepEqual(world.expired, ['0 k'])
})

test('while the log is loaded nothing expires, since a later effect may need the key', () => {
  const world = new World(seeded(1), 1)
  const [database] = world.keyspace.databases
  world.set(0, 'k', fromLatin1('v'), world.keyspace.nowMs + 10, ENCODING_EMBSTR)
  world.keyspace.isLoading = true
  world.wait(20)
  const entry = database!.write(argument('k'))
  assert.notEqual(entry, NONE)
  assert.equal(database!.isExpired(entry), false)
  database!.setExpiry(entry, NEVER)
  world.keyspace.isLoading = false
  assert.notEqual(database!.read(argument('k')), NONE)
})

test('setting a key that is expired and hidden replaces it, and its expiry with it', () => {
  const random = seeded(1)
  for (const expiry of [NEVER, KEEP]) {
    const world = new World(random, 1)
    const [database] = world.keyspace.databases
    world.set(0, 'k', fromLatin1('old'), world.keyspace.nowMs + 10, ENCODING_EMBSTR)
    world.keyspace.isExpiryPaused = true
    world.wait(20)
    const value = fromLatin1('new')
    database!.setString(argument('k'), value, 0, 3, ENCODING_EMBSTR, expiry)
    world.keyspace.isExpiryPaused = false
    const entry = database!.read(argument('k'))
    assert.notEqual(entry, NONE)
    const { bytes, start, end } = database!.stringOf(entry)
    assert.equal(latin1(bytes, start, end), 'new')
    assert.equal(database!.expiryOf(entry), NEVER)
    assert.equal(database!.count, 1)
    world.keyspace.check()
  }
})

test('setString over an entry expired a moment ago and hidden in the same slot keeps one key', () => {
  const world = new World(seeded(2), 1)
  const [database] = world.keyspace.databases
  for (let n = 0; n < 1000; n++) {
    world.set(0, `k${n % 10}`, fromLatin1(`${n}`), world.keyspace.nowMs + 5, ENCODING_EMBSTR)
    world.wait(n % 7)
    assert.ok(database!.count <= 10)
  }
  world.wait(5)
  database!.collect(() => false)
  assert.equal(database!.count, 0)
})

test('freeing a flushed database goes in slices and counts what is left as used', () => {
  const random = seeded(3)
  const world = new World(random, 1)
  const [database] = world.keyspace.databases
  for (let n = 0; n < 20_000; n++)
    world.set(0, `key:${n}`, random.bytes(20), NEVER, ENCODING_EMBSTR)
  const used = world.keyspace.arena.usedBytes
  assert.equal(database!.clear(), 20_000)
  assert.equal(database!.count, 0)
  assert.equal(world.keyspace.arena.usedBytes, used)
  assert.equal(world.keyspace.lazyFree.pending, 20_000)
  world.host.timers.turn()
  assert.equal(world.keyspace.lazyFree.pending, 0)
  assert.equal(world.keyspace.lazyFree.freed, 20_000)
  assert.equal(world.keyspace.arena.usedBytes, 0)
})

test('a request buffer that is given away is kept instead of copied, when the value fills it', () => {
  const world = new World(seeded(4), 1)
  const [database] = world.keyspace.databases
  const request = new Uint8Array(100_000).fill(7)
  world.keyspace.givable = request
  database!.setString(argument('k'), request, 40, 99_998, ENCODING_RAW, NEVER)
  assert.equal(world.keyspace.givable, undefined)
  const kept = database!.stringOf(database!.peek(argument('k')))
  assert.equal(kept.bytes.buffer, request.buffer)
  assert.equal(kept.length, 99_958)
  world.keyspace.check()

  // A short value in a long buffer would waste it, and a buffer not given is somebody else's.
  world.keyspace.givable = request
  database!.setString(argument('l'), request, 0, 40_000, ENCODING_RAW, NEVER)
  assert.equal(world.keyspace.givable, request)
  world.keyspace.givable = undefined
  database!.setString(argument('m'), request, 40, 99_998, ENCODING_RAW, NEVER)
  for (const key of ['l', 'm']) {
    assert.notEqual(database!.stringOf(database!.peek(argument(key))).bytes.buffer, request.buffer)
  }
  for (const key of ['k', 'l', 'm']) database!.delete(argument(key))
  database!.clear()
  world.keyspace.lazyFree.finish()
  assert.equal(world.keyspace.arena.usedBytes, 0)
})

test('a given buffer that grows later keeps its bytes', () => {
  const world = new World(seeded(5), 1)
  const [database] = world.keyspace.databases
  const request = new Uint8Array(50_000).fill(5)
  world.keyspace.givable = request
  database!.setString(argument('k'), request, 100, 49_900, ENCODING_RAW, NEVER)
  const entry = database!.resizeString(database!.write(argument('k')), 49_950, ENCODING_RAW)
  const { bytes, start, end } = database!.stringOf(entry)
  assert.equal(end - start, 49_950)
  assert.ok(bytes.subarray(start, start + 49_800).every((byte) => byte === 5))
  assert.ok(bytes.subarray(start + 49_800, end).every((byte) => byte === 0))
  world.keyspace.check()
})
