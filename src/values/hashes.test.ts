/** Hashes against a map. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { isListpackValid, LISTPACK_EMPTY } from '../structures/index.ts'
import { ENCODING_LISTPACK, ENCODING_ROOTED_MIN } from './encodings.ts'
import { Hashes } from './hashes.ts'
import { TestSlot, testSpace } from './slot.fixture.ts'

type Model = Map<string, { content: string; expiryMs: number }>

const EVERYTHING = Number.MAX_SAFE_INTEGER

function anyText(random: Seeded): string {
  const size = random.pick([0, 1, 2, 8, 60, 64, 65, 200, 260, 5000])
  if (random.chance(0.5)) return String(random.between(-(2 ** random.between(1, 53)), 2 ** 40))
  if (random.chance(0.01)) return 'x'.repeat(40_000)
  return latin1(random.bytes(size))
}

const bytesOf = (text: string) => sliceOf(Buffer.from(text, 'latin1'))

/** What a hash holds, read in the ways there are. */
function contentOf(hashes: Hashes, value: TestSlot): Model {
  const found: Model = new Map()
  hashes.each(value, (place) => {
    hashes.read(value, place)
    const { field, content, expiryMs } = hashes
    found.set(field.latin1(), { content: content.latin1(), expiryMs })
  })
  assert.equal(found.size, hashes.count(value), 'a field comes twice')
  const passed: string[] = []
  const sink = {
    bulk(bytes: Uint8Array, start: number, end: number) {
      passed.push(latin1(bytes, start, end))
    },
  }
  hashes.pass(value, 0, true, true, sink)
  assert.deepEqual(
    passed,
    [...found].flatMap(([name, { content }]) => [name, content]),
  )
  passed.length = 0
  hashes.pass(value, 15, true, false, sink)
  const alive = [...found].filter(([, { expiryMs }]) => expiryMs === 0 || expiryMs > 15)
  assert.deepEqual(
    passed,
    alive.map(([name]) => name),
  )
  return found
}

function checkAll(hashes: Hashes, value: TestSlot, model: Model): void {
  assert.deepEqual(contentOf(hashes, value), model)
  hashes.check(value)
  if (value.encoding < ENCODING_ROOTED_MIN) {
    assert.ok(isListpackValid(value.bytes, value.start, value.start + value.size))
  }
}

/** Several fields at once, in a buffer such as requests have. */
function addSeveral(hashes: Hashes, value: TestSlot, model: Model, random: Seeded): void {
  const count = random.between(1, 20)
  const names = Array.from({ length: count }, () =>
    model.size > 0 && random.chance(0.03) ? random.pick([...model.keys()]) : anyText(random),
  )
  const words = names.flatMap((name) => [name, anyText(random)])
  const sizeMax = Math.max(...words.map((word) => word.length))
  hashes.prepare(value, count, sizeMax)
  const ends: number[] = [3]
  for (const word of words) ends.push(ends.at(-1)! + word.length)
  const texts = {
    bytes: Buffer.from(`...${words.join('')}`, 'latin1'),
    starts: Int32Array.from(ends),
    ends: Int32Array.from(ends.slice(1)),
  }
  const isSmall = value.encoding === ENCODING_LISTPACK
  const areNew = new Set(names).size === count && !names.some((name) => model.has(name))
  const isDone = hashes.addAll(value, texts, 0, words.length)
  assert.equal(isDone, isSmall && areNew && count <= 16)
  if (!isDone) return
  for (let i = 0; i < words.length; i += 2) {
    model.set(words[i]!, { content: words[i + 1]!, expiryMs: 0 })
  }
}

function step(hashes: Hashes, value: TestSlot, model: Model, random: Seeded): void {
  const name =
    model.size > 0 && random.chance(0.6) ? random.pick([...model.keys()]) : anyText(random)
  const known = model.get(name)
  const act = random.between(0, 9)
  if (random.chance(0.05)) {
    addSeveral(hashes, value, model, random)
    return
  }
  if (act < 5) {
    const content = anyText(random)
    const keeps = random.chance(0.3)
    const isNew = hashes.set(value, bytesOf(name), bytesOf(content), keeps)
    assert.equal(isNew, known === undefined)
    assert.equal(hashes.expiryMs, known?.expiryMs ?? 0)
    model.set(name, { content, expiryMs: keeps ? (known?.expiryMs ?? 0) : 0 })
  } else if (act < 7) {
    assert.equal(hashes.delete(value, bytesOf(name)), model.delete(name))
    if (known !== undefined) assert.equal(hashes.expiryMs, known.expiryMs)
  } else if (act === 7) {
    assert.equal(hashes.find(value, bytesOf(name)), known !== undefined)
    if (known !== undefined) {
      assert.deepEqual({ content: hashes.content.latin1(), expiryMs: hashes.expiryMs }, known)
    }
  } else if (known !== undefined) {
    hashes.widen(value)
    known.expiryMs = random.pick([0, random.between(1, 30), 2 ** 46 - random.between(1, 3)])
    hashes.setExpiry(value, bytesOf(name), known.expiryMs)
  }
}

