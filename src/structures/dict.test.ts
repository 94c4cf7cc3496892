/** The dict against a Map, while it grows and shrinks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, blockOffset, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { fromLatin1, KeyHasher, latin1, Slice, setViewed } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { Dict } from './dict.ts'
import {
  flagsOf,
  HUGE_KEY,
  HUGE_KEY_BYTES,
  headBytes,
  headOf,
  hugeKeyId,
  keyOf,
  WIDE,
} from './node.ts'

const HUGE_KEY_FROM = 16_384

/** A dict with the makers of its nodes. */
class World {
  readonly arena = new Arena()
  readonly hasher: KeyHasher
  readonly dict: Dict
  readonly model = new Map<string, Ref>()

  constructor(random: Seeded) {
    this.hasher = new KeyHasher(random.uint32(), random.uint32())
    this.dict = new Dict(this.arena, this.hasher)
  }

  hash(key: string): number {
    return this.hasher.hash(fromLatin1(key), 0, key.length)
  }

  node(key: string): Ref {
    const isHuge = key.length > HUGE_KEY_FROM
    const isWide = key.length > 255
    const flags = (isHuge ? HUGE_KEY : 0) | (isWide ? WIDE : 0)
    const size = headBytes(flags) + (isHuge ? HUGE_KEY_BYTES : key.length)
    const node = this.arena.allocate(size)
    const words = this.arena.words[node >>> 17]!
    const at = wordOffset(node)
    words[at] = (flags << 8) | (isWide ? 0 : key.length << 16)
    if (isWide) {
      words[at + 1] = key.length
      words[at + 2] = 0
    }
    const keyAt = blockOffset(node) + headBytes(flags)
    if (isHuge) words[keyAt >>> 2] = this.arena.adoptLarge(fromLatin1(key))
    else this.arena.bytes[node >>> 17]!.set(fromLatin1(key), keyAt)
    return node
  }

  freeNode(node: Ref): void {
    const head = headOf(this.arena, node)
    if (flagsOf(head) & HUGE_KEY) this.arena.freeLarge(hugeKeyId(this.arena, node, head))
    this.arena.free(node)
  }

  find(key: string): Ref {
    // The bytes stand in the middle of a buffer, as arguments do.
    const bytes = fromLatin1(`??${key}??`)
    const hash = this.hash(key)
    const found = this.dict.find(bytes, 2, 2 + key.length, hash)
    // Some are looked for twice, and some by the words of a request.
    if (hash & 1) setViewed(bytes)
    assert.equal(this.dict.findAgain(bytes, 2, 2 + key.length, hash), found)
    if (hash & 2) assert.equal(this.dict.findAgain(bytes, 2, 2 + key.length, hash), found)
    return found
  }

  insert(key: string): void {
    const node = this.node(key)
    this.dict.insert(node, this.hash(key))
    this.model.set(key, node)
  }

  replace(key: string): void {
    const old = this.model.get(key)!
    const node = this.node(key)
    this.dict.replace(old, node)
    this.model.set(key, node)
    this.freeNode(old)
  }

  remove(key: string): void {
    const node = this.model.get(key)!
    this.dict.remove(node)
    this.model.delete(key)
    this.freeNode(node)
  }

  keyOf(node: Ref): string {
    const slice = keyOf(this.arena, node, new Slice(new Uint8Array(0), 0, 0))
    return latin1(slice.bytes, slice.start, slice.end)
  }

  /** Walks the whole cursor, calling `between` after each step. */
  scanAll(between: () => void = () => {}): Map<string, number> {
    const seen = new Map<string, number>()
    let cursor = 0
    do {
      cursor = this.dict.scan(cursor, (node) => {
        const key = this.keyOf(node)
        seen.set(key, (seen.get(key) ?? 0) + 1)
      })
      between()
    } while (cursor !== 0)
    return seen
  }

  check(): void {
    assert.equal(this.dict.count, this.model.size)
    this.dict.check()
    this.arena.check()
  }
}

function keyFor(random: Seeded, number: number): string {
  const kind = number % 50
  if (kind === 7) return `${number}`.padEnd(random.between(254, 258), 'w')
  if (kind === 13) return `${number}`.padEnd(3000, 'x')
  if (number % 1000 === 500) return `${number}`.padEnd(HUGE_KEY_FROM + random.between(0, 2), 'y')
  return `key:${number}`
}

