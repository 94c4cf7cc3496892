import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { ByteQueue } from './byte-queue.ts'

test('a queue gives back what was appended, from any retained offset', () => {
  const random = seeded()
  const queue = new ByteQueue()
  const model: number[] = []
  let start = 0
  for (let step = 0; step < 400; step++) {
    const length = random.chance(0.1) ? random.between(0, 700_000) : random.between(0, 200)
    const bytes = random.bytes(length)
    const from = random.between(0, length)
    queue.append(bytes, from, length)
    for (let i = from; i < length; i++) model.push(bytes[i]!)
    if (random.chance(0.2)) {
      start = random.chance(0.3) ? model.length : random.between(start, model.length)
      queue.forget(start)
    }
    assert.equal(queue.end, model.length)
    assert.equal(queue.start, start)
    if (queue.start === queue.end) continue
    const offset = random.between(queue.start, queue.end - 1)
    queue.locate(offset)
    const piece = queue.pieceBytes.subarray(queue.pieceStart, queue.pieceEnd)
    assert.ok(piece.length > 0)
    assert.ok(Buffer.from(model.slice(offset, offset + piece.length)).equals(piece))
  }
})

test('an emptied queue holds no more memory than its spare chunks', () => {
  const queue = new ByteQueue()
  const bytes = new Uint8Array(100_000)
  for (let i = 0; i < 100; i++) queue.append(bytes, 0, bytes.length)
  assert.ok(queue.capacityBytes > 10_000_000)
  queue.forget(queue.end)
  assert.ok(queue.capacityBytes <= 5 * 256 * 1024, `${queue.capacityBytes}`)
})

test('an append that exactly fills a chunk is found again', () => {
  const queue = new ByteQueue()
  const chunk = new Uint8Array(256 * 1024).fill(7)
  queue.append(chunk, 0, chunk.length)
  queue.append(Uint8Array.of(1, 2, 3), 0, 3)
  queue.locate(chunk.length)
  assert.deepEqual([...queue.pieceBytes.subarray(queue.pieceStart, queue.pieceEnd)], [1, 2, 3])
})
