import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BitOperation, combineBits } from './bitwise.ts'
import { Slice, sliceOf } from './slice.ts'

type Bytes = readonly number[]
const or = (bytes: Bytes) => bytes.reduce((sum, byte) => sum | byte, 0)

/** One byte of the result, from one byte of each source. */
const MODEL: Record<BitOperation, (bytes: Bytes) => number> = {
  AND: (bytes) => bytes.reduce((sum, byte) => sum & byte, 255),
  OR: or,
  XOR: (bytes) => bytes.reduce((sum, byte) => sum ^ byte, 0),
  NOT: ([byte]) => ~byte! & 255,
  DIFF: ([x, ...ys]) => x! & ~or(ys),
  DIFF1: ([x, ...ys]) => or(ys) & ~x!,
  ANDOR: ([x, ...ys]) => x! & or(ys),
  ONE: (bytes) =>
    [1, 2, 4, 8, 16, 32, 64, 128].reduce(
      (sum, mask) => sum | (bytes.filter((byte) => byte & mask).length === 1 ? mask : 0),
      0,
    ),
}

function expected(operation: BitOperation, sources: readonly Slice[]): number[] {
  const size = Math.max(...sources.map((source) => source.length))
  return Array.from({ length: size }, (_, at) =>
    MODEL[operation](sources.map((source) => source.view()[at] ?? 0)),
  )
}

/** A slice at some place in a buffer of its own. */
function sourceOf(size: number, shift: number): Slice {
  const bytes = new Uint8Array(size + shift + 3)
  let state = size * 31 + shift
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return new Slice(bytes, shift, shift + size)
}

test('each operation combines sources of any length at any alignment', () => {
  for (const operation of Object.keys(MODEL) as BitOperation[]) {
    for (const size of [1, 2, 4, 5, 31, 64, 100]) {
      for (let shift = 0; shift < 4; shift++) {
        const all = [sourceOf(size, shift), sourceOf(size + 3, 0), sourceOf(0, 1), sourceOf(7, 2)]
        const sources = operation === 'NOT' ? all.slice(0, 1) : all
        assert.deepEqual(
          Array.from(combineBits(operation, sources)),
          expected(operation, sources),
          `${operation} of ${size} bytes at ${shift}`,
        )
      }
    }
  }
})

test('strings longer than a chunk are combined to their ends', () => {
  const sources = [sourceOf(40_001, 1), sourceOf(16_384, 0), sourceOf(16_385, 3)]
  for (const operation of ['AND', 'OR', 'DIFF1', 'ONE'] as const) {
    assert.deepEqual(Array.from(combineBits(operation, sources)), expected(operation, sources))
  }
})

test('nothing combined with nothing is nothing', () => {
  const nothing = sliceOf(new Uint8Array(0))
  assert.equal(combineBits('OR', [nothing, nothing]).length, 0)
  assert.equal(combineBits('NOT', [nothing]).length, 0)
})

test('the sources stay as they are', () => {
  const source = sourceOf(64, 0)
  const before = source.copyOf()
  combineBits('XOR', [source, source])
  combineBits('NOT', [source])
  assert.deepEqual(source.copyOf(), before)
})
