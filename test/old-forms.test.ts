/** Snapshots and payloads in every form and version that there has been are read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedDisk } from '../src/host/index.ts'
import { RdbError, withFooter } from '../src/rdb/index.ts'
import { type Reply, replyText } from '../src/resp/reply.ts'
import { textOf } from './support/figures.ts'
import { double, integer, join, length, low, snapshot, text } from './support/rdb-bytes.ts'
import { CONSUMER_TIMES, type Form, isIn, RDB_FORMS } from './support/rdb-forms.ts'
import { dataOf, World } from './support/world.ts'

const FILE = '/data/dump.rdb'
const NOW_MS = 1_800_000_000_000
const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 80]
const SETTINGS = ['--appendonly', 'no', '--save', '', '--enable-debug-command', 'yes']

/** A world that has loaded a file. */
function worldWith(file: Uint8Array, ...directives: string[]): World {
  const disk = new SimulatedDisk()
  disk.put(FILE, file)
  return new World({ disk, nowMs: NOW_MS, directives: [...SETTINGS, ...directives] })
}

const ask = (world: World, ...argv: string[]) => textOf(world.ask(...argv))
const stringAt = (key: string, value: string) => join([0], text(key), text(value))

/** What a world holds in which the commands have run. */
function expectedOf({ commands }: Form): string[] {
  const world = worldWith(snapshot(10, []))
  for (const command of commands) {
    const reply = world.ask(...command)
    assert.notEqual(reply?.kind, 'error', `${command}: ${replyText(reply!)}`)
  }
  return dataOf(world.store)
}

for (const form of RDB_FORMS) {
  test(`${form.name} is read from each version that can have it, and from a payload`, () => {
    const expected = expectedOf(form)
    for (const version of VERSIONS.filter((each) => isIn(form, each))) {
      const entry = join([form.type], text('k'), form.body)
      const world = worldWith(snapshot(version, [[0xfe], length(0), entry]))
      assert.deepEqual(dataOf(world.store), expected, `version ${version}`)
      assert.equal(ask(world, 'OBJECT', 'ENCODING', 'k'), form.encoding)
      world.store.keyspace.check()
      ask(world, 'DEL', 'k')
      const payload = withFooter([join([form.type], form.body)], version)
      assert.equal(textOf(world.ask('RESTORE', 'k', '0', payload)), 'OK', `version ${version}`)
      assert.deepEqual(dataOf(world.store), expected, `a payload of version ${version}`)
    }
  })
}

test('when consumers were seen and active is read', () => {
  const form = RDB_FORMS.find(({ type }) => type === 21)!
  const world = worldWith(snapshot(11, [join([form.type], text('k'), form.body)]))
  const reply = world.ask('XINFO', 'CONSUMERS', 'k', 'group')!
  const idle = `idle,0,${NOW_MS - CONSUMER_TIMES.seenMs},-1`
  const mine = `me,1,${NOW_MS - CONSUMER_TIMES.seenMs},${NOW_MS - CONSUMER_TIMES.activeMs}`
  assert.deepEqual(rowsOf(reply), [idle, mine])
})

/** The values of maps, without their fields. */
function rowsOf(reply: Reply): string[] {
  assert.equal(reply.kind, 'array')
  return reply.items.map((row) => {
    assert.equal(row.kind, 'array')
    return row.items
      .filter((_, i) => i % 2 === 1)
      .map(textOf)
      .join()
  })
}

test('all that may stand between entries is read', () => {
  const library = '#!lua name=lib\nredis.register_function("f", function() return "yes" end)'
  const world = worldWith(
    snapshot(11, [
      join([0xfa], text('redis-ver'), text('7.0.15'), [0xfa], text('ctime'), integer(-1, 8)),
      join([0xfa], text('something new'), text('that nobody knows')),
      // What a module keeps: its id, when it is for, then an integer, a float, a double, a string.
      join([0xf7], length(7, 64), length(2), length(1)),
      join(length(1), length(5), length(2), length(6), length(3), low(0, 4)),
      join(length(4), double(1), length(5), text('part'), length(0)),
      join([0xf5], text(library)),
      join([0xfe], length(3), [0xfb], length(4), length(2)),
      join([0xf4], length(1), length(2), length(0)),
      join([0xfd], low(4_000_000_000 - 2 ** 32, 4), stringAt('past', 'v')),
      join([0xfc], low(0, 8), stringAt('oldest', 'v')),
      join([0xfc], low(NOW_MS + 5000, 8), [0xf9, 200], stringAt('later', 'v')),
      join([0xfc], low(NOW_MS, 8), stringAt('now', 'v')),
      join([0xfd], low(NOW_MS / 1000 + 9, 4), stringAt('seconds', 'v')),
      join([0xf8], length(77), stringAt('idle', 'v'), stringAt('used', 'v')),
      join([2], text('empty'), length(0)),
      join([0xfe], length(0), stringAt('k', 'v')),
    ]),
    '--maxmemory-policy',
    'allkeys-lru',
  )
  assert.equal(ask(world, 'GET', 'k'), 'v')
  assert.equal(ask(world, 'FCALL', 'f', '0'), 'yes')
  const guest = world.connect()
  const there = (...argv: string[]) => {
    guest.send(Buffer.from(`${argv.join(' ')}\r\n`))
    return textOf(guest.take()[0])
  }
  assert.equal(there('SELECT', '3'), 'OK')
  assert.equal(there('PTTL', 'later'), '5000')
  assert.equal(there('PTTL', 'seconds'), '9000')
  assert.equal(there('OBJECT', 'IDLETIME', 'idle'), '77')
  assert.equal(there('OBJECT', 'IDLETIME', 'used'), '0', 'it is of one entry alone')
  assert.equal(there('EXISTS', 'past', 'oldest', 'empty'), '0')
  const said = world.lines.join('')
  assert.match(said, /Loading RDB produced by version 7\.0\.15\n/)
  assert.match(said, /skipping empty key: empty\n/)
  assert.match(said, /keys loaded: 6, keys expired: 2, empty keys skipped: 1\.\n/)
})

