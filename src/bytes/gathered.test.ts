import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { compareBytes } from './compare.ts'
import { Gathered } from './gathered.ts'
import { Slice } from './slice.ts'

test('gathered strings are read and compared as an array of them is', () => {
  const random = seeded()
  const gathered = new Gathered()
  for (let step = 0; step < 50; step++) {
    gathered.clear()
    const model: Uint8Array[] = []
    const slice = new Slice(new Uint8Array(0), 0, 0)
    for (let i = random.between(0, 200); i > 0; i--) {
      const bytes = random.bytes(random.between(0, random.pick([2, 100])))
      gathered.add(bytes, 0, bytes.length)
      model.push(bytes)
    }
    assert.equal(gathered.count, model.length)
    model.forEach((bytes, i) => {
      assert.deepEqual(gathered.read(i, slice).copyOf(), bytes)
      assert.equal(gathered.sizeOf(i), bytes.length)
      const other = random.between(0, model.length - 1)
      const expected = Math.sign(compareBytes(bytes, model[other]!))
      assert.equal(Math.sign(gathered.compare(i, other)), expected)
    })
  }
})