test('a dict holds what a Map holds, whatever is put in, replaced and taken out', () => {
  const random = seeded()
  const world = new World(random)
  const keys: string[] = []
  for (let step = 0; step < 40_000; step++) {
    const growing = Math.floor(step / 10_000) % 2 === 0
    const isNew = random.chance(growing ? 0.7 : 0.2)
    if (isNew || keys.length === 0) {
      const key = keyFor(random, step)
      assert.equal(world.find(key), NONE)
      world.insert(key)
      keys.push(key)
      assert.equal(world.find(key), world.model.get(key))
    } else {
      const at = random.between(0, keys.length - 1)
      const key = keys[at]!
      assert.equal(world.find(key), world.model.get(key))
      if (random.chance(0.2)) world.replace(key)
      else {
        // Sometimes another lookup comes between finding a node and taking it out.
        if (random.chance(0.3)) world.find(random.pick(keys))
        world.remove(key)
        keys[at] = keys.at(-1)!
        keys.pop()
        assert.equal(world.find(key), NONE)
      }
    }
    if (step % 4000 === 0) world.check()
  }
  world.check()
  const seen: string[] = []
  world.dict.each((node) => seen.push(world.keyOf(node)))
  assert.deepEqual(seen.sort(), [...world.model.keys()].sort())
  assert.deepEqual([...world.scanAll().keys()].sort(), seen)
})

test('what was replaced or taken out is not found again, though it is still there to be read', () => {
  const world = new World(seeded())
  const { dict } = world
  const key = fromLatin1('key')
  const hash = world.hash('key')
  const again = () => dict.findAgain(key, 0, key.length, hash)
  const [first, second, third] = [0, 1, 2].map(() => world.node('key')) as [Ref, Ref, Ref]
  assert.equal(again(), NONE)
  dict.insert(first, hash)
  assert.equal(again(), first)
  dict.replace(first, second)
  assert.equal(again(), second)
  dict.remove(second)
  assert.equal(again(), NONE)
  dict.insert(third, hash)
  assert.equal(again(), third)
  dict.clear()
  assert.equal(again(), NONE)
})

test('emptying a dict gives all of its memory back', () => {
  const random = seeded()
  const world = new World(random)
  for (let n = 0; n < 20_000; n++) world.insert(`key:${n}`)
  const tableBytes = world.dict.tableBytes
  assert.ok(tableBytes >= 20_000 * 4 && tableBytes <= 20_000 * 12, `${tableBytes}`)
  for (let n = 0; n < 20_000; n++) world.remove(`key:${n}`)
  world.check()
  assert.ok(world.dict.tableBytes < tableBytes / 8, `${world.dict.tableBytes} are left`)
  world.dict.clear()
  assert.equal(world.arena.usedBytes, 0)
})

test('an empty dict answers every question', () => {
  const world = new World(seeded(1))
  assert.equal(world.find('nothing'), NONE)
  assert.equal(
    world.dict.scan(0, () => assert.fail()),
    0,
  )
  assert.equal(
    world.dict.random(() => 0),
    NONE,
  )
  world.dict.each(() => assert.fail())
  world.check()
  world.insert('')
  assert.equal(world.find(''), world.model.get(''))
  assert.equal(world.dict.scan(0, () => {}) >= 0, true)
})

test('a scan returns what is there throughout, while the dict grows and shrinks', () => {
  const random = seeded()
  for (let round = 0; round < 12; round++) {
    const world = new World(random)
    const size = random.pick([1, 10, 100, 1000, 5000])
    const steady = Array.from({ length: size }, (_, n) => `steady:${n}`)
    for (const key of steady) world.insert(key)
    const passing: string[] = []
    let number = 0
    const growsFirst = random.chance(0.5)
    const seen = world.scanAll(() => {
      const isGrowing = growsFirst === number < size * 2
      for (let n = 0; n < 30; n++) {
        number++
        if (isGrowing && passing.length < size * 8) {
          passing.push(`passing:${number}`)
          world.insert(passing.at(-1)!)
        } else if (passing.length > 0) world.remove(passing.pop()!)
      }
    })
    for (const key of steady) assert.ok(seen.has(key), `${key} of ${size} in round ${round}`)
    world.check()
  }
})

