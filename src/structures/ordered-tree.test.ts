/** The ordered tree against an array that is kept sorted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, blockOffset, type Ref, wordOffset } from '../arena/index.ts'
import { compareBytes, fromLatin1 } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { OrderedTree, TREE_ROOT_BYTES } from './ordered-tree.ts'

interface Pair {
  score: number
  readonly key: Uint8Array
  ref: Ref
}

/** A node with a narrow key and no value. */
function nodeOf(arena: Arena, key: Uint8Array): Ref {
  const node = arena.allocate(4 + key.length)
  arena.words[node >>> 17]![wordOffset(node)] = key.length << 16
  arena.bytes[node >>> 17]!.set(key, blockOffset(node) + 4)
  return node
}

function newTree(arena: Arena) {
  const root = new Uint8Array(3 + TREE_ROOT_BYTES)
  const tree = new OrderedTree(arena)
  tree.open(root, 3)
  return { tree, root }
}

class Model {
  readonly arena = new Arena()
  readonly pairs: Pair[] = []

  compare(a: Pair, b: Pair): number {
    return a.score !== b.score ? a.score - b.score : compareBytes(a.key, b.key)
  }

  add(pair: Pair): void {
    const at = this.pairs.findIndex((other) => this.compare(other, pair) > 0)
    this.pairs.splice(at < 0 ? this.pairs.length : at, 0, pair)
  }
}

function walked(tree: OrderedTree): [number, Ref][] {
  const seen: [number, Ref][] = []
  for (let ok = tree.seek(0); ok; ok = tree.next()) seen.push([tree.score, tree.ref])
  return seen
}

const pairsOf = (model: Model) => model.pairs.map(({ score, ref }) => [score, ref])

