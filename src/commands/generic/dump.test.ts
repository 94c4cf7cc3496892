/** Snapshots as a whole: what is saved is loaded again, in this store and in the reference. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../../host/index.ts'
import { RdbError, RdbFormat, type RdbFormatOptions, RdbReader } from '../../rdb/index.ts'
import { TestWorld } from '../world.fixture.ts'

const DEBUG = ['--enable-debug-command', 'yes']

/** Fills a store with each type in each encoding. */
function fill(world: TestWorld, hasFieldExpiry: boolean): void {
  const ask = (...argv: (string | number)[]) => {
    const reply = world.ask(...argv)
    assert.notEqual(reply[0], '-', `${argv.slice(0, 3)}: ${reply}`)
  }
  const many = (name: string, count: number, of: (i: number) => (string | number)[]) => {
    const [command, key] = name.split(' ')
    for (let i = 0; i < count; i++) ask(command!, key!, ...of(i))
  }
  for (const value of ['hello', '', '12345', '-70000', '300', '1234567890123', 'x'.repeat(1e5)]) {
    ask('SET', `string:${value.slice(0, 9)}`, value)
  }
  ask('SET', 'expires', 'v', 'PXAT', world.keyspace.nowMs + 1e7)
  ask('SELECT', 3)
  ask('SET', 'elsewhere', '1')
  ask('SELECT', 0)
  ask('RPUSH', 'list', 'a', '', 1, -5, '123456789012')
  many('RPUSH list:long', 3000, (i) => [`element:${i}:${'y'.repeat(i % 50)}`])
  ask('RPUSH', 'list:long', 'z'.repeat(20000), 'tail')
  ask('SADD', 'set:integers', 1, 2, 300, 70000, '-9223372036854775808')
  ask('SADD', 'set', 'a', 'b', 7)
  many('SADD set:long', 1000, (i) => [`m${i}`])
  ask('ZADD', 'zset', 1, 'a', 2.5, 'b', '-inf', 'c', 'inf', 'd')
  many('ZADD zset:long', 1000, (i) => [Math.sin(i) * 1e6, `m${i}`])
  ask('HSET', 'hash', 'f', 'v', 'g', 1)
  many('HSET hash:long', 1000, (i) => [`f${i}`, `v${i}`])
  ask('HSET', 'hash:once', 'a', 1, 'b', 2)
  ask('HPEXPIRE', 'hash:once', 1e7, 'FIELDS', 1, 'b')
  ask('HPERSIST', 'hash:once', 'FIELDS', 1, 'b')
  if (hasFieldExpiry) {
    ask('HSET', 'hash:expires', 'a', 1, 'b', 2, 'c', 3)
    ask('HPEXPIRE', 'hash:expires', 1e7, 'FIELDS', 2, 'b', 'c')
    many('HSET hash:expires:long', 1000, (i) => [`f${i}`, `v${i}`])
    many('HPEXPIRE hash:expires:long', 50, (i) => [1e7 + i * 1000, 'FIELDS', 1, `f${i}`])
  }
  for (let i = 1; i < 500; i++) ask('XADD', 'stream', `${1000 + i}-${i}`, 'f', `v${i}`, 'g', i)
  ask('XDEL', 'stream', '1005-5', '1300-300')
  ask('XGROUP', 'CREATE', 'stream', 'g1', 0)
  ask('XREADGROUP', 'GROUP', 'g1', 'c1', 'COUNT', 300, 'STREAMS', 'stream', '>')
  ask('XREADGROUP', 'GROUP', 'g1', 'c2', 'COUNT', 30, 'STREAMS', 'stream', '>')
  ask('XACK', 'stream', 'g1', '1001-1')
  ask('XGROUP', 'CREATE', 'stream', 'g2', '$')
  ask('XGROUP', 'CREATECONSUMER', 'stream', 'g2', 'idle')
  ask('XADD', 'stream:empty', '5-5', 'a', 'b')
  ask('XDEL', 'stream:empty', '5-5')
}

function save(world: TestWorld, options: Partial<RdbFormatOptions> = {}): Uint8Array {
  const { keyspace } = world
  const pieces: Uint8Array[] = []
  const base = { keyspace, compresses: true, sums: true, uses: 'idle', aux: [], libraries: [] }
  const format = new RdbFormat({ ...base, ...options } as RdbFormatOptions)
  const file = format.through({ append: (bytes, from, to) => pieces.push(bytes.slice(from, to)) })
  format.begin(file)
  for (const database of keyspace.databases) {
    if (database.count === 0) continue
    format.select(file, database)
    database.each((entry) => {
      const rest = format.write(file, entry, keyspace.imageOf(entry))
      if (rest !== undefined) while (!rest(() => true));
    })
  }
  format.end(file)
  return Buffer.concat(pieces)
}

/** Loads what a file holds. Throws `RdbError` where it is refused. */
function load(world: TestWorld, bytes: Uint8Array): RdbReader {
  const { keyspace } = world
  const reader = new RdbReader({
    keyspace,
    path: 'test.rdb',
    sums: true,
    keepsExpired: false,
    file: {
      size: () => bytes.length,
      read(into, start, count, position) {
        const piece = bytes.subarray(position, position + Math.min(count, 5000))
        into.set(piece, start)
        return piece.length
      },
    },
  })
  keyspace.isLoading = true
  try {
    while (!reader.step(() => true));
  } finally {
    keyspace.isLoading = false
  }
  return reader
}

const digest = (world: TestWorld) => world.ask('DEBUG', 'DIGEST')

