/** One change at a time of a collection that a walk has begun to write, or is about to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Walk } from '../src/keyspace/index.ts'
import { replyEntries, replyItems, replyText } from '../src/resp/reply.ts'
import { textOf } from './support/figures.ts'
import { encode } from './support/link.ts'
import { CommandScribe, FileScribe, linesOf } from './support/walk-lines.ts'
import { World } from './support/world.ts'

const SCRIBES = [CommandScribe, FileScribe]
/** How many steps a walk has taken when the change comes. */
const STEPS = [0, 1, 3]

/** Walks over what `fill` makes while `changes` are made, by each scribe and after each number of steps. */
function assertKept(
  fill: (world: World) => void,
  changes: readonly (readonly string[])[],
  directives: readonly string[] = [],
): void {
  for (const Scribe of SCRIBES) {
    for (const steps of STEPS) {
      const world = new World({ directives: ['--appendonly', 'no', ...directives] })
      const { keyspace } = world.store
      fill(world)
      world.wait(5000)
      const expected = linesOf(keyspace)
      const scribe = new Scribe(keyspace)
      const walk = new Walk(keyspace, scribe)
      for (let i = 0; i < steps; i++) walk.step(() => true)
      for (const argv of changes) assert.doesNotMatch(textOf(world.ask(...argv)), /^ERR/)
      while (!walk.step(() => true));
      const same = `${Scribe.name}, ${changes.join('; ').slice(0, 200)} after ${steps} steps`
      assert.deepEqual(scribe.lines(), expected, same)
      keyspace.check()
      world.ask('FLUSHALL')
      world.wait(1000)
      assert.equal(keyspace.arena.usedBytes, 0, `nothing is left: ${same}`)
    }
  }
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

test('members of a sorted set that were read, and those that were not, are written once', () => {
  const scores = range(900).flatMap((i) => [String(i), `m${i}`])
  const fill = (world: World) => world.ask('ZADD', 'sorted', ...scores)
  assertKept(fill, [['ZADD', 'sorted', '-5', 'm899', '-7', 'm880']])
  assertKept(fill, [['ZADD', 'sorted', '2000', 'm1', '3000', 'm2']])
  assertKept(fill, [
    ['ZREM', 'sorted', 'm899', 'm3'],
    ['ZADD', 'sorted', '1', 'm899', '8000', 'm3', '9000', 'new'],
  ])
  assertKept(fill, [['ZREMRANGEBYRANK', 'sorted', '300', '890']])
})

test('elements that have a node of their own are written as they were', () => {
  const fill = (world: World) => {
    for (const i of range(30)) world.ask('RPUSH', 'list', `${i}`.padEnd(9000, 'x'))
  }
  const other = 'other'.padEnd(9500, 'y')
  assertKept(fill, [['LSET', 'list', '20', other]])
  assertKept(fill, [['LSET', 'list', '-2', 'short']])
  assertKept(fill, [
    ['LINSERT', 'list', 'BEFORE', '25'.padEnd(9000, 'x'), other],
    ['LREM', 'list', '0', '27'.padEnd(9000, 'x')],
    ['LPUSH', 'list', other],
  ])
})

const groupOf = (name: string, who: string, ...options: string[]) => {
  return ['XREADGROUP', 'GROUP', name, who, ...options, 'STREAMS', 'stream']
}

function fillStream(world: World): void {
  for (const i of range(200)) world.ask('XADD', 'stream', `${i + 1}-1`, 'field', `${i}`)
  for (const name of ['f', 'g', 'h']) {
    world.ask('XGROUP', 'CREATE', 'stream', name, '0')
    for (const who of ['ann', 'bob', 'eve']) world.ask(...groupOf(name, who, 'COUNT', '20'), '>')
  }
}

const STREAM_CHANGES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'a group is removed': [['XGROUP', 'DESTROY', 'stream', 'g']],
  'a group is made anew': [
    ['XGROUP', 'DESTROY', 'stream', 'g'],
    ['XGROUP', 'CREATE', 'stream', 'g', '5-1'],
    groupOf('g', 'eve', 'COUNT', '5').concat('>'),
  ],
  'a consumer is removed': [['XGROUP', 'DELCONSUMER', 'stream', 'g', 'bob']],
  'a consumer is removed and another one comes': [
    ['XGROUP', 'DELCONSUMER', 'stream', 'g', 'bob'],
    groupOf('g', 'zoe', 'COUNT', '30').concat('>'),
  ],
  'new entries are read': [groupOf('g', 'ann', 'COUNT', '7').concat('>')],
  'old entries are read again': [groupOf('g', 'ann').concat('0')],
  'entries are claimed': [['XCLAIM', 'stream', 'g', 'eve', '0', '1-1', '2-1', '150-1', 'FORCE']],
  'entries are acknowledged': [['XACK', 'stream', 'g', '3-1', '25-1', '45-1']],
  'entries are deleted for all groups': [
    ['XDELEX', 'stream', 'DELREF', 'IDS', '3', '1-1', '30-1', '50-1'],
  ],
  'the stream is trimmed for all groups': [['XTRIM', 'stream', 'MAXLEN', '=', '20', 'DELREF']],
}

