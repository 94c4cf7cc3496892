/** The image of a dict's members against what they were, while the dict grows, shrinks and changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, NONE, type Ref } from '../arena/index.ts'
import { fromLatin1, KeyHasher, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from './buffer-stretch.ts'
import { Dict } from './dict.ts'
import { freeMember, memberValue, newMember } from './member.ts'
import { MemberImage } from './member-image.ts'
import { keyOf } from './node.ts'
import { ROOT_BYTES } from './table.ts'

const slice = new Slice(new Uint8Array(0), 0, 0)

/** A dict whose members have values of which the first byte counts, and the image of it that is told of all changes. */
class World {
  readonly arena = new Arena()
  readonly hasher: KeyHasher
  readonly root = new BufferStretch(new Uint8Array(ROOT_BYTES))
  readonly dict: Dict
  readonly model = new Map<string, number>()
  readonly #width: number
  image: MemberImage | undefined
  /** The most members that one step read, what had changed before included. */
  stepMax = 0

  constructor(random: Seeded, width = 1) {
    this.#width = width
    this.hasher = new KeyHasher(random.uint32(), random.uint32())
    this.dict = new Dict(this.arena, this.hasher)
    this.dict.open(this.root.bytes, 0)
  }

  set(name: string, value: number): void {
    const bytes = fromLatin1(name)
    const hash = this.dict.hash(bytes, 0, bytes.length)
    let node = this.dict.find(bytes, 0, bytes.length, hash)
    if (node === NONE) {
      this.image?.coming(bytes, 0, bytes.length, hash)
      node = newMember(this.arena, bytes, 0, bytes.length, this.#width)
      this.dict.insert(node, hash)
      this.dict.save()
    } else this.image?.before(node, hash)
    const held = memberValue(this.arena, node, slice)
    held.bytes[held.start] = value
    this.model.set(name, value)
  }

  delete(name: string): void {
    const bytes = fromLatin1(name)
    const hash = this.dict.hash(bytes, 0, bytes.length)
    const node = this.dict.find(bytes, 0, bytes.length, hash)
    if (node === NONE) return
    this.dict.remove(node, hash)
    this.dict.save()
    if (!this.image?.leaving(node, hash)) freeMember(this.arena, node)
    this.model.delete(name)
  }

  /** Reads the image to its end; `between` is called after each step. */
  read(between: (last: string) => void): [string, number][] {
    const image = new MemberImage(this.arena, this.hasher, this.root)
    this.image = image
    const seen: [string, number][] = []
    const visit = (node: Ref) => {
      const value = memberValue(this.arena, node, slice)
      const byte = value.bytes[value.start]!
      seen.push([keyOf(this.arena, node, slice).latin1(), byte])
    }
    for (let isMore = true; isMore; ) {
      const before = seen.length
      isMore = image.step(visit)
      this.stepMax = Math.max(this.stepMax, seen.length - before)
      if (isMore) between(seen.at(-1)?.[0] ?? '')
    }
    this.image = undefined
    assert.equal(seen.length, image.count)
    while (!image.free(1));
    return seen.sort(byName)
  }

  get order(): string[] {
    const names: string[] = []
    this.dict.each((node) => names.push(keyOf(this.arena, node, slice).latin1()))
    return names
  }

  clear(): void {
    for (const name of [...this.model.keys()]) this.delete(name)
    this.dict.clear()
    this.dict.save()
    assert.equal(this.arena.usedBytes, 0, 'nothing that an image kept is left')
  }
}

const byName = (a: readonly [string, number], b: readonly [string, number]) =>
  a[0] < b[0] ? -1 : 1

test('an image gives the members of its instant, however many come, change and go', () => {
  const random = seeded()
  for (let round = 0; round < 12; round++) {
    const width = random.pick([1, 1000])
    const world = new World(random, width)
    const names = random.pick([300, 5000])
    const name = () => `n${random.between(1, names)}`
    for (let i = 0; i < names; i++) world.set(name(), i & 255)
    const expected = [...world.model].sort(byName)
    const steps = random.pick([20, 400, 1500])
    const seen = world.read(() => {
      const isShrinking = random.chance(0.3)
      for (let i = random.between(0, steps); i > 0; i--) {
        if (random.chance(isShrinking ? 0.1 : 0.6)) world.set(name(), random.between(0, 255))
        else world.delete(name())
      }
    })
    assert.deepEqual(seen, expected)
    if (width > 1) assert.ok(world.stepMax < 135, 'no step reads much more than 128 KiB')
    world.dict.check()
    world.clear()
  }
})

test('an image gives each member once where segments before and behind the reader become one', () => {
  giveOnceWhereSegmentsJoin({ everyOneOf: 1, ahead: 600 })
})

test('the same where nothing has changed that is still ahead', () => {
  // Its segment has little enough to become one with another that is nearly empty.
  giveOnceWhereSegmentsJoin({ everyOneOf: 2.5, ahead: 1 })
})

/** The reader begins with one of so many members; those that go are at most so many ahead of it. */
function giveOnceWhereSegmentsJoin(options: { everyOneOf: number; ahead: number }): void {
  const { everyOneOf, ahead } = options
  const random = seeded()
  const world = new World(random)
  for (let i = 0; i < 20_000; i++) world.set(`n${i}`, i & 255)
  for (let i = 0; i < 20_000; i++) if (random.chance(1 - 1 / everyOneOf)) world.delete(`n${i}`)
  const expected = [...world.model].sort(byName)
  const { order } = world
  const seen = world.read((last) => {
    const at = order.indexOf(last)
    for (const [i, name] of order.slice(Math.max(0, at - 1500), at + ahead).entries()) {
      if (i % 40 !== 0) world.delete(name)
    }
  })
  assert.deepEqual(seen, expected)
  world.clear()
}

test('a member that goes while its segment is read in steps is given once', () => {
  const random = seeded()
  const world = new World(random, 1000)
  for (let i = 0; i < 4000; i++) world.set(`n${i}`, i & 255)
  const expected = [...world.model].sort(byName)
  const seen = world.read(() => {
    for (let i = 0; i < 4; i++) world.delete(`n${random.between(0, 3999)}`)
  })
  assert.deepEqual(seen, expected)
  world.clear()
})

test('members of one place are given together, so that the place says which were', () => {
  const random = seeded()
  const world = new World(random, 70_000)
  const placeOf = (word: string) => world.dict.hash(fromLatin1(word), 0, word.length) >>> 6
  const names = new Map<number, string>()
  let pair: string[] = []
  for (let i = 0; pair.length === 0; i++) {
    const other = names.get(placeOf(`n${i}`))
    if (other !== undefined) pair = [other, `n${i}`]
    names.set(placeOf(`n${i}`), `n${i}`)
  }
  const others = Array.from({ length: 20 }, (_, i) => `other ${i}`)
  for (const name of [...pair, ...others]) world.set(name, 1)
  const expected = [...world.model].sort(byName)
  // What changes has the rest put in order anew.
  const seen = world.read((last) => {
    if (pair.includes(last)) for (const name of others) world.set(name, 2)
  })
  assert.deepEqual(seen, expected)
  world.clear()
})

test('a copy is noted, and the node itself where it is taken out', () => {
  const world = new World(seeded())
  for (let i = 0; i < 3; i++) world.set(`n${i}`, 1)
  const image = new MemberImage(world.arena, world.hasher, world.root)
  const used = world.arena.usedBytes
  world.image = image
  world.set('n0', 2)
  const noted = world.arena.usedBytes
  assert.ok(noted > used)
  world.set('n0', 3)
  assert.equal(world.arena.usedBytes, noted, 'once is enough')
  world.delete('n1')
  assert.equal(world.arena.usedBytes, noted, 'what is kept is not copied')
  world.image = undefined
  while (!image.free(1));
  world.clear()
})