test('what is saved is loaded again, in the version that is needed', () => {
  for (const [hasFieldExpiry, version] of [
    [false, '0010'],
    [true, '0012'],
  ] as const) {
    const world = new TestWorld(1, DEBUG)
    fill(world, hasFieldExpiry)
    const bytes = save(world)
    assert.equal(Buffer.from(bytes.subarray(0, 9)).toString(), `REDIS${version}`)
    const other = new TestWorld(2, DEBUG)
    const reader = load(other, bytes)
    other.keyspace.check()
    assert.equal(reader.loaded, world.keyspace.count)
    assert.equal(digest(other), digest(world))
    for (const info of ['STREAM', 'GROUPS']) {
      const about = ['XINFO', info, 'stream']
      assert.equal(other.ask(...about), world.ask(...about))
    }
    assert.equal(other.ask('XPENDING', 'stream', 'g1'), world.ask('XPENDING', 'stream', 'g1'))
    other.ask('FLUSHALL')
    other.host.timers.advance(1000)
    assert.equal(other.keyspace.arena.usedBytes, new TestWorld(1).keyspace.arena.usedBytes)
  }
})

test('DUMP and RESTORE carry every value over', () => {
  const world = new TestWorld(1, DEBUG)
  fill(world, true)
  const other = new TestWorld(2, DEBUG)
  const keys = world.words('KEYS', '*')
  for (const key of keys) {
    const payload = world
      .ask('DUMP', key)
      .replace(/^\$\d+\r\n/, '')
      .slice(0, -2)
    assert.equal(other.ask('RESTORE', key, 0, payload), '+OK\r\n', key)
    assert.equal(other.ask('DEBUG', 'DIGEST-VALUE', key).length, 47)
    if (key === 'expires') continue
    assert.equal(
      other.ask('DEBUG', 'DIGEST-VALUE', key),
      world.ask('DEBUG', 'DIGEST-VALUE', key),
      key,
    )
  }
  other.keyspace.check()
})

test('a payload of a hash says when the first of its fields expires, short or long', () => {
  const world = new TestWorld(1, DEBUG)
  const firstMs = world.keyspace.nowMs + 5000
  for (const fields of [3, 600]) {
    for (let i = 0; i < fields; i++) world.ask('HSET', 'hash', `f${i}`, 'v')
    world.ask('HPEXPIREAT', 'hash', firstMs + 1000, 'FIELDS', 1, 'f0')
    world.ask('HPEXPIREAT', 'hash', firstMs, 'FIELDS', 1, 'f2')
    const [, payload] = /^\$\d+\r\n(.*)$/s.exec(world.ask('DUMP', 'hash'))!
    // Behind the byte that says how the value is written: docs/formats/rdb.md, types 24 and 25.
    assert.equal(Buffer.from(payload!, 'latin1').readBigInt64LE(1), BigInt(firstMs))
  }
})

test('no change of a payload can do harm: it is refused, or a value is made of it', () => {
  const random = seeded()
  const world = new TestWorld(1, DEBUG)
  fill(world, true)
  const other = new TestWorld(2, DEBUG)
  other.ask('DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', 1)
  for (const key of world.words('KEYS', '*')) {
    const payload = world
      .ask('DUMP', key)
      .replace(/^\$\d+\r\n/, '')
      .slice(0, -2)
    for (let round = 0; round < 60; round++) {
      const at = random.between(0, Math.min(payload.length - 11, random.pick([20, 200, 1e9])))
      const byte = String.fromCharCode(random.between(0, 255))
      const cut = random.between(0, 3)
      const changed = random.pick([
        payload.slice(0, at) + byte + payload.slice(at + 1),
        payload.slice(0, at) + byte + payload.slice(at),
        payload.slice(0, at) + payload.slice(at + cut),
      ])
      const reply = other.ask('RESTORE', 'k', 0, changed, 'REPLACE')
      assert.match(
        reply,
        /^(\+OK|-ERR (Bad data format|DUMP payload version or checksum are wrong))\r\n$/,
      )
      if (reply[0] === '+') other.ask('DEBUG', 'DIGEST')
      other.keyspace.check()
    }
  }
})

test('no change of a file can do harm, and its sum tells of most', () => {
  const random = seeded()
  const world = new TestWorld(1, DEBUG)
  world.ask('SET', 's', 'x'.repeat(100))
  world.ask('RPUSH', 'l', 'a', 'b', 'c')
  world.ask('HSET', 'h', 'a', 1, 'b', 2)
  world.ask('ZADD', 'z', 1, 'a', 2.5, 'b')
  world.ask('XADD', 'x', '1-1', 'a', 'b')
  world.ask('XGROUP', 'CREATE', 'x', 'g', 0)
  world.ask('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'x', '>')
  for (const sums of [true, false]) {
    const whole = save(world, { sums })
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice()
      changed[at]! ^= 1 << random.between(0, 7)
      const other = new TestWorld(2, DEBUG)
      try {
        load(other, random.chance(0.7) ? changed : changed.subarray(0, at))
        assert.ok(!sums || at >= whole.length - 8 || at < 9, `a change at ${at} was not seen`)
      } catch (error) {
        assert.ok(error instanceof RdbError, String(error))
        assert.equal(error.path, 'test.rdb')
      }
      other.keyspace.check()
    }
  }
})

const CHECKER = 'redis-check-rdb'
const skip = spawnSync(CHECKER, ['--version']).error === undefined ? false : `no ${CHECKER} here`

test("the reference's checker finds what we save to be right", { skip }, (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-rdb-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const world = new TestWorld(1, DEBUG)
  fill(world, false)
  for (const options of [{}, { compresses: false }, { sums: false, uses: 'frequency' }] as const) {
    const path = join(dir, 'dump.rdb')
    writeFileSync(path, save(world, options))
    const run = spawnSync(CHECKER, [path])
    assert.equal(run.status, 0, run.stdout.toString())
    assert.match(run.stdout.toString(), new RegExp(`${world.keyspace.count} keys read`))
  }
})
