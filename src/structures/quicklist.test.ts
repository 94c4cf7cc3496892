/** Quicklists against an array of texts, with nodes of all sizes and with compression. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../arena/index.ts'
import { fromLatin1, latin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from './buffer-stretch.ts'
import { appendElement, LISTPACK_EMPTY } from './listpack.ts'
import { Quicklist } from './quicklist.ts'
import { QUICKLIST_ROOT_BYTES } from './quicklist-chain.ts'
import {
  checkQuicklist,
  copyNodes,
  eachNode,
  freeNodes,
  nodesFootprint,
} from './quicklist-whole.ts'

interface World {
  readonly arena: Arena
  readonly list: Quicklist
  readonly root: BufferStretch
  model: string[]
}

function emptyRoot(): BufferStretch {
  return new BufferStretch(new Uint8Array(QUICKLIST_ROOT_BYTES))
}

function worldOf(fill: number, depth: number, plainBytesMin = 0): World {
  const arena = new Arena()
  const list = new Quicklist(arena)
  const root = emptyRoot()
  list.plainBytesMin = plainBytesMin
  list.begin(root, fill, depth)
  list.save()
  return { arena, list, root, model: [] }
}

/** Collects what is handed on. */
function collector(): {
  texts: string[]
  bulk(bytes: Uint8Array, start: number, end: number): void
} {
  const texts: string[] = []
  return { texts, bulk: (bytes, start, end) => void texts.push(latin1(bytes, start, end)) }
}

function textsOf(list: Quicklist, isBackwards = false): string[] {
  const sink = collector()
  if (list.count > 0)
    list.cursor.pass(isBackwards ? list.count - 1 : 0, list.count, isBackwards, sink)
  return sink.texts
}

function check({ list, root, model, arena }: World): void {
  list.open(root)
  checkQuicklist(list)
  assert.deepEqual(textsOf(list), model)
  assert.deepEqual(textsOf(list, true), model.toReversed())
  assert.equal(list.count, model.length)
  assert.equal(nodesFootprint(list), arena.usedBytes)
}

function randomText(random: Seeded): string {
  if (random.chance(0.3)) return random.pick(['a', 'b', '7', '-300', 'c'.repeat(60)])
  if (random.chance(0.2)) return String(random.between(-1e6, 1e6))
  const size = random.between(0, random.chance(0.03) ? 9000 : random.chance(0.1) ? 900 : 50)
  if (random.chance(0.3)) return latin1(random.bytes(size))
  return 'lorem ipsum '.repeat(Math.ceil(size / 12)).slice(0, size)
}

/** One random change, of the open list and of its model. */
function change({ list, model }: World, random: Seeded): void {
  const text = randomText(random)
  const bytes = fromLatin1(`<${text}>`)
  const end = bytes.length - 1
  const step = random.between(0, 99)
  const isFirst = random.chance(0.5)
  if (step < 45 || model.length === 0) {
    list.push(isFirst, bytes, 1, end)
    if (isFirst) model.unshift(text)
    else model.push(text)
  } else if (step < 55) {
    const held = list.readEnd(isFirst, new Slice(bytes, 0, 0)).latin1()
    assert.equal(held, isFirst ? model.shift() : model.pop())
    list.removeEnd(isFirst)
  } else if (step < 75) {
    const index = random.between(0, model.length - 1)
    list.cursor.seek(index)
    list.insert(isFirst, bytes, 1, end)
    model.splice(isFirst ? index + 1 : index, 0, text)
  } else if (step < 90) {
    const index = random.between(0, model.length - 1)
    list.cursor.seek(index)
    list.replace(bytes, 1, end)
    model[index] = text
  } else if (step < 95) {
    const index = random.between(0, model.length - 1)
    const count = Math.min(random.between(0, random.chance(0.2) ? 200 : 20), model.length - index)
    list.removeRange(index, count)
    model.splice(index, count)
  } else {
    const limit = random.pick([1, 3, Number.POSITIVE_INFINITY])
    const removed = list.removeEqual(bytes, 1, end, limit, isFirst)
    assert.equal(removed, removeFrom(model, text, limit, isFirst))
  }
}

function removeFrom(model: string[], text: string, limit: number, isFromEnd: boolean): number {
  let removed = 0
  while (removed < limit) {
    const index = isFromEnd ? model.lastIndexOf(text) : model.indexOf(text)
    if (index < 0) break
    model.splice(index, 1)
    removed++
  }
  return removed
}

/** Random reads by index and by content. */
function look({ list, model }: World, random: Seeded): void {
  if (model.length === 0) return
  const index = random.between(0, model.length - 1)
  list.cursor.seek(index)
  const into = new Slice(new Uint8Array(0), 0, 0)
  assert.equal(list.cursor.read(into).latin1(), model[index])
  const isBackwards = random.chance(0.5)
  const other = isBackwards ? index - 1 : index + 1
  assert.equal(list.cursor.step(isBackwards), model[other] !== undefined)
  if (model[other] !== undefined) assert.equal(list.cursor.read(into).latin1(), model[other])
  const text = random.chance(0.5) ? model[index]! : randomText(random)
  const bytes = fromLatin1(text)
  assert.equal(list.cursor.find(bytes, 0, bytes.length), model.includes(text))
  if (model.includes(text)) assert.ok(list.cursor.equals(bytes, 0, bytes.length))
  const count = Math.min(random.between(1, 30), isBackwards ? index + 1 : model.length - index)
  const sink = collector()
  list.cursor.pass(index, count, isBackwards, sink)
  const wanted = isBackwards
    ? model.slice(index - count + 1, index + 1).toReversed()
    : model.slice(index, index + count)
  assert.deepEqual(sink.texts, wanted)
}

