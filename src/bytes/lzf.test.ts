/** LZF against itself, against bytes of the reference, and against bytes of nobody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Seeded, seeded } from '../host/index.ts'
import { lzfCompress, lzfDecompress } from './lzf.ts'
import { fromLatin1, latin1 } from './slice.ts'

/** Text with repeats at all distances, or none at all. */
function someText(random: Seeded, size: number): Uint8Array {
  const bytes = random.bytes(size)
  if (random.chance(0.2)) return bytes
  const letters = random.between(1, 20)
  for (let i = 0; i < size; i++) bytes[i] = 97 + (bytes[i]! % letters)
  for (let n = random.between(0, 10); n > 0 && size > 4; n--) {
    const from = random.between(0, size - 2)
    const length = random.between(1, size - from)
    bytes.copyWithin(random.between(0, size - 1), from, from + length)
  }
  return bytes
}

test('what was compressed comes back, inside larger buffers too', () => {
  const random = seeded()
  for (let n = 0; n < 1000; n++) {
    const size = random.between(0, random.chance(0.1) ? 40_000 : 500)
    const text = someText(random, size)
    const framed = new Uint8Array(size + 20).fill(1)
    framed.set(text, 7)
    const packed = new Uint8Array(size + (size >> 5) + 20)
    const end = lzfCompress(framed, 7, 7 + size, packed, 5, packed.length)
    assert.ok(end >= 5)
    const back = new Uint8Array(size + 9)
    assert.equal(lzfDecompress(packed, 5, end, back, 3, size + 3), size + 3)
    assert.deepEqual(back.subarray(3, size + 3), text)
    if (size > 0) assert.equal(lzfDecompress(packed, 5, end, back, 3, size + 2), -1)
    // One byte less room than it takes is too little, and nothing is written past the room.
    const tight = new Uint8Array(end - 5)
    assert.equal(lzfCompress(framed, 7, 7 + size, tight, 0, tight.length), end - 5)
    if (end > 5) assert.equal(lzfCompress(framed, 7, 7 + size, tight, 0, end - 6), -1)
  }
})

test('repeats shrink: the longest, those far back, and none further than the format reaches', () => {
  const packed = new Uint8Array(30_000)
  const size = (text: string) => lzfCompress(fromLatin1(text), 0, text.length, packed, 0, 30_000)
  assert.equal(size('a'.repeat(265)), 2 + 3)
  assert.equal(size('a'.repeat(266)), 2 + 3 + 2)
  assert.ok(size('abc'.repeat(1000)) < 50)
  // By chance what follows could take the needle's place in the table, so it is always the same.
  const random = new Seeded(1)
  const distinct = latin1(random.bytes(8192 - 100))
  const far = size(`${'needle in the hay'}${distinct}needle in the hay`)
  assert.ok(far < distinct.length * (33 / 32) + 17 + 17)
})

test('bytes that the reference compressed are read', () => {
  const packed = Buffer.from(
    '0668656c6c6f2068e0080504776f726c64e00405007ae0ff00e01a00a1502144016c64',
    'hex',
  )
  const text = `hello hello hello hello world world world ${'z'.repeat(300)} hello world`
  const into = new Uint8Array(400)
  assert.equal(lzfDecompress(packed, 0, packed.length, into, 0, 400), text.length)
  assert.equal(latin1(into, 0, text.length), text)
})

test('damaged bytes are refused or read as something, but never beyond the room', () => {
  const random = seeded()
  const into = new Uint8Array(200)
  for (let n = 0; n < 20_000; n++) {
    const bytes = random.bytes(random.between(0, 40))
    into.fill(0)
    const end = lzfDecompress(bytes, 0, bytes.length, into, 50, 150)
    assert.ok(end === -1 || (end >= 50 && end <= 150))
    assert.ok(into.subarray(150).every((byte) => byte === 0))
  }
})
