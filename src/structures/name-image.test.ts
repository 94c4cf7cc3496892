/** The image of named blocks against what they were, while they come, change and go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { fromLatin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { NameImage, type NameNote } from './name-image.ts'
import { NAMED_WORDS_AT, NameTree } from './name-tree.ts'

/** What a block holds, in a word of its own, when it is noted. */
interface Note extends NameNote {
  readonly name: string
  readonly value: number
}

const NAMES = 400

/** Named blocks with a number each, and the image that is told of all changes. */
class World {
  readonly arena = new Arena()
  readonly owner: Ref = this.arena.allocate(8)
  readonly tree = new NameTree(this.arena, 0, 1)
  readonly model = new Map<string, number>()
  /** How much of each note is not freed. */
  readonly unfreed = new Map<Note, number>()
  readonly noted = new Set<Ref>()
  image: NameImage<Note> | undefined

  constructor() {
    this.tree.tree.begin(this.owner)
  }

  newImage(): NameImage<Note> {
    this.image = new NameImage<Note>(this.tree, this.owner, {
      note: (block) => this.#note(block),
      forget: ({ block }) => assert.ok(this.noted.delete(block), 'it was noted'),
    })
    return this.image
  }

  #note(block: Ref): Note {
    assert.ok(!this.noted.has(block), 'once is enough')
    this.noted.add(block)
    const name = this.tree.nameOf(block, new Slice(new Uint8Array(0), 0, 0)).latin1()
    const note: Note = {
      block,
      name,
      value: this.#words(block)[this.#at(block)]!,
      free: (budget) => {
        const left = Math.max(0, this.unfreed.get(note)! - budget)
        this.unfreed.set(note, left)
        return left === 0
      },
    }
    this.unfreed.set(note, name.length * 50)
    return note
  }

  change(name: string, value: number): void {
    const sought = new Slice(fromLatin1(name), 0, name.length)
    let block = this.tree.find(this.owner, sought)
    if (block === NONE) {
      block = this.tree.insert(this.owner, sought)
      this.image?.coming(block)
    } else this.image?.before(block)
    this.#words(block)[this.#at(block)] = value
    this.model.set(name, value)
  }

  remove(name: string): void {
    const block = this.tree.find(this.owner, new Slice(fromLatin1(name), 0, name.length))
    if (block === NONE) return
    this.image?.leaving(block)
    this.tree.remove(this.owner, block)
    this.model.delete(name)
  }

  /** Changes some, at chance, or makes or removes them. */
  step(random: Seeded, count: number): void {
    for (let i = random.between(0, count); i > 0; i--) {
      const name = `n${random.between(0, NAMES)}`
      if (random.chance(0.6)) this.change(name, random.between(0, 99))
      else this.remove(name)
    }
  }

  #words(block: Ref): Int32Array {
    return this.arena.words[block >>> 17]!
  }

  #at(block: Ref): number {
    return wordOffset(block) + NAMED_WORDS_AT
  }
}

const sorted = (pairs: Iterable<readonly [string, number]>) => [...pairs].sort()

test('an image gives the blocks of its instant once each, however many come, change and go', () => {
  const random = seeded()
  for (let round = 0; round < 60; round++) {
    const world = new World()
    world.step(random, 600)
    const expected = sorted(world.model)
    const image = world.newImage()
    assert.equal(image.count, expected.length)
    const changes = random.pick([0, 1, 5, 60])
    const seen: [string, number][] = []
    for (const note of image.each()) {
      if (note !== undefined) seen.push([note.name, note.value])
      world.step(random, changes)
    }
    assert.deepEqual(sorted(seen), expected)
    assert.equal(world.noted.size, 0)
    assert.ok([...world.unfreed.values()].every((left) => left === 0))
    world.step(random, 50)
    assert.equal(world.noted.size, 0, 'nobody wants to know any more')
  }
})

test('a survey gives what is wanted or has changed, and reading gives it again', () => {
  const random = seeded()
  for (let round = 0; round < 60; round++) {
    const world = new World()
    world.step(random, 600)
    const expected = sorted(world.model)
    const image = world.newImage()
    const isWanted = (block: Ref) =>
      (world.arena.words[block >>> 17]![wordOffset(block) + 2]! & 1) === 1
    const surveyed = new Map<string, number>()
    for (const note of image.survey(isWanted)) {
      if (note !== undefined) surveyed.set(note.name, note.value)
      world.step(random, 9)
    }
    const wasThere = new Map(expected)
    for (const [name, value] of surveyed) assert.equal(wasThere.get(name), value)
    for (const [name, value] of expected) if (value & 1) assert.equal(surveyed.get(name), value)
    const seen: [string, number][] = []
    for (const note of image.each()) {
      if (note !== undefined) seen.push([note.name, note.value])
      world.step(random, 9)
    }
    assert.deepEqual(sorted(seen), expected)
    assert.equal(world.noted.size, 0)
  }
})

test('what was noted is freed in steps when reading is given up', () => {
  const random = seeded()
  for (let round = 0; round < 30; round++) {
    const world = new World()
    world.step(random, 600)
    const image = world.newImage()
    const reading = image.each()
    for (let i = random.between(0, 100); i > 0; i--) {
      reading.next()
      world.step(random, 9)
    }
    world.image = undefined
    while (!image.free(random.between(1, 100)));
    assert.equal(world.noted.size, 0)
    assert.ok([...world.unfreed.values()].every((left) => left === 0))
  }
})
