import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { TestWorld } from '../world.fixture.ts'

const START_MS = 1_720_000_000_000

test('the effect of every form is the moment in milliseconds, without conditions', () => {
  const world = new TestWorld()
  world.ask('SET', 'k', 'v')
  const cases = [
    ['EXPIRE', '10', START_MS + 10_000],
    ['PEXPIRE', '10', START_MS + 10],
    ['EXPIREAT', '1720000100', START_MS + 100_000],
    ['PEXPIREAT', '1720000100001', START_MS + 100_001],
  ] as const
  for (const [name, time, expiryMs] of cases) {
    world.takeEffects()
    assert.equal(world.ask(name, 'k', time), ':1\r\n')
    assert.equal(world.takeEffects().replace('SELECT 0 ', ''), `PEXPIREAT k ${expiryMs}`)
    assert.equal(world.ask('PEXPIRETIME', 'k'), `:${expiryMs}\r\n`)
    world.ask('PERSIST', 'k')
    world.takeEffects()
    assert.equal(world.ask(name, 'k', time, 'NX'), ':1\r\n')
    assert.equal(world.takeEffects(), `PEXPIREAT k ${expiryMs}`)
  }
})

test('a time that has come deletes, and with lazyfree-lazy-expire is told as UNLINK', () => {
  for (const [setting, effect] of [
    ['no', 'DEL k'],
    ['yes', 'UNLINK k'],
  ] as const) {
    const world = new TestWorld(1, ['--lazyfree-lazy-expire', setting])
    for (const time of [START_MS, START_MS - 1, 0, -1]) {
      world.ask('SET', 'k', 'v')
      world.takeEffects()
      assert.equal(world.ask('PEXPIREAT', 'k', time), ':1\r\n')
      assert.equal(world.takeEffects(), effect)
      assert.equal(world.ask('EXISTS', 'k'), ':0\r\n')
    }
    world.ask('SET', 'k', 'v')
    assert.equal(world.ask('PEXPIREAT', 'k', START_MS + 1), ':1\r\n')
    assert.equal(world.ask('EXISTS', 'k'), ':1\r\n')
  }
})

test('while a log is loaded, a time that has come deletes nothing yet', () => {
  const world = new TestWorld()
  world.keyspace.isLoading = true
  world.ask('SET', 'k', '5')
  world.ask('PEXPIREAT', 'k', '1000')
  assert.equal(world.ask('INCR', 'k'), ':6\r\n')
  assert.equal(world.ask('PEXPIRETIME', 'k'), ':1000\r\n')
  world.keyspace.isLoading = false
  assert.equal(world.ask('EXISTS', 'k'), ':0\r\n')
  world.keyspace.check()
})

test('the largest times are kept, and are not taken for the past', () => {
  const world = new TestWorld()
  for (const time of ['9007199254740993', '9223372036854770000', '9223372036854775807']) {
    world.ask('SET', 'k', 'v')
    world.takeEffects()
    assert.equal(world.ask('PEXPIREAT', 'k', time), ':1\r\n')
    assert.match(world.takeEffects(), new RegExp(`PEXPIREAT k ${time}$`))
    assert.equal(world.ask('GET', 'k'), '$1\r\nv\r\n')
    const kept = BigInt(world.ask('PEXPIRETIME', 'k').slice(1).trim())
    const lost = BigInt(time) - kept
    assert.ok(lost >= -1024n && lost <= 1024n, `${time} is kept as ${kept}`)
  }
})

test('conditions decide as a map of expiries does', () => {
  const random = seeded()
  const world = new TestWorld()
  const model = new Map<string, number>()
  const keys = ['a', 'b', 'c']
  for (const key of keys) world.ask('SET', key, 'v')
  for (let step = 0; step < 3000; step++) {
    const key = random.pick(keys)
    const when = START_MS + random.between(1, 50) * 1_000_000
    const condition = random.pick(['', 'NX', 'XX', 'GT', 'LT', 'XX GT', 'LT XX'])
    const current = model.get(key)
    const isWanted = condition
      .split(' ')
      .every(
        (word) =>
          word === '' ||
          (word === 'NX' && current === undefined) ||
          (word === 'XX' && current !== undefined) ||
          (word === 'GT' && when > (current ?? Number.POSITIVE_INFINITY)) ||
          (word === 'LT' && when < (current ?? Number.POSITIVE_INFINITY)),
      )
    const words = condition === '' ? [] : condition.split(' ')
    assert.equal(world.ask('PEXPIREAT', key, when, ...words), isWanted ? ':1\r\n' : ':0\r\n')
    if (isWanted) model.set(key, when)
    if (random.chance(0.1)) {
      assert.equal(world.ask('PERSIST', key), model.delete(key) ? ':1\r\n' : ':0\r\n')
    }
    assert.equal(world.ask('PEXPIRETIME', key), `:${model.get(key) ?? -1}\r\n`)
  }
  world.keyspace.check()
})
