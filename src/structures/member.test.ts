/** Members, and dicts whose state is a root in someone's bytes, against Maps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, NONE, type Ref } from '../arena/index.ts'
import { fromLatin1, KeyHasher, latin1, Slice } from '../bytes/index.ts'
import { type Seeded, seeded } from '../host/index.ts'
import { Dict, GATHER_MAX } from './dict.ts'
import {
  cloneMember,
  freeMember,
  memberBytes,
  memberValue,
  newMember,
  resizedMember,
  setMemberExpiry,
} from './member.ts'
import { EXPIRES, expiryOf, flagsOf, HUGE_KEY, headOf, keyOf, LARGE } from './node.ts'
import { releaseDict } from './release.ts'
import { ROOT_BYTES } from './table.ts'

const slice = () => new Slice(new Uint8Array(0), 0, 0)
const SIZES = [0, 1, 16, 254, 255, 256, 3000, 16_383, 16_384, 16_385, 32_700, 32_768, 70_000]

function textOf({ bytes, start, end }: Slice): string {
  return latin1(bytes, start, end)
}

function member(arena: Arena, key: string, value: string, hasExpiry = false): Ref {
  const node = newMember(arena, fromLatin1(`?${key}`), 1, 1 + key.length, value.length, hasExpiry)
  setValue(arena, node, value)
  return node
}

function setValue(arena: Arena, node: Ref, value: string): void {
  const place = memberValue(arena, node, slice())
  assert.equal(place.length, value.length)
  place.bytes.set(fromLatin1(value), place.start)
}

test('a member keeps its key, its value and its expiry, whatever their sizes', () => {
  const arena = new Arena()
  for (const keySize of SIZES) {
    for (const valueSize of SIZES) {
      const key = 'k'.repeat(keySize)
      const value = 'v'.repeat(valueSize)
      for (const hasExpiry of [false, true]) {
        const node = member(arena, key, value, hasExpiry)
        if (hasExpiry) setMemberExpiry(arena, node, 2 ** 41 + 5)
        const copy = cloneMember(arena, node)
        const size = memberBytes(arena, node)
        assert.equal(arena.usedBytes, size + memberBytes(arena, copy))
        freeMember(arena, node)
        assert.equal(textOf(keyOf(arena, copy, slice())), key)
        assert.equal(textOf(memberValue(arena, copy, slice())), value)
        const head = headOf(arena, copy)
        assert.equal((flagsOf(head) & EXPIRES) !== 0, hasExpiry)
        assert.equal((flagsOf(head) & HUGE_KEY) !== 0, keySize > 16_384)
        if (hasExpiry) assert.equal(expiryOf(arena, copy, head), 2 ** 41 + 5)
        if (valueSize < 16_000) assert.equal(flagsOf(head) & LARGE, 0)
        freeMember(arena, copy)
        assert.equal(arena.usedBytes, 0)
      }
    }
  }
})

test('a member gets another value, in place where it fits', () => {
  const arena = new Arena()
  const random = seeded()
  for (const keySize of [0, 3, 255, 256, 20_000]) {
    const key = 'k'.repeat(keySize)
    let node = member(arena, key, '')
    for (let step = 0; step < 300; step++) {
      const value = 'v'.repeat(random.chance(0.5) ? random.between(0, 40) : random.pick(SIZES))
      const fresh = resizedMember(arena, node, value.length, random.chance(0.3))
      if (fresh !== node) freeMember(arena, node)
      node = fresh
      setValue(arena, node, value)
      assert.equal(textOf(keyOf(arena, node, slice())), key)
      assert.equal(textOf(memberValue(arena, node, slice())), value)
      assert.equal(arena.usedBytes, memberBytes(arena, node))
    }
    freeMember(arena, node)
  }
  const small = member(arena, 'field', 'abc')
  assert.equal(resizedMember(arena, small, 2), small)
  arena.check()
})

/** Many dicts of members, each with its root somewhere in one buffer, and one flyweight for all. */
class Many {
  readonly arena = new Arena()
  readonly hasher: KeyHasher
  readonly dict: Dict
  readonly roots = new Uint8Array(40 * 19)
  readonly models: Set<string>[] = Array.from({ length: 40 }, () => new Set())

