/** Sorted sets, small and large, against a map. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../arena/index.ts'
import { fromLatin1, HashHint, KeyHasher, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { isListpackValid } from '../structures/index.ts'
import { Draft } from './draft.ts'
import { ENCODING_LISTPACK, ENCODING_SKIPLIST } from './encodings.ts'
import { Images } from './images.ts'
import { defaultLimits, type Space } from './slot.ts'
import {
  INCREMENT,
  ONLY_HIGHER,
  ONLY_LOWER,
  ONLY_NEW,
  ONLY_PRESENT,
  SortedSets,
} from './sorted-sets.ts'

function newSpace(random: Seeded): Space {
  return {
    arena: new Arena(),
    hasher: new KeyHasher(random.uint32(), random.uint32()),
    hint: new HashHint(),
    limits: defaultLimits(),
    images: new Images(),
    uint32: () => random.uint32(),
  }
}

function emptySet(sets: SortedSets): Draft {
  const { encoding, bytes } = sets.empty(1, 1)
  return new Draft(encoding, bytes)
}

const slice = (text: string) => sliceOf(fromLatin1(text))

type Model = Map<string, number>

/** Members in order: by score, then by their bytes, which compare as latin1 text does. */
function inOrder(model: Model): [string, number][] {
  return [...model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : a > b ? 1 : 0))
}

function contentOf(sets: SortedSets, value: Draft): [string, number][] {
  const count = sets.count(value)
  const content: [string, number][] = []
  for (let i = 0; i < count; i++) {
    if (i === 0) sets.seek(value, 0)
    else sets.next()
    content.push([sets.member.latin1(), sets.score])
  }
  return content
}

function randomMember(random: Seeded): string {
  if (random.chance(0.3)) return String(random.between(-200, 70_000))
  if (random.chance(0.02)) return 'long'.repeat(random.between(16, 5000))
  return Array.from({ length: random.between(0, 3) }, () => random.pick(['a', 'ÿ', '\0'])).join('')
}

function randomScore(random: Seeded): number {
  if (random.chance(0.5)) return random.between(-5, 5)
  return random.pick([0.5, 1e300, -1e-9, 2 ** 53, 2 ** 62, 2 ** 63, Infinity, -Infinity, 1 / 3])
}

for (const [name, entries] of [
  ['small', 1000],
  ['large', 0],
  ['growing', 40],
] as const) {
  test(`a ${name} sorted set does what a map does, in order`, () => {
    const random = seeded()
    const space = newSpace(random)
    space.limits.zsetMaxListpackEntries = entries
    if (name === 'small') space.limits.zsetMaxListpackValue = 100_000
    const sets = new SortedSets(space)
    const value = emptySet(sets)
    const model: Model = new Map()
    for (let step = 0; step < 3000; step++) {
      const member = randomMember(random)
      const score = randomScore(random)
      const held = model.get(member)
      if (random.chance(step % 1000 < 600 ? 0.8 : 0.2)) {
        const did = sets.add(value, slice(member), score, 0)
        assert.equal(did, held === undefined ? 'added' : held === score ? 'kept' : 'updated')
        model.set(member, score)
      } else {
        assert.equal(sets.remove(value, slice(member)), model.delete(member))
      }
      assert.equal(sets.count(value), model.size)
      if (step % 50 === 0) {
        sets.check(value)
        assert.deepEqual(contentOf(sets, value), inOrder(model))
        compareRanks(sets, value, model, random)
      }
    }
    const isSmall = name === 'small'
    assert.equal(value.encoding, isSmall ? ENCODING_LISTPACK : ENCODING_SKIPLIST)
    if (isSmall) assert.ok(isListpackValid(value.bytes, value.start, value.start + value.size))
    while (!sets.free(value, 50));
    assert.equal(space.arena.usedBytes, 0)
  })
}

function compareRanks(sets: SortedSets, value: Draft, model: Model, random: Seeded): void {
  const ordered = inOrder(model)
  ordered.forEach(([member, score], rank) => {
    assert.equal(sets.rankOf(value, slice(member)), rank)
    assert.equal(sets.score, score)
  })
  const score = randomScore(random)
  const below = ordered.filter(([, held]) => held < score).length
  const upTo = ordered.filter(([, held]) => held <= score).length
  assert.equal(sets.rankOfScore(value, score, false), below)
  assert.equal(sets.rankOfScore(value, score, true), upTo)
}

