import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slice } from '../bytes/index.ts'
import { Crc64 } from './crc64.ts'
import { RdbError } from './errors.ts'
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

test('the checksum is that of all windows', () => {
  const content = Buffer.from(Array.from({ length: LONG_BYTES }, (_, i) => (i * 7) & 0xff))
  const crc = new Crc64()
  crc.update(content, 0, content.length)
  const sum = Buffer.alloc(8)
  sum.writeInt32LE(crc.low, 0)
  sum.writeInt32LE(crc.high, 4)
  const isRight = (file: Buffer) => {
    const source = {
      size: () => file.length,
      read: (into: Uint8Array, start: number, size: number, position: number) =>
        file.copy(into, start, position, position + size),
    }
    const input = RdbInput.ofFile(source, 'file')
    input.isSummed = true
    input.skip(LONG_BYTES)
    return input.checksum()
  }
  const file = Buffer.concat([content, sum])
  assert.equal(isRight(file), true)
  for (const at of [0, LONG_BYTES / 2, LONG_BYTES - 1]) {
    const damaged = Buffer.from(file)
    damaged[at]! ^= 1
    assert.equal(isRight(damaged), false, `byte ${at}`)
  }
})

test('no more is announced than can follow, and what is compressed is as long as it says', () => {
  const inputOf = (...bytes: number[]) => RdbInput.ofBytes(Uint8Array.from(bytes))
  const room = () => new Slice(new Uint8Array(0), 0, 0)
  assert.equal(inputOf(3, 1, 1, 1).count(1), 3)
  assert.throws(() => inputOf(3, 1, 1).count(1), RdbError)
  assert.throws(() => inputOf(3, 1, 1, 1).count(2), RdbError)

  // Four bytes as they are, packed in five.
  const packed = (size: readonly number[]) => inputOf(0xc3, 5, ...size, 3, 97, 98, 99, 100)
  assert.equal(packed([4]).string(room()).latin1(), 'abcd')
  for (const size of [[3], [5], [0], [0x80, 0x7f, 0xff, 0xff, 0xff]]) {
    assert.throws(() => packed(size).string(room()), RdbError, `${size}`)
  }
})
