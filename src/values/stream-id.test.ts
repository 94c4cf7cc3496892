import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import { seeded } from '../host/index.ts'
import {
  ID_INVALID,
  ID_MINUS,
  ID_PLUS,
  ID_TIME,
  ID_TIME_STAR,
  ID_WHOLE,
  parseStreamId,
  StreamId,
} from './stream-id.ts'

const MASK = 2n ** 64n - 1n

function idOf(value: bigint): StreamId {
  const word = (shift: bigint) => Number(BigInt.asIntN(32, value >> shift))
  const id = new StreamId()
  id.msHigh = word(96n)
  id.msLow = word(64n)
  id.seqHigh = word(32n)
  id.seqLow = word(0n)
  return id
}

function numberOf(id: StreamId): bigint {
  const words = [id.msHigh, id.msLow, id.seqHigh, id.seqLow]
  return words.reduce((value, word) => (value << 32n) | BigInt(word >>> 0), 0n)
}

const textOf = (id: StreamId) => latin1(id.toBytes())

function parse(text: string): [kind: number, id: string] {
  const id = new StreamId()
  const bytes = fromLatin1(`..${text}..`)
  const kind = parseStreamId(bytes, 2, bytes.length - 2, id)
  return [kind, kind === ID_INVALID ? '' : textOf(id)]
}

test('ids are read in each of their forms', () => {
  const max = '18446744073709551615'
  const cases: [text: string, kind: number, id: string][] = [
    ['5-3', ID_WHOLE, '5-3'],
    ['0', ID_TIME, '0-0'],
    ['1526919030474-55', ID_WHOLE, '1526919030474-55'],
    ['7-*', ID_TIME_STAR, '7-0'],
    ['-', ID_MINUS, '0-0'],
    ['+', ID_PLUS, `${max}-${max}`],
    [`${max}-${max}`, ID_WHOLE, `${max}-${max}`],
    [`${max}-*`, ID_TIME_STAR, `${max}-0`],
    ['9007199254740993-9007199254740993', ID_WHOLE, '9007199254740993-9007199254740993'],
    ['18446744073709551616-0', ID_INVALID, ''],
    ['0-18446744073709551616', ID_INVALID, ''],
    ['', ID_INVALID, ''],
    ['-5', ID_INVALID, ''],
    ['5-', ID_INVALID, ''],
    ['5--3', ID_INVALID, ''],
    ['5-3-1', ID_INVALID, ''],
    ['a-1', ID_INVALID, ''],
    ['1-a', ID_INVALID, ''],
    ['1.5', ID_INVALID, ''],
    ['$', ID_INVALID, ''],
    ['*', ID_INVALID, ''],
    ['1-**', ID_INVALID, ''],
    // As C's functions read them.
    ['007-01', ID_WHOLE, '7-1'],
    [' 7-+1', ID_WHOLE, '7-1'],
    ['1--01', ID_WHOLE, `1-${max}`],
    ['1-1\0junk', ID_WHOLE, '1-1'],
    ['1 -1', ID_INVALID, ''],
    [`${'0'.repeat(126)}7`, ID_TIME, '7-0'],
    [`${'0'.repeat(127)}7`, ID_INVALID, ''],
  ]
  for (const [text, kind, id] of cases) assert.deepEqual(parse(text), [kind, id], text)
})

test('ids compare, count and print as numbers of 128 bits do', () => {
  const random = seeded()
  const edges = [0n, 1n << 31n, 1n << 32n, 1n << 53n, 1n << 63n, 1n << 64n, 1n << 117n, 1n << 128n]
  const draw = () =>
    BigInt.asUintN(
      128,
      random.pick(edges) + BigInt(random.between(-3, 3)) * random.pick([1n, MASK]),
    )
  for (let step = 0; step < 5000; step++) {
    const a = draw()
    const b = draw()
    assert.equal(Math.sign(idOf(a).compare(idOf(b))), a < b ? -1 : a > b ? 1 : 0)
    assert.equal(textOf(idOf(a)), `${a >> 64n}-${a & MASK}`)
    assert.deepEqual(parse(textOf(idOf(a))), [ID_WHOLE, textOf(idOf(a))])
    const next = idOf(a)
    assert.equal(next.increment(), a < (1n << 128n) - 1n)
    assert.equal(numberOf(next), BigInt.asUintN(128, a + 1n))
    const before = idOf(a)
    assert.equal(before.decrement(), a > 0n)
    assert.equal(numberOf(before), BigInt.asUintN(128, a - 1n))
    assert.equal(idOf(a).isMin, a === 0n)
    assert.equal(idOf(a).isMax, a === (1n << 128n) - 1n)
    assert.equal(idOf(a).isSequenceMax, (a & MASK) === MASK)
  }
})

test('a time makes the first id of its millisecond', () => {
  const id = new StreamId().setMax()
  id.setTime(1_700_000_000_123)
  assert.equal(textOf(id), '1700000000123-0')
  assert.ok(id.isSince(1_700_000_000_123))
  assert.ok(!id.isSince(1_700_000_000_124))
})
