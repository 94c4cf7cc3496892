/**
 * A walk delivers every entry exactly as it was at its instant, while commands of all types, time, and
 * whole databases that are swapped and emptied go on changing the data, also within large collections.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { Walk } from '../src/keyspace/index.ts'
import { fillLarge, largeCommand } from './support/large-commands.ts'
import { encode } from './support/link.ts'
import { randomCommand } from './support/random-commands.ts'
import { CommandScribe, FileScribe, linesOf, type Telling } from './support/walk-lines.ts'
import { World } from './support/world.ts'

const DATABASES = 3

/** What changes the data between walks and during them. */
interface Changes {
  /** Anything may be done here before a walk. */
  prepare(random: Seeded): Generator<string[]>
  command(random: Seeded): string[]
  /** At most how many between two slices, and how many steps a slice may have. */
  readonly between: number
  readonly slice: number
  readonly directives: readonly string[]
}

const SMALL: Changes = {
  *prepare(random) {
    for (let n = random.between(0, 300); n > 0; n--) yield this.command(random)
  },
  command: (random) => randomCommand({ random, keys: 30, databases: DATABASES }),
  between: 6,
  slice: 40,
  directives: [],
}

const LARGE: Changes = {
  *prepare(random) {
    for (let n = random.between(1, 4); n > 0; n--) yield* fillLarge(random)
  },
  command: largeCommand,
  between: 12,
  slice: 3,
  directives: ['--list-max-listpack-size', '16', '--stream-node-max-entries', '16'],
}

/** Says what differs, and not all that is the same. */
function assertSame(scribe: Telling, expected: readonly string[]): void {
  const lines = scribe.lines()
  const actual = new Set(lines.flatMap((line) => line.split('\n')))
  const wanted = new Set(expected.flatMap((line) => line.split('\n')))
  const differences = [...wanted].filter((line) => !actual.has(line)).map((line) => `- ${line}`)
  differences.push(...[...actual].filter((line) => !wanted.has(line)).map((line) => `+ ${line}`))
  const some = differences.slice(0, 20).map((line) => line.slice(0, 120))
  assert.deepEqual(some, [], `by ${scribe.constructor.name}, ${differences.length} differences`)
  assert.deepEqual(lines, expected)
}

function run(changes: Changes, walks: number): void {
  const random = seeded()
  const directives = ['--appendonly', 'no', ...changes.directives]
  const world = new World({ directives, seed: random.seed })
  const { keyspace } = world.store
  const guest = world.connect()
  const send = (command: string[]) => {
    guest.send(encode(command))
    guest.take()
  }
  const step = () => {
    if (random.chance(0.1)) send(['SELECT', String(random.between(0, DATABASES - 1))])
    send(changes.command(random))
    if (random.chance(0.03)) world.wait(random.between(1, 300))
  }
  for (let i = 0; i < walks; i++) {
    for (const command of changes.prepare(random)) send(command)
    const expected = linesOf(keyspace)
    const scribe: Telling = random.chance(0.5)
      ? new CommandScribe(keyspace)
      : new FileScribe(keyspace)
    const walk = new Walk(keyspace, scribe)
    const isAbandoned = random.chance(0.1)
    const steps = random.between(1, changes.slice)
    let count = 0
    while (!walk.step(() => ++count % steps === 0)) {
      for (let n = random.between(0, changes.between); n > 0; n--) step()
      if (isAbandoned && random.chance(0.1)) walk.abandon()
    }
    if (!isAbandoned) {
      assertSame(scribe, expected)
      assert.equal(walk.written, walk.total)
    }
    keyspace.check()
  }
  send(['FLUSHALL'])
  world.wait(1000)
  assert.equal(keyspace.arena.usedBytes, 0, 'nothing that a walk kept is left')
}

test('a walk delivers what there was at its instant, whatever commands do meanwhile', () => {
  run(SMALL, 50)
})

test('a walk delivers large collections as they were, whatever becomes of them meanwhile', () => {
  run(LARGE, 25)
})

