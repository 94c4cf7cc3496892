import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromLatin1 } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { BufferStretch } from '../structures/index.ts'
import {
  addToSketch,
  countSketch,
  emptyRegisters,
  makeDense,
  mergeInto,
  raiseTo,
} from './hyperloglog.ts'
import { denseRegister } from './hyperloglog-dense.ts'
import {
  emptySketch,
  isDense,
  isSketch,
  REGISTERS,
  SKETCH_HEADER_BYTES,
} from './hyperloglog-format.ts'
import { registerOf } from './hyperloglog-hash.ts'
import { describeRuns } from './hyperloglog-sparse.ts'
import type { Slot } from './slot.ts'

const MASK = (1n << 64n) - 1n

/** The hash as its author wrote it, with the seed of the format. */
function murmur(bytes: Uint8Array): bigint {
  const m = 0xc6a4a7935bd1e995n
  let h = 0xadc83b19n ^ ((BigInt(bytes.length) * m) & MASK)
  const wordOf = (at: number, end: number) => {
    let word = 0n
    for (let i = end - 1; i >= at; i--) word = (word << 8n) | BigInt(bytes[i]!)
    return word
  }
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    let k = (wordOf(at, at + 8) * m) & MASK
    k ^= k >> 47n
    h = ((h ^ ((k * m) & MASK)) * m) & MASK
  }
  if (at < bytes.length) h = ((h ^ wordOf(at, bytes.length)) * m) & MASK
  h ^= h >> 47n
  h = (h * m) & MASK
  return h ^ (h >> 47n)
}

/** The register and the value that an element asks for, bit by bit. */
function modelRegister(bytes: Uint8Array): [register: number, value: number] {
  const hash = murmur(bytes)
  let value = 1
  while (value <= 50 && ((hash >> BigInt(13 + value)) & 1n) === 0n) value++
  return [Number(hash & 16383n), value]
}

class TestSketch implements Slot {
  readonly stretch = new BufferStretch(emptySketch())
  encoding = 0
  get bytes() {
    return this.stretch.bytes
  }
  get start() {
    return this.stretch.start
  }
  get size() {
    return this.stretch.size
  }
  splice(at: number, removed: number, inserted: number): void {
    this.stretch.splice(at, removed, inserted)
  }
  reset(encoding: number, size: number): void {
    this.encoding = encoding
    this.stretch.splice(0, this.size, size)
    // What is there now must not be relied on.
    this.bytes.fill(0xa5, 0, size)
  }
}

function registersOf(sketch: Slot): number[] {
  const registers = emptyRegisters()
  assert.ok(mergeInto(registers, sketch))
  return [...registers]
}

const randomElement = (random: Seeded) => random.bytes(random.between(0, 30))
const add = (sketch: Slot, element: Uint8Array, max: number) =>
  addToSketch(sketch, element, 0, element.length, max)

test('elements name the register and value that 64-bit arithmetic gives', () => {
  const random = seeded()
  for (let step = 0; step < 2000; step++) {
    const element = randomElement(random)
    const found = registerOf(element, 0, element.length)
    assert.deepEqual([found & 16383, found >>> 14], modelRegister(element))
  }
  for (const byte of [0, 0x7f, 0x80, 0xff]) {
    for (let size = 0; size <= 24; size++) {
      const element = new Uint8Array(size).fill(byte)
      const found = registerOf(element, 0, size)
      assert.deepEqual([found & 16383, found >>> 14], modelRegister(element))
    }
  }
})

test('a sketch holds what an array of registers does, sparse or dense', () => {
  const random = seeded()
  for (const bytesMax of [0, 30, 300, 3000, 20000]) {
    const sketch = new TestSketch()
    const dense = new TestSketch()
    assert.ok(makeDense(dense))
    const model = new Array<number>(REGISTERS).fill(0)
    for (let step = 0; step < 1500; step++) {
      const element = randomElement(random)
      const [register, value] = modelRegister(element)
      const isRaised = value > model[register]!
      assert.equal(add(sketch, element, bytesMax), isRaised)
      assert.equal(add(dense, element, bytesMax), isRaised)
      model[register] = Math.max(model[register]!, value)
      assert.equal(denseRegister(dense.bytes, SKETCH_HEADER_BYTES, register), model[register])
      if (!isDense(sketch)) assert.ok(sketch.size <= Math.max(bytesMax, emptySketch().length))
    }
    assert.ok(isSketch(sketch) && isSketch(dense))
    assert.deepEqual(registersOf(sketch), model)
    assert.deepEqual(registersOf(dense), model)
    assert.equal(countSketch(sketch), countSketch(dense))
  }
})

test('equal runs side by side are joined, up to four', () => {
  const sketch = new TestSketch()
  const registers = emptyRegisters()
  registers.fill(3, 100, 106)
  registers[200] = 32
  raiseTo(sketch, registers, { toDense: false, sparseBytesMax: 3000 })
  assert.equal(describeRuns(sketch), 'Z:100 v:3,4 v:3,2 Z:94 v:32,1 Z:16183')
  registers[16383] = 33
  raiseTo(sketch, registers, { toDense: false, sparseBytesMax: 3000 })
  assert.ok(isDense(sketch))
  assert.deepEqual(registersOf(sketch), [...registers])
})

test('merging raises every register, whatever the forms', () => {
  const random = seeded()
  for (let step = 0; step < 60; step++) {
    const bytesMax = random.pick([0, 300, 3000])
    const merged = emptyRegisters()
    const model = new Array<number>(REGISTERS).fill(0)
    const target = new TestSketch()
    const sketches = [target, new TestSketch(), new TestSketch()]
    for (const sketch of sketches) {
      for (let i = random.between(0, 300); i > 0; i--) add(sketch, randomElement(random), bytesMax)
      registersOf(sketch).forEach((value, i) => {
        model[i] = Math.max(model[i]!, value)
      })
      assert.ok(mergeInto(merged, sketch))
    }
    assert.deepEqual([...merged], model)
    raiseTo(target, merged, { toDense: sketches.some(isDense), sparseBytesMax: bytesMax })
    assert.deepEqual(registersOf(target), model)
  }
})

test('no corruption of a sketch crashes or hangs what reads it', () => {
  const random = seeded()
  for (let step = 0; step < 500; step++) {
    const sketch = new TestSketch()
    for (let i = random.between(0, 200); i > 0; i--) add(sketch, randomElement(random), 3000)
    for (let i = random.between(1, 5); i > 0; i--) {
      sketch.bytes[random.between(SKETCH_HEADER_BYTES, sketch.size - 1)] = random.between(0, 255)
    }
    if (random.chance(0.5))
      sketch.splice(random.between(SKETCH_HEADER_BYTES, sketch.size - 1), 1, 0)
    const before = sketch.stretch.view().slice()
    const isSound = countSketch(sketch) !== undefined
    assert.equal(mergeInto(emptyRegisters(), sketch), isSound)
    assert.deepEqual(sketch.stretch.view(), before)
    for (let i = 0; i < 5; i++) add(sketch, randomElement(random), 3000)
    assert.equal(makeDense(sketch), isSound)
  }
})

test('registers that no hash can ask for are counted without harm', () => {
  const sketch = new TestSketch()
  makeDense(sketch)
  sketch.bytes.fill(0xff, SKETCH_HEADER_BYTES, sketch.size)
  assert.equal(typeof countSketch(sketch), 'bigint')
  const element = fromLatin1('a')
  assert.equal(addToSketch(sketch, element, 0, 1, 3000), false)
})
