/** Listpacks against an array of texts, and against bytes that the reference wrote. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1, latin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from './buffer-stretch.ts'
import * as lp from './listpack.ts'
import { isListpackValid } from './listpack-check.ts'
import { findElement, findLastElement } from './listpack-find.ts'

const INTEGERS = [
  ...[0, 1, 127, 128, -1, 4095, -4096, 4096, -4097, 32767, -32768, 32768, -32769],
  ...[8388607, -8388608, 8388608, -8388609, 2147483647, -2147483648, 2147483648, -2147483649],
  ...[2 ** 53 - 1, -(2 ** 53 - 1), 4294967295, 4294967296, 1e15, -1e15],
]
const TEXTS = [
  ...INTEGERS.map(String),
  ...['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808'],
  ...['9223372036854775808', '-9223372036854775809', '92233720368547758070', '1000000000000000000'],
  ...['007', '-0', '', '-', '1 ', ' 1', '+1', '1e3', 'a', 'x\r\n\0\xff', '18446744073709551616'],
  ...[62, 63, 64, 65, 124, 125, 126, 127, 128, 4095, 4096].map((length) => 'x'.repeat(length)),
]

function listpackOf(texts: readonly string[]): BufferStretch {
  const s = new BufferStretch(lp.LISTPACK_EMPTY)
  for (const text of texts) lp.appendElement(s, fromLatin1(text), 0, text.length)
  return s
}

function textAt(s: BufferStretch, at: number): string {
  return lp.readElement(s, at, new Slice(s.bytes, 0, 0)).latin1()
}

/** All elements, first to last; fails when the way back tells another story. */
function textsOf(s: BufferStretch): string[] {
  const texts: string[] = []
  const places: number[] = []
  for (let at = lp.firstAt(s); at >= 0; at = lp.nextAt(s, at)) {
    places.push(at)
    texts.push(textAt(s, at))
  }
  const back: number[] = []
  for (let at = lp.lastAt(s); at >= 0; at = lp.previousAt(s, at)) back.unshift(at)
  assert.deepEqual(back, places)
  return texts
}

function check(s: BufferStretch, model: readonly string[]): void {
  assert.ok(isListpackValid(s.bytes, 0, s.size))
  assert.deepEqual(textsOf(s), model)
  assert.equal(lp.listpackCount(s), model.length)
}

function randomText(random: Seeded): string {
  if (random.chance(0.5)) return random.pick(TEXTS)
  if (random.chance(0.5)) return String(random.between(-5000, 5000))
  return latin1(random.bytes(random.between(0, random.chance(0.1) ? 20_000 : 90)))
}

/** One random change of a listpack and its model. */
function change(s: BufferStretch, model: string[], random: Seeded): void {
  const text = randomText(random)
  const framed = fromLatin1(`<${text}>`)
  const end = framed.length - 1
  const index = random.between(0, model.length)
  const at = index === model.length ? lp.endAt(s) : lp.seekAt(s, index)
  const step = random.between(0, 9)
  if (step < 2) {
    lp.appendElement(s, framed, 1, end)
    model.push(text)
  } else if (step < 3) {
    lp.prependElement(s, framed, 1, end)
    model.unshift(text)
  } else if (step < 5) {
    assert.equal(
      lp.elementSize(framed, 1, end),
      grownBy(s, () => lp.insertElement(s, at, framed, 1, end)),
    )
    model.splice(index, 0, text)
  } else if (step < 6) {
    const value = random.pick(INTEGERS)
    assert.equal(
      lp.integerSize(value),
      grownBy(s, () => lp.insertInteger(s, at, value)),
    )
    model.splice(index, 0, String(value))
  } else if (step < 8) {
    const count = random.between(0, 4)
    assert.equal(lp.removeElements(s, at, count), model.splice(index, count).length)
  } else if (index < model.length) {
    const value = random.pick(INTEGERS)
    if (random.chance(0.5)) lp.replaceElement(s, at, framed, 1, end)
    else lp.replaceInteger(s, at, value)
    const now = textAt(s, at)
    assert.ok(now === text || now === String(value))
    model[index] = now
  }
}

function grownBy(s: BufferStretch, grow: () => void): number {
  const before = s.size
  grow()
  return s.size - before
}