test('frequencies are read where the policy counts them', () => {
  const file = snapshot(9, [join([0xf9, 200], stringAt('k', 'v')), stringAt('new', 'v')])
  const world = worldWith(file, '--maxmemory-policy', 'allkeys-lfu')
  assert.equal(ask(world, 'OBJECT', 'FREQ', 'k'), '200')
  assert.equal(ask(world, 'OBJECT', 'FREQ', 'new'), '5', 'it is of one entry alone')
})

test('sums are looked at where there are any and somebody wants it', () => {
  const pieces = [stringAt('k', 'v')]
  for (const version of VERSIONS.filter((each) => each >= 5)) {
    for (const sum of ['right', 'none'] as const) {
      assert.equal(ask(worldWith(snapshot(version, pieces, sum)), 'GET', 'k'), 'v')
    }
    const wrong = snapshot(version, pieces, 'wrong')
    assert.throws(() => worldWith(wrong), /RDB CRC error/)
    assert.equal(ask(worldWith(wrong, '--rdbchecksum', 'no'), 'GET', 'k'), 'v')
  }
  // Before version 5 there is nothing behind the end.
  assert.equal(ask(worldWith(snapshot(4, pieces)), 'GET', 'k'), 'v')
})

const REFUSED: readonly (readonly [why: RegExp, file: Uint8Array, offset: number])[] = [
  [/a value of a module cannot be held/, snapshot(10, [join([7], text('k'), length(1, 64))]), 12],
  [/a value of a module cannot be held/, snapshot(10, [join([6], text('k'), length(1, 64))]), 12],
  [/functions in the form of a pre-release/, snapshot(10, [join([0xf6], text('f'))]), 10],
  [/unknown value type 8/, snapshot(10, [join([8], text('k'))]), 12],
  [/unknown value type 26/, snapshot(12, [join([26], text('k'))]), 12],
  [/unknown value type 23/, snapshot(80, [join([23], text('k'))]), 12],
  [/unknown value type 240/, snapshot(12, [join([240], text('k'))]), 12],
  [/Zipmap integrity check failed/, snapshot(4, [join([9], text('k'), text([0, 0xff]))]), 15],
  [/database 16 is used, and there are 16/, snapshot(10, [join([0xfe], length(16))]), 11],
  [/a key is there twice/, snapshot(10, [stringAt('k', 'v'), stringAt('k', 'w')]), 19],
  [/format version 0 is not known/, snapshot(0, []), 9],
  [/format version 13 is not known/, snapshot(13, []), 9],
  [/format version 81 is not known/, snapshot(81, []), 9],
  [/the signature is not that of a snapshot/, Buffer.from('RADIS0010\xff'), 9],
  [/the file is too short/, Buffer.from('REDIS001'), 0],
  [/the data ends too early/, Buffer.from('REDIS0010'), 9],
  [/a library of functions cannot be loaded/, snapshot(10, [join([0xf5], text('nonsense'))]), 19],
]

for (const [why, file, offset] of REFUSED) {
  test(`a snapshot is refused because ${why.source}, and nothing of it is kept`, () => {
    const before = Buffer.from(file)
    const disk = new SimulatedDisk()
    disk.put(FILE, file)
    const open = () => new World({ disk, nowMs: NOW_MS, directives: SETTINGS })
    assert.throws(open, (error) => {
      assert.ok(error instanceof RdbError)
      assert.match(error.reason, why)
      assert.equal(error.offsetBytes, offset)
      assert.equal(error.message, `Cannot load "${FILE}": ${error.reason} at byte ${offset}`)
      return true
    })
    assert.deepEqual(Buffer.from(disk.readAll(FILE)), before)
    const world = worldWith(snapshot(10, [stringAt('old', 'v')]))
    world.host.files.put(FILE, join(file.subarray(0, 9), stringAt('new', 'v'), file.subarray(9)))
    assert.match(ask(world, 'DEBUG', 'RELOAD', 'NOSAVE'), /^ERR Error trying to load the RDB dump/)
    assert.equal(ask(world, 'DBSIZE'), '0')
    assert.match(world.lines.join(''), /# Internal error in RDB reading offset \d+: /)
  })
}
