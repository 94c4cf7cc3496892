/**
 * A walk delivers every entry exactly as it was at its instant, while commands of all types, time, and
 * whole databases that are swapped and emptied go on changing the data.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latin1 } from '../src/bytes/index.ts'
import { rebuildEntry } from '../src/commands/index.ts'
import { seeded } from '../src/host/index.ts'
import { type Database, type Rest, type Scribe, TYPE_NAMES, Walk } from '../src/keyspace/index.ts'
import { encode } from './support/link.ts'
import { randomCommand } from './support/random-commands.ts'
import { World } from './support/world.ts'

const DATABASES = 3

/** An entry as one line. What is past its time is told too. */
function lineOf(index: number, db: Database, entry: number): string {
  const { keyspace } = db
  const wasLoading = keyspace.isLoading
  keyspace.isLoading = true
  const words: unknown[] = [index, TYPE_NAMES[db.typeOf(entry)], db.encodingOf(entry)]
  words.push(db.keyOf(entry).latin1(), db.expiryOf(entry))
  rebuildEntry(db, entry, (name, ...args) => {
    words.push(name, ...args.map((arg) => (arg instanceof Uint8Array ? latin1(arg) : String(arg))))
  })
  keyspace.isLoading = wasLoading
  return words.join(' ')
}

function linesOf(world: World): string[] {
  const lines: string[] = []
  for (const db of world.store.keyspace.databases) {
    db.dict.each((entry) => lines.push(lineOf(db.index, db, entry)))
  }
  return lines.sort()
}

/** Takes lines down; the rest of long ones in several steps, so that changes come in between. */
class Lines implements Scribe {
  readonly lines: string[] = []
  readonly #db: Database
  readonly #steps: () => number

  constructor(db: Database, steps: () => number) {
    this.#db = db
    this.#steps = steps
  }

  write(index: number, entry: number): Rest | undefined {
    const line = lineOf(index, this.#db, entry)
    this.lines.push(line)
    let left = this.#steps()
    if (left === 0) return undefined
    return (isEnough) => {
      while (left > 0) {
        left--
        if (isEnough()) return false
      }
      assert.equal(lineOf(index, this.#db, entry), line, 'it changed before all of it was written')
      return true
    }
  }
}

function run(seed: number | undefined, walks: number): void {
  const random = seeded(seed)
  const world = new World({ directives: ['--appendonly', 'no'], seed: random.seed })
  const { keyspace } = world.store
  const guest = world.connect()
  const mix = { random, keys: 30, databases: DATABASES }
  const step = () => {
    if (random.chance(0.1)) guest.send(encode(['SELECT', String(random.between(0, 2))]))
    guest.send(encode(randomCommand(mix)))
    guest.take()
    if (random.chance(0.03)) world.wait(random.between(1, 300))
  }
  for (let i = 0; i < 2000; i++) step()
  for (let i = 0; i < walks; i++) {
    const expected = linesOf(world)
    const scribe = new Lines(keyspace.databases[0]!, () =>
      random.chance(0.2) ? random.between(1, 9) : 0,
    )
    const walk = new Walk(keyspace, scribe)
    const isAbandoned = random.chance(0.2)
    const steps = random.between(1, 40)
    let count = 0
    while (!walk.step(() => ++count % steps === 0)) {
      for (let n = random.between(0, 6); n > 0; n--) step()
      if (isAbandoned && random.chance(0.1)) walk.abandon()
    }
    if (!isAbandoned) assert.deepEqual(scribe.lines.sort(), expected)
    keyspace.check()
    for (let n = random.between(0, 300); n > 0; n--) step()
  }
  guest.send(encode(['FLUSHALL']))
  world.wait(1000)
  assert.equal(keyspace.arena.usedBytes, 0, 'nothing that a walk kept is left')
}

test('a walk delivers what there was at its instant, whatever commands do meanwhile', () => {
  run(undefined, 40)
})

test('keys made during a walk are no part of it, and those that went are', () => {
  const world = new World({ directives: ['--appendonly', 'no'] })
  const { keyspace } = world.store
  for (let i = 0; i < 3000; i++) world.ask('SET', `old:${i}`, 'x')
  world.ask('RPUSH', 'list', ...Array.from({ length: 5000 }, (_, i) => `element ${i}`))
  const expected = linesOf(world)
  const scribe = new Lines(keyspace.databases[0]!, () => 0)
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
  assert.deepEqual(scribe.lines.sort(), expected)
})
