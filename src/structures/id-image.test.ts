/** The image of an id tree against a copy of what the tree held. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, type Ref } from '../arena/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { IdImage } from './id-image.ts'
import { newIdTree, type WideId } from './id-tree.ts'
import { TreeCursor } from './tree-cursor.ts'

const IDS = 2000

const wide = (id: number): WideId => ({ msHigh: 0, msLow: id >> 4, seqHigh: 0, seqLow: id & 15 })
const idAt = ({ words, at }: TreeCursor) => (words[at + 1]! << 4) | words[at + 3]!

/** A tree with one word for each id, and the image that is told of all changes. */
class Pair {
  readonly arena = new Arena()
  readonly tree = newIdTree(this.arena, 0, 1)
  readonly owner: Ref = this.arena.allocate(8)
  readonly model = new Map<number, number>()
  readonly #cursor = new TreeCursor()
  image: IdImage | undefined

  constructor() {
    this.tree.begin(this.owner)
  }

  change(random: Seeded): void {
    const id = random.between(0, IDS)
    const isThere = this.tree.find(this.owner, wide(id), this.#cursor)
    if (isThere) this.image?.before(this.#cursor)
    else this.image?.coming(wide(id))
    if (isThere && random.chance(0.5)) {
      this.tree.remove(this.owner, wide(id))
      this.model.delete(id)
      return
    }
    if (!isThere) this.tree.insert(this.owner, wide(id), this.#cursor)
    const value = random.between(0, 1000)
    this.#cursor.words[this.#cursor.at + this.tree.payloadAt] = value
    this.model.set(id, value)
  }
}

const inOrder = (model: Map<number, number>) => [...model].sort(([a], [b]) => a - b)

test('an image gives the ids of its instant in order, to any reader, as often as is wanted', () => {
  const random = seeded()
  for (let round = 0; round < 20; round++) {
    const pair = new Pair()
    for (let i = random.between(0, 3000); i > 0; i--) pair.change(random)
    const expected = inOrder(pair.model)
    const was = new Map(pair.model)
    const image = new IdImage(pair.arena, pair.tree, pair.owner)
    pair.image = image
    assert.equal(image.count, expected.length)
    for (let times = 0; times < 3; times++) {
      const seen: [number, number][] = []
      const reading = image.each(random.between(1, 100), (cursor) => {
        seen.push([idAt(cursor), cursor.words[cursor.at + image.payloadAt]!])
      })
      while (reading.next().done !== true) {
        for (let i = random.between(0, 60); i > 0; i--) pair.change(random)
        assertFound(image, was, random)
      }
      assert.deepEqual(seen, expected)
    }
    // The tree may go, once all of it was told.
    const cursor = new TreeCursor()
    let on = pair.tree.first(pair.owner, cursor)
    for (; on; on = pair.tree.next(cursor)) image.before(cursor)
    image.left()
    pair.tree.free(pair.owner, Number.POSITIVE_INFINITY)
    assertFound(image, was, random)
    while (!image.free(1));
    pair.arena.free(pair.owner)
    assert.equal(pair.arena.usedBytes, 0)
  }
})

/** Looks for an id, and for those around it, from where reading goes on. */
function assertFound(image: IdImage, was: Map<number, number>, random: Seeded): void {
  const cursor = new TreeCursor()
  const id = random.between(0, IDS)
  assert.equal(image.find(wide(id), cursor), was.has(id))
  const ids = [...was.keys()].sort((a, b) => a - b)
  const below = ids.filter((one) => one <= id)
  assert.equal(image.floor(wide(id), cursor), below.length > 0)
  const from = below.length > 0 ? ids.slice(below.length - 1) : []
  for (const one of from.slice(0, 5)) {
    assert.equal(idAt(cursor), one)
    image.next(cursor)
  }
  const above = ids.find((one) => one >= id)
  assert.equal(image.ceiling(wide(id), cursor), above !== undefined)
  if (above !== undefined) assert.equal(idAt(cursor), above)
}
