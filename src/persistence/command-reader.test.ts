import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OpenFile, SimulatedDisk, seeded } from '../host/index.ts'
import { type ReadEnd, readCommands } from './command-reader.ts'
import { encode as encodeBytes } from './fixtures.ts'

const encode = (...args: string[]) => encodeBytes(...args).toString()

/** Reads `text` through a file that gives at most `readMax` bytes at once. */
function read(text: string | Uint8Array, readMax = Number.POSITIVE_INFINITY) {
  const disk = new SimulatedDisk()
  disk.put('/f', text)
  const file = disk.open('/f', 'read')
  const slow: OpenFile = Object.create(file, {
    read: {
      value: (into: Uint8Array, start: number, count: number, position: number) =>
        file.read(into, start, Math.min(count, readMax), position),
    },
    size: { value: () => file.size() },
  })
  const pieces: string[] = []
  let nextOffset = 0
  const end = readCommands(slow, 0, (bytes, from, to, offset) => {
    assert.ok(offset >= nextOffset, 'offsets go forward')
    nextOffset = offset + to - from
    pieces.push(Buffer.from(bytes.subarray(from, to)).toString('latin1'))
  })
  return { end, text: pieces.join('') }
}

const SET = encode('SET', 'k', 'v')
const TRANSACTION = encode('MULTI') + SET + encode('set', 'x', '') + encode('exec')

test('whole commands come through, annotations do not', () => {
  const { end, text } = read(`#TS:1720000000\r\n${SET}#TS:1\r\n${TRANSACTION}${SET}`)
  assert.deepEqual(end, { kind: 'whole', commands: 6 })
  assert.equal(text, SET + TRANSACTION + SET)
})

test('an empty file is whole', () => {
  assert.deepEqual(read('').end, { kind: 'whole', commands: 0 })
})

test('an annotation inside of a transaction does not split it', () => {
  const { end, text } = read(`${encode('MULTI')}#TS:1\r\n${SET}${encode('EXEC')}`)
  assert.equal(end.kind, 'whole')
  assert.equal(text, encode('MULTI') + SET + encode('EXEC'))
})

test('a file that is cut at any byte ends with the last whole command or transaction', () => {
  const units = [SET, `#TS:12\r\n`, encode('PING'), TRANSACTION, encode('SET', 'k', 'a\r\nb'), SET]
  const whole = units.join('')
  const ends = units.map((_unit, i) => units.slice(0, i + 1).join('').length)
  for (let size = 0; size <= whole.length; size++) {
    const wholeUpTo = Math.max(0, ...ends.filter((end) => end <= size))
    const { end, text } = read(whole.slice(0, size))
    assert.equal(text, whole.slice(0, wholeUpTo).replace('#TS:12\r\n', ''), `at ${size}`)
    if (wholeUpTo === size) assert.equal(end.kind, 'whole', `at ${size}`)
    else assert.deepEqual({ ...end, commands: 0 }, { kind: 'cut', commands: 0, wholeUpTo })
  }
})

test('chunks of any size give the same commands', () => {
  const random = seeded()
  const commands: string[] = []
  for (let i = 0; i < 60; i++) {
    const size = random.chance(0.1) ? random.between(500_000, 2_500_000) : random.between(0, 3000)
    commands.push(encode('SET', `key:${i}`, 'v'.repeat(size)))
    if (random.chance(0.2)) commands.push(TRANSACTION)
    if (random.chance(0.05)) commands.push(encode('MULTI') + SET.repeat(60_000) + encode('EXEC'))
  }
  const whole = commands.join('')
  for (const readMax of [Number.POSITIVE_INFINITY, 65_536, random.between(1000, 100_000)]) {
    const { end, text } = read(whole, readMax)
    assert.equal(end.kind, 'whole')
    assert.ok(text === whole)
  }
  assert.ok(read(SET + TRANSACTION, 1).text === SET + TRANSACTION)
})

test('damage is found, with the byte where it shows', () => {
  const cases: [string, number][] = [
    ['SET k v\r\n', 0],
    ['*0\r\n', 1],
    ['*-1\r\n', 1],
    ['*x\r\n', 1],
    ['*\r\n', 1],
    ['*3\n', 2],
    ['*3\rX', 3],
    [`*${'9'.repeat(30)}\r\n`, 19],
    ['*1\r\n*4\r\n', 4],
    ['*1\r\n$4\r\nPINGxx', 12],
    ['*1\r\n$4\r\nPING\rx', 13],
    ['*1\r\n$3\r\nPING\r\n', 11],
    [encode('EXEC'), 0],
    [encode('MULTI') + encode('MULTI'), 15],
    [`#${'x'.repeat(2000)}\r\n`, 0],
  ]
  for (const [bad, at] of cases) {
    const { end, text } = read(SET + bad + SET)
    assert.equal(end.kind, 'damaged', JSON.stringify(bad))
    assert.equal((end as ReadEnd & { kind: 'damaged' }).offsetBytes, SET.length + at, bad)
    assert.equal(text, SET)
  }
})

test('what ends inside of an argument is cut, unless its line end is seen to be wrong', () => {
  for (const tail of ['*1\r\n$999\r\nPING', '*1\r\n$4\r\nPING', '*1\r\n$4\r\nPING\r']) {
    assert.equal(read(SET + tail).end.kind, 'cut', JSON.stringify(tail))
  }
  assert.equal(read(`${SET}*1\r\n$4\r\nPINGx`).end.kind, 'damaged')
})

test('a flipped byte of the framing never goes unseen', () => {
  const whole = SET + encode('SET', 'key', 'value') + SET + SET
  const isFraming = [...whole].map((_c, i) => /[*$\r\n]/.test(whole[i]!))
  for (let i = 0; i < whole.length; i++) {
    if (!isFraming[i]) continue
    const bad = Buffer.from(whole)
    bad[i]! ^= 1
    assert.notEqual(read(bad).end.kind, 'whole', `byte ${i}`)
  }
})

test('zeros up to the end count as a cut, zeros with something after them as damage', () => {
  const half = SET.slice(0, 9)
  const cut = read(`${SET}${half}${'\0'.repeat(100_000)}`).end
  assert.deepEqual(cut, { kind: 'cut', commands: 1, wholeUpTo: SET.length })
  assert.equal(read(`${SET}${'\0'.repeat(10)}${SET}`).end.kind, 'damaged')
})