function randomScore(random: Seeded): number {
  if (random.chance(0.5)) return random.between(-3, 3)
  if (random.chance(0.1)) return random.pick([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  return random.between(-1e6, 1e6) / 7
}

function randomKey(random: Seeded, names: Set<string>): Uint8Array {
  for (;;) {
    const size = random.between(0, random.chance(0.1) ? 40 : 6)
    const text = Array.from({ length: size }, () => random.pick(['a', 'b', '\0', 'ÿ'])).join('')
    if (names.has(text)) continue
    names.add(text)
    return fromLatin1(text)
  }
}

test('a tree is what a sorted array is, whatever is put in and taken out', () => {
  const random = seeded()
  const model = new Model()
  const { tree, root } = newTree(model.arena)
  const names = new Set<string>()
  const add = () => {
    const key = randomKey(random, names)
    const pair = { score: randomScore(random), key, ref: nodeOf(model.arena, key) }
    model.add(pair)
    tree.insert(pair.score, pair.ref)
  }
  const take = (at: number) => {
    const [pair] = model.pairs.splice(at, 1)
    tree.remove(pair!.score, pair!.ref)
    model.arena.free(pair!.ref)
  }
  for (let step = 0; step < 6000; step++) {
    // The load swells and shrinks, so that nodes fill, split, join and go.
    const isGrowing = Math.floor(step / 1500) % 2 === 0
    const { pairs } = model
    if (pairs.length === 0 || random.chance(isGrowing ? 0.75 : 0.25)) add()
    else if (random.chance(0.7)) take(random.between(0, pairs.length - 1))
    else {
      const [pair] = pairs.splice(random.between(0, pairs.length - 1), 1)
      const score = randomScore(random)
      tree.move(pair!.score, pair!.ref, score)
      pair!.score = score
      model.add(pair!)
    }
    assert.equal(tree.count, pairs.length)
    if (pairs.length > 0) {
      const at = random.between(0, pairs.length - 1)
      assert.equal(tree.rankOf(pairs[at]!.score, pairs[at]!.ref), at)
      assert.ok(tree.seek(at))
      assert.equal(tree.ref, pairs[at]!.ref)
    }
    const score = randomScore(random)
    assert.equal(tree.rankOfScore(score, false), pairs.filter((p) => p.score < score).length)
    assert.equal(tree.rankOfScore(score, true), pairs.filter((p) => p.score <= score).length)
    if (step % 100 === 0) {
      tree.open(root, 3)
      tree.check()
      assert.deepEqual(walked(tree), pairsOf(model))
    }
  }
})

test('walking backwards is walking forwards reversed', () => {
  const model = new Model()
  const { tree } = newTree(model.arena)
  for (let i = 0; i < 500; i++) tree.append(i, nodeOf(model.arena, fromLatin1(String(i))))
  const seen: Ref[] = []
  for (let ok = tree.seek(499); ok; ok = tree.previous()) seen.push(tree.ref)
  assert.deepEqual(
    seen.reverse(),
    walked(tree).map(([, ref]) => ref),
  )
  assert.equal(tree.seek(500), false)
  assert.equal(tree.seek(-1), false)
})

test('among equal scores a key says how many are below it', () => {
  const random = seeded()
  const model = new Model()
  const { tree } = newTree(model.arena)
  const names = new Set<string>()
  for (let i = 0; i < 2000; i++) {
    const key = randomKey(random, names)
    const pair = { score: 5, key, ref: nodeOf(model.arena, key) }
    tree.insert(5, pair.ref)
    model.pairs.push(pair)
  }
  tree.check()
  for (let i = 0; i < 300; i++) {
    const key = random.chance(0.5) ? random.pick(model.pairs).key : randomKey(random, new Set())
    const below = model.pairs.filter((pair) => compareBytes(pair.key, key) < 0).length
    const upTo = model.pairs.filter((pair) => compareBytes(pair.key, key) <= 0).length
    assert.equal(tree.rankOfKey(key, 0, key.length, false), below)
    assert.equal(tree.rankOfKey(key, 0, key.length, true), upTo)
  }
})

for (const [name, scoreAt] of [
  ['rising', (i: number) => i],
  ['falling', (i: number) => -i],
] as const) {
  test(`${name} scores fill the leaves`, () => {
    const arena = new Arena()
    const { tree } = newTree(arena)
    const key = fromLatin1('k')
    const count = 40_000
    for (let i = 0; i < count; i++) tree.insert(scoreAt(i), nodeOf(arena, key))
    tree.check()
    assert.ok(tree.ownedBytes < count * 12.8, `${tree.ownedBytes / count} bytes for each pair`)
  })
}

test('a tree of four levels keeps its order while it grows and shrinks at random', () => {
  const random = seeded()
  const arena = new Arena()
  const { tree } = newTree(arena)
  const scores = Float64Array.from({ length: 250_000 }, () => random.uint32() % 50_000)
  const refs = Array.from(scores, (_, i) => nodeOf(arena, fromLatin1(String(i))))
  refs.forEach((ref, i) => {
    tree.insert(scores[i]!, ref)
  })
  tree.check()
  const order = Array.from(scores, (_, i) => i)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.between(0, i)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  order.forEach((i, step) => {
    if (step % 3 === 0) tree.move(scores[i]!, refs[i]!, scores[i]! + 0.5)
    tree.remove(scores[i]! + (step % 3 === 0 ? 0.5 : 0), refs[i]!)
    arena.free(refs[i]!)
    if (step % 50_000 === 0) tree.check()
  })
  assert.equal(tree.count, 0)
  assert.equal(arena.usedBytes, 0)
})

test('ranges of ranks are taken out, and everything is freed in small steps', () => {
  const random = seeded()
  const arena = new Arena()
  const { tree } = newTree(arena)
  const refs: Ref[] = []
  for (let i = 0; i < 20_000; i++) {
    refs.push(nodeOf(arena, fromLatin1(String(i))))
    tree.append(i, refs[i]!)
  }
  while (refs.length > 5000) {
    const from = random.between(0, refs.length - 1)
    let left = Math.min(refs.length - from, random.between(1, 700))
    const gone = refs.splice(from, left)
    const seen: Ref[] = []
    while (left > 0) {
      left -= tree.removeSome(from, left, (ref) => {
        seen.push(ref)
        arena.free(ref)
      })
    }
    assert.deepEqual(seen, gone)
    tree.check()
  }
  for (const ref of refs) arena.free(ref)
  assert.equal(arena.usedBytes, tree.ownedBytes)
  let steps = 0
  while (!tree.free(10)) steps++
  assert.ok(steps > 5)
  assert.equal(arena.usedBytes, 0)
  assert.equal(tree.count, 0)
  tree.insert(1, nodeOf(arena, fromLatin1('again')))
  tree.check()
})

test('pairs are taken from both ends in order', () => {
  const arena = new Arena()
  const { tree } = newTree(arena)
  const refs = Array.from({ length: 5000 }, (_, i) => nodeOf(arena, fromLatin1(`${10_000 + i}`)))
  refs.forEach((ref, i) => {
    tree.insert(i >> 2, ref)
  })
  for (let low = 0, high = 4999; low < high; low++, high--) {
    assert.ok(tree.seek(0))
    tree.removeHere()
    assert.deepEqual([tree.score, tree.ref], [low >> 2, refs[low]])
    assert.ok(tree.seek(tree.count - 1))
    tree.removeHere()
    assert.deepEqual([tree.score, tree.ref], [high >> 2, refs[high]])
  }
  assert.equal(tree.seek(0), false)
  assert.equal(tree.ownedBytes, 0)
})

test('a change of score within its place costs no move, also at the ends of the tree', () => {
  const arena = new Arena()
  const { tree } = newTree(arena)
  const refs = Array.from({ length: 1000 }, (_, i) => nodeOf(arena, fromLatin1(String(i))))
  refs.forEach((ref, i) => {
    tree.append(i * 10, ref)
  })
  refs.forEach((ref, i) => {
    tree.move(i * 10, ref, i * 10 + 5)
  })
  tree.check()
  tree.move(5, refs[0]!, Number.NEGATIVE_INFINITY)
  tree.move(9995, refs[999]!, Number.POSITIVE_INFINITY)
  tree.check()
  assert.equal(tree.rankOf(Number.NEGATIVE_INFINITY, refs[0]!), 0)
  assert.throws(() => tree.remove(7, refs[1]!))
})
