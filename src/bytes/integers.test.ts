import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import {
  INT64_MAX,
  INT64_MIN,
  intSize,
  isInt64,
  parseInt64,
  parseShortInt,
  writeInt,
} from './integers.ts'
import { fromLatin1, latin1 } from './slice.ts'

/** In the middle of other digits, which must not be read. */
const inside = <T>(text: string, read: (bytes: Uint8Array, start: number, end: number) => T): T =>
  read(fromLatin1(`77${text}77`), 2, 2 + text.length)

/** The rule itself. */
function model(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined
  const value = BigInt(text)
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined
}

const EDGES = [
  '0',
  '1',
  '-1',
  '9',
  '10',
  '-0',
  '',
  '-',
  '+1',
  ' 1',
  '1 ',
  '01',
  '00',
  '-01',
  '1.0',
  '1e3',
  '0x1',
  '--1',
  '999999999999999',
  '9999999999999999',
  '-999999999999999',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '18446744073709551616',
  '99999999999999999999',
  '100000000000000000000',
  '9223372036854775807x',
]

test('integers are read in canonical form only, and exactly', () => {
  const random = seeded()
  const digits = () => [...random.bytes(random.between(1, 21))].map((byte) => byte % 10).join('')
  const texts = [...EDGES]
  for (let n = 0; n < 5000; n++) texts.push(random.pick(['', '-', '-', '+', ' ']) + digits())
  for (const text of texts) {
    const expected = model(text)
    assert.equal(inside(text, parseInt64), expected, JSON.stringify(text))
    assert.equal(inside(text, isInt64), expected !== undefined, JSON.stringify(text))
    const short = inside(text, parseShortInt)
    if (Number.isNaN(short)) {
      assert.ok(expected === undefined || text.replace('-', '').length > 15, text)
    } else assert.equal(BigInt(short), expected)
  }
})

test('integers are written as they are shown, in the size that was foretold', () => {
  const random = seeded()
  const values = [0, 9, 10, 99, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53]
  for (let power = 1; power <= 15; power++) values.push(10 ** power - 1, 10 ** power)
  for (let n = 0; n < 5000; n++)
    values.push(Math.floor(random.between(0, 2 ** 53 - 1) / 2 ** random.between(0, 52)))
  for (const value of values.flatMap((value) => (value === 0 ? [0] : [value, -value]))) {
    const bytes = new Uint8Array(24).fill(120)
    const end = writeInt(value, bytes, 2)
    assert.equal(latin1(bytes, 2, end), String(value))
    assert.equal(intSize(value), end - 2)
    assert.equal(bytes[end], 120)
  }
})

test('a number beyond 2^53 is written as what its double stands for', () => {
  for (const value of [
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    -(2 ** 63),
    5188148460730811 * 1000,
    1e18 + 128,
  ]) {
    const bytes = new Uint8Array(24)
    assert.equal(latin1(bytes, 0, writeInt(value, bytes, 0)), String(BigInt(value)))
  }
})
