import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.ts'

function sum(a: string, b: string): string {
  const [left, right] = [parseLongDouble(a), parseLongDouble(b)]
  if (left === undefined || right === undefined) return 'no number'
  if (left === 'infinite' || right === 'infinite') return 'infinite'
  const added = addLongDoubles(left, right)
  return added === undefined ? 'infinite' : formatLongDouble(added)
}

const shown = (text: string) => sum(text, '0')

test('sums have the digits of the extended format', () => {
  assert.equal(sum('0.1', '0.2'), '0.3')
  assert.equal(sum('10.50', '0.1'), '10.6')
  assert.equal(sum('5.0e3', '2.0e2'), '5200')
  assert.equal(sum('3', '-3'), '0')
  assert.equal(sum('1', '1e-17'), '1.00000000000000001')
  assert.equal(sum('5000', '1e-17'), '5000')
  assert.equal(sum('18446744073709551615', '1'), '18446744073709551616')
  // Of 65 bits the last is lost, to the even neighbour.
  assert.equal(sum('18446744073709551616', '1'), '18446744073709551616')
  assert.equal(sum('18446744073709551616', '3'), '18446744073709551620')
})

test('a number is shown with 17 digits after the point and no zeros at its end', () => {
  assert.equal(shown('1e-17'), '0.00000000000000001')
  assert.equal(shown('4e-18'), '0')
  assert.equal(shown('-4e-18'), '0')
  assert.equal(shown('-0'), '0')
  assert.equal(shown('100'), '100')
  assert.equal(shown('-100.250'), '-100.25')
  assert.equal(shown('0.333333333333333333333'), '0.33333333333333333')
})

test('numbers are read in every form of C', () => {
  assert.equal(shown('+.5'), '0.5')
  assert.equal(shown('5.'), '5')
  assert.equal(shown('1E+2'), '100')
  assert.equal(shown('00012.500'), '12.5')
  assert.equal(shown('0x10'), '16')
  assert.equal(shown('-0X1.8p3'), '-12')
  assert.equal(shown('0x.8'), '0.5')
  assert.equal(shown('0e99999999999'), '0')
  for (const text of ['inf', '-INF', '+infinity']) assert.equal(shown(text), 'infinite')
})

test('what is no number, or is nan, is not read', () => {
  const wrong = ['', '.', 'e1', '1e', '1e+', '0x', '0x1p', ' 1', '1 ', '1,5', 'nan', 'infx', '1_0']
  for (const text of wrong) assert.equal(parseLongDouble(text), undefined, text)
  assert.equal(parseLongDouble('1'.repeat(5_120)), undefined)
  assert.equal(parseLongDouble(`0.${'1'.repeat(5_117)}`) === undefined, false)
})

test('the edges of the format: too large and vanishing are refused, the smallest are not', () => {
  assert.equal(shown('1.18e4932').length, 4933)
  assert.equal(shown('1.19e4932'), 'no number')
  assert.equal(shown('1e9999999999'), 'no number')
  assert.equal(shown('0x1p16383').length, 4932)
  assert.equal(shown('0x1p16384'), 'no number')
  assert.equal(shown('3.7e-4951'), '0')
  assert.equal(shown('1e-4952'), 'no number')
  assert.equal(shown('1e-9999999999'), 'no number')
  assert.equal(sum('1.1e4932', '1.1e4932'), 'infinite')
})
