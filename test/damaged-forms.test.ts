/** Every form of a value with every byte changed, cut off, and with bytes put in: refused, or a value. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../src/host/index.ts'
import { RdbError, RdbReader } from '../src/rdb/index.ts'
import { textOf } from './support/figures.ts'
import { join, length, snapshot, text } from './support/rdb-bytes.ts'
import { type Form, RDB_FORMS } from './support/rdb-forms.ts'
import { judgeValue } from './support/rdb-judge.ts'
import { World } from './support/world.ts'

/** What reading so few bytes may take at most, however they lie, in ms and in bytes. */
const LOAD_MS_MAX = 1000
const ARENA_BYTES_MAX = 2 ** 22
const RESIDENT_BYTES_MAX = 2 ** 28

/** A snapshot with one value, and no sum that would tell of a change. */
function fileOf(form: Form): Buffer {
  const version = Math.max(5, form.version)
  const entry = join([form.type], text('k'), form.body)
  return snapshot(version, [join([0xfe], length(0), [0xfb], length(1), length(0)), entry], 'none')
}

/** The file with one change at a place: each of several kinds, one after another. */
function* changesAt(file: Buffer, at: number, random: Seeded): Generator<Buffer> {
  const before = file.subarray(0, at)
  const after = file.subarray(at + 1)
  for (const byte of [file[at]! ^ (1 << random.between(0, 7)), 0, 0xff, random.between(0, 255)]) {
    yield join(before, [byte], after)
  }
  yield before
  yield join(before, after)
  yield join(before, random.bytes(random.between(1, 5)), file.subarray(at))
  yield join(before, file.subarray(at, at + random.between(1, 40)), file.subarray(at))
}

/** @returns whether it was loaded. Any other outcome than that, or an error that says where, fails. */
function load({ store }: World, file: Buffer): boolean {
  const { keyspace } = store
  const reader = new RdbReader({
    keyspace,
    path: 'a.rdb',
    sums: false,
    keepsExpired: true,
    library: () => {},
    file: {
      size: () => file.length,
      read: (into, start, count, position) => file.copy(into, start, position, position + count),
    },
  })
  keyspace.isLoading = true
  const beganMs = performance.now()
  try {
    while (!reader.step(() => false));
    return true
  } catch (error) {
    assert.ok(error instanceof RdbError, `${(error as Error).stack}`)
    assert.ok(error.path === 'a.rdb' && error.reason !== '')
    assert.ok(error.offsetBytes >= 0 && error.offsetBytes <= file.length)
    return false
  } finally {
    keyspace.isLoading = false
    const tookMs = performance.now() - beganMs
    assert.ok(tookMs < LOAD_MS_MAX, `it took ${tookMs} ms`)
    assert.ok(keyspace.arena.usedBytes < ARENA_BYTES_MAX, `${keyspace.arena.usedBytes} bytes`)
  }
}

for (const form of RDB_FORMS) {
  test(`${form.name}: no damage does harm`, () => {
    const random = seeded()
    const file = fileOf(form)
    const world = new World({ directives: ['--appendonly', 'no', '--save', ''] })
    const residentBytes = process.memoryUsage().rss
    assert.equal(load(world, file), true)
    for (let at = 0; at < file.length; at++) {
      for (const damaged of changesAt(file, at, random)) {
        world.ask('FLUSHALL')
        const isLoaded = load(world, damaged)
        world.store.keyspace.check()
        if (textOf(world.ask('EXISTS', 'k')) === '1') judgeValue(world)
        const isCut = damaged.length === at && at < file.length - 8
        assert.ok(!isLoaded || !isCut, `it was loaded although it is cut at ${at}`)
      }
    }
    world.ask('FLUSHALL')
    world.wait(1000)
    assert.equal(world.store.keyspace.arena.usedBytes, 0, 'all memory was given back')
    assert.ok(process.memoryUsage().rss - residentBytes < RESIDENT_BYTES_MAX)
  })
}
