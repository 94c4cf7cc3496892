/** The id tree against a sorted array. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, type Ref, wordOffset } from '../arena/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { newIdTree, type WideId } from './id-tree.ts'
import { TreeCursor } from './tree-cursor.ts'
import { NODE_ENTRIES_MAX } from './tree-nodes.ts'

const ROOT_AT = 1

function wide(id: bigint): WideId {
  const word = (shift: bigint) => Number(BigInt.asIntN(32, id >> shift))
  return { msHigh: word(96n), msLow: word(64n), seqHigh: word(32n), seqLow: word(0n) }
}

function idAt({ words, at }: TreeCursor): bigint {
  let id = 0n
  for (let i = 0; i < 4; i++) id = (id << 32n) | BigInt(words[at + i]! >>> 0)
  return id
}

/** A tree whose payload is one word that follows from the id, beside the sorted ids. */
class Pair {
  readonly arena = new Arena()
  readonly tree = newIdTree(this.arena, ROOT_AT, 1)
  readonly owner: Ref = this.arena.allocate(16)
  readonly ids: bigint[] = []
  readonly cursor = new TreeCursor()

  constructor() {
    this.tree.begin(this.owner)
  }

  /** The index of the first id that is not below `id`. */
  ceiling(id: bigint): number {
    const found = this.ids.findIndex((held) => held >= id)
    return found < 0 ? this.ids.length : found
  }

  insert(id: bigint): void {
    const { tree, owner, ids, cursor } = this
    const index = this.ceiling(id)
    assert.equal(tree.insert(owner, wide(id), cursor), ids[index] !== id)
    assert.equal(idAt(cursor), id)
    cursor.words[cursor.at + tree.payloadAt] = payloadOf(id)
    if (ids[index] !== id) ids.splice(index, 0, id)
  }

  remove(id: bigint): void {
    const index = this.ceiling(id)
    const isThere = this.ids[index] === id
    assert.equal(this.tree.remove(this.owner, wide(id)), isThere)
    if (isThere) this.ids.splice(index, 1)
  }

  assertAt(isFound: boolean, expected: bigint | undefined): void {
    assert.equal(isFound, expected !== undefined)
    if (expected === undefined) return
    assert.equal(idAt(this.cursor), expected)
    const payload = this.cursor.words[this.cursor.at + this.tree.payloadAt]
    assert.equal(payload, payloadOf(expected))
  }

  probe(id: bigint): void {
    const { tree, owner, ids, cursor } = this
    const index = this.ceiling(id)
    const isThere = ids[index] === id
    this.assertAt(tree.find(owner, wide(id), cursor), isThere ? id : undefined)
    this.assertAt(tree.ceiling(owner, wide(id), cursor), ids[index])
    this.assertAt(tree.floor(owner, wide(id), cursor), isThere ? id : ids[index - 1])
  }

  walk(): void {
    const { tree, owner, ids, cursor } = this
    assert.equal(tree.count(owner), ids.length)
    tree.check(owner)
    this.arena.check()
    const forward: bigint[] = []
    for (let on = tree.first(owner, cursor); on; on = tree.next(cursor)) forward.push(idAt(cursor))
    assert.deepEqual(forward, ids)
    const backward: bigint[] = []
    for (let on = tree.last(owner, cursor); on; on = tree.previous(cursor)) {
      backward.push(idAt(cursor))
    }
    assert.deepEqual(backward.reverse(), ids)
  }
}

function payloadOf(id: bigint): number {
  return Number(BigInt.asIntN(32, id ^ (id >> 64n)))
}

/** Mostly ids close to each other, and some at the edges of their words. */
function randomId(random: Seeded): bigint {
  const near = BigInt(random.between(0, 400))
  if (random.chance(0.7)) return near
  const edge = random.pick([1n << 31n, 1n << 32n, 1n << 63n, 1n << 64n, 1n << 95n, 1n << 127n])
  return edge + near - 200n
}

test('a tree of ids finds, walks and counts what a sorted array does', () => {
  const random = seeded()
  const pair = new Pair()
  for (let step = 0; step < 12_000; step++) {
    const isGrowing = Math.floor(step / 3000) % 2 === 0
    const id = randomId(random)
    if (random.chance(isGrowing ? 0.8 : 0.15)) pair.insert(id)
    else if (random.chance(0.7) && pair.ids.length > 0) pair.remove(random.pick(pair.ids))
    else pair.remove(id)
    pair.probe(randomId(random))
    if (step % 250 === 0) pair.walk()
  }
  while (pair.ids.length > 0) pair.remove(random.pick(pair.ids))
  pair.walk()
  pair.arena.free(pair.owner)
  assert.equal(pair.arena.usedBytes, 0)
})

test('ids that come in order fill their leaves, and can leave from the front', () => {
  const pair = new Pair()
  const count = 10_000
  for (let i = 0; i < count; i++) pair.insert((BigInt(i >> 3) << 64n) | BigInt(i & 7))
  pair.walk()
  const leaves = Math.ceil(count / NODE_ENTRIES_MAX)
  const above = Math.ceil(leaves / NODE_ENTRIES_MAX)
  assert.equal(pair.tree.size(pair.owner).nodes, leaves + above + 1)
  for (let left = count; left > 0; left--) {
    pair.tree.takeFirst(pair.owner)
    pair.ids.shift()
    if (left % 1000 === 1) pair.walk()
  }
  assert.equal(pair.tree.size(pair.owner).bytes, 0)
})

test('a tree of one id costs one small block', () => {
  const pair = new Pair()
  pair.insert(1n)
  assert.equal(pair.tree.size(pair.owner).bytes, 32)
})

test('a copy has blocks of its own, and each of its payloads is visited in order', () => {
  const random = seeded()
  const pair = new Pair()
  for (let i = 0; i < 3000; i++) pair.insert(randomId(random) + BigInt(random.between(0, 9999)))
  const target = pair.arena.allocate(16)
  const visited: number[] = []
  pair.tree.cloneTo(pair.owner, target, (words, at) => visited.push(words[at]!))
  assert.deepEqual(visited, pair.ids.map(payloadOf))
  assert.ok(pair.tree.free(pair.owner, Number.POSITIVE_INFINITY))
  const copy = Object.assign(new Pair(), pair, { owner: target })
  copy.walk()
})

test('a tree is freed a few leaves at a time, and is whole in between', () => {
  const random = seeded()
  const pair = new Pair()
  for (let i = 0; i < 3000; i++) pair.insert(BigInt(random.between(0, 1 << 30)))
  const released: number[] = []
  let slices = 0
  while (!pair.tree.free(pair.owner, 5, (words, at) => released.push(words[at]!))) {
    slices++
    pair.tree.check(pair.owner)
    assert.equal(pair.tree.count(pair.owner), pair.ids.length - released.length)
  }
  assert.ok(slices > 3)
  assert.deepEqual(released, pair.ids.map(payloadOf))
  const words = pair.arena.words[pair.owner >>> 17]!
  assert.deepEqual([...words.subarray(wordOffset(pair.owner) + ROOT_AT).subarray(0, 2)], [0, 0])
})