  constructor(random: Seeded) {
    this.hasher = new KeyHasher(random.uint32(), random.uint32())
    this.dict = new Dict(this.arena, this.hasher)
  }

  rootOf(index: number): number {
    return index * 19 + 1
  }

  open(index: number): void {
    this.dict.open(this.roots, this.rootOf(index))
  }

  find(key: string): Ref {
    const bytes = fromLatin1(key)
    return this.dict.find(bytes, 0, bytes.length, this.dict.hash(bytes, 0, bytes.length))
  }

  add(index: number, key: string): void {
    this.open(index)
    const bytes = fromLatin1(key)
    const hash = this.dict.hash(bytes, 0, bytes.length)
    const isThere = this.dict.find(bytes, 0, bytes.length, hash) !== NONE
    assert.equal(isThere, this.models[index]!.has(key))
    if (isThere) return
    this.dict.insert(newMember(this.arena, bytes, 0, bytes.length, 0), hash)
    this.dict.save()
    this.models[index]!.add(key)
  }

  remove(index: number, key: string): void {
    this.open(index)
    const node = this.find(key)
    assert.equal(node !== NONE, this.models[index]!.delete(key))
    if (node === NONE) return
    this.dict.remove(node)
    this.dict.save()
    freeMember(this.arena, node)
  }

  keysOf(index: number): string[] {
    this.open(index)
    const keys: string[] = []
    this.dict.each((node) => keys.push(textOf(keyOf(this.arena, node, slice()))))
    return keys.sort()
  }

  check(): void {
    for (const [index, model] of this.models.entries()) {
      this.open(index)
      assert.equal(this.dict.count, model.size)
      this.dict.check()
    }
    this.arena.check()
  }
}

test('one dict serves many roots, at any place in their bytes', () => {
  const random = seeded()
  const many = new Many(random)
  for (let step = 0; step < 60_000; step++) {
    const index = Math.floor(many.models.length * random.between(0, 99) ** 2 * 1e-4)
    const key = `m${random.between(0, 60 * (index + 1))}`
    const isGrowing = Math.floor(step / 15_000) % 2 === 0
    if (random.chance(isGrowing ? 0.7 : 0.3)) many.add(index, key)
    else many.remove(index, key)
    if (step % 10_000 === 9_999) many.check()
  }
  for (const [index, model] of many.models.entries()) {
    assert.deepEqual(many.keysOf(index), [...model].sort())
  }
})

test('a small dict is small', () => {
  const many = new Many(seeded())
  for (const [count, bytesMax] of [
    [1, 64],
    [10, 64],
    [20, 128],
    [100, 1024],
    [1000, 8192 + 8],
  ] as const) {
    const { size } = many.models[0]!
    for (let n = size; n < count; n++) many.add(0, `${n}`)
    assert.ok(many.dict.tableBytes <= bytesMax, `${many.dict.tableBytes} for ${count}`)
  }
  for (let n = 1; n < 1000; n++) many.remove(0, `${n}`)
  assert.ok(many.dict.tableBytes <= 64, `${many.dict.tableBytes} for one`)
})

test('room reserved beforehand spares the steps between', () => {
  const many = new Many(seeded())
  for (const count of [1, 9, 10, 11, 129, 600, 661, 5000, 40_000]) {
    many.roots.fill(0)
    many.models[0]!.clear()
    many.open(0)
    many.dict.reserve(count)
    many.dict.save()
    for (let n = 0; n < count; n++) many.add(0, `${n}`)
    const { slots } = many.dict
    assert.ok(slots >= count && slots <= 24 + count * 2.7, `${slots} for ${count}`)
    many.check()
  }
})

