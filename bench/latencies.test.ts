import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Latencies } from './latencies.ts'

test('percentiles of latencies are those of the sorted list, within a 64th', () => {
  const latencies = new Latencies()
  const all: number[] = []
  let seed = 12345
  for (let i = 0; i < 20_000; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648
    // From a microsecond to ten minutes.
    const ms = 0.001 * 600_000_000 ** (seed / 2147483648)
    all.push(ms)
    latencies.add(ms)
  }
  all.sort((a, b) => a - b)
  for (const share of [0.001, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = all[Math.max(0, Math.ceil(all.length * share) - 1)]!
    const found = latencies.at(share)
    assert.ok(Math.abs(found - exact) <= exact / 64 + 0.001, `${share}: ${found} for ${exact}`)
  }
  assert.equal(latencies.longestMs, all.at(-1))
  assert.equal(latencies.count, all.length)
})

test('without latencies there is nothing to tell, also after some were forgotten', () => {
  const latencies = new Latencies()
  latencies.add(7)
  latencies.clear()
  assert.equal(latencies.at(0.999), 0)
  assert.equal(latencies.longestMs, 0)
  latencies.add(3)
  assert.equal(latencies.at(0.5), 3)
})
