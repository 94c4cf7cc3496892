import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1, sliceOf } from '../bytes/index.ts'
import { seeded, simulatedHost } from '../host/index.ts'
import { CANDIDATES_MAX, EvictionPool } from './eviction-pool.ts'
import { Keyspace } from './keyspace.ts'

test('the pool keeps the best that it was offered, and gives the best first', () => {
  const random = seeded()
  const database = new Keyspace(simulatedHost(1), 1).databases[0]!
  const pool = new EvictionPool()
  let kept: number[] = []
  for (let step = 0; step < 5000; step++) {
    if (random.chance(step % 100 < 60 ? 0.1 : 0.8)) {
      const best = kept.pop()
      const found = pool.take()
      assert.equal(found?.score, best)
      if (found !== undefined) assert.equal(latin1(found.key), String(best))
      continue
    }
    // No score comes twice.
    const score = random.between(0, 100) * 10_000 + step
    pool.offer(database, sliceOf(fromLatin1(String(score))), score)
    kept = [...kept, score].sort((a, b) => a - b).slice(-CANDIDATES_MAX)
  }
})