test('a scan returns each node once while nothing changes, from any size', () => {
  const random = seeded()
  const world = new World(random)
  for (let n = 0; n < 12_000; n++) {
    world.insert(`key:${n}`)
    if ([1, 7, 40, 41, 90, 200, 700, 1500, 6000, 11_999].includes(n)) {
      const seen = world.scanAll()
      assert.equal(seen.size, world.model.size)
      assert.ok([...seen.values()].every((times) => times === 1))
    }
  }
})

test('cursors are whole numbers that a client can give back, and strange ones do no harm', () => {
  const random = seeded()
  const world = new World(random)
  for (let n = 0; n < 3000; n++) world.insert(`key:${n}`)
  for (let n = 0; n < 2000; n++) {
    const strange = random.pick([
      random.between(0, 2 ** 53 - 1),
      random.between(0, 2 ** 33),
      2 ** 32 - 1,
      2 ** 32,
    ])
    const next = world.dict.scan(strange, (node) => assert.ok(world.model.has(world.keyOf(node))))
    assert.ok(Number.isSafeInteger(next) && next >= 0, `${strange} gives ${next}`)
  }
})

test('every node has the same chance to be drawn', () => {
  const random = seeded()
  const world = new World(random)
  const size = 1500
  for (let n = 0; n < size; n++) world.insert(`key:${n}`)
  const draws = size * 100
  const counts = new Map<Ref, number>()
  for (let n = 0; n < draws; n++) {
    const node = world.dict.random(() => random.uint32())
    counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  assert.equal(counts.size, size)
  const expected = draws / size
  let chiSquare = 0
  for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
  // The sum has a mean of size - 1 and a variance of twice that; six deviations never happen.
  const deviation = Math.sqrt(2 * (size - 1))
  assert.ok(Math.abs(chiSquare - (size - 1)) < 6 * deviation, `chi square ${chiSquare}`)
})

test('no step of growth or shrinking moves more than the nodes of two segments', () => {
  const random = seeded()
  const world = new World(random)
  let hashed = 0
  const { hasher } = world
  const original = hasher.hashWords.bind(hasher)
  hasher.hashWords = (words, at, size) => {
    hashed++
    return original(words, at, size)
  }
  let most = 0
  const measure = (act: () => void) => {
    hashed = 0
    act()
    most = Math.max(most, hashed)
  }
  for (let n = 0; n < 60_000; n++) measure(() => world.insert(`key:${n}`))
  assert.ok(most > 0, 'the measure sees no growth')
  assert.ok(most <= 800, `an insert moved ${most} nodes`)
  most = 0
  for (let n = 0; n < 60_000; n++) measure(() => world.remove(`key:${n}`))
  assert.ok(most <= 800, `a removal moved ${most} nodes`)
})

test('keys of the same hash are told apart', () => {
  const random = seeded()
  const world = new World(random)
  // All in one chunk: a hash that is the same for all of a prefix.
  const hash = 0x12345678
  world.hash = () => hash
  world.hasher.hash = () => hash
  world.hasher.hashWords = () => hash
  for (let n = 0; n < 300; n++) world.insert(`same:${n}`)
  world.check()
  for (let n = 0; n < 300; n += 2) world.remove(`same:${n}`)
  for (let n = 0; n < 300; n++) {
    assert.equal(world.find(`same:${n}`), n % 2 === 0 ? NONE : world.model.get(`same:${n}`))
  }
  world.check()
})

test('a sample is of different nodes, and each node has about the same chance', () => {
  const random = seeded()
  const world = new World(random)
  const draw = () => random.uint32()
  const into = new Int32Array(16)
  assert.equal(world.dict.sample(draw, into, 5), 0)
  for (const size of [1, 3, 40, 3000]) {
    while (world.model.size < size) world.insert(`key:${world.model.size}`)
    const hits = new Map<Ref, number>()
    const rounds = size * 40
    for (let round = 0; round < rounds; round++) {
      const count = world.dict.sample(draw, into, 5)
      assert.equal(count, Math.min(5, size))
      const nodes = new Set([...into.subarray(0, count)].map((ref) => ref >>> 0))
      assert.equal(nodes.size, count)
      for (const node of nodes) hits.set(node, (hits.get(node) ?? 0) + 1)
    }
    assert.equal(hits.size, size, 'every node was met')
    const mean = (rounds * Math.min(5, size)) / size
    // Those behind a gap are met more often.
    for (const count of hits.values())
      assert.ok(count < mean * 4, `${count}, where ${mean} is usual`)
  }
})