for (const [what, changes] of Object.entries(STREAM_CHANGES)) {
  test(`a stream is written as it was when ${what} meanwhile`, () => {
    assertKept(fillStream, changes, ['--stream-node-max-entries', '16'])
  })
}

const STORES: readonly (readonly string[])[] = [
  ['SORT', 'numbers', 'STORE', 'target'],
  ['GEOSEARCHSTORE', 'target', 'places', 'FROMLONLAT', '15', '37', 'BYRADIUS', '300', 'km'],
  ['ZUNIONSTORE', 'target', '1', 'places'],
  ['SUNIONSTORE', 'target', 'numbers'],
]
const REPLACED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'a short string': [['SET', 'target', 'old', 'EX', '1000']],
  'a long string': [['SET', 'target', 'old'.repeat(50_000)]],
  'a short list': [['RPUSH', 'target', 'old', 'older']],
  'a long hash whose fields expire': [
    ['HSET', 'target', ...range(600).flatMap((i) => [`f${i}`, 'old'])],
    ['HPEXPIRE', 'target', '900000', 'FIELDS', '2', 'f1', 'f2'],
  ],
}

for (const [what, old] of Object.entries(REPLACED)) {
  test(`${what} in whose place a result is stored is written all the same`, () => {
    const fill = (world: World) => {
      world.ask('SADD', 'numbers', '3', '1', '2')
      world.ask('GEOADD', 'places', '13.4', '38.1', 'Palermo', '15.1', '37.5', 'Catania')
      for (const argv of old) world.ask(...argv)
    }
    for (const argv of STORES) assertKept(fill, [argv])
  })
}

test('a consumer is written as it was seen last before the snapshot began', () => {
  const directives = ['--appendonly', 'no', '--save', '']
  const world = new World({ directives })
  fillStream(world)
  world.wait(5000)
  const guest = world.connect()
  // They come together, so that nothing is written in between.
  const both = [['BGSAVE'], [...groupOf('g', 'ann', 'COUNT', '3'), '>']].map(encode)
  guest.send(Buffer.concat(both))
  world.wait(0)
  const { files, clock } = world.host
  world.close()
  const found = new World({ directives, disk: files, nowMs: clock.nowMs(), seed: 2 })
  const rows = replyItems(found.ask('XINFO', 'CONSUMERS', 'stream', 'g'))
  const idle = rows.map((row) => {
    return replyEntries(row).find(([name]) => replyText(name) === 'idle')?.[1]
  })
  assert.deepEqual(idle.map(replyText), ['5000', '5000', '5000'])
})
