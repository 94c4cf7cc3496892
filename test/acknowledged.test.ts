/** What is asked for behind a write in the same read does not bring its acknowledgement before its time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SparePages } from '../src/arena/index.ts'
import { Seeded } from '../src/host/index.ts'
import { replyText } from '../src/resp/reply.ts'
import { encode } from './support/link.ts'
import { type Guest, World } from './support/world.ts'

/** More than the quick syncs after which they are made on the loop. */
const BUSY_WRITES = 66
const POWER_CUTS = 6
const LONG_BYTES = 1 << 14
/** A failed sync is tried again within this time. */
const RETRY_MS = 1001

const SET = (name: string, value: string) => ['CONFIG', 'SET', name, value]
const BEHIND: readonly (readonly (readonly string[])[])[] = [
  [SET('appendonly', 'no')],
  [SET('appendfsync', 'everysec')],
  [SET('appendfsync', 'no')],
  [SET('appendfsync', 'no'), SET('appendonly', 'no')],
  [[...SET('appendonly', 'no'), 'appendfsync', 'no']],
  [SET('appendonly', 'no'), SET('appendonly', 'yes')],
  [SET('appendfsync', 'everysec'), SET('appendfsync', 'always')],
  [['BGREWRITEAOF']],
  [['BGREWRITEAOF'], SET('appendonly', 'no')],
  [['DEBUG', 'LOADAOF']],
  [['SHUTDOWN', 'NOSAVE']],
]

/** How often syncs fail, and whether the read is long. */
const FAILURES = [0, 1, 2, 3].flatMap((times) =>
  [false, true].map((isLong) => [times, isLong] as const),
)

const spares = new SparePages()

function open(policy: string): World {
  const world: World = new World({
    spares,
    directives: [...['--appendfsync', policy, '--save', ''], '--enable-debug-command', 'yes'],
    shutdown: (request) => {
      const refusal = world.store.prepareEnd(request)
      if (refusal === undefined) world.store.close(() => {})
      return refusal
    },
  })
  return world
}

/** Whether the key is there after each of some power cuts. */
function isStable({ host }: World): boolean {
  return Array.from({ length: POWER_CUTS }, (_, seed) => {
    const disk = host.files.crash(new Seeded(seed))
    const world = new World({ spares, disk, seed: 2 })
    const value = replyText(world.ask('GET', 'key')!)
    world.store.keyspace.arena.retire()
    return value === 'value'
  }).every((isThere) => isThere)
}

/** A read with a write, and what is behind it. A long one is not answered before its turn ends. */
function write(world: World, behind: readonly (readonly string[])[], isLong = false): Guest {
  const guest = world.connect()
  const argvs = [['SET', 'key', 'value'], ...behind, ['PING', 'x'.repeat(isLong ? LONG_BYTES : 1)]]
  guest.send(Buffer.concat(argvs.map((argv) => encode(argv))))
  return guest
}

for (const isBusy of [true, false]) {
  const where = isBusy ? 'on' : 'off'
  test(`with always and syncs ${where} the loop, what is acknowledged is stable, whatever comes with it`, () => {
    for (const behind of BEHIND) {
      for (const [times, isLong] of FAILURES) {
        const world = open('always')
        for (let i = 0; isBusy && i < BUSY_WRITES; i++) world.ask('SET', 'other', String(i))
        world.host.files.fail('sync', 'EIO', times)
        const guest = write(world, behind, isLong)
        let replies = guest.take()
        for (let ms = 0; replies.length === 0 && ms < RETRY_MS; ms += 100) {
          world.wait(100)
          replies = guest.take()
        }
        const what = `${behind.join(' · ')}, ${times} failures`
        if (replies.length > 0) assert.ok(isStable(world), what)
        else assert.ok(times > 1 || guest.closed === 'now', what)
        world.store.keyspace.arena.retire()
      }
    }
  })
}

test('a log that ends has what was done before, in the same read too', () => {
  for (const policy of ['always', 'everysec', 'no']) {
    for (const behind of [SET('appendonly', 'no'), ['SHUTDOWN', 'NOSAVE']]) {
      const world = open(policy)
      for (let i = 0; i < BUSY_WRITES; i++) world.ask('SET', 'other', String(i))
      write(world, [behind])
      assert.ok(isStable(world), `${policy}, ${behind}`)
      world.store.keyspace.arena.retire()
    }
  }
})

test('who turns the log off and on in the middle of a read is answered all of it, beside others', () => {
  const world = open('everysec')
  const other = world.connect()
  for (let i = 0; i < BUSY_WRITES; i++) {
    for (const value of ['no', 'yes']) {
      const bytes = encode(['SET', 'other', value])
      world.store.engine.receive(other.client, bytes, 0, bytes.length)
      const guest = write(world, [SET('appendonly', value)])
      assert.deepEqual(
        [other, guest].map((one) => one.take().map(replyText)),
        [['OK'], ['OK', 'OK', 'x']],
      )
      world.wait(1000)
    }
  }
})