test('rules say whether a member is added, changed, or left', () => {
  const random = seeded()
  const sets = new SortedSets(newSpace(random))
  for (const members of [0, 500]) {
    const value = emptySet(sets)
    for (let i = 0; i < members; i++) sets.add(value, slice(`m${i}`), i, 0)
    const add = (score: number, rules: number) => [
      sets.add(value, slice('x'), score, rules),
      sets.find(value, slice('x')) ? sets.score : undefined,
    ]
    assert.deepEqual(add(1, ONLY_PRESENT), ['skipped', undefined])
    assert.deepEqual(add(1, ONLY_HIGHER | INCREMENT), ['added', 1])
    assert.deepEqual(add(2, ONLY_NEW), ['skipped', 1])
    assert.deepEqual(add(2, ONLY_LOWER), ['skipped', 1])
    assert.deepEqual(add(1, ONLY_HIGHER), ['skipped', 1])
    assert.deepEqual(add(2, ONLY_HIGHER), ['updated', 2])
    assert.deepEqual(add(0, INCREMENT), ['kept', 2])
    assert.deepEqual(add(-3, INCREMENT | ONLY_LOWER), ['updated', -1])
    assert.deepEqual(add(Infinity, 0), ['updated', Infinity])
    assert.deepEqual(add(-Infinity, INCREMENT), ['not a number', Infinity])
  }
})

test('ranges are taken out, and ends are popped, small and large', () => {
  const random = seeded()
  const sets = new SortedSets(newSpace(random))
  for (const size of [100, 3000]) {
    const value = emptySet(sets)
    const model: Model = new Map()
    for (let i = 0; i < size; i++) {
      const score = random.between(0, 50)
      model.set(`m${i}`, score)
      sets.add(value, slice(`m${i}`), score, 0)
    }
    const ordered = inOrder(model)
    while (ordered.length > 0) {
      const from = random.between(0, ordered.length - 1)
      const count = Math.min(ordered.length - from, random.between(1, size >> 3))
      if (random.chance(0.5)) {
        ordered.splice(from, count)
        sets.removeRange(value, from, count)
      } else {
        const isFirst = random.chance(0.5)
        sets.seek(value, isFirst ? 0 : ordered.length - 1)
        assert.deepEqual(
          [sets.member.latin1(), sets.score],
          isFirst ? ordered.shift() : ordered.pop(),
        )
        sets.removeHere()
      }
      assert.deepEqual(contentOf(sets, value), ordered)
    }
  }
})

test('a copy of a large set is the same, and owns what it has', () => {
  const random = seeded()
  const space = newSpace(random)
  const sets = new SortedSets(space)
  const value = emptySet(sets)
  for (let i = 0; i < 2000; i++) sets.add(value, slice(`m${random.between(0, 5000)}`), i % 7, 0)
  assert.equal(sets.ownedBytes(value), space.arena.usedBytes)
  const twin = new Draft(value.encoding, value.view())
  sets.copy(value, twin)
  sets.check(twin)
  assert.deepEqual(contentOf(sets, twin), contentOf(sets, value))
  assert.equal(sets.ownedBytes(value) + sets.ownedBytes(twin), space.arena.usedBytes)
})

test('what is gathered is put in order, and is small where it can be', () => {
  const random = seeded()
  const space = newSpace(random)
  const sets = new SortedSets(space)
  for (const size of [0, 1, 128, 129, 1000]) {
    const model: Model = new Map()
    const draft = sets.draft()
    for (let i = 0; i < size * 2; i++) {
      const member = `m${i % size}`
      const score = random.between(-9, 9)
      const held = model.get(member)
      model.set(member, held === undefined ? score : Math.max(held, score))
      sets.gather(draft, slice(member), score, Math.max)
    }
    sets.arrange(draft)
    sets.check(draft)
    assert.deepEqual(contentOf(sets, draft), inOrder(model))
    sets.shrink(draft)
    assert.deepEqual(contentOf(sets, draft), inOrder(model))
    assert.equal(draft.encoding === ENCODING_LISTPACK, size > 0 && size <= 128)
    sets.free(draft, Number.POSITIVE_INFINITY)
    assert.equal(space.arena.usedBytes, 0)
  }
})

test('every member has the same chance, small and large', () => {
  const random = seeded()
  const sets = new SortedSets(newSpace(random))
  for (const size of [100, 300]) {
    const value = emptySet(sets)
    for (let i = 0; i < size; i++) sets.append(value, slice(`m${1000 + i}`), i)
    const hits = new Map<string, number>()
    const expected = 100
    for (let i = 0; i < size * expected; i++) {
      sets.readRandom(value)
      const member = sets.member.latin1()
      assert.equal(member, `m${1000 + sets.score}`)
      hits.set(member, (hits.get(member) ?? 0) + 1)
    }
    assert.equal(hits.size, size)
    // Chi-square with `size - 1` degrees of freedom: far less than one run in a million is above.
    let sum = 0
    for (const count of hits.values()) sum += (count - expected) ** 2 / expected
    assert.ok(sum < size + 6 * Math.sqrt(2 * size), `chi-square is ${sum} for ${size}`)
  }
})
