/** Lists against arrays of texts, through all changes of encoding. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1, Slice, sliceOf } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { isListpackValid, LISTPACK_EMPTY } from '../structures/index.ts'
import { ENCODING_LISTPACK, ENCODING_QUICKLIST } from './encodings.ts'
import { type ElementSource, Lists } from './lists.ts'
import { TestSlot, testSpace } from './slot.fixture.ts'

const textSlice = (text: string) => sliceOf(fromLatin1(text))

function sourceOf(texts: readonly string[]): ElementSource {
  let at = 0
  return {
    get left() {
      return texts.length - at
    },
    next: () => textSlice(texts[at++]!),
  }
}

function emptyList(): TestSlot {
  return new TestSlot(ENCODING_LISTPACK, LISTPACK_EMPTY)
}

function push(lists: Lists, value: TestSlot, texts: readonly string[], isHead = false): void {
  lists.push(value, isHead, sourceOf(texts), texts.join('').length)
}

function textsOf(lists: Lists, value: TestSlot): string[] {
  const texts: string[] = []
  const bulk = (bytes: Uint8Array, start: number, end: number) =>
    void texts.push(latin1(bytes, start, end))
  lists.pass(value, 0, lists.count(value), false, { bulk })
  return texts
}

function randomTexts(random: Seeded): string[] {
  return Array.from({ length: random.pick([1, 1, 1, 3, 60]) }, () => {
    if (random.chance(0.5)) return random.pick(['a', 'b', '17', '-1'])
    return 'q'.repeat(random.between(0, random.chance(0.02) ? 10_000 : 60))
  })
}

/** One random change of a list and its model. */
function change(lists: Lists, value: TestSlot, model: string[], random: Seeded): void {
  const texts = randomTexts(random)
  const text = texts[0]!
  const isHead = random.chance(0.5)
  const index = random.between(0, Math.max(0, model.length - 1))
  const step = random.between(0, 9)
  if (step < 3 || model.length === 0) {
    push(lists, value, texts, isHead)
    if (isHead) model.unshift(...texts.toReversed())
    else model.push(...texts)
  } else if (step < 5) {
    const held = lists.hold(lists.readEnd(value, isHead, new Slice(value.bytes, 0, 0)))
    assert.equal(lists.removeEnd(value, isHead), model.length - 1)
    assert.equal(held.latin1(), isHead ? model.shift() : model.pop())
  } else if (step < 6) {
    const at = model.indexOf(text)
    assert.equal(lists.insert(value, textSlice(text), isHead, textSlice('new')), at >= 0)
    if (at >= 0) model.splice(isHead ? at + 1 : at, 0, 'new')
  } else if (step < 8) {
    lists.prepareReplace(value, text.length)
    lists.replace(value, index, textSlice(text))
    model[index] = text
  } else if (step < 9) {
    const count = random.between(0, Math.min(model.length - index, 80))
    model.splice(index, count)
    assert.equal(lists.removeRange(value, index, count), model.length)
  } else {
    const kept = model.filter((held) => held !== text)
    const removed = lists.removeEqual(value, textSlice(text), Number.POSITIVE_INFINITY, isHead)
    assert.equal(removed, model.length - kept.length)
    model.splice(0, model.length, ...kept)
  }
}

for (const [size, depth] of [
  [-2, 0],
  [-1, 1],
  [8, 0],
  [2, 2],
] as const) {
  test(`a list is what an array is: list-max-listpack-size ${size}, list-compress-depth ${depth}`, () => {
    const random = seeded()
    const space = testSpace(random)
    space.limits.listMaxListpackSize = size
    space.limits.listCompressDepth = depth
    const lists = new Lists(space)
    const value = emptyList()
    const model = ['a']
    push(lists, value, model)
    const seen = new Set([value.encoding])
    for (let n = 0; n < 1000; n++) {
      change(lists, value, model, random)
      assert.deepEqual(textsOf(lists, value), model)
      assert.equal(lists.ownedBytes(value), space.arena.usedBytes)
      if (value.encoding === ENCODING_LISTPACK)
        assert.ok(isListpackValid(value.bytes, 0, value.size))
      seen.add(value.encoding)
      if (model.length > 0) {
        const index = random.between(0, model.length - 1)
        const into = new Slice(value.bytes, 0, 0)
        assert.equal(lists.read(value, index, into).latin1(), model[index])
      }
    }
    assert.deepEqual([...seen].sort(), [ENCODING_LISTPACK, ENCODING_QUICKLIST])
    while (value.encoding === ENCODING_QUICKLIST && !lists.free(value, 3));
    assert.equal(space.arena.usedBytes, 0)
  })
}

test('a search finds the same from either end, in both encodings', () => {
  const random = seeded()
  const lists = new Lists(testSpace(random))
  const texts = Array.from({ length: 4000 }, () => random.pick(['a', 'b', '12', 'abcdefgh']))
  for (const count of [30, 4000]) {
    const value = emptyList()
    push(lists, value, texts.slice(0, count))
    assert.equal(value.encoding, count === 30 ? ENCODING_LISTPACK : ENCODING_QUICKLIST)
    for (const isBackwards of [false, true]) {
      const passed = random.between(0, 2)
      const limit = random.pick([1, 3, Number.POSITIVE_INFINITY])
      const looks = random.pick([5, count, Number.POSITIVE_INFINITY])
      const wanted = [...texts.slice(0, count).entries()]
      if (isBackwards) wanted.reverse()
      const expected = wanted
        .slice(0, looks)
        .filter(([, text]) => text === '12')
        .map(([index]) => index)
        .slice(passed)
        .slice(0, limit)
      const found: number[] = []
      const search = { isBackwards, passed, limit, looks }
      lists.search(value, textSlice('12'), search, (index) => found.push(index))
      assert.deepEqual(found, expected)
    }
  }
})

test('a list begins with its elements where they fit, and takes none of them where they do not', () => {
  const lists = new Lists(testSpace(seeded()))
  const few = sourceOf(['a', 'b'])
  const value = new TestSlot(ENCODING_LISTPACK, lists.begin(true, few, 2))
  assert.equal(few.left, 0)
  assert.deepEqual(textsOf(lists, value), ['b', 'a'])
  const many = sourceOf(['a', 'b'.repeat(9000)])
  assert.deepEqual(lists.begin(false, many, 9001), LISTPACK_EMPTY)
  assert.equal(many.left, 2)
})

test('a list that was filled settles in the encoding that its length asks for', () => {
  const space = testSpace(seeded())
  const lists = new Lists(space)
  const value = emptyList()
  push(lists, value, Array(9).fill('x'.repeat(1000)))
  lists.removeRange(value, 7, 2)
  assert.equal(value.encoding, ENCODING_QUICKLIST)
  lists.settle(value)
  assert.equal(value.encoding, ENCODING_LISTPACK)
  assert.equal(space.arena.usedBytes, 0)
  space.limits.listMaxListpackSize = 3
  lists.settle(value)
  assert.equal(value.encoding, ENCODING_QUICKLIST)
  assert.deepEqual(textsOf(lists, value), Array(7).fill('x'.repeat(1000)))
})