test('a large collection that is taken elsewhere and flushed there is still written', () => {
  for (const flush of ['FLUSHDB', 'FLUSHALL']) {
    const world = new World({ directives: ['--appendonly', 'no'] })
    const { keyspace } = world.store
    world.ask('SADD', 'set', ...Array.from({ length: 5000 }, (_, i) => `member ${i}`))
    const expected = linesOf(keyspace)
    const scribe = new FileScribe(keyspace)
    const walk = new Walk(keyspace, scribe)
    world.ask('SREM', 'set', 'member 7')
    assert.equal(
      walk.step(() => true),
      false,
    )
    world.ask('MOVE', 'set', '2')
    world.ask('SELECT', '2')
    world.ask('SADD', 'set', 'member 7', 'another')
    world.ask(flush)
    // What is flushed is freed in slices of its own.
    world.wait(1000)
    while (!walk.step(() => true));
    assertSame(scribe, expected)
    world.ask('FLUSHALL')
    world.wait(1000)
    assert.equal(keyspace.arena.usedBytes, 0)
  }
})

test('what one walk that was given up has noted of groups does not mislead the next one', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  for (let i = 1; i <= 300; i++) world.ask('XADD', 'stream', `${i}-1`, 'field', 'x')
  const groups = Array.from({ length: 200 }, (_, i) => `g${i}`)
  for (const group of groups) world.ask('XGROUP', 'CREATE', 'stream', group, '0')
  const first = new Walk(keyspace, new FileScribe(keyspace))
  for (const group of groups) world.ask('XGROUP', 'SETID', 'stream', group, '5-1')
  first.abandon()
  while (!first.step(() => false));
  const expected = linesOf(keyspace)
  const scribe = new FileScribe(keyspace)
  const walk = new Walk(keyspace, scribe)
  for (const group of groups) {
    for (const who of ['ann', 'bob']) {
      world.ask('XREADGROUP', 'GROUP', group, who, 'COUNT', '3', 'STREAMS', 'stream', '>')
    }
  }
  while (!walk.step(() => false));
  assertSame(scribe, expected)
  world.ask('FLUSHALL')
  world.wait(1000)
  assert.equal(keyspace.arena.usedBytes, 0)
})

test('a walk that is given up when it is over leaves the next one alone', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  world.ask('SET', 'key', 'old')
  const first = new Walk(keyspace, new FileScribe(keyspace))
  while (!first.step(() => false));
  const expected = linesOf(keyspace)
  const scribe = new FileScribe(keyspace)
  const walk = new Walk(keyspace, scribe)
  first.abandon()
  assert.ok(first.step(() => false))
  world.ask('SET', 'key', 'new')
  while (!walk.step(() => false));
  assertSame(scribe, expected)
})

test('keys made during a walk are no part of it, and those that went are', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  for (let i = 0; i < 3000; i++) world.ask('SET', `old:${i}`, 'x')
  world.ask('RPUSH', 'list', ...Array.from({ length: 5000 }, (_, i) => `element ${i}`))
  const expected = linesOf(keyspace)
  const scribe = new CommandScribe(keyspace)
  const walk = new Walk(keyspace, scribe)
  assert.equal(walk.total, 3001)
  let count = 0
  assert.equal(
    walk.step(() => ++count >= 10),
    false,
  )
  for (let i = 0; i < 9000; i++) world.ask('SET', `new:${i}`, 'x')
  for (let i = 0; i < 3000; i++) world.ask('DEL', `old:${i}`)
  world.ask('UNLINK', 'list')
  assert.equal(
    walk.step(() => false),
    true,
  )
  assert.equal(walk.written, 3001)
  assert.deepEqual(scribe.lines(), expected)
})

test('a walk misses nothing where the table shrinks at its heels', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  const db = keyspace.databases[0]!
  for (let i = 0; i < 30_000; i++) world.ask('SET', `key:${i}`, 'x')
  const order: string[] = []
  db.dict.each((entry) => order.push(db.keyOf(entry).latin1()))
  const written = new Set<string>()
  let last = ''
  const write = (_index: number, entry: number) => {
    last = db.keyOf(entry).latin1()
    written.add(last)
    return undefined
  }
  const walk = new Walk(keyspace, { write })
  let count = 0
  while (!walk.step(() => ++count % 1000 === 0)) {
    // A few are left, so the segments before and behind the walk become one.
    const at = order.indexOf(last)
    const near = order.slice(Math.max(0, at - 1500), at + 500)
    for (const [i, key] of near.entries()) if (i % 50 !== 0) world.ask('DEL', key)
  }
  assert.equal(written.size, order.length)
})
