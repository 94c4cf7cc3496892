/** Words at any place: read and copied as bytes are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { copyWords } from './compare.ts'
import { setInnerViewed, setViewed, viewOf, wordAt } from './viewed.ts'

const viewed = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

test('words are copied as bytes are, at any size and place, and nothing beside them', () => {
  const random = seeded()
  for (let size = 0; size <= 100; size++) {
    for (let place = 0; place < 25; place++) {
      const [at, to] = [place % 5, Math.floor(place / 5)]
      // Both buffers end where the range does, and are parts of larger ones.
      const from = random.bytes(3 + at + size).subarray(3)
      const into = random.bytes(5 + to + size).subarray(5)
      const expected = into.slice()
      expected.set(from.subarray(at), to)
      copyWords(viewed(from), at, at + size, viewed(into), to)
      assert.deepEqual(into, expected, `${size} bytes from ${at} to ${to}`)
    }
  }
})

test('a word is the same through a view and without one', () => {
  const bytes = seeded().bytes(103).subarray(3)
  for (let at = 0; at <= 96; at++) {
    assert.equal(wordAt(bytes, viewed(bytes), at), wordAt(bytes, undefined, at))
  }
})

test('there is a view of the buffer of requests and of that of scripts, and of no other', () => {
  const [outer, inner, other] = [1, 2, 3].map((byte) => new Uint8Array(8).fill(byte)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const byteOf = (bytes: Uint8Array) => viewOf(bytes)?.getUint8(7)
  setViewed(outer)
  setInnerViewed(inner)
  assert.deepEqual([outer, inner, other].map(byteOf), [1, 2, undefined])
  setViewed(other)
  assert.deepEqual([outer, inner, other].map(byteOf), [undefined, 2, 3])
  setInnerViewed(outer)
  assert.deepEqual([outer, inner, other].map(byteOf), [1, undefined, 3])
})
