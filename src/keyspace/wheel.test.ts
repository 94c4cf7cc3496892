/** The wheel against a sorted list. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, type Ref } from '../arena/index.ts'
import { sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { flagsFor, freeEntry, newEntry, writeExpiry } from './entry.ts'
import { TICK_MS, Wheel } from './wheel.ts'

const START_MS = 1_720_000_000_000
/** How wide the slots of each level are. */
const WIDTHS_MS = Array.from({ length: 7 }, (_, level) => TICK_MS * 64 ** level)
const never = () => false

class World {
  readonly arena = new Arena()
  readonly wheel: Wheel
  readonly model = new Map<Ref, number>()
  nowMs = START_MS
  number = 0

  constructor() {
    this.wheel = new Wheel(this.arena, this.nowMs)
  }

  add(expiryMs: number): Ref {
    const key = sliceOf(Buffer.from(`key:${this.number++}`))
    const node = newEntry(this.arena, 0, flagsFor(key.length, 3, true), key, 3, 0)
    writeExpiry(this.arena, node, expiryMs)
    this.wheel.add(node)
    this.model.set(node, expiryMs)
    return node
  }

  take(node: Ref): void {
    this.wheel.remove(node)
    this.model.delete(node)
    freeEntry(this.arena, node)
  }

  /** Advances to now. Nothing early; and when it says that it arrived, nothing late. */
  advance(isEnough: () => boolean = never): boolean {
    const arrived = this.wheel.advance(
      this.nowMs,
      (node) => {
        const expiry = this.model.get(node)
        assert.ok(expiry !== undefined, 'an entry expired that is not there')
        assert.ok(expiry <= this.nowMs, `${expiry - this.nowMs} ms early`)
        this.take(node)
      },
      isEnough,
    )
    // One that is cut short in the tick of now leaves the rest of it to the next, also late comers.
    const lateMs = isEnough === never ? 0 : 2 * TICK_MS
    if (arrived) {
      for (const expiry of this.model.values()) {
        assert.ok(expiry > this.nowMs - lateMs, `${this.nowMs - expiry} ms late`)
      }
    }
    assert.equal(this.wheel.count, this.model.size)
    return arrived
  }
}

/** From a millisecond to years ahead, with a love of the borders of ticks and levels. */
function randomDelay(random: Seeded): number {
  const magnitude = random.between(0, 11)
  const delay = random.between(0, 10 ** magnitude)
  if (random.chance(0.7)) return delay
  const border = TICK_MS * 64 ** random.between(0, 5)
  return Math.max(0, border * random.between(1, 3) + random.between(-1, 1))
}

test('nothing expires early and nothing late, over ten magnitudes of time', () => {
  const random = seeded()
  const world = new World()
  for (let step = 0; step < 6000; step++) {
    if (random.chance(0.7)) world.add(world.nowMs + randomDelay(random))
    else if (world.model.size > 0 && random.chance(0.3)) {
      world.take(random.pick([...world.model.keys()].slice(-20)))
    }
    if (random.chance(0.3)) {
      // Steps as long as a collector may sleep, and seldom as long as a laptop may.
      const far = random.chance(0.02) ? 10 ** random.between(4, 7) : 10 ** random.between(0, 3)
      world.nowMs += random.between(0, far)
      world.advance()
    }
  }
  const last = Math.max(...world.model.values())
  world.nowMs = Math.min(last, world.nowMs + 1e9)
  world.advance()
  for (const node of [...world.model.keys()]) world.take(node)
  assert.equal(world.wheel.count, 0)
  world.wheel.clear()
  assert.equal(world.arena.usedBytes, 0)
})

test('an advance that is cut short goes on where it stopped', () => {
  const random = seeded()
  const world = new World()
  for (let round = 0; round < 60; round++) {
    for (let n = 0; n < 100; n++) world.add(world.nowMs + random.between(0, 20_000))
    world.nowMs += random.between(0, 8000)
    for (let calls = 0; ; calls++) {
      assert.ok(calls < 10_000, 'it never arrives')
      let left = random.between(1, 20)
      // Entries come and go between the slices, also such as are due already.
      if (random.chance(0.3)) world.add(world.nowMs - random.between(-100, TICK_MS))
      if (random.chance(0.3) && world.model.size > 0) world.take([...world.model.keys()][0]!)
      if (world.advance(() => left-- <= 0)) break
    }
  }
})

