import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barFor, compare, judge, median } from './bars.ts'

test('the median is the middle value, or the mean of the middle two', () => {
  assert.equal(median([3, 1, 200]), 3)
  assert.equal(median([4, 1, 2, 100]), 3)
  assert.ok(Number.isNaN(median([])))
})

test('a ratio above 1 means that the subject is ahead, for less and for more', () => {
  assert.equal(compare([10], [5], 'less').ratio, 2)
  assert.equal(compare([10], [5], 'more').ratio, 0.5)
})

test('the ratio comes from the medians and its range from the rounds side by side', () => {
  const result = compare([10, 12, 50], [5, 8, 10], 'less')
  assert.equal(result.reference, 12)
  assert.equal(result.subject, 8)
  assert.equal(result.ratio, 1.5)
  assert.deepEqual(result.range, [1.5, 5])
})

test('one side alone has no ratio', () => {
  assert.deepEqual(compare([], [5], 'less'), { subject: 5 })
  assert.deepEqual(compare([5], [], 'less'), { reference: 5 })
})

test('the bars are those of the design', () => {
  const strings = (work: string, pipeline: number) => barFor({ suite: 'strings', work, pipeline })
  for (const work of ['SET', 'GET', 'INCR']) {
    assert.deepEqual(strings(work, 1), { kind: 'ratio', bar: 0.95, aim: 1.1 })
    assert.deepEqual(strings(work, 16), { kind: 'ratio', bar: 1.3, aim: 1.6 })
  }
  assert.deepEqual(strings('GET', 64), { kind: 'ratio', bar: 1.7, aim: 2.2 })
  assert.equal(strings('INCR', 64), undefined)
  assert.deepEqual(strings('LPUSH', 16), { kind: 'ratio', bar: 1.2, aim: 1.6 })
  assert.equal(strings('LPUSH', 1), undefined)
  assert.equal(barFor({ suite: 'aof', work: 'SET', pipeline: 16 })?.aim, 1.8)
  assert.equal(barFor({ suite: 'always', work: 'SET, always' })?.bar, 1)
  assert.equal(barFor({ suite: 'start', work: 'ready' })?.bar, 150)
})

test('the bars for many keys do not judge fewer keys', () => {
  assert.equal(barFor({ suite: 'memory', work: 'string', keys: 4_000_000 })?.bar, 1.5)
  assert.equal(barFor({ suite: 'memory', work: 'string', keys: 3_999_999 }), undefined)
  assert.equal(barFor({ suite: 'memory', work: 'hash of 10', keys: 1_000_000 })?.bar, 1)
  assert.equal(barFor({ suite: 'memory', work: 'hash of 10', keys: 999_999 }), undefined)
  assert.equal(barFor({ suite: 'stall', work: 'load', keys: 4_000_000 })?.bar, 10)
  assert.equal(barFor({ suite: 'memory', work: 'hash of 10', keys: 1_000_000 })?.bar, 1)
  assert.equal(barFor({ suite: 'memory', work: 'hash of 10', keys: 999_999 }), undefined)
  assert.equal(barFor({ suite: 'stall', work: 'load', keys: 400_000 }), undefined)
})

test('a figure exactly at its bar is ok, and one step past it is BELOW', () => {
  const ratio = { kind: 'ratio', bar: 1.3, aim: 1.6 } as const
  assert.equal(judge({ ratio: 1.3 }, ratio), 'ok')
  assert.equal(judge({ ratio: 1.2999 }, ratio), 'BELOW')

  const limit = { kind: 'limit', bar: 10, aim: 2 } as const
  assert.equal(judge({ subject: 10 }, limit), 'ok')
  assert.equal(judge({ subject: 10.01 }, limit), 'BELOW')
})

test('nothing is judged without a bar or without both sides of a ratio', () => {
  assert.equal(judge({ ratio: 0.1 }, undefined), '')
  assert.equal(judge({ subject: 5 }, { kind: 'ratio', bar: 1, aim: 2 }), '')
})
