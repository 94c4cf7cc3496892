/**
 * Work that can wait is done in slices that never hold the loop for more than a millisecond: taking out what
 * has expired, and giving back what was long or flushed. Here the store measures itself by the work that
 * it does, each block of memory given back being a moment, so a busy machine changes nothing.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

/** Twice of what a block takes that is in no cache. */
const BLOCK_MS = 0.0002
const KEYS = 200
const ELEMENTS = 1000
/** Long enough to fill a collection before. */
const TTL_MS = 100

/** A world whose time passes with the blocks of memory that are given back. */
class Measured {
  readonly world: World
  /** How long the turns of the loop were, as far as they had work that was put off to them. */
  readonly turnsMs: number[] = []
  #nowMs = 0
  #turn = 0

  constructor() {
    this.world = new World({
      directives: ['--appendonly', 'no', '--list-max-listpack-size', '1'],
      measuredBy: () => this.#nowMs,
    })
    const { arena } = this.world.store.keyspace
    const free = arena.free.bind(arena)
    arena.free = (ref) => {
      this.#nowMs += BLOCK_MS
      free(ref)
    }
    this.#watchTurns()
  }

  #watchTurns(): void {
    const { timers } = this.world.host
    const later = timers.later.bind(timers)
    timers.later = (call) => {
      const turn = this.#turn + 1
      later(() => {
        this.#turn = turn
        const beganMs = this.#nowMs
        call()
        this.turnsMs[turn] = (this.turnsMs[turn] ?? 0) + this.#nowMs - beganMs
      })
    }
  }

  /** Runs commands, none of which is refused. */
  run(commands: readonly (readonly string[])[]): void {
    const guest = this.world.connect()
    guest.send(Buffer.concat(commands.map((argv) => encode(argv))))
    for (const reply of guest.take()) assert.notEqual(reply.kind, 'error')
  }

  /** From here on there was work in slices, none of which was too long, and all of it is done. */
  checkSlices(work: () => void): void {
    const { keyspace } = this.world.store
    this.turnsMs.length = 0
    const beganMs = this.#nowMs
    work()
    this.world.wait(200)
    assert.ok(keyspace.lazyFree.isIdle)
    assert.equal(keyspace.count, 0)
    const lastedMs = this.#nowMs - beganMs
    assert.ok(lastedMs > 10, `all of it was ${lastedMs} ms`)
    const turnsMs = this.turnsMs.filter((ms) => ms > 0)
    assert.ok(turnsMs.length >= lastedMs - 2, `${turnsMs.length} turns for ${lastedMs} ms`)
    const longestMs = Math.max(...turnsMs, keyspace.stats.expireSliceMsMax)
    assert.ok(longestMs <= 1, `the loop was held for ${longestMs} ms`)
  }
}

const elements = Array.from({ length: ELEMENTS }, (_, n) => `element:${n}`)
const adding: Readonly<Record<string, (key: string) => string[]>> = {
  hash: (key) => ['HSET', key, ...elements.flatMap((element) => [element, 'value'])],
  set: (key) => ['SADD', key, ...elements],
  'sorted set': (key) => ['ZADD', key, ...elements.flatMap((element, n) => [String(n), element])],
  list: (key) => ['RPUSH', key, ...elements],
}
const keys = Array.from({ length: KEYS }, (_, n) => `key:${n}`)

for (const [type, add] of Object.entries(adding)) {
  test(`many a long ${type} that expires at the same moment is given back in short slices`, () => {
    const measured = new Measured()
    const timeMs = String(measured.world.host.clock.nowMs() + TTL_MS)
    for (const key of keys) measured.run([add(key), ['PEXPIREAT', key, timeMs]])
    measured.checkSlices(() => measured.world.wait(TTL_MS))
    assert.equal(measured.world.store.keyspace.stats.expiredKeys, KEYS)
  })

  test(`a flushed database with many a long ${type} is given back in short slices`, () => {
    const measured = new Measured()
    for (const key of keys) measured.run([add(key)])
    measured.checkSlices(() => measured.run([['FLUSHALL']]))
  })
}

test('a very long set that is deleted is given back in short slices', () => {
  const measured = new Measured()
  for (const part of keys) {
    measured.run([['SADD', 'set', ...elements.map((element) => `${part}:${element}`)]])
  }
  measured.checkSlices(() => measured.run([['DEL', 'set']]))
})

test('a database of short entries that is flushed is given back in short slices', () => {
  const measured = new Measured()
  for (const key of keys) {
    measured.run([['MSET', ...elements.flatMap((element) => [`${key}:${element}`, 'value'])]])
  }
  measured.checkSlices(() => measured.run([['FLUSHALL']]))
})

test('fields of many hashes that expire at the same moment are taken out in short slices', () => {
  const measured = new Measured()
  const timeMs = String(measured.world.host.clock.nowMs() + TTL_MS)
  const fields = elements.flatMap((element) => [element, 'value'])
  for (const key of keys) {
    measured.run([['HSETEX', key, 'PXAT', timeMs, 'FIELDS', String(ELEMENTS), ...fields]])
  }
  measured.checkSlices(() => measured.world.wait(TTL_MS))
  assert.equal(measured.world.store.keyspace.stats.expiredFields, KEYS * ELEMENTS)
})

test('a reply leaves before the next slice of what can wait begins', () => {
  const measured = new Measured()
  for (const key of keys) measured.run([adding.set!(key)])
  const { store, host } = measured.world
  let slices = 0
  const awaited: number[] = []
  const waited: number[] = []
  const client = store.connect({
    send: () => {
      waited.push(slices - awaited.shift()!)
      return true
    },
    close: () => {},
    pendingBytes: 0,
  })
  const later = host.timers.later.bind(host.timers)
  const ping = encode(['PING'])
  host.timers.later = (call) =>
    later(() => {
      slices++
      call()
      awaited.push(slices)
      store.engine.receive(client, ping, 0, ping.length)
    })
  measured.checkSlices(() => measured.run([['FLUSHALL']]))
  assert.ok(waited.length > 10)
  assert.equal(Math.max(...waited), 0)
})