test('gather gives each node once, a segment at a time', () => {
  const many = new Many(seeded())
  const into = new Int32Array(GATHER_MAX)
  for (const count of [0, 1, 700, 9000]) {
    for (let n = many.models[0]!.size; n < count; n++) many.add(0, `${n}`)
    many.open(0)
    const seen = new Set<number>()
    for (let at = 0; at < many.dict.directorySize; at += many.dict.spanAt(at)) {
      const gathered = many.dict.gather(at, into)
      for (let i = 0; i < gathered; i++) seen.add(into[i]!)
    }
    assert.equal(seen.size, count)
  }
})

test('a copied dict has nodes of its own', () => {
  for (const count of [0, 1, 30, 700, 9000]) {
    const many = new Many(seeded())
    for (let n = 0; n < count; n++) many.add(0, `${n}`)
    const before = many.arena.usedBytes
    many.roots.copyWithin(many.rootOf(1), many.rootOf(0), many.rootOf(0) + ROOT_BYTES)
    many.open(1)
    many.dict.cloneAll((node) => cloneMember(many.arena, node))
    many.dict.save()
    many.models[1] = new Set(many.models[0])
    assert.equal(many.arena.usedBytes, before * 2)
    for (let n = 0; n < count; n += 2) many.remove(0, `${n}`)
    many.check()
    assert.deepEqual(many.keysOf(1), [...many.models[1]].sort())
  }
})

/** Hashes whose top bits are the same: the directory becomes deep with few nodes. */
function sameTop(many: Many): void {
  const original = many.hasher.hash.bind(many.hasher)
  const originalWords = many.hasher.hashWords.bind(many.hasher)
  many.hasher.hash = (bytes, start, end) => original(bytes, start, end) >>> 15
  many.hasher.hashWords = (words, at, size) => originalWords(words, at, size) >>> 15
}

test('a directory too long for a block is a large buffer', () => {
  const random = seeded()
  const many = new Many(random)
  sameTop(many)
  for (const index of [0, 1]) {
    for (let n = 0; n < 3000; n++) many.add(index, `${n}`)
  }
  // Two dicts are opened in turn, so the view of the directory must follow.
  for (let n = 0; n < 3000; n++) many.remove(n % 2, `${random.between(0, 3000)}`)
  many.check()
  many.open(0)
  assert.ok(many.dict.directorySize > 8192)
  many.roots.copyWithin(many.rootOf(2), many.rootOf(0), many.rootOf(0) + ROOT_BYTES)
  many.open(2)
  many.dict.cloneAll((node) => cloneMember(many.arena, node))
  many.dict.save()
  many.models[2] = new Set(many.models[0])
  many.check()
  for (const index of [0, 1, 2]) {
    while (!releaseDict(many.arena, many.roots, many.rootOf(index), 500, freeMember)) {}
  }
  assert.equal(many.arena.usedBytes, 0)
})

test('a dict is given back in bounded steps, and its root says how much is left', () => {
  for (const count of [0, 1, 700, 20_000]) {
    const many = new Many(seeded())
    for (let n = 0; n < count; n++) many.add(0, `${n}`)
    let steps = 0
    let left = count
    const free = (arena: Arena, node: Ref) => {
      left--
      freeMember(arena, node)
    }
    for (;;) {
      const before = left
      const isDone = releaseDict(many.arena, many.roots, many.rootOf(0), 1000, free)
      assert.ok(before - left < 1012)
      assert.equal(new DataView(many.roots.buffer).getUint32(many.rootOf(0), true), left)
      steps++
      if (isDone) break
    }
    assert.ok(steps >= count / 1012)
    assert.equal(many.arena.usedBytes, 0)
    assert.ok(many.roots.every((byte) => byte === 0))
    many.models[0]!.clear()
    many.add(0, 'again')
    many.check()
  }
})