test('a listpack is what an array of texts would be, after any changes', () => {
  const random = seeded()
  for (let round = 0; round < 40; round++) {
    const s = new BufferStretch(lp.LISTPACK_EMPTY)
    const model: string[] = []
    for (let step = 0; step < 200; step++) {
      change(s, model, random)
      if (step % 10 === 0) check(s, model)
      const index = random.between(-model.length - 1, model.length)
      const at = lp.seekAt(s, index)
      assert.equal(at < 0 ? undefined : textAt(s, at), model.at(index))
      assert.equal(at < 0, index >= model.length || index < -model.length)
    }
    check(s, model)
    lp.removeElements(s, lp.firstAt(s), Number.POSITIVE_INFINITY)
    assert.deepEqual(s.view(), lp.LISTPACK_EMPTY)
  }
})

test('the bytes are those of the reference', () => {
  const texts = [
    ...['0', '127', '128', '-1', '4095', '-4096', '4096', '-4097', '32767', '-32768', '32768'],
    ...['-32769', '8388607', '-8388608', '8388608', '-8388609', '2147483647', '-2147483648'],
    ...['2147483648', '-2147483649', '9007199254740993', '9223372036854775807'],
    ...['-9223372036854775808', '9223372036854775808', '-9223372036854775809', '007', '-0', ''],
    ...['-', '1 ', 'a', 'x\r\n\0\xff'],
  ]
  const wanted =
    'cc000000200000017f01c08002dfff02cfff02d00002f1001003f1ffef03f1ff7f03f1008003f200800004f2ff7f' +
    'ff04f2ffff7f04f200008004f30000800005f3ffff7fff05f3ffffff7f05f30000008005f4000000800000000009' +
    'f4ffffff7fffffffff09f4010000000000200009f4ffffffffffffff7f09f4000000000000008009933932323333' +
    '373230333638353437373538303814942d39323233333732303336383534373735383039158330303704822d3003' +
    '8001812d028231200381610285780d0a00ff06ff'
  assert.equal(Buffer.from(listpackOf(texts).view()).toString('hex'), wanted)
})

test('long texts have the head and the way back that the reference gives them', () => {
  // Length of the text, the listpack's size, its first bytes and its last.
  const wanted: readonly (readonly [number, number, string, string])[] = [
    [63, 75, '4b0000000200bf7878787878', '78787840817902ff'],
    [64, 77, '4d0000000200e04078787878', '78787842817902ff'],
    [125, 138, '8a0000000200e07d78787878', '7878787f817902ff'],
    [126, 140, '8c0000000200e07e78787878', '78780180817902ff'],
    [4095, 4109, '0d1000000200efff78787878', '78782081817902ff'],
    [4096, 4113, '111000000200f00010000078', '78782085817902ff'],
    [16377, 16394, '0a4000000200f0f93f000078', '78787ffe817902ff'],
    [16378, 16396, '0c4000000200f0fa3f000078', '7800ffff817902ff'],
    [20000, 20018, '324e00000200f0204e000078', '78019ca5817902ff'],
  ]
  for (const [length, size, first, last] of wanted) {
    const bytes = Buffer.from(listpackOf(['x'.repeat(length), 'y']).view())
    assert.equal(bytes.length, size)
    assert.equal(bytes.subarray(0, 12).toString('hex'), first)
    assert.equal(bytes.subarray(-8).toString('hex'), last)
  }
})

test('every number of 64 bits comes back with all its digits', () => {
  const random = seeded()
  for (let n = 0; n < 3000; n++) {
    const bits = random.between(1, 64)
    const value = BigInt.asIntN(bits, Buffer.from(random.bytes(8)).readBigInt64LE())
    const s = listpackOf([String(value)])
    assert.equal(textAt(s, 6), String(value))
    assert.ok(s.bytes[6]! < 0x80 || s.bytes[6]! >= 0xc0)
    const number = lp.elementNumber(s, 6)
    assert.equal(number, Number.isSafeInteger(Number(value)) ? Number(value) : Number.NaN)
  }
})

test('two elements can be held at once, though both are numbers', () => {
  const s = listpackOf(['12345', '678'])
  const first = lp.readElement(s, lp.firstAt(s), new Slice(s.bytes, 0, 0))
  const second = lp.readElement(s, lp.lastAt(s), new Slice(s.bytes, 0, 0))
  assert.equal(first.latin1(), '12345')
  assert.equal(second.latin1(), '678')
})

