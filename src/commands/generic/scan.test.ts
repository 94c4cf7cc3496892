import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { TestWorld } from '../world.fixture.ts'

/** Goes through one scan; `between` is called after each step. */
function scanAll(world: TestWorld, options: readonly string[], between = () => {}): string[] {
  const found: string[] = []
  let cursor = '0'
  do {
    const [next, ...keys] = world.words('SCAN', cursor, ...options)
    cursor = next!
    found.push(...keys)
    between()
  } while (cursor !== '0')
  return found
}

test('a scan returns every key that is there throughout, while others come and go', () => {
  const random = seeded()
  const world = new TestWorld(random.uint32())
  // Enough that the table splits and merges segments under the scan.
  const lasting = Array.from({ length: random.between(1, 4000) }, (_, i) => `lasting:${i}`)
  for (const key of lasting) world.ask('SET', key, 'x')
  const passing = new Set<string>()
  let made = 0
  for (let round = 0; round < 4; round++) {
    const grows = random.chance(0.5)
    const found = new Set(
      scanAll(world, ['COUNT', String(random.between(1, 200))], () => {
        for (let i = random.between(0, 300); i > 0; i--) {
          if (random.chance(grows ? 0.9 : 0.1)) {
            const key = `passing:${made++}`
            world.ask('SET', key, 'x')
            passing.add(key)
          } else {
            const [key] = passing
            if (key === undefined) break
            world.ask('DEL', key)
            passing.delete(key)
          }
        }
        if (made > 20_000) made = 0
      }),
    )
    for (const key of lasting) assert.ok(found.has(key), `${key} in round ${round}`)
  }
  world.keyspace.check()
})

test('a scan without changes returns each key once', () => {
  const world = new TestWorld(7)
  for (let i = 0; i < 3000; i++) world.ask('SET', `key:${i}`, 'x')
  const found = scanAll(world, [])
  assert.equal(found.length, 3000)
  assert.equal(new Set(found).size, 3000)
})

test('COUNT bounds the keys that a step looks at, fitting or not', () => {
  const world = new TestWorld(7)
  for (let i = 0; i < 5000; i++) world.ask('SET', `key:${i}`, 'x')
  let steps = 0
  const found = scanAll(world, ['MATCH', 'key:77', 'COUNT', '100'], () => steps++)
  assert.deepEqual(found, ['key:77'])
  assert.ok(steps >= 25 && steps <= 50, `${steps} steps`)
})

test('a scan removes what has expired if it would have returned it, and leaves the rest', () => {
  const world = new TestWorld(7)
  for (let i = 0; i < 100; i++) world.ask('SET', `key:${i}`, 'x')
  world.ask('SET', 'short:1', 'x', 'PX', '10')
  world.ask('SET', 'other:1', 'x', 'PX', '10')
  world.host.clock.advance(20)
  assert.equal(scanAll(world, ['MATCH', '[ks]*']).length, 100)
  assert.equal(world.ask('DBSIZE'), ':101\r\n')
  assert.equal(scanAll(world, ['TYPE', 'list']).length, 0)
  assert.equal(world.ask('DBSIZE'), ':101\r\n')
  assert.equal(scanAll(world, ['TYPE', 'string']).length, 100)
  assert.equal(world.ask('DBSIZE'), ':100\r\n')
})

test('any cursor is taken, and a scan from it ends', () => {
  const world = new TestWorld(7)
  for (let i = 0; i < 2000; i++) world.ask('SET', `key:${i}`, 'x')
  for (const cursor of ['1', '4294967295', '4294967296', '18446744073709551615', ' +007']) {
    let next = cursor
    for (let steps = 0; next !== '0'; steps++) {
      assert.ok(steps < 1000, `the scan from ${cursor} goes on and on`)
      next = world.words('SCAN', next, 'COUNT', '100')[0]!
    }
  }
})

test('a cursor that is no number, or out of range, is refused', () => {
  const world = new TestWorld(7)
  const bad = ['', 'x', '1x', '-1', '-9223372036854775808', '18446744073709551616', '1 ', '+-1']
  for (const cursor of bad) {
    assert.equal(world.ask('SCAN', cursor), '-ERR invalid cursor\r\n', JSON.stringify(cursor))
  }
  for (const cursor of ['-0', '-01', '00', '\t1', '1\0x', `${'0'.repeat(100)}5`]) {
    assert.match(world.ask('SCAN', cursor), /^\*2/, JSON.stringify(cursor))
  }
})

test('RANDOMKEY finds the one live key among many that have expired', () => {
  const world = new TestWorld(7)
  for (let i = 0; i < 1000; i++) world.ask('SET', `short:${i}`, 'x', 'PX', '10')
  world.ask('SET', 'long', 'x')
  world.host.clock.advance(20)
  world.keyspace.isExpiryPaused = true
  world.ask('RANDOMKEY')
  assert.equal(world.ask('DBSIZE'), ':1001\r\n')
  world.keyspace.isExpiryPaused = false
  assert.equal(world.ask('RANDOMKEY'), '$4\r\nlong\r\n')
})
