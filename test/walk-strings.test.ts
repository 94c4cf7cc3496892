/** A walk delivers long strings as they were at its instant, page by page, while commands change them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rebuildEntry } from '../src/commands/index.ts'
import { seeded } from '../src/host/index.ts'
import { Walk } from '../src/keyspace/index.ts'
import { CommandScribe, FileScribe, linesOf, type Telling } from './support/walk-lines.ts'
import { World } from './support/world.ts'

const PAGE = 4096
/** Its last page is not full. */
const SIZE = 100 * PAGE + 77
const CONTENT = Array.from({ length: SIZE }, (_, i) => 'abcdefghijklmnopqrstuvwxyz'[i % 26]).join(
  '',
)

function worldWith(content: string): World {
  const world = new World({ directives: ['--appendonly', 'no'] })
  world.ask('SET', 'long', content)
  return world
}

const scribesFor = (world: World): Telling[] => {
  const { keyspace } = world.store
  return [new CommandScribe(keyspace), new FileScribe(keyspace)]
}

function assertNothingLeft(world: World): void {
  world.ask('FLUSHALL')
  world.wait(1000)
  assert.equal(world.store.keyspace.arena.usedBytes, 0, 'nothing that a walk kept is left')
}

test('a change of a long string has the pages copied that it touches, once, and no others', () => {
  const world = worldWith(CONTENT)
  const { keyspace } = world.store
  // It has room for more from now on.
  world.ask('APPEND', 'long', 'x')
  const expected = linesOf(keyspace)
  const scribe = new FileScribe(keyspace)
  const walk = new Walk(keyspace, scribe)
  const pagesFor = (...command: string[]) => {
    const before = keyspace.arena.usedBytes
    world.ask(...command)
    return Math.floor((keyspace.arena.usedBytes - before) / PAGE)
  }
  assert.equal(pagesFor('SETBIT', 'long', '0', '1'), 1)
  assert.equal(pagesFor('SETRANGE', 'long', '1', 'again'), 0)
  assert.equal(pagesFor('SETRANGE', 'long', `${5 * PAGE - 1}`, 'xx'), 2)
  assert.equal(pagesFor('SETRANGE', 'long', `${8 * PAGE}`, 'x'.repeat(PAGE)), 1)
  const far = ['SET', 'u8', `${8 * 20 * PAGE}`, '7', 'INCRBY', 'u8', `${8 * 60 * PAGE - 4}`, '1']
  assert.equal(pagesFor('BITFIELD', 'long', 'GET', 'u8', `${8 * 50 * PAGE}`, ...far), 3)
  assert.equal(pagesFor('BITFIELD', 'long', 'GET', 'u8', `${8 * 50 * PAGE}`), 0)
  assert.equal(pagesFor('APPEND', 'long', 'more'), 0)
  assert.equal(pagesFor('SETRANGE', 'long', `${SIZE}`, 'xx'), 1, 'the last page')
  assert.equal(pagesFor('SETRANGE', 'long', `${SIZE + 5000}`, 'beyond'), 0)
  for (let step = 0; step < 3; step++) walk.step(() => true)
  assert.equal(pagesFor('SETRANGE', 'long', '0', 'x'.repeat(9 * PAGE)), 0, 'that was read already')
  while (!walk.step(() => true));
  assert.deepEqual(scribe.lines(), expected)
  assertNothingLeft(world)
})

test('a long string is read in pieces, exactly, whatever is written ahead and behind', () => {
  const random = seeded()
  for (let round = 0; round < 12; round++) {
    const world = worldWith(CONTENT)
    const { keyspace } = world.store
    const expected = linesOf(keyspace)
    const scribe = scribesFor(world)[round % 2]!
    const walk = new Walk(keyspace, scribe)
    let steps = 0
    let key = 'long'
    while (!walk.step(() => true)) {
      steps++
      for (let n = random.between(0, 8); n > 0; n--) {
        const at = random.pick([random.between(0, SIZE + 100), PAGE * random.between(0, 100)])
        world.ask('SETRANGE', key, `${at}`, 'y'.repeat(random.pick([1, 9, PAGE, 3 * PAGE])))
        if (random.chance(0.2)) world.ask('APPEND', key, 'z'.repeat(random.between(1, 90_000)))
      }
      if (random.chance(0.2)) {
        world.ask('RENAME', key, 'other')
        key = 'other'
      }
      if (random.chance(0.2)) world.ask('PEXPIRE', key, '100000')
      if (random.chance(0.05)) world.ask(random.pick(['DEL', 'UNLINK']), key)
      if (random.chance(0.05)) world.ask('SET', 'long', 'short')
    }
    assert.ok(steps >= Math.floor(SIZE / 65536) - 1, 'in pieces')
    assert.deepEqual(scribe.lines(), expected)
    assertNothingLeft(world)
  }
})

test('a long string that is expired, replaced or flushed before its turn is kept for it', () => {
  for (const [command, ...more] of [
    ['GETDEL', 'long'],
    ['SET', 'long', 'x'],
    ['LPUSH', 'long', 'wrong'],
    ['FLUSHALL'],
    ['FLUSHDB', 'ASYNC'],
    ['PEXPIRE', 'long', '10'],
    ['COPY', 'short', 'long', 'REPLACE'],
    ['MOVE', 'long', '3'],
    ['SWAPDB', '0', '3'],
  ] as const) {
    for (const isChanged of [false, true]) {
      const world = worldWith(CONTENT)
      const { keyspace } = world.store
      world.ask('SET', 'short', 'y')
      const expected = linesOf(keyspace)
      const scribe = new FileScribe(keyspace)
      const walk = new Walk(keyspace, scribe)
      if (isChanged) world.ask('SETRANGE', 'long', '9000', 'changed')
      assert.equal(
        walk.step(() => true),
        false,
      )
      world.ask(command!, ...more)
      world.wait(100)
      while (!walk.step(() => true)) world.ask('SETRANGE', 'long', '123', 'z')
      assert.deepEqual(scribe.lines(), expected, `${command} ${isChanged}`)
      assertNothingLeft(world)
    }
  }
})

test('a copy of a long string shares nothing with it, whatever buffer it came in', () => {
  const world = worldWith(CONTENT)
  world.ask('COPY', 'long', 'copy')
  const { keyspace } = world.store
  const expected = linesOf(keyspace).filter((line) => line.includes('copy'))
  world.ask('SETRANGE', 'long', '0', 'changed')
  assert.deepEqual(
    linesOf(keyspace).filter((line) => line.includes('copy')),
    expected,
  )
})

test('what was copied of a string is freed when the walk is given up', () => {
  const world = worldWith(CONTENT)
  const { keyspace } = world.store
  const walk = new Walk(keyspace, new FileScribe(keyspace))
  for (let i = 0; i < 100; i++) world.ask('SETBIT', 'long', `${8 * PAGE * i}`, '1')
  walk.step(() => true)
  const before = keyspace.arena.usedBytes
  walk.abandon()
  world.wait(1000)
  assert.ok(before - keyspace.arena.usedBytes > 80 * PAGE)
  while (!walk.step(() => true));
  world.ask('SETBIT', 'long', '0', '0')
  assertNothingLeft(world)
})

test('what is told of a long string at once is one command', () => {
  const { keyspace } = worldWith(CONTENT).store
  const names: string[] = []
  const db = keyspace.databases[0]!
  db.each((entry) => rebuildEntry(db, entry, (name) => names.push(name)))
  assert.deepEqual(names, ['SET'])
})