test('many entries of one tick whose time is not yet are passed over, and not again and again', () => {
  const world = new World()
  const dueMs = Math.ceil(START_MS / TICK_MS) * TICK_MS + TICK_MS
  for (let n = 0; n < 1000; n++) world.add(dueMs + 50)
  for (let n = 0; n < 10; n++) world.add(dueMs + 10)
  world.nowMs = dueMs + 20
  let calls = 0
  while (world.model.size > 1000) {
    let left = 50
    assert.ok(
      world.advance(() => left-- <= 0),
      'it asks to be called again',
    )
    assert.ok(++calls <= 30, 'entries that are due wait behind others')
  }
  world.nowMs = dueMs + 50
  world.advance()
  assert.equal(world.model.size, 0)
})

test('a clock that jumps by decades is followed at once', () => {
  const world = new World()
  const decadesMs = 50 * 365 * 86_400_000
  world.add(START_MS + decadesMs - 1)
  world.add(START_MS + decadesMs + 1)
  world.nowMs += decadesMs
  // Tick by tick this would take hours.
  world.advance()
  assert.equal(world.model.size, 1)
})

test('an entry in the past expires at once', () => {
  const world = new World()
  world.add(1)
  world.add(START_MS - 10 ** 9)
  world.add(START_MS)
  world.advance()
  assert.equal(world.model.size, 0)
})

test('an entry beyond the last level waits its turn', () => {
  const world = new World()
  world.add(Number.MAX_SAFE_INTEGER)
  world.nowMs += 10 ** 8
  world.advance()
  assert.equal(world.model.size, 1)
})

test('a clock that is set back makes nothing early, and nothing is lost by it', () => {
  const world = new World()
  world.add(START_MS + 500)
  world.add(START_MS + 5000)
  world.nowMs += 1000
  world.advance()
  assert.equal(world.model.size, 1)
  world.nowMs = START_MS - 100_000
  world.add(world.nowMs + 200)
  world.advance()
  assert.equal(world.model.size, 2)
  world.nowMs += 200
  world.advance()
  assert.equal(world.model.size, 1)
  world.nowMs = START_MS + 4999
  world.advance()
  assert.equal(world.model.size, 1)
  world.nowMs++
  world.advance()
  assert.equal(world.model.size, 0)
})

test('the soonest come from the slot that is due first, and all of it in turn', () => {
  const random = seeded()
  const world = new World()
  for (let i = 0; i < 2000; i++) world.add(world.nowMs + 1 + randomDelay(random))
  const into = new Int32Array(8)
  for (let step = 0; step < 500; step++) {
    if (random.chance(0.1)) {
      world.nowMs += randomDelay(random) % 100_000
      world.advance()
    }
    const count = world.wheel.soonest(into)
    assert.equal(count === 0, world.model.size === 0)
    if (count === 0) break
    const found = [...into.subarray(0, count)].map((ref) => ref >>> 0)
    assert.equal(new Set(found).size, count)
    const firstMs = Math.min(...world.model.values())
    const times = found.map((ref) => world.model.get(ref)!)
    // They share a slot of some level, and no entry of another slot is before that slot begins.
    const isOneSlot = WIDTHS_MS.some((width) => {
      const begins = times.map((time) => Math.floor(time / width) * width)
      return begins.every((begin) => begin === begins[0] && begin <= firstMs)
    })
    assert.ok(isOneSlot, `${times.join(' ')}, where the first is at ${firstMs}`)
    if (random.chance(0.7)) world.take(found[0]!)
  }
})

test('some of a slot are others each time, until all have come', () => {
  const random = seeded()
  const world = new World()
  for (let i = 0; i < 30; i++) world.add(world.nowMs + 10_000_000_000 + i)
  const into = new Int32Array(16)
  const seen = new Set<Ref>()
  for (let step = 0; step < 3; step++) {
    assert.equal(
      world.wheel.some(() => random.uint32(), into, 10),
      10,
    )
    for (const ref of into.subarray(0, 10)) seen.add(ref >>> 0)
  }
  assert.deepEqual(seen, new Set(world.model.keys()))
  assert.equal(
    new World().wheel.some(() => random.uint32(), into, 10),
    0,
  )
})
