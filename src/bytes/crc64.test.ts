import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc64 } from './crc64.ts'

test('the checksum is that of the published check value, and of nothing zero', () => {
  assert.equal(crc64(Buffer.from('123456789')), 0xe9c6d914c4b8d9can)
  assert.equal(crc64(Buffer.from('-123456789-'), 1, 10), 0xe9c6d914c4b8d9can)
  assert.equal(crc64(new Uint8Array(0)), 0n)
})
