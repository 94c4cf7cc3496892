import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareBytes, copyBytes, equalBytes, equalsWord } from './compare.ts'
import { fromLatin1, latin1, Slice, sliceOf, writeLatin1 } from './slice.ts'

test('a slice lends its bytes, and a copy is its own', () => {
  const bytes = fromLatin1('abcdef')
  const slice = new Slice(bytes, 2, 5)
  const copy = slice.copyOf()
  const view = slice.view()
  bytes[2] = 120
  assert.equal(slice.length, 3)
  assert.equal(slice.latin1(), 'xde')
  assert.equal(latin1(view), 'xde')
  assert.equal(latin1(copy), 'cde')
  assert.equal(sliceOf(bytes).length, 6)
})

test('text of one character a byte comes back whole, short and long, from any place', () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
  for (const size of [0, 1, 63, 64, 65, 256]) {
    const text = all.slice(256 - size)
    const into = new Uint8Array(300)
    const view = into.subarray(7)
    const end = writeLatin1(text, view, 3)
    assert.equal(end, 3 + size)
    assert.equal(latin1(view, 3, end), text)
    assert.equal(latin1(fromLatin1(text)), text)
  }
})

test('bytes are copied, compared and ordered as memory is, around the size where the way changes', () => {
  for (const size of [0, 1, 5, 95, 96, 97, 200]) {
    const from = Uint8Array.from({ length: size + 10 }, (_, n) => (n * 7) & 255)
    const into = new Uint8Array(size + 10)
    copyBytes(from, 4, 4 + size, into, 3)
    assert.deepEqual(into.subarray(3, 3 + size), from.subarray(4, 4 + size))
    assert.equal(into[2], 0)
    assert.equal(into[3 + size], 0)
    assert.ok(equalBytes(from, 4, into, 3, size))
    if (size > 0) {
      into[2 + size]! ^= 1
      assert.ok(!equalBytes(from, 4, into, 3, size))
    }
  }
  assert.ok(compareBytes(fromLatin1('a'), fromLatin1('b')) < 0)
  assert.ok(compareBytes(fromLatin1('a'), fromLatin1('ab')) < 0)
  assert.ok(compareBytes(fromLatin1('\xff'), fromLatin1('a')) > 0)
  assert.equal(compareBytes(fromLatin1('ab'), fromLatin1('ab')), 0)
})

test('a word is known in any case, and nothing like it', () => {
  const is = (text: string) => equalsWord(fromLatin1(text), 0, text.length, 'GET')
  assert.ok(is('GET') && is('get') && is('gEt'))
  assert.ok(!is('GETS') && !is('GE') && !is('G\x05T') && !is('ge\x54\x00'))
})
