/** Keys with a time to live vanish: never late when they are asked for, and soon when nobody asks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { sliceOf } from '../src/bytes/index.ts'
import { seeded } from '../src/host/index.ts'
import { NEVER } from '../src/keyspace/index.ts'
import { replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { World } from './support/world.ts'

const KEYS = 1_000_000
const MEMORY_ONLY = ['--appendonly', 'no']

/** A store in which nothing expires but what is looked up. */
function uncollected(...directives: string[]): World {
  const world = new World({
    directives: [...MEMORY_ONLY, '--enable-debug-command', 'yes', ...directives],
  })
  assert.equal(replyText(world.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0')), 'OK')
  return world
}

test('a key is never returned late, not even by a millisecond, with nobody collecting', () => {
  const world = uncollected()
  for (let ttlMs = 1; ttlMs <= 300; ttlMs++) world.ask('SET', `k${ttlMs}`, 'v', 'PX', String(ttlMs))
  const get = (key: string) => replyText(world.ask('GET', key))
  for (let passedMs = 0; passedMs <= 300; passedMs++) {
    if (passedMs > 0) assert.equal(get(`k${passedMs}`), undefined, `${passedMs} ms`)
    if (passedMs < 300) assert.equal(get(`k${passedMs + 1}`), 'v', `${passedMs + 1} ms`)
    world.wait(1)
  }
  assert.equal(replyText(world.ask('DBSIZE')), '0')
})

test('a million keys are collected within a second of their times, unasked', () => {
  const random = seeded()
  const world = new World({ directives: MEMORY_ONLY })
  const { keyspace } = world.store
  const [database] = keyspace.databases
  const startMs = keyspace.nowMs
  const times = fill(world, (n) => (n % 4 === 0 ? NEVER : startMs + random.between(1, 10_000)))
  const kept = times.filter((time) => time === NEVER).length
  for (let second = 1; second <= 11; second++) {
    world.wait(1000)
    const overdue = startMs + second * 1000 - 1000
    const left = times.filter((time) => time !== NEVER && time > overdue).length
    assert.ok(database!.count <= kept + left, `after ${second} s`)
  }
  assert.equal(database!.count, kept)
  assert.equal(keyspace.stats.expiredKeys, KEYS - kept)
})

test('a million keys that expire at once are collected in short slices', () => {
  const world = new World({ directives: MEMORY_ONLY, measuredBy: () => performance.now() })
  const { slices, garbage } = measureSlices(world)
  const { keyspace } = world.store
  fill(world, () => keyspace.nowMs + 500)
  world.wait(499)
  assert.equal(keyspace.count, KEYS)
  slices.length = 0
  garbage.bytes = 0
  world.wait(60)
  assert.equal(keyspace.count, 0)

  // What is measured is time on a core, since the machine may be busy with others. Compiling and the
  // collection of garbage, mine and that of the filling, are in it, so a few slices may look long.
  const sorted = slices.filter((ms) => ms > 0.05).sort((a, b) => a - b)
  assert.ok(sorted.length > 50, `${sorted.length} slices`)
  const longest = sorted[Math.floor(sorted.length * 0.9)]!
  assert.ok(longest <= 1, `a tenth of the slices is longer than ${longest} ms`)
  // What is made for each key would have to be collected in the middle of them.
  assert.ok(garbage.bytes < 20 * KEYS, `${garbage.bytes / KEYS} bytes of garbage a key`)
})

test('an expired key is told to the log as a deletion', () => {
  const world = new World()
  world.ask('SET', 'k', 'v', 'PX', '100')
  world.ask('SET', 'l', 'v')
  world.wait(200)
  const before = world.store.keyspace.count
  world.close()
  const log = Buffer.from(
    world.host.files.readAll('/data/appendonlydir/appendonly.aof.1.incr.aof'),
  ).toString()
  assert.equal(before, 1)
  assert.ok(log.endsWith('*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n'), log)
})

/** Puts keys straight into the first database. @returns their times. */
function fill(world: World, timeOf: (n: number) => number): number[] {
  const [database] = world.store.keyspace.databases
  const value = Buffer.from('value')
  return Array.from({ length: KEYS }, (_, n) => {
    const key = Buffer.from(`key:${n}`)
    const time = timeOf(n)
    database!.setString(sliceOf(key), value, 0, value.length, 2, time)
    return time
  })
}

/** What each turn of the loop takes that the collector asks for: milliseconds of a core, and garbage. */
function measureSlices(world: World) {
  const slices: number[] = []
  const garbage = { bytes: 0 }
  const { timers } = world.host
  const later = timers.later.bind(timers)
  timers.later = (call) =>
    later(() => {
      const heapBytes = getHeapStatistics().used_heap_size
      const before = process.cpuUsage()
      call()
      const { user, system } = process.cpuUsage(before)
      slices.push((user + system) / 1000)
      garbage.bytes += Math.max(0, getHeapStatistics().used_heap_size - heapBytes)
    })
  return { slices, garbage }
}

test('who reads a group and waits is told when time takes the stream away', () => {
  const world = new World({ directives: MEMORY_ONLY })
  world.ask('XGROUP', 'CREATE', 'stream', 'g', '$', 'MKSTREAM')
  world.ask('PEXPIRE', 'stream', '100')
  const waiter = world.connect()
  waiter.send(encode(['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 'stream', '>']))
  world.wait(99)
  assert.deepEqual(waiter.take(), [])
  world.wait(500)
  const [reply, ...more] = waiter.take()
  assert.match(replyText(reply) ?? '', /^NOGROUP No such key 'stream' or consumer group 'g'/)
  assert.deepEqual(more, [])
})

test('nobody collects while data is loaded, clients are paused, or a command goes on', () => {
  const world = new World({ directives: MEMORY_ONLY })
  const { keyspace } = world.store
  world.ask('SET', 'k', 'v', 'PX', '100')
  for (const state of ['isLoading', 'isExpiryPaused', 'isMidCommand'] as const) {
    keyspace[state] = true
    world.wait(1000)
    assert.equal(keyspace.count, 1, state)
    keyspace[state] = false
  }
  world.wait(1000)
  assert.equal(keyspace.count, 0)
})

test('nothing stored onto an expired key deletes it; something stored tells that it has expired', () => {
  const world = uncollected('--notify-keyspace-events', 'Kgx$szl')
  for (const line of ['SADD set a', 'ZADD sorted 1 a', 'RPUSH list 1', 'GEOADD places 1 1 a']) {
    world.ask(...line.split(' '))
  }
  const listener = world.connect()
  listener.send(encode(['SUBSCRIBE', '__keyspace@0__:k']))
  const eventsOf = (line: string) => {
    world.ask('SET', 'k', 'old', 'PX', '1')
    world.wait(2)
    listener.take()
    world.ask(...line.split(' '))
    return listener
      .take()
      .map((reply) => (reply.kind === 'array' ? replyText(reply.items[2]!) : reply.kind))
  }
  for (const line of [
    'SUNIONSTORE k none',
    'SINTERSTORE k set none',
    'SDIFFSTORE k set set',
    'ZUNIONSTORE k 1 none',
    'ZRANGESTORE k sorted 5 9',
    'SORT none STORE k',
    'GEOSEARCHSTORE k places FROMLONLAT 50 50 BYRADIUS 1 km',
    'BITOP NOT k none',
  ]) {
    assert.deepEqual(eventsOf(line), ['del'], line)
    assert.equal(replyText(world.ask('EXISTS', 'k')), '0')
  }
  assert.deepEqual(eventsOf('SUNIONSTORE k set'), ['expired', 'sunionstore'])
  assert.deepEqual(eventsOf('SUNIONSTORE k k'), ['expired'])
  assert.deepEqual(eventsOf('ZRANGESTORE k sorted 0 -1'), ['expired', 'zrangestore'])
  assert.deepEqual(eventsOf('SORT list STORE k'), ['expired', 'sortstore'])
  assert.deepEqual(eventsOf('RENAME none k'), [])
  assert.deepEqual(eventsOf('MEMORY USAGE k'), [])
  assert.deepEqual(eventsOf('DEL k'), ['expired'])
})
