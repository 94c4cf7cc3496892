/** What chance gives from sets, and the steps of SSCAN. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { TestWorld } from '../world.fixture.ts'

const LONG = 'x'.repeat(65)

/** A set of so many members in an encoding. */
function makeSet(world: TestWorld, key: string, size: number, encoding: string): string[] {
  const prefix = encoding === 'intset' ? '' : 'm'
  const members = Array.from({ length: size }, (_, n) => `${prefix}${n}`)
  if (encoding === 'hashtable') world.ask('SADD', key, LONG)
  for (let n = 0; n < size; n += 50) world.ask('SADD', key, ...members.slice(n, n + 50))
  if (encoding === 'hashtable') world.ask('SREM', key, LONG)
  assert.match(world.ask('OBJECT', 'ENCODING', key), new RegExp(encoding))
  return members
}

const ENCODINGS = ['intset', 'listpack', 'hashtable']

/** Fails when the counts are not those of even chances. The sum has a mean of `size - 1`. */
function assertEven(counts: ReadonlyMap<string, number>, size: number, what: string): void {
  const draws = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const expected = draws / size
  let chiSquare = (size - counts.size) * expected
  for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
  const limit = size - 1 + 6 * Math.sqrt(2 * (size - 1))
  assert.ok(chiSquare < limit, `${what}: chi square ${chiSquare}, not below ${limit}`)
}

test('SRANDMEMBER gives each member the same chance, however many are asked for', () => {
  const random = seeded()
  const world = new TestWorld(random.uint32())
  const size = 60
  for (const encoding of ENCODINGS) {
    makeSet(world, encoding, size, encoding)
    for (const count of [1, 5, 19, 21, 40, 59, -1, -30]) {
      const counts = new Map<string, number>()
      for (let n = 0; n < 3000; n += Math.abs(count)) {
        const members = world.words('SRANDMEMBER', encoding, count)
        assert.equal(members.length, Math.abs(count))
        if (count > 0) assert.equal(new Set(members).size, count)
        for (const member of members) counts.set(member, (counts.get(member) ?? 0) + 1)
      }
      assertEven(counts, size, `${encoding} ${count}`)
    }
  }
})

test('SPOP with a count gives each member the same chance, and its effects take the same', () => {
  const random = seeded()
  const world = new TestWorld(random.uint32())
  const size = 60
  for (const encoding of ENCODINGS) {
    for (const count of [1, 20, 49, 58]) {
      const counts = new Map<string, number>()
      for (let n = 0; n < 1200; n += count) {
        const members = makeSet(world, 'set', size, encoding)
        world.takeEffects()
        const popped = world.words('SPOP', 'set', count)
        assert.equal(world.takeEffects(), ['SREM', 'set', ...popped].join(' '))
        assert.equal(new Set(popped).size, count)
        const left = world.words('SMEMBERS', 'set')
        assert.deepEqual([...popped, ...left].sort(), members.sort())
        for (const member of popped) counts.set(member, (counts.get(member) ?? 0) + 1)
        world.ask('DEL', 'set')
      }
      assertEven(counts, size, `${encoding} ${count}`)
    }
  }
  world.keyspace.check()
})

test('what is popped in great numbers has several effects, as one', () => {
  const world = new TestWorld(5)
  for (const count of [2500, 2999]) {
    makeSet(world, 'set', 3000, 'hashtable')
    world.takeEffects()
    const popped = world.words('SPOP', 'set', count)
    const effects = world.takeEffects().split(' ')
    assert.equal(effects[0], 'MULTI')
    assert.equal(effects.at(-1), 'EXEC')
    assert.equal(effects.filter((word) => word === 'SREM').length, 3)
    const taken = effects.filter((word) => word.startsWith('m'))
    assert.deepEqual(taken, popped)
    world.ask('DEL', 'set')
  }
})

test('so few members that stay are a listpack again', () => {
  const world = new TestWorld(5)
  makeSet(world, 'set', 3000, 'hashtable')
  world.ask('SPOP', 'set', 2900)
  assert.match(world.ask('OBJECT', 'ENCODING', 'set'), /listpack/)
  assert.equal(world.words('SMEMBERS', 'set').length, 100)
  world.keyspace.check()
  world.ask('DEL', 'set')
  assert.equal(world.keyspace.lazyFree.pending, 0)
})

test('SSCAN returns every member that is there throughout', () => {
  const random = seeded()
  const world = new TestWorld(random.uint32())
  const steady = makeSet(world, 'set', 3000, 'hashtable')
  const found = new Set<string>()
  let made = 0
  let cursor = '0'
  do {
    const [next, ...members] = world.words('SSCAN', 'set', cursor, 'COUNT', 50)
    for (const member of members) found.add(member)
    cursor = next!
    for (let n = 0; n < 100; n++) world.ask('SADD', 'set', `passing:${made++}`)
    if (random.chance(0.5))
      for (let n = made - 150; n < made; n++) world.ask('SREM', 'set', `passing:${n}`)
  } while (cursor !== '0')
  for (const member of steady) assert.ok(found.has(member), member)
})

test('all memory of a large set that is deleted or replaced comes back', () => {
  const world = new TestWorld(3)
  const before = world.keyspace.arena.usedBytes
  makeSet(world, 'set', 20_000, 'hashtable')
  world.ask('COPY', 'set', 'copy')
  world.ask('DEL', 'set')
  world.ask('SET', 'copy', 'x')
  world.ask('DEL', 'copy')
  world.keyspace.lazyFree.finish()
  const left = world.keyspace.arena.usedBytes - before
  assert.ok(left < 5000, `${left} bytes are left`)
  world.keyspace.check()
})

test('what draws more than a reply can hold is refused before it begins', () => {
  const world = new TestWorld()
  world.ask('SADD', 'set', 'member')
  world.ask('HSET', 'hash', 'field', 'value')
  world.ask('ZADD', 'sorted', 1, 'member')
  const refusal = '-ERR out of memory: the system gives no buffer of this size\r\n'
  assert.equal(world.ask('SRANDMEMBER', 'set', -999999999), refusal)
  assert.equal(world.ask('HRANDFIELD', 'hash', -999999999), refusal)
  assert.equal(world.ask('HRANDFIELD', 'hash', -99999999, 'WITHVALUES'), refusal)
  assert.equal(world.ask('ZRANDMEMBER', 'sorted', -99999999, 'WITHSCORES'), refusal)
  assert.match(world.ask('SRANDMEMBER', 'set', -9999), /^\*9999\r\n\$6\r\nmember/)
})
