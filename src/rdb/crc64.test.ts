import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1 } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import { Crc64 } from './crc64.ts'

const MASK = 2n ** 64n - 1n

/** The definition: bit by bit, on one number. */
function model(bytes: Uint8Array): bigint {
  let crc = 0n
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
  }
  return crc & MASK
}

const numberOf = ({ low, high }: Crc64) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

test('the sum of a known text is the known one', () => {
  const crc = new Crc64()
  const bytes = fromLatin1('123456789')
  crc.update(bytes, 0, bytes.length)
  assert.equal(numberOf(crc), 0xe9c6d914c4b8d9can)
})

test('any bytes, in any pieces, have the sum that the definition gives', () => {
  const random = seeded()
  for (let round = 0; round < 200; round++) {
    const bytes = random.bytes(random.between(0, 100))
    const crc = new Crc64()
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + random.between(1, 40))
      crc.update(bytes, at, end)
      at = end
    }
    assert.equal(numberOf(crc), model(bytes))
    const written = new Uint8Array(9)
    new DataView(written.buffer).setBigUint64(1, model(bytes), true)
    assert.ok(crc.equals(written, 1))
  }
})
