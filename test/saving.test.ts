/** Snapshots: when they are made, what is told of them, and what happens when the disk refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../src/host/index.ts'
import { figuresOf, textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { randomCommand } from './support/random-commands.ts'
import { dataOf, World } from './support/world.ts'

const FILE = '/data/dump.rdb'

function world(...directives: string[]): World {
  return new World({ directives: ['--appendonly', 'no', ...directives] })
}

const ask = (one: World, ...argv: string[]) => textOf(one.ask(...argv))
const figure = (one: World, name: string) => figuresOf(one, 'persistence').get(name)

function settle(one: World): void {
  for (let i = 0; figure(one, 'rdb_bgsave_in_progress') === '1'; i++) {
    assert.ok(i < 1000, 'saving ends')
    one.wait(1)
  }
}

test('BGSAVE writes a snapshot beside the old one and puts it in its place', () => {
  const one = world()
  one.wait(5000)
  ask(one, 'SET', 'a', '1')
  assert.equal(figure(one, 'rdb_changes_since_last_save'), '1')
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
  assert.equal(figure(one, 'rdb_bgsave_in_progress'), '0', 'so little is done in the same turn')
  assert.equal(figure(one, 'rdb_changes_since_last_save'), '0')
  assert.equal(figure(one, 'rdb_last_bgsave_status'), 'ok')
  assert.equal(figure(one, 'rdb_saves'), '1')
  const seconds = Math.floor(one.host.clock.nowMs() / 1000)
  assert.equal(ask(one, 'LASTSAVE'), String(seconds))
  assert.deepEqual(one.host.files.list('/data'), ['dump.rdb', 'holdfast.lock'])
})

test('changes made while a snapshot is written count for the next', () => {
  const one = world('--rdb-key-save-delay', '1000')
  for (let i = 0; i < 50; i++) ask(one, 'SET', `key:${i}`, 'x')
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
  assert.equal(figure(one, 'rdb_bgsave_in_progress'), '1')
  one.wait(10)
  assert.ok(Number(figure(one, 'current_save_keys_processed')) > 0)
  assert.equal(figure(one, 'current_save_keys_total'), '50')
  ask(one, 'SET', 'later', 'x')
  assert.equal(ask(one, 'BGSAVE'), 'ERR Background save already in progress')
  assert.equal(ask(one, 'SAVE'), 'ERR Background save already in progress')
  assert.equal(ask(one, 'BGREWRITEAOF'), 'Background append only file rewriting scheduled')
  settle(one)
  assert.equal(figure(one, 'rdb_changes_since_last_save'), '1')
  one.wait(200)
  assert.equal(figure(one, 'aof_rewrite_scheduled'), '0', 'it has begun')
})

test('while the log is rewritten, BGSAVE waits only when told so', () => {
  const one = new World({ directives: ['--rdb-key-save-delay', '1000'] })
  for (let i = 0; i < 50; i++) ask(one, 'SET', `key:${i}`, 'x')
  ask(one, 'BGREWRITEAOF')
  assert.match(ask(one, 'BGSAVE'), /^ERR Another child process is active \(AOF\?\)/)
  assert.equal(ask(one, 'BGSAVE', 'SCHEDULE'), 'Background saving scheduled')
  assert.equal(ask(one, 'BGSAVE', 'LATER'), 'ERR syntax error')
  one.wait(500)
  settle(one)
  assert.equal(figure(one, 'rdb_saves'), '1')
  assert.ok(one.host.files.exists(FILE))
})

test('a save point saves after so many changes in so many seconds', () => {
  const one = world('--save', '10', '3')
  one.wait(11_000)
  for (let i = 0; i < 2; i++) ask(one, 'INCR', 'n')
  one.wait(1000)
  assert.equal(figure(one, 'rdb_saves'), '0')
  ask(one, 'INCR', 'n')
  one.wait(1000)
  assert.equal(figure(one, 'rdb_saves'), '1')
  assert.ok(one.lines.some((line) => line.includes('3 changes in 10 seconds. Saving...')))
})

test('when a snapshot cannot be written, writes are refused until one can', () => {
  const one = world('--save', '3600', '1')
  ask(one, 'SET', 'a', '1')
  one.host.files.fail('write', 'ENOSPC')
  ask(one, 'BGSAVE')
  assert.equal(figure(one, 'rdb_last_bgsave_status'), 'err')
  assert.match(ask(one, 'SET', 'a', '2'), /^MISCONF Redis is configured to save RDB snapshots/)
  assert.equal(ask(one, 'GET', 'a'), '1')
  assert.deepEqual(one.host.files.list('/data'), ['holdfast.lock'], 'the remains are gone')
  ask(one, 'CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')
  assert.equal(ask(one, 'SET', 'a', '2'), 'OK')
  ask(one, 'CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes')
  ask(one, 'BGSAVE')
  assert.equal(ask(one, 'SET', 'a', '3'), 'OK')
})

test('a disk that refuses the file is told of as a save that began and failed, as one elsewhere would', () => {
  const one = world('--save', '')
  ask(one, 'SAVE')
  const lastSave = ask(one, 'LASTSAVE')
  one.wait(2000)
  one.host.files.fail('open', 'EROFS')
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
  assert.equal(figure(one, 'rdb_bgsave_in_progress'), '0')
  assert.equal(figure(one, 'rdb_last_bgsave_status'), 'err')
  assert.equal(figure(one, 'rdb_last_bgsave_time_sec'), '0')
  assert.equal(figure(one, 'rdb_saves'), '2')
  assert.equal(ask(one, 'LASTSAVE'), lastSave)
  assert.match(one.lines.at(-1)!, /Background saving error: /)
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
  assert.equal(figure(one, 'rdb_last_bgsave_status'), 'ok')
})

test('after a failure save points try again by themselves', () => {
  const one = world('--save', '1', '1')
  ask(one, 'SET', 'a', '1')
  one.host.files.fail('rename', 'EROFS', 2)
  one.wait(3000)
  assert.match(ask(one, 'SET', 'a', '2'), /^MISCONF/)
  one.wait(12_000)
  assert.equal(ask(one, 'SET', 'a', '2'), 'OK')
})

test('a folder that cannot be claimed is told of each time, and the store goes on', () => {
  const one = world('--save', '')
  const { files } = one.host
  for (const command of [['BGSAVE'], ['SAVE'], ['BGREWRITEAOF']]) {
    files.fail('syncFolder', 'EIO')
    assert.match(ask(one, ...command), /^ERR/, command[0])
  }
  files.fail('syncFolder', 'EIO')
  assert.match(ask(one, 'CONFIG', 'SET', 'appendonly', 'yes'), /^ERR CONFIG SET failed/)
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
})

test('a disk that refuses any step of saving leaves the old snapshot whole', () => {
  for (const verb of ['open', 'write', 'sync', 'rename', 'syncFolder'] as const) {
    const one = world('--save', '')
    ask(one, 'SET', 'a', '1')
    ask(one, 'SAVE')
    const before = Buffer.from(one.host.files.readAll(FILE))
    ask(one, 'SET', 'a', '2')
    for (const command of ['BGSAVE', 'SAVE']) {
      one.host.files.fail(verb, 'EIO')
      ask(one, command)
      assert.equal(figure(one, 'rdb_last_bgsave_status'), 'err', `${command} ${verb}`)
      const found = Buffer.from(one.host.files.crash(one.host.random).readAll(FILE))
      // A rename that was not synced may or may not be there, but what is there is whole.
      if (verb !== 'syncFolder') assert.deepEqual(found, before, `${command} ${verb}`)
      assert.equal(ask(one, 'GET', 'a'), '2')
    }
    ask(one, 'SAVE')
    assert.notDeepEqual(Buffer.from(one.host.files.readAll(FILE)), before)
  }
})

/** A world that has loaded what another one saved. */
function loadedFrom(one: World, ...directives: string[]): World {
  one.close()
  const { files: disk, clock } = one.host
  const options = ['--appendonly', 'no', ...directives]
  return new World({ directives: options, disk, seed: 2, nowMs: clock.nowMs() })
}

