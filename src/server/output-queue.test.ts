import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { OutputQueue } from './output-queue.ts'

test('a queue gives back what was put in, in order, and knows how much that is', () => {
  const random = seeded()
  const queue = new OutputQueue()
  const put: Uint8Array[] = []
  const got: Uint8Array[] = []
  let size = 0
  for (let step = 0; step < 500; step++) {
    const isLong = random.between(0, 19) === 0
    const piece = random.bytes(isLong ? random.between(65_000, 70_000) : random.between(0, 200))
    const padded = Buffer.concat([Buffer.from('<<'), piece, Buffer.from('>>')])
    const isCopied = queue.push(padded, 2, 2 + piece.length)
    put.push(Uint8Array.from(piece))
    size += piece.length
    // What was copied may be overwritten from here on.
    if (isCopied) padded.fill(0)
    if (random.between(0, 9) === 0) {
      const chunk = queue.shift()
      if (chunk !== undefined) {
        got.push(Uint8Array.from(chunk))
        size -= chunk.length
      }
    }
    assert.equal(queue.size, size)
  }
  for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) got.push(chunk)
  assert.equal(queue.size, 0)
  assert.ok(Buffer.concat(got).equals(Buffer.concat(put)))
})

test('many small pieces take few chunks', () => {
  const queue = new OutputQueue()
  const piece = Buffer.from('$2\r\nab\r\n')
  for (let n = 0; n < 100_000; n++) queue.push(piece, 0, piece.length)
  let chunks = 0
  while (queue.shift() !== undefined) chunks++
  assert.ok(chunks < 25, `${chunks} chunks for 800 kB`)
})
