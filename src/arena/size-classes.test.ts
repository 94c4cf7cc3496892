import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLASS_BYTES, classFor, SMALL_BYTES_MAX } from './size-classes.ts'

test('every size gets the smallest class that holds it', () => {
  let expected = 0
  for (let size = 1; size <= SMALL_BYTES_MAX; size++) {
    if (size > CLASS_BYTES[expected]!) expected++
    assert.equal(classFor(size), expected, `${size} bytes`)
  }
  assert.equal(expected, CLASS_BYTES.length - 1)
})

test('classes rise in whole words and waste at most a ninth', () => {
  for (let n = 1; n < CLASS_BYTES.length; n++) {
    const size = CLASS_BYTES[n]!
    const below = CLASS_BYTES[n - 1]!
    assert.ok(size > below && size % 8 === 0)
    if (size > 128) assert.ok(size - (below + 1) <= size / 9 + 8, `${size} after ${below}`)
  }
  assert.equal(CLASS_BYTES.at(-1), SMALL_BYTES_MAX)
})
