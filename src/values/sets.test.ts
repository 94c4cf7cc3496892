/** Sets in every encoding against JavaScript's own, and what they do at their limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { ENCODING_HASHTABLE, ENCODING_INTSET, ENCODING_LISTPACK } from './encodings.ts'
import { Sets } from './sets.ts'
import { TestSlot, testSpace } from './slot.fixture.ts'
import type { Slot, Space } from './slot.ts'

const ENCODINGS = [ENCODING_INTSET, ENCODING_LISTPACK, ENCODING_HASHTABLE]
const slice = new Slice(new Uint8Array(0), 0, 0)

/** A few sets with their models. */
class World {
  readonly space: Space
  readonly sets: Sets
  readonly random: Seeded

  constructor(random: Seeded) {
    this.random = random
    this.space = testSpace(random)
    this.sets = new Sets(this.space)
  }

  /** An empty set that will begin in an encoding. */
  empty(encoding: number): TestSlot {
    this.sets.beginEmpty(this.sets.draft, encoding)
    return new TestSlot(encoding, this.sets.draft.view().slice())
  }

  of(members: Iterable<string>, encoding = ENCODING_INTSET): TestSlot {
    const value = this.empty(encoding)
    for (const member of members) this.add(value, member)
    return value
  }

  add(value: Slot, member: string): boolean {
    return this.sets.add(value, fromLatin1(`<${member}>`), 1, 1 + member.length)
  }

  remove(value: Slot, member: string): boolean {
    return this.sets.remove(value, fromLatin1(`<${member}>`), 1, 1 + member.length)
  }

  has(value: Slot, member: string): boolean {
    return this.sets.has(value, fromLatin1(`<${member}>`), 1, 1 + member.length)
  }

  membersOf(value: Slot): string[] {
    const members: string[] = []
    this.sets.each(value, (member) => members.push(member.latin1()))
    return members
  }

  check(value: Slot, model: ReadonlySet<string>): void {
    assert.equal(this.sets.count(value), model.size)
    assert.deepEqual(this.membersOf(value).sort(), [...model].sort())
  }

  member(): string {
    const { random } = this
    if (random.chance(0.5)) return `${random.between(-50, 400)}`
    if (random.chance(0.9)) return `member:${random.between(0, 400)}`
    return 'x'.repeat(random.between(0, 100))
  }

  integer(): string {
    return `${this.random.between(-400, 400)}`
  }
}

test('a set holds what a Set holds, through all encodings', () => {
  const random = seeded()
  const world = new World(random)
  for (let round = 0; round < 40; round++) {
    const value = world.empty(random.pick(ENCODINGS))
    const model = new Set<string>()
    const draw = random.chance(0.5) ? () => world.integer() : () => world.member()
    const isLong = random.chance(0.4)
    for (let step = 0; step < (isLong ? 3000 : 150); step++) {
      const member = draw()
      assert.equal(world.has(value, member), model.has(member))
      if (random.chance(0.7)) {
        assert.equal(world.add(value, member), !model.has(member))
        model.add(member)
      } else if (model.size > 0 && random.chance(0.2)) {
        const drawn = world.sets.draw(value, slice).latin1()
        world.sets.removeDrawn(value)
        assert.ok(model.delete(drawn), drawn)
      } else {
        assert.equal(world.remove(value, member), model.delete(member))
      }
      if (step % 100 === 0) world.check(value, model)
    }
    world.check(value, model)
    const copy = new TestSlot(value.encoding, value.bytes.slice(0, value.size))
    world.sets.copy(value, copy)
    world.check(copy, model)
    const owned = world.sets.ownedBytes(value) + world.sets.ownedBytes(copy)
    assert.equal(world.space.arena.usedBytes, owned)
    for (const each of [value, copy]) while (!world.sets.free(each, 100)) {}
    assert.equal(world.space.arena.usedBytes, 0)
  }
})

test('small sets become large ones at the limits', () => {
  const world = new World(seeded())
  const { limits } = world.space
  for (const limit of [1, 5, 128, 512]) {
    limits.setMaxIntsetEntries = limit
    const members = Array.from({ length: limit }, (_, n) => `${n * 1000}`)
    const value = world.of(members)
    assert.equal(value.encoding, ENCODING_INTSET)
    world.add(value, '-1')
    assert.equal(value.encoding, ENCODING_HASHTABLE)
    world.check(value, new Set([...members, '-1']))
  }
  for (const limit of [1, 5, 128, 512]) {
    limits.setMaxListpackEntries = limit
    const members = Array.from({ length: limit }, (_, n) => `m${n}`)
    const value = world.of(members, ENCODING_LISTPACK)
    assert.equal(value.encoding, ENCODING_LISTPACK)
    world.add(value, 'one more')
    assert.equal(value.encoding, ENCODING_HASHTABLE)
    world.check(value, new Set([...members, 'one more']))
  }
  limits.setMaxListpackValue = 10
  const value = world.of(['0123456789'], ENCODING_LISTPACK)
  assert.equal(value.encoding, ENCODING_LISTPACK)
  world.add(value, '0123456789a')
  assert.equal(value.encoding, ENCODING_HASHTABLE)
})

