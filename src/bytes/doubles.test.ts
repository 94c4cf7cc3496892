import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../host/index.ts'
import { doubleText, longDoubleText, parseDouble } from './doubles.ts'
import { fromLatin1 } from './slice.ts'

const parse = (text: string) => {
  const bytes = fromLatin1(`.${text}.`)
  return parseDouble(bytes, 1, bytes.length - 1)
}

test('numbers are written in the forms of the reference', () => {
  const forms: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [0.001, '0.001'],
    [0.000001, '0.000001'],
    [0.0000001, '1e-7'],
    [0.0012345678, '0.0012345678'],
    [0.00012345678, '1.2345678e-4'],
    [0.0000012, '1.2e-6'],
    [12345678.9, '12345678.9'],
    [123456789.125, '123456789.125'],
    [2 ** 53, '9007199254740992'],
    [2 ** 62, '4611686018427387904'],
    [2 ** 63, '9223372036854776000'],
    [-(2 ** 63), '-9223372036854776000'],
    [1e17, '100000000000000000'],
    [1e18, '1000000000000000000'],
    [1e19, '1e+19'],
    [1e20, '1e+20'],
    [1e21, '1e+21'],
    [1.5e22, '1.5e+22'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [2.2250738585072014e-308, '2.2250738585072014e-308'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ]
  for (const [value, text] of forms) assert.equal(doubleText(value), text)
})

test('the long form has seventeen digits', () => {
  const forms: [number, string][] = [
    [0.1, '0.10000000000000001'],
    [-0.00012345, '-0.00012344999999999999'],
    [0.000012345, '1.2345e-05'],
    [3, '3'],
    [-120.5, '-120.5'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [123456789012345680, '1.2345678901234568e+17'],
    [5e-324, '4.9406564584124654e-324'],
    [-0, '-0'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ]
  for (const [value, text] of forms) assert.equal(longDoubleText(value), text)
})

test('what is written reads back as the same number, and is seldom longer than need be', () => {
  const random = seeded()
  const bits = new Uint32Array(2)
  const value = new Float64Array(bits.buffer)
  let longer = 0
  const count = 30_000
  for (let i = 0; i < count; i++) {
    bits[0] = random.uint32()
    bits[1] = random.uint32()
    // Half of them are of sizes that people use, and some are denormal.
    if (i % 2 === 0) bits[1] = (bits[1]! & 0x800fffff) | (random.between(960, 1100) << 20)
    if (i % 50 === 1) bits[1] &= 0x800fffff
    const number = value[0]!
    if (!Number.isFinite(number)) continue
    const text = doubleText(number)
    assert.ok(Object.is(parse(text), number), `${number} became ${text}`)
    const digits = (shown: string) => shown.replace(/e.*|^-|\./g, '').replace(/^0+|0+$/g, '').length
    if (digits(text) > digits(String(number))) longer++
  }
  assert.ok(longer < count / 20, `${longer} of ${count} are longer`)
})

test('texts are read as the nearest number', () => {
  const random = seeded()
  for (let i = 0; i < 20_000; i++) {
    const digits = Array.from({ length: random.between(1, 20) }, () => random.between(0, 9))
    digits.splice(random.between(0, digits.length), 0, '.' as unknown as number)
    const power = random.chance(0.5) ? `e${random.between(-40, 40)}` : ''
    const text = `${random.pick(['', '-', '+'])}${digits.join('')}${power}`
    assert.ok(Object.is(parse(text), Number(text)), text)
  }
})

test('only decimal numbers and infinities are numbers', () => {
  const numbers: [string, number][] = [
    ['1', 1],
    ['+1', 1],
    ['-0', -0],
    ['00012', 12],
    ['.5', 0.5],
    ['5.', 5],
    ['1E+3', 1000],
    ['inf', Number.POSITIVE_INFINITY],
    ['+INF', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['1e400', Number.POSITIVE_INFINITY],
    ['-1e400', Number.NEGATIVE_INFINITY],
    ['1e-400', 0],
    ['1e5000000000', Number.POSITIVE_INFINITY],
    ['0e5000000000', 0],
    ['9007199254740993', 9007199254740992],
  ]
  for (const [text, value] of numbers) assert.ok(Object.is(parse(text), value), text)
  const others = ['', ' 1', '1 ', '1e', '1e+', 'e5', '.', '-.', '-', '+', '0x10', 'nan', '-nan']
  others.push(
    'infinit',
    'infinityy',
    '1_0',
    '1,0',
    '+-1',
    '--1',
    '1d',
    '1e 3',
    '1.2.3',
    '1\0',
    '\t1',
  )
  for (const text of others) assert.ok(Number.isNaN(parse(text)), text)
})
