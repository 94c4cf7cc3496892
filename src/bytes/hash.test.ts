import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { KeyHasher } from './hash.ts'
import { setViewed } from './viewed.ts'

test('a hash depends on the bytes and the key, and not on where the bytes stand', () => {
  const random = seeded()
  const hasher = new KeyHasher(random.uint32(), random.uint32())
  const other = new KeyHasher(random.uint32(), random.uint32())
  let differing = 0
  for (let size = 0; size < 300; size++) {
    const text = random.bytes(size)
    const expected = hasher.hash(text, 0, size)
    assert.equal(expected, expected | 0)
    for (let at = 0; at < 9; at++) {
      const bytes = random.bytes(size + 20)
      bytes.set(text, at)
      assert.equal(hasher.hash(bytes, at, at + size), expected)
      // Where there is a view it reads words in another way.
      setViewed(bytes)
      assert.equal(hasher.hash(bytes, at, at + size), expected, `viewed, ${size} bytes at ${at}`)
      // Part of a larger buffer, as read buffers often are.
      const part = new Uint8Array(bytes.buffer, at, size)
      setViewed(part)
      assert.equal(hasher.hash(part, 0, size), expected)
      if (at % 4 !== 0) continue
      const words = new Int32Array(bytes.buffer, 0, bytes.length >>> 2)
      assert.equal(hasher.hashWords(words, at >>> 2, size), expected)
    }
    if (other.hash(text, 0, size) !== expected) differing++
  }
  assert.ok(differing > 295)
})

test('one changed bit changes about half of the bits of the hash', () => {
  const random = seeded()
  const hasher = new KeyHasher(random.uint32(), random.uint32())
  let changed = 0
  let count = 0
  for (let n = 0; n < 2000; n++) {
    const bytes = random.bytes(random.between(1, 40))
    const before = hasher.hash(bytes, 0, bytes.length)
    const at = random.between(0, bytes.length - 1)
    bytes[at] = bytes[at]! ^ (1 << random.between(0, 7))
    const difference = before ^ hasher.hash(bytes, 0, bytes.length)
    for (let bit = 0; bit < 32; bit++) changed += (difference >>> bit) & 1
    count += 32
  }
  assert.ok(Math.abs(changed / count - 0.5) < 0.02, `${changed / count}`)
})

test('numbered keys spread evenly over the top and the low bits', () => {
  const hasher = new KeyHasher(1, 2)
  for (const shift of [0, 6, 26]) {
    const counts = new Array<number>(64).fill(0)
    for (let n = 0; n < 64_000; n++) {
      const key = Buffer.from(`key:${n}`)
      counts[(hasher.hash(key, 0, key.length) >>> shift) & 63]!++
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    assert.ok(chiSquare < 63 + 6 * Math.sqrt(126), `${chiSquare}`)
  }
})
