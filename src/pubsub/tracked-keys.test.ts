/** Who has read which keys, against the most naive version. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { TrackedKeys } from './tracked-keys.ts'

test('readers of a key are each there once, be they one or many', () => {
  const random = seeded()
  const tracked = new TrackedKeys()
  const model = new Map<string, Set<number>>()
  for (let step = 0; step < 5_000; step++) {
    const key = `key ${random.between(0, 6)}`
    if (random.between(0, 60) === 0) {
      assert.deepEqual(tracked.take(key), [...(model.get(key) ?? [])])
      model.delete(key)
    } else {
      const clientId = random.between(1, 20)
      tracked.add(key, clientId)
      model.set(key, (model.get(key) ?? new Set()).add(clientId))
    }
    const sizes = [...model.values()].map(({ size }) => size)
    assert.equal(tracked.count, model.size)
    const items = sizes.reduce((sum, size) => sum + size, 0)
    assert.equal(tracked.items, items)
    if (model.size > 0) assert.ok(model.has(tracked.pick(random.between(0, 1_000))))
  }
  tracked.clear()
  assert.deepEqual([tracked.count, tracked.items, tracked.take('key 1')], [0, 0, []])
})