for (const [fill, depth, plain] of [
  [-2, 0, 0],
  [-1, 1, 0],
  [-3, 2, 0],
  [-5, 0, 0],
  [1, 0, 0],
  [4, 1, 0],
  [16, 3, 0],
  [200, 0, 0],
  [0, 1, 0],
  [-2, 1, 10],
  [3, 2, 1],
] as const) {
  test(`a quicklist is what an array would be: fill ${fill}, depth ${depth}, plain ${plain}`, () => {
    const random = seeded()
    const world = worldOf(fill, depth, plain)
    const { list, root, arena } = world
    for (let step = 0; step < 1200; step++) {
      list.open(root)
      change(world, random)
      list.save()
      list.open(root)
      look(world, random)
      if (step % 40 === 0) check(world)
    }
    check(world)
    list.open(root)
    while (!freeNodes(list, random.between(1, 5))) {
      list.save()
      list.open(root)
    }
    list.save()
    assert.equal(arena.usedBytes, 0)
    arena.check()
  })
}

test('both ends take and give without moving what is between', () => {
  const world = worldOf(-2, 0)
  const { list, root, arena } = world
  const bytes = fromLatin1('sixteen bytes :)')
  list.open(root)
  for (let n = 0; n < 100_000; n++) list.push(n % 2 === 0, bytes, 0, bytes.length)
  list.save()
  list.open(root)
  checkQuicklist(list)
  // Little is lost beside the content: 18 bytes an element, and what two half full ends have spare.
  assert.ok(arena.usedBytes < 100_000 * 18 * 1.01 + 2 * 8192)
  for (let n = 0; n < 100_000; n++) list.removeEnd(n % 3 === 0)
  list.save()
  assert.equal(arena.usedBytes, 0)
})

test('an empty list has nothing to pass on, and no element to stand on', () => {
  const { list, root } = worldOf(-2, 0)
  list.open(root)
  assert.deepEqual(textsOf(list), [])
  list.cursor.pass(0, 0, false, collector())
  assert.throws(() => list.cursor.seek(0), RangeError)
})

test('a queue that is drained at one end and fed at the other stays small', () => {
  const { list, root, arena } = worldOf(-2, 0)
  const bytes = fromLatin1('x'.repeat(100))
  list.open(root)
  for (let n = 0; n < 200; n++) list.push(true, bytes, 0, 100)
  for (let n = 0; n < 10_000; n++) {
    list.push(true, bytes, 0, 100)
    list.removeEnd(false)
  }
  list.save()
  checkQuicklist(list)
  assert.equal(list.count, 200)
  assert.ok(arena.usedBytes < 200 * 102 + 2 * 8192)
})

test('inner nodes are compressed, and are read without being changed', () => {
  const { list, root, arena } = worldOf(-2, 1)
  const bytes = fromLatin1('the same text again and again, '.repeat(3))
  list.open(root)
  for (let n = 0; n < 5000; n++) list.push(false, bytes, 0, bytes.length)
  list.save()
  const used = arena.usedBytes
  assert.ok(used < 5000 * 20)
  list.open(root)
  assert.equal(textsOf(list).length, 5000)
  assert.equal(arena.usedBytes, used)
  list.cursor.seek(2500)
  list.replace(bytes, 0, 5)
  list.save()
  list.open(root)
  checkQuicklist(list)
  assert.ok(arena.usedBytes < used + 200)
})

test('a copy has nodes of its own', () => {
  const random = seeded()
  const world = worldOf(-1, 1)
  const { list, root, arena } = world
  list.open(root)
  for (let n = 0; n < 500; n++) change(world, random)
  list.save()
  const used = arena.usedBytes
  const target = emptyRoot()
  list.open(root)
  copyNodes(list, target)
  list.open(root)
  freeNodes(list, Number.POSITIVE_INFINITY)
  list.save()
  assert.ok(arena.usedBytes <= used)
  check({ ...world, root: target })
})

test('whole listpacks and single elements become nodes, in order', () => {
  const { list, root } = worldOf(-2, 0)
  const listpack = new BufferStretch(LISTPACK_EMPTY)
  for (const text of ['a', '1', 'b']) appendElement(listpack, fromLatin1(text), 0, text.length)
  list.open(root)
  list.appendListpack(listpack)
  assert.deepEqual(list.onlyListpack?.size, listpack.size)
  list.appendPlain(fromLatin1('plain'), 0, 5)
  assert.equal(list.onlyListpack, undefined)
  list.appendListpack(listpack)
  list.save()
  list.open(root)
  checkQuicklist(list)
  assert.deepEqual(textsOf(list), ['a', '1', 'b', 'plain', 'a', '1', 'b'])
  const kinds: boolean[] = []
  eachNode(list, (_, isPlain) => void kinds.push(isPlain))
  assert.deepEqual(kinds, [false, true, false])
})
