import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slice } from '../bytes/index.ts'
import { RdbInput } from './input.ts'

/** Wider than any window that is kept. */
const LONG_BYTES = 1 << 20

test('what follows a long string at the end of a window is read where it stands', () => {
  const room = new Slice(new Uint8Array(0), 0, 0)
  const head = Buffer.from([0x80, 0, 0, 0, 0])
  head.writeUInt32BE(LONG_BYTES, 1)
  const tail = Buffer.from([0xff, 0xc1, 0x34, 0x12, 7, 0, 0, 0])
  const file = Buffer.concat([head, Buffer.alloc(LONG_BYTES, 'x'), tail])
  const source = {
    size: () => file.length,
    // Short reads, so that the string ends with its window.
    read: (into: Uint8Array, start: number, size: number, position: number) => {
      const end = position < head.length + LONG_BYTES ? head.length + LONG_BYTES : file.length
      const count = Math.min(size, end - position)
      into.set(file.subarray(position, position + count), start)
      return count
    },
  }
  const input = RdbInput.ofFile(source, 'file')
  assert.equal(input.string(room).length, LONG_BYTES)
  assert.equal(input.byte(), 0xff)
  assert.equal(input.string(room).latin1(), '4660')
  assert.equal(input.int32(), 7)
})
