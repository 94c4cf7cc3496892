import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { DurationHistogram } from './duration-histogram.ts'

test('a percentile is the upper end of the bucket that holds it, less than a 128th too high', () => {
  const random = seeded()
  const histogram = new DurationHistogram()
  const values: number[] = []
  for (let i = 0; i < 3000; i++) {
    const value = Math.floor(10 ** (random.between(0, 8999) / 1000))
    values.push(value)
    histogram.add(value, 1)
  }
  values.sort((a, b) => a - b)
  for (const percent of [0.1, 1, 25, 50, 90, 99, 99.9, 100]) {
    const exact = values[Math.max(0, Math.floor((percent / 100) * values.length + 0.5) - 1)]!
    const found = histogram.percentile(percent)
    assert.ok(found >= exact && found <= exact * (1 + 1 / 128), `p${percent}: ${found} ${exact}`)
  }
})

test('the ends of the range are counted at its ends', () => {
  const histogram = new DurationHistogram()
  histogram.add(0, 1)
  histogram.add(5e9, 1)
  assert.equal(histogram.percentile(50), 1)
  assert.equal(histogram.percentile(100), 1_002_438_655)
  assert.equal(histogram.total, 2)
})

test('levels count all that lies below, at the reference’s microseconds', () => {
  const histogram = new DurationHistogram()
  histogram.add(300, 7)
  histogram.add(1024, 1)
  histogram.add(1100, 2)
  histogram.add(40_000, 3)
  histogram.add(900_000_000, 1)
  assert.deepEqual(histogram.levels(), [
    { microseconds: 1, count: 8 },
    { microseconds: 2, count: 10 },
    { microseconds: 66, count: 13 },
    { microseconds: 1_073_741, count: 14 },
  ])
})

test('percentile 0 is the lower end of the smallest bucket, and of nothing it is 0', () => {
  const histogram = new DurationHistogram()
  assert.equal(histogram.percentile(50), 0)
  histogram.add(1001, 1)
  assert.equal(histogram.percentile(0), 1000)
  assert.equal(histogram.percentile(50), 1003)
})
