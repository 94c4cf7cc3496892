import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { fitBitField, readBitField, writeBitField } from './bitfield.ts'

const u = (bits: number) => ({ isSigned: false, bits })
const i = (bits: number) => ({ isSigned: true, bits })

test('what is written is read again, at any bit and width, and its neighbours stay', () => {
  const random = seeded()
  for (let step = 0; step < 2_000; step++) {
    const bits = random.between(1, 64)
    const type = { isSigned: bits === 64 || random.chance(0.5), bits }
    const bytes = random.bytes(24)
    const offset = random.between(0, 100)
    const value = BigInt.asIntN(64, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32()))
    const textOf = () => Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
    const before = textOf()
    writeBitField(bytes, 2, { type, offset }, value)
    const wrapped = type.isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
    assert.equal(readBitField(bytes, { start: 2, end: 24 }, type, offset), wrapped)
    const at = 16 + offset
    const digits = BigInt.asUintN(bits, value).toString(2).padStart(bits, '0')
    assert.equal(textOf(), before.slice(0, at) + digits + before.slice(at + bits))
  }
})

test('bits behind the end of a string read as zero', () => {
  const bytes = new Uint8Array([255, 255, 255])
  const range = { start: 0, end: 1 }
  assert.equal(readBitField(bytes, range, u(16), 0), 0xff00n)
  assert.equal(readBitField(bytes, range, i(4), 6), -4n)
  assert.equal(readBitField(bytes, range, i(64), 1_000), 0n)
})

test('a value that fits is kept whatever the rule', () => {
  for (const rule of ['WRAP', 'SAT', 'FAIL'] as const) {
    assert.equal(fitBitField(-128n, i(8), rule), -128n)
    assert.equal(fitBitField(127n, i(8), rule), 127n)
    assert.equal(fitBitField(255n, u(8), rule), 255n)
    assert.equal(fitBitField(2n ** 63n - 1n, u(63), rule), 2n ** 63n - 1n)
  }
})

test('a value that does not fit is cut, brought to the edge, or refused', () => {
  assert.equal(fitBitField(128n, i(8), 'WRAP'), -128n)
  assert.equal(fitBitField(128n, i(8), 'SAT'), 127n)
  assert.equal(fitBitField(-129n, i(8), 'SAT'), -128n)
  assert.equal(fitBitField(-1n, u(8), 'WRAP'), 255n)
  assert.equal(fitBitField(-1n, u(8), 'SAT'), 0n)
  assert.equal(fitBitField(256n, u(8), 'SAT'), 255n)
  assert.equal(fitBitField(2n ** 63n, i(64), 'SAT'), 2n ** 63n - 1n)
  assert.equal(fitBitField(2n ** 63n, i(64), 'FAIL'), undefined)
})