test('how long ago and how often an entry was used is saved where the policy counts it', () => {
  for (const [policy, word] of [
    ['volatile-lru', 'IDLETIME'],
    ['allkeys-lfu', 'FREQ'],
  ] as const) {
    const one = world('--maxmemory-policy', policy, '--lfu-decay-time', '0')
    ask(one, 'SET', 'often', '1')
    for (let i = 0; i < 200; i++) ask(one, 'GET', 'often')
    one.wait(77_000)
    ask(one, 'SET', 'new', '1')
    const uses = () => ['often', 'new'].map((key) => ask(one, 'OBJECT', word, key))
    const before = uses()
    assert.notEqual(before[0], before[1])
    ask(one, 'SAVE')
    const again = loadedFrom(one, '--maxmemory-policy', policy)
    const found = ['often', 'new'].map((key) => ask(again, 'OBJECT', word, key))
    assert.deepEqual(found, before, policy)
  }
})

test('a snapshot says how much there is, and has the sum of it where that is wanted', () => {
  for (const sums of ['yes', 'no']) {
    const one = world('--rdbchecksum', sums)
    ask(one, 'MSET', 'a', 'value', 'b', 'value', 'c', 'value')
    ask(one, 'PEXPIRE', 'a', '5000')
    ask(one, 'SAVE')
    const bytes = Buffer.from(one.host.files.readAll(FILE))
    assert.ok(
      bytes.includes(Buffer.from([0xfe, 0, 0xfb, 3, 1])),
      'three entries, of which one expires',
    )
    assert.equal(bytes.subarray(-8).equals(Buffer.alloc(8)), sums === 'no')
    bytes[bytes.lastIndexOf('value')] = 0x56
    one.host.files.put(FILE, bytes)
    if (sums === 'yes') {
      assert.throws(() => loadedFrom(one), /CRC error/)
      continue
    }
    const again = loadedFrom(one)
    const values = ['a', 'b', 'c'].map((key) => ask(again, 'GET', key))
    assert.deepEqual(values.sort(), ['Value', 'value', 'value'])
  }
})

