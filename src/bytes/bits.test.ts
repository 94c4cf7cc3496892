import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countBitRange, countBits, findBit } from './bits.ts'

/** Bytes that look random and are the same in every run. */
function noise(size: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

/** The bits as text, which everything can be read off. */
const textOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')

const onesIn = (text: string) => text.replaceAll('0', '').length

test('bits are counted at every alignment and length, short and long', () => {
  const bytes = noise(700, 1)
  const text = textOf(bytes)
  for (let start = 0; start < 9; start++) {
    for (const size of [0, 1, 3, 4, 31, 32, 63, 64, 65, 95, 96, 97, 128, 300, 511, 690]) {
      const expected = onesIn(text.slice(start * 8, (start + size) * 8))
      assert.equal(countBits(bytes, start, start + size), expected, `${size} from ${start}`)
    }
  }
})

test('bits are counted in a view that begins inside its buffer', () => {
  const buffer = noise(400, 2)
  for (let from = 0; from < 5; from++) {
    const view = new Uint8Array(buffer.buffer, from, 300)
    assert.equal(countBits(view, 1, 299), onesIn(textOf(view.subarray(1, 299))))
  }
})

test('full words do not overflow the carries', () => {
  assert.equal(countBits(new Uint8Array(100_003).fill(255), 0, 100_003), 800_024)
})

test('a range of bits is counted from any bit to any other', () => {
  const bytes = noise(120, 3)
  const text = textOf(bytes.subarray(5))
  for (let first = 0; first < 40; first++) {
    for (const last of [first, first + 1, first + 7, first + 8, first + 63, first + 800]) {
      assert.equal(countBitRange(bytes, 5, first, last), onesIn(text.slice(first, last + 1)))
    }
  }
})

test('the first set and the first clear bit are found wherever they stand', () => {
  for (const bit of [0, 1] as const) {
    for (let position = 0; position < 1200; position += 7) {
      const bytes = new Uint8Array(160).fill(bit === 1 ? 0 : 255)
      bytes[3 + (position >> 3)]! ^= 128 >> (position & 7)
      const find = (first: number, last: number) => findBit(bytes, 3, { first, last }, bit)
      assert.equal(find(0, 1255), position)
      assert.equal(find(position, position), position)
      assert.equal(find(position + 1, 1255), -1)
      if (position > 0) assert.equal(find(0, position - 1), -1)
    }
  }
})
