/** The arena against the most naive allocator: a list of buffers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../host/index.ts'
import { Arena, blockOffset, NONE, pageOf, type Ref, SMALL_BYTES_MAX, wordOffset } from './arena.ts'
import { CLASS_BYTES } from './size-classes.ts'

interface Held {
  readonly ref: Ref
  readonly size: number
  readonly fill: number
}

/** Fills the whole block, not only what was asked for. */
function take(arena: Arena, size: number, fill: number): Held {
  const ref = arena.allocate(size)
  const at = blockOffset(ref)
  arena.bytes[pageOf(ref)]!.fill(fill, at, at + arena.sizeOf(ref))
  return { ref, size, fill }
}

function assertWhole(arena: Arena, { ref, size, fill }: Held): void {
  const at = blockOffset(ref)
  const block = arena.bytes[pageOf(ref)]!.subarray(at, at + arena.sizeOf(ref))
  assert.ok(block.length >= size)
  assert.ok(
    block.every((byte) => byte === fill),
    `a block of ${size} bytes was overwritten`,
  )
}

function randomSize(random: Seeded): number {
  if (random.chance(0.6)) return random.between(1, 128)
  if (random.chance(0.8)) return random.between(1, 4096)
  return random.between(1, SMALL_BYTES_MAX)
}

test('blocks keep their content whatever is taken and freed around them', () => {
  const random = seeded()
  const arena = new Arena()
  const held: Held[] = []
  let used = 0
  for (let step = 0; step < 20_000; step++) {
    // The load swells and shrinks, so that pages fill, empty, and come back.
    const growing = Math.floor(step / 2500) % 2 === 0
    if (held.length === 0 || random.chance(growing ? 0.7 : 0.3)) {
      const block = take(arena, randomSize(random), random.between(0, 255))
      used += arena.sizeOf(block.ref)
      held.push(block)
    } else {
      const at = random.between(0, held.length - 1)
      const [block] = held.splice(at, 1)
      assertWhole(arena, block!)
      used -= arena.sizeOf(block!.ref)
      arena.free(block!.ref)
    }
    assert.equal(arena.usedBytes, used)
    if (step % 1000 === 0) arena.check()
  }
  for (const block of held) {
    assertWhole(arena, block)
    arena.free(block.ref)
  }
  assert.equal(arena.usedBytes, 0)
  arena.check()
})

test('no two blocks overlap, at the edge of every size class', () => {
  const arena = new Arena()
  const held: Held[] = []
  let fill = 0
  for (const size of CLASS_BYTES) {
    for (const asked of [size - 1, size, Math.min(size + 1, SMALL_BYTES_MAX)]) {
      for (let n = 0; n < 3; n++) held.push(take(arena, asked, fill++ & 255))
    }
    assert.equal(arena.sizeOf(arena.allocate(size)), size)
  }
  for (const block of held) assertWhole(arena, block)
  arena.check()
})

test('a block fits a size exactly when a new one would be of the same class', () => {
  const arena = new Arena()
  for (const size of CLASS_BYTES) {
    const ref = arena.allocate(size)
    assert.ok(arena.fits(ref, size))
    assert.ok(!arena.fits(ref, size + 1))
    assert.ok(size <= 8 || !arena.fits(ref, size - CLASS_BYTES[0]! * 2 - (size >> 3)))
  }
})

test('no block is at NONE, and words and bytes are the same memory', () => {
  const arena = new Arena()
  for (let n = 0; n < 100; n++) {
    const ref = arena.allocate(16)
    assert.notEqual(ref, NONE)
    arena.words[pageOf(ref)]![wordOffset(ref)] = 0x04030201
    const at = blockOffset(ref)
    assert.deepEqual([...arena.bytes[pageOf(ref)]!.subarray(at, at + 4)], [1, 2, 3, 4])
  }
})

test('pages that empty are given back, and the rest is used again', () => {
  const arena = new Arena()
  const refs: Ref[] = []
  for (let n = 0; n < 40_000; n++) refs.push(arena.allocate(128))
  const full = arena.heldBytes
  assert.ok(full >= 40_000 * 128)
  // Every second block: no page empties, and the holes are filled before a page is added.
  for (let n = 0; n < refs.length; n += 2) arena.free(refs[n]!)
  assert.equal(arena.heldBytes, full)
  for (let n = 0; n < refs.length; n += 2) refs[n] = arena.allocate(128)
  assert.equal(arena.heldBytes, full)
  for (const ref of refs) arena.free(ref)
  assert.equal(arena.usedBytes, 0)
  assert.equal(arena.heldBytes, 1 << 20)
  arena.check()
})

test('a load that hovers at the border of a page does not take and give pages', () => {
  const arena = new Arena()
  const refs = Array.from({ length: 8192 }, () => arena.allocate(128))
  refs.push(arena.allocate(128))
  const held = arena.heldBytes
  for (let n = 0; n < 1000; n++) {
    arena.free(refs.pop()!)
    refs.push(arena.allocate(128))
    assert.equal(arena.heldBytes, held)
  }
})

test('large buffers are counted exactly, and their ids are used again', () => {
  const random = seeded()
  const arena = new Arena()
  const held = new Map<number, { readonly size: number; readonly fill: number }>()
  for (let step = 0; step < 600; step++) {
    if (held.size < 20 && random.chance(0.6)) {
      const size = random.between(SMALL_BYTES_MAX + 1, SMALL_BYTES_MAX * 1.5)
      const fill = random.between(1, 255)
      const id = arena.allocateLarge(size)
      assert.ok(id > 0 && !held.has(id))
      assert.ok(arena.large(id).every((byte) => byte === 0))
      arena.large(id).fill(fill)
      held.set(id, { size, fill })
    } else if (held.size > 0) {
      const id = random.pick([...held.keys()])
      const { size, fill } = held.get(id)!
      assert.equal(arena.large(id).length, size)
      assert.ok(arena.large(id).every((byte) => byte === fill))
      arena.freeLarge(id)
      held.delete(id)
    }
    const sum = [...held.values()].reduce((total, { size }) => total + size, 0)
    assert.equal(arena.usedBytes, sum)
    assert.equal(arena.heldBytes, sum)
  }
  arena.check()
})

test('a check sees a block that was freed twice', () => {
  const arena = new Arena()
  for (let n = 0; n < 3; n++) arena.allocate(64)
  const ref = arena.allocate(64)
  arena.free(ref)
  arena.check()
  arena.free(ref)
  assert.throws(() => arena.check())
})