test('a search finds texts and numbers, and passes over what it is told to', () => {
  const s = listpackOf(TEXTS)
  TEXTS.forEach((text, index) => {
    const framed = fromLatin1(`<${text}>`)
    const at = lp.seekAt(s, index)
    assert.equal(findElement(s, 6, framed, 1, framed.length - 1, 0), at)
    assert.equal(findLastElement(s, framed, 1, framed.length - 1), at)
    assert.ok(lp.elementEquals(s, at, framed, 1, framed.length - 1))
    assert.ok(!lp.elementEquals(s, at, framed, 0, framed.length))
    const other = lp.seekAt(s, index === 0 ? 1 : index - 1)
    assert.ok(!lp.elementEquals(s, other, framed, 1, framed.length - 1))
  })
  const pairs = listpackOf(['a', 'b', 'b', 'a', '7', '8', '8', '7'])
  const find = (text: string) => findElement(pairs, 6, fromLatin1(text), 0, text.length, 1)
  assert.equal(find('b'), lp.seekAt(pairs, 2))
  assert.equal(find('8'), lp.seekAt(pairs, 6))
  assert.equal(find('c'), -1)
  const findLast = (text: string) => findLastElement(pairs, fromLatin1(text), 0, text.length)
  assert.equal(findLast('b'), lp.seekAt(pairs, 2))
  assert.equal(findLast('7'), lp.seekAt(pairs, 7))
  assert.equal(findLast('c'), -1)
  const none = listpackOf([])
  assert.equal(findElement(none, lp.firstAt(none), fromLatin1('a'), 0, 1, 0), -1)
  assert.equal(findLastElement(none, fromLatin1('a'), 0, 1), -1)
})

test('more elements than the header can count are counted by walking', () => {
  const s = new BufferStretch(lp.LISTPACK_EMPTY)
  for (let n = 0; n < 65_534; n++) lp.appendInteger(s, n % 100)
  assert.equal(s.bytes[4]! + s.bytes[5]! * 256, 65_534)
  lp.appendInteger(s, 1)
  lp.appendInteger(s, 2)
  assert.equal(s.bytes[4]! + s.bytes[5]! * 256, 65_535)
  assert.equal(lp.listpackCount(s), 65_536)
  assert.equal(textAt(s, lp.seekAt(s, -1)), '2')
  assert.equal(textAt(s, lp.seekAt(s, 65_535)), '2')
  assert.equal(lp.seekAt(s, 65_536), -1)
  assert.equal(lp.seekAt(s, -65_537), -1)
  assert.ok(isListpackValid(s.bytes, 0, s.size))
  lp.removeElements(s, lp.firstAt(s), 10)
  assert.equal(lp.listpackCount(s), 65_526)
  assert.equal(s.bytes[4]! + s.bytes[5]! * 256, 65_526)
})

test('bytes that are no listpack are told apart, whatever is changed or cut off', () => {
  const random = seeded()
  const whole = listpackOf(['a', '1', 'x'.repeat(70), '-5000', '300', 'y'.repeat(4096)]).view()
  for (let size = 0; size < whole.length; size++) {
    assert.ok(!isListpackValid(whole, 0, size))
    // With a size and an end mark that pretend to be right, elements are cut in the middle.
    const cut = whole.slice(0, Math.max(size, 8))
    cut.set([cut.length & 255, cut.length >> 8, 0, 0, 255, 255])
    cut[cut.length - 1] = 0xff
    if (isListpackValid(cut, 0, cut.length)) walk(cut)
  }
  for (let n = 0; n < 5000; n++) {
    const changed = whole.slice()
    for (let k = random.between(1, 3); k > 0; k--) {
      changed[random.between(0, random.chance(0.5) ? 100 : whole.length - 1)] = random.between(
        0,
        255,
      )
    }
    if (isListpackValid(changed, 0, changed.length)) walk(changed)
  }
})

/** What was called valid can be walked both ways. */
function walk(bytes: Uint8Array): void {
  const s = new BufferStretch(bytes)
  assert.equal(textsOf(s).length, lp.listpackCount(s))
}
