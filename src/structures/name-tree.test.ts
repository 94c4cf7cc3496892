/** The name tree against a sorted array of names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, type Ref, wordOffset } from '../arena/index.ts'
import { compareBytes, Slice, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { NAMED_WORDS_AT, NameTree } from './name-tree.ts'
import { TreeCursor } from './tree-cursor.ts'

/** Names that begin alike, and some that begin others. */
function randomName(random: Seeded): Uint8Array {
  if (random.chance(0.1)) return random.bytes(random.between(0, 3))
  return Buffer.from(`consumer-${random.between(0, 600)}`.slice(0, random.between(8, 14)))
}

test('a tree of names finds its blocks, in the order of their bytes', () => {
  const random = seeded()
  const arena = new Arena()
  const tree = new NameTree(arena, 0, 1)
  const owner = arena.allocate(8)
  tree.tree.begin(owner)
  const held: { name: Uint8Array; block: Ref }[] = []
  const slice = new Slice(new Uint8Array(0), 0, 0)
  const cursor = new TreeCursor()
  for (let step = 0; step < 6000; step++) {
    const name = randomName(random)
    const known = held.findIndex((other) => compareBytes(other.name, name) === 0)
    assert.equal(tree.find(owner, sliceOf(name)), held[known]?.block ?? 0)
    const isGrowing = Math.floor(step / 1500) % 2 === 0
    if (known < 0 && random.chance(isGrowing ? 1 : 0.1)) {
      const block = tree.insert(owner, sliceOf(name))
      arena.words[block >>> 17]![wordOffset(block) + NAMED_WORDS_AT] = step
      held.push({ name, block })
    } else if (held.length > 0 && (known >= 0 || random.chance(0.5))) {
      const [gone] = held.splice(known >= 0 ? known : random.between(0, held.length - 1), 1)
      tree.remove(owner, gone!.block)
    }
    if (step % 200 !== 0) continue
    tree.tree.check(owner)
    arena.check()
    const names: Uint8Array[] = []
    for (let on = tree.tree.first(owner, cursor); on; on = tree.tree.next(cursor)) {
      names.push(tree.nameOf(tree.blockAt(cursor), slice).copyOf())
    }
    assert.deepEqual(
      names.map((found) => Buffer.from(found)),
      held.map((other) => Buffer.from(other.name)).sort(compareBytes),
    )
  }
  tree.tree.free(owner, Number.POSITIVE_INFINITY, (words, at) => tree.release(words[at]! >>> 0))
  arena.free(owner)
  assert.equal(arena.usedBytes, 0)
})

test('a name may be longer than any block', () => {
  const arena = new Arena()
  const tree = new NameTree(arena, 0, 2)
  const owner = arena.allocate(8)
  tree.tree.begin(owner)
  const names = [16384, 16385, 100_000].map((size) => new Uint8Array(size).fill(7))
  const blocks = names.map((name) => tree.insert(owner, sliceOf(name)))
  const slice = new Slice(new Uint8Array(0), 0, 0)
  for (const [i, name] of names.entries()) {
    assert.equal(tree.find(owner, sliceOf(name)), blocks[i])
    assert.equal(compareBytes(tree.nameOf(blocks[i]!, slice).view(), name), 0)
    assert.ok(tree.bytesOf(blocks[i]!) >= name.length)
  }
  for (const block of blocks) tree.remove(owner, block)
  arena.free(owner)
  assert.equal(arena.usedBytes, 0)
})
