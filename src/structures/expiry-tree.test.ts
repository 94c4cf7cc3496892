/** The expiry tree against a sorted list. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, NONE, type Ref, wordOffset } from '../arena/index.ts'
import { seeded } from '../host/index.ts'
import {
  addToExpiryTree,
  checkExpiryTree,
  countInExpiryTree,
  firstInExpiryTree,
  removeFromExpiryTree,
} from './expiry-tree.ts'
import { CLOCK, EXPIRES, expiryOffset, headOf, WIDE } from './node.ts'

const FLAGS = [EXPIRES, EXPIRES | WIDE, EXPIRES | CLOCK | WIDE]
const BYTES = 40

function newNode(arena: Arena, flags: number, time: number): Ref {
  const node = arena.allocate(BYTES)
  const words = arena.words[node >>> 17]!
  words[wordOffset(node)] = flags << 8
  const at = expiryOffset(node, headOf(arena, node))
  words[at] = time >>> 0
  words[at + 1] = Math.floor(time / 4294967296)
  return node
}

test('a tree knows the earliest and how many are due, as a sorted list does', () => {
  const random = seeded()
  const arena = new Arena()
  const model = new Map<Ref, number>()
  const start = 2 ** 32 - 20
  let root = NONE
  for (let step = 0; step < 3000; step++) {
    if (model.size > 0 && random.chance(0.45)) {
      const node = random.chance(0.5)
        ? firstInExpiryTree(arena, root)
        : random.pick([...model.keys()])
      root = removeFromExpiryTree(arena, root, node)
      model.delete(node)
      arena.free(node)
    } else {
      // Few times, so that many are equal, on both sides of a word's edge.
      const time = start + random.between(0, 40)
      const node = newNode(arena, random.pick(FLAGS), time)
      root = addToExpiryTree(arena, root, node)
      model.set(node, time)
    }
    const sorted = [...model].sort(([a, aTime], [b, bTime]) => aTime - bTime || a - b)
    assert.equal(firstInExpiryTree(arena, root), sorted[0]?.[0] ?? NONE)
    const until = start + random.between(-1, 41)
    const due = sorted.filter(([, time]) => time <= until).length
    assert.equal(countInExpiryTree(arena, root, until), due)
    if (step % 50 === 0) assert.equal(checkExpiryTree(arena, root), model.size)
  }
})

test('a tree drains in the order of time', () => {
  const random = seeded()
  const arena = new Arena()
  let root = NONE
  const times = Array.from({ length: 5000 }, () => random.between(0, 1_000_000))
  for (const time of times) root = addToExpiryTree(arena, root, newNode(arena, EXPIRES, time))
  const drained: number[] = []
  while (root !== NONE) {
    const first = firstInExpiryTree(arena, root)
    drained.push(arena.words[first >>> 17]![wordOffset(first) + 1]!)
    root = removeFromExpiryTree(arena, root, first)
  }
  assert.deepEqual(
    drained,
    times.toSorted((a, b) => a - b),
  )
})

test('a node that is not in a tree cannot be taken out', () => {
  const arena = new Arena()
  const root = addToExpiryTree(arena, NONE, newNode(arena, EXPIRES, 5))
  const stranger = newNode(arena, EXPIRES, 5)
  assert.throws(() => removeFromExpiryTree(arena, root, stranger), /is not/)
})