test('an intset becomes a listpack when that has room for it', () => {
  const world = new World(seeded())
  const { limits } = world.space
  limits.setMaxListpackEntries = 4
  limits.setMaxListpackValue = 5
  const encodingOf = (...members: string[]) => world.of(members).encoding
  assert.equal(encodingOf('1', '2', '3', 'a'), ENCODING_LISTPACK)
  assert.equal(encodingOf('1', '2', '3', '4', 'a'), ENCODING_HASHTABLE)
  assert.equal(encodingOf('1', 'abcde'), ENCODING_LISTPACK)
  assert.equal(encodingOf('1', 'abcdef'), ENCODING_HASHTABLE)
  assert.equal(encodingOf('-9999', 'a'), ENCODING_LISTPACK)
  assert.equal(encodingOf('-99999', 'a'), ENCODING_HASHTABLE)
  assert.equal(encodingOf('123456', 'a'), ENCODING_HASHTABLE)
  assert.equal(encodingOf('a'), ENCODING_LISTPACK)
})

test('algebra agrees with Sets, for any number of sets in any encodings', () => {
  const random = seeded()
  for (let round = 0; round < 150; round++) {
    const world = new World(random)
    const models: Set<string>[] = []
    const values = Array.from({ length: random.between(1, 7) }, () => {
      const draw = random.chance(0.3) ? () => world.integer() : () => world.member()
      const size = random.pick([0, 1, 20, 200, 2000])
      const model = new Set(Array.from({ length: random.between(0, size) }, draw))
      models.push(model)
      return world.of(model, random.pick(ENCODINGS.slice(0, 2)))
    })
    if (random.chance(0.2)) {
      values.push(values[0]!)
      models.push(models[0]!)
    }
    const [first, ...others] = models
    const inter = [...first!].filter((member) => others.every((other) => other.has(member)))
    const union = [...new Set(models.flatMap((model) => [...model]))]
    const diff = [...first!].filter((member) => !others.some((other) => other.has(member)))
    const { algebra } = world.sets
    const collected = (run: (visit: (member: Slice) => void) => number): string[] => {
      const members: string[] = []
      const count = run((member) => members.push(member.latin1()))
      assert.equal(count, members.length)
      return members.sort()
    }
    const all = Number.POSITIVE_INFINITY
    assert.deepEqual(
      collected((visit) => algebra.intersect(values, all, visit)),
      inter.sort(),
    )
    assert.deepEqual(
      collected((visit) => algebra.unite(values, visit)),
      union.sort(),
    )
    assert.deepEqual(
      collected((visit) => algebra.subtract(values, visit)),
      diff.sort(),
    )
    const limit = random.between(1, 30)
    const some = collected((visit) => algebra.intersect(values, limit, visit))
    assert.equal(some.length, Math.min(limit, inter.length))
    assert.ok(some.every((member) => inter.includes(member)))
  }
})

test('every member has the same chance to be drawn, in every encoding', () => {
  const random = seeded()
  const world = new World(random)
  const size = 100
  for (const encoding of ENCODINGS) {
    const value = world.of(
      Array.from({ length: size }, (_, n) => `${n}`),
      encoding,
    )
    assert.equal(value.encoding, encoding)
    const counts = new Map<string, number>()
    const draws = size * 300
    for (let n = 0; n < draws; n++) {
      const member = world.sets.draw(value, slice).latin1()
      counts.set(member, (counts.get(member) ?? 0) + 1)
    }
    const expected = draws / size
    let chiSquare = 0
    for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
    // The sum has a mean of size - 1 and a variance of twice that; six deviations never happen.
    assert.equal(counts.size, size)
    assert.ok(chiSquare < size - 1 + 6 * Math.sqrt(2 * (size - 1)), `chi square ${chiSquare}`)
  }
})

test('the size of a large set is known from a sample', () => {
  const random = seeded()
  const world = new World(random)
  const value = world.empty(ENCODING_HASHTABLE)
  for (let n = 0; n < 30_000; n++) world.add(value, `${n}`.padEnd(random.between(5, 60), 'x'))
  const { usedBytes } = world.space.arena
  const ratio = world.sets.ownedBytes(value) / usedBytes
  assert.ok(ratio > 0.97 && ratio < 1.03, `${ratio}`)
})