test('FLUSHALL gives up a snapshot under way, and one of nothing is made where there are save points', () => {
  const one = world('--rdb-key-save-delay', '1000', '--save', '3600', '1')
  for (let i = 0; i < 50; i++) ask(one, 'SET', `key:${i}`, 'x')
  ask(one, 'BGSAVE')
  ask(one, 'FLUSHALL')
  assert.equal(figure(one, 'rdb_bgsave_in_progress'), '0')
  assert.equal(figure(one, 'rdb_changes_since_last_save'), '0')
  one.wait(1000)
  assert.deepEqual(one.host.files.list('/data'), ['dump.rdb', 'holdfast.lock'])
  assert.equal(one.store.keyspace.arena.usedBytes, 0)
  assert.equal(ask(one, 'BGSAVE'), 'Background saving started')
})

test('FLUSHALL inside of a transaction saves once, however often it is said, and not after the end', () => {
  for (const isEnded of [false, true]) {
    const one = world('--save', '3600', '1')
    const { client } = one.connect()
    const argvs = [['MULTI'], ['FLUSHALL'], ['SET', 'new', '1'], ['FLUSHALL'], ['EXEC']]
    const bytes = Buffer.concat(argvs.map((argv) => encode(argv)))
    one.store.engine.receive(client, bytes, 0, bytes.length)
    if (isEnded) one.close()
    one.wait(1000)
    assert.equal(figure(one, 'rdb_saves'), isEnded ? '0' : '1')
    assert.equal(one.host.files.exists(FILE), !isEnded)
  }
})

test('a snapshot holds exactly what there was when it began, whatever commands do meanwhile', () => {
  const random = seeded()
  const one = new World({
    directives: ['--appendonly', 'no', '--rdb-key-save-delay', '300', '--save', ''],
    seed: random.seed,
  })
  const guest = one.connect()
  const mix = { random, keys: 20, databases: 3 }
  const step = () => {
    if (random.chance(0.1)) guest.send(encode(['SELECT', String(random.between(0, 2))]))
    const command = randomCommand(mix)
    // FLUSHALL would give the snapshot up.
    if (command[0] !== 'FLUSHALL') guest.send(encode(command))
    guest.take()
  }
  for (let i = 0; i < 1000; i++) step()
  for (let round = 0; round < 12; round++) {
    const expected = dataOf(one.store)
    const nowMs = one.host.clock.nowMs()
    ask(one, 'BGSAVE')
    while (figure(one, 'rdb_bgsave_in_progress') === '1') {
      for (let n = random.between(0, 30); n > 0; n--) step()
      one.wait(random.between(1, 4))
    }
    assert.equal(figure(one, 'rdb_last_bgsave_status'), 'ok')
    const disk = one.host.files.afterKill()
    const again = new World({ directives: ['--appendonly', 'no', '--save', ''], disk, nowMs })
    assert.deepEqual(dataOf(again.store), expected)
  }
})

test('the remains of a snapshot that was given up never get into the next one, nor take it away', () => {
  const value = 'x'.repeat(1000)
  for (const next of ['FLUSHALL', 'BGSAVE']) {
    const points = next === 'BGSAVE' ? [''] : ['3600', '1']
    const one = world('--save', ...points, '--rdbcompression', 'no')
    for (let i = 0; i < 2000; i++) ask(one, 'SET', `key:${i}`, value)
    const release = one.holdDisk()
    ask(one, 'BGSAVE')
    assert.equal(figure(one, 'rdb_bgsave_in_progress'), '1', 'its writes do not end')
    ask(one, 'FLUSHALL')
    assert.equal(figure(one, 'rdb_bgsave_in_progress'), '0', 'it is given up')
    ask(one, 'SET', 'key', value)
    if (next === 'BGSAVE') ask(one, next)
    const saved = next === 'FLUSHALL' ? one.host.files.readAll(FILE) : undefined
    release()
    settle(one)
    if (saved !== undefined) assert.deepEqual(one.host.files.readAll(FILE), saved)
    assert.equal(figure(one, 'rdb_last_bgsave_status'), 'ok', next)
    assert.deepEqual(one.host.files.list('/data'), ['dump.rdb', 'holdfast.lock'])
    ask(one, 'SAVE')
    one.close()
    const again = new World({ disk: one.host.files, directives: ['--appendonly', 'no'] })
    assert.deepEqual(dataOf(again.store), [`0 "key" string SET ${value}`])
  }
})
