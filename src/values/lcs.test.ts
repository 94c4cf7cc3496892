import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import { lcsLength, longestCommon } from './lcs.ts'

/** The length by its definition. */
function slowLength(a: string, b: string, known = new Map<string, number>()): number {
  if (a === '' || b === '') return 0
  const place = `${a.length} ${b.length}`
  const found = known.get(place)
  if (found !== undefined) return found
  const [restA, restB] = [a.slice(1), b.slice(1)]
  const length =
    a[0] === b[0]
      ? 1 + slowLength(restA, restB, known)
      : Math.max(slowLength(restA, b, known), slowLength(a, restB, known))
  known.set(place, length)
  return length
}

test('the example of the manual comes out with its ranges, from the last to the first', () => {
  const { bytes, matches } = longestCommon(fromLatin1('ohmytext'), fromLatin1('mynewtext'))
  assert.equal(latin1(bytes), 'mytext')
  assert.deepEqual(matches, [
    { aStart: 4, aEnd: 7, bStart: 5, bEnd: 8 },
    { aStart: 2, aEnd: 3, bStart: 0, bEnd: 1 },
  ])
})

test('a subsequence is common, as long as can be, and made of its ranges', () => {
  const random = seeded()
  for (let step = 0; step < 300; step++) {
    const draw = () =>
      Array.from({ length: random.between(0, 14) }, () => random.pick(['a', 'b', 'c'])).join('')
    const [a, b] = [draw(), draw()]
    const { bytes, matches } = longestCommon(fromLatin1(a), fromLatin1(b))
    assert.equal(bytes.length, slowLength(a, b), `${a} ${b}`)
    assert.equal(lcsLength(fromLatin1(a), fromLatin1(b)), bytes.length)
    const runs = [...matches].reverse()
    const ofA = runs.map(({ aStart, aEnd }) => a.slice(aStart, aEnd + 1)).join('')
    const ofB = runs.map(({ bStart, bEnd }) => b.slice(bStart, bEnd + 1)).join('')
    assert.equal(ofA, latin1(bytes))
    assert.equal(ofB, latin1(bytes))
  }
})

test('an empty string has nothing in common with any', () => {
  const nothing = new Uint8Array(0)
  assert.deepEqual(longestCommon(nothing, fromLatin1('abc')), { bytes: nothing, matches: [] })
  assert.equal(lcsLength(fromLatin1('abc'), nothing), 0)
})

test('a string far longer than a narrow cell counts, beside a short one, is no danger', () => {
  const long = new Uint8Array(100_000).fill(97)
  assert.equal(lcsLength(long, fromLatin1('aab')), 2)
  assert.equal(lcsLength(fromLatin1('aab'), long), 2)
  assert.equal(longestCommon(long, fromLatin1('aab')).bytes.length, 2)
})
