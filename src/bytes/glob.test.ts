import assert from 'node:assert/strict'
import test from 'node:test'
import { globMatches } from './glob.ts'
import { fromLatin1 } from './slice.ts'

/** Matches with bytes around both ranges, so that a look beyond an end shows. */
function fits(pattern: string, text: string, ignoreCase = false): boolean {
  const p = fromLatin1(`*${pattern}*]`)
  const t = fromLatin1(`x${text}x`)
  return globMatches(p, 1, p.length - 2, t, 1, t.length - 1, ignoreCase)
}

test('a pattern without special bytes fits itself alone', () => {
  assert.equal(fits('key', 'key'), true)
  assert.equal(fits('key', 'keys'), false)
  assert.equal(fits('keys', 'key'), false)
  assert.equal(fits('key', 'Key'), false)
  assert.equal(fits('kEy', 'KeY', true), true)
})

test('a star takes any bytes, and none', () => {
  for (const text of ['h', 'hllo', 'heeeello']) assert.equal(fits('h*', text), true)
  assert.equal(fits('*lo', 'hello'), true)
  assert.equal(fits('h**l*o', 'hello'), true)
  assert.equal(fits('*ab', 'aab'), true)
  assert.equal(fits('*ab', 'aba'), false)
  assert.equal(fits('a*?', 'a'), false)
  assert.equal(fits('**', 'x'), true)
})

test('only the empty pattern fits the empty text', () => {
  assert.equal(fits('', ''), true)
  assert.equal(fits('*', ''), false)
  assert.equal(fits('', 'x'), false)
})

test('a question mark takes exactly one byte', () => {
  assert.equal(fits('h?llo', 'hello'), true)
  assert.equal(fits('h?llo', 'hllo'), false)
  assert.equal(fits('?', '\xff'), true)
})

test('brackets take one of their bytes, or none of them after a caret', () => {
  assert.equal(fits('h[ae]llo', 'hallo'), true)
  assert.equal(fits('h[ae]llo', 'hillo'), false)
  assert.equal(fits('h[^e]llo', 'hallo'), true)
  assert.equal(fits('h[^e]llo', 'hello'), false)
  assert.equal(fits('[A]', 'a', true), true)
})

test('ranges work either way round, and a bracket may be the end of one', () => {
  for (const pattern of ['[a-c]', '[c-a]']) {
    assert.equal(fits(pattern, 'b'), true)
    assert.equal(fits(pattern, 'd'), false)
  }
  assert.equal(fits('[A-C]', 'b', true), true)
  assert.equal(fits('[Z-]]', '['), true)
  assert.equal(fits('[a-', '-'), true)
})

test('the bounds of a range are compared as signed bytes', () => {
  assert.equal(fits('[a-\xff]', 'B'), true)
  assert.equal(fits('[a-\xff]', 'b'), false)
  assert.equal(fits('[\x80-\xff]', '\xc3'), true)
})

test('a backslash takes the meaning from the next byte, and stands for itself at the end', () => {
  assert.equal(fits('\\*', '*'), true)
  assert.equal(fits('\\*', 'x'), false)
  assert.equal(fits('[\\]]', ']'), true)
  assert.equal(fits('[\\A]', 'a', true), false)
  assert.equal(fits('a\\', 'a\\'), true)
})

test('a bracket that is not closed ends with the pattern', () => {
  assert.equal(fits('[ab', 'b'), true)
  assert.equal(fits('[', '['), false)
  assert.equal(fits('[^', 'x'), true)
})

test('a thousand stars may be needed and not one more', () => {
  assert.equal(fits('*a'.repeat(1000), 'a'.repeat(1000)), true)
  assert.equal(fits('*a'.repeat(1001), 'a'.repeat(1001)), false)
})

test('a pattern made to explode is answered after a bounded number of steps', () => {
  assert.equal(fits(`${'*a'.repeat(900)}b`, 'a'.repeat(20_000)), false)
})