function checkTimes(hashes: Hashes, value: TestSlot, model: Model, random: Seeded): void {
  const times = [...model.values()].map(({ expiryMs }) => expiryMs).filter((time) => time !== 0)
  assert.equal(hashes.earliestMs(value), times.length === 0 ? 0 : Math.min(...times))
  const until = random.pick([0, random.between(0, 31), EVERYTHING])
  assert.equal(hashes.dueCount(value, until), times.filter((time) => time <= until).length)
}

for (const entriesMax of [0, 8, 512]) {
  test(`a hash is what a map would be, with ${entriesMax} fields in a listpack at most`, () => {
    const random = seeded()
    const space = testSpace(random)
    space.limits.hashMaxListpackEntries = entriesMax
    if (entriesMax === 512) space.limits.hashMaxListpackValue = 100_000
    const hashes = new Hashes(space)
    const value = new TestSlot(ENCODING_LISTPACK, LISTPACK_EMPTY)
    const model: Model = new Map()
    for (let i = 0; i < 3000; i++) {
      step(hashes, value, model, random)
      checkTimes(hashes, value, model, random)
      if (i % 100 === 0) checkAll(hashes, value, model)
    }
    checkAll(hashes, value, model)
    const twin = new TestSlot(value.encoding, value.bytes.slice(0, value.size))
    if (value.encoding >= ENCODING_ROOTED_MIN) hashes.copy(value, twin)
    checkAll(hashes, twin, model)
    for (let ms = hashes.earliestMs(value); ms !== 0; ms = hashes.earliestMs(value)) {
      hashes.takeEarliest(value, (field) => {
        assert.equal(model.get(field.latin1())?.expiryMs, ms)
        model.delete(field.latin1())
      })
    }
    checkAll(hashes, value, model)
    for (const slot of [value, twin]) {
      if (slot.encoding < ENCODING_ROOTED_MIN) continue
      while (!hashes.free(slot, 10)) hashes.count(slot)
    }
    assert.equal(space.arena.usedBytes, 0)
    space.arena.check()
  })
}

test('a hash that is prepared for many fields grows into what was prepared', () => {
  const random = seeded()
  const space = testSpace(random)
  const hashes = new Hashes(space)
  const value = new TestSlot(ENCODING_LISTPACK, LISTPACK_EMPTY)
  hashes.prepare(value, 5000, 10)
  const prepared = space.arena.usedBytes
  assert.equal(hashes.ownedBytes(value), prepared)
  for (let i = 0; i < 5000; i++) hashes.set(value, bytesOf(`${i}`), bytesOf(''))
  assert.equal(hashes.count(value), 5000)
  hashes.check(value)
  while (!hashes.free(value, 1000)) hashes.count(value)
  assert.equal(space.arena.usedBytes, 0)
})

test('many fields are scanned once each, and drawn with the same chance', () => {
  const random = seeded()
  const hashes = new Hashes(testSpace(random))
  const value = new TestSlot(ENCODING_LISTPACK, LISTPACK_EMPTY)
  const count = 3000
  for (let i = 0; i < count; i++) hashes.set(value, bytesOf(`field:${i}`), bytesOf(`${i}`))
  const seen = new Map<string, number>()
  let cursor = 0
  do {
    cursor = hashes.scan(value, cursor, (place) => {
      hashes.read(value, place)
      const name = hashes.field.latin1()
      seen.set(name, (seen.get(name) ?? 0) + 1)
      assert.equal(name, `field:${hashes.content.latin1()}`)
    })
  } while (cursor !== 0)
  assert.equal(seen.size, count)
  assert.ok([...seen.values()].every((times) => times === 1))

  const drawn = new Map<number, number>()
  for (let i = 0; i < count * 20; i++) {
    const place = hashes.random(value)
    drawn.set(place, (drawn.get(place) ?? 0) + 1)
  }
  const chiSquare = [...drawn.values()].reduce((sum, times) => sum + (times - 20) ** 2 / 20, 0)
  // Six standard deviations above what is expected.
  assert.ok(chiSquare + (count - drawn.size) * 20 < count + 6 * Math.sqrt(2 * count))
})
