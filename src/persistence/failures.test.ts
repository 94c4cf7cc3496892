import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { nodeHost, type SimulatedHost } from '../host/index.ts'
import { AppendLog } from './append-log.ts'
import { encode, openLog, skipSnapshot } from './fixtures.ts'
import type { LogFailure } from './log-events.ts'

const FILE = '/data/appendonlydir/appendonly.aof.1.incr.aof'
const SET = encode('SET', 'key', 'value')
const NO_SPACE = 'MISCONF Errors writing to the AOF file: No space left on device'
const IO_ERROR = 'MISCONF Errors writing to the AOF file: Input/output error'

const onDisk = (host: SimulatedHost) => Buffer.from(host.files.readAll(FILE)).toString()

test("a full disk refuses writes with the reference's words, and is tried again each second", () => {
  const { log, host, lines, write } = openLog()
  write(SET)
  assert.equal(log.refusal(), undefined)
  const failures: LogFailure[] = []
  log.onFailed((failure) => failures.push(failure))
  host.files.capacityBytes = 250
  write(...Array.from({ length: 10 }, () => SET))
  assert.equal(log.refusal(), NO_SPACE)
  assert.equal(log.figures().aof_last_write_status, 'err')
  assert.equal(log.figures().aof_buffer_length, SET.length * 10)
  assert.equal(failures.length, 1)
  assert.equal(failures[0]!.kind, 'write')
  assert.equal(failures[0]!.to, SET.length * 11)
  assert.equal(onDisk(host), SET.toString(), 'what was partly written is cut off again')

  host.timers.advance(3000)
  assert.equal(log.refusal(), NO_SPACE)
  assert.equal(lines.filter((line) => line.includes('No space left')).length, 1, 'one line in 30 s')

  host.files.heal()
  log.flush()
  assert.equal(onDisk(host), SET.toString(), 'not at each turn')
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined)
  assert.equal(onDisk(host), SET.toString().repeat(11))
  assert.ok(lines.some((line) => line.includes('looks solved')))
})

test('when the partly written bytes cannot be cut off, the rest follows them later', () => {
  const { log, host, write } = openLog()
  host.files.capacityBytes = 160
  host.files.fail('truncate', 'EIO', 100)
  write(SET, SET, SET)
  assert.equal(log.refusal(), NO_SPACE)
  assert.ok(onDisk(host).length > 0 && onDisk(host).length < SET.length * 3)
  host.files.heal()
  host.timers.advance(1000)
  assert.equal(onDisk(host), SET.toString().repeat(3))
  assert.equal(log.refusal(), undefined)
})

test('a log that was stopped is not written to any more, also when it could not be finished', () => {
  for (const times of [0, 1]) {
    const { log, host, write } = openLog()
    write(SET)
    host.files.fail('sync', 'EIO', times)
    log.stop((error) => assert.equal(error !== undefined, times > 0))
    log.onFailed(() => assert.fail('its file is closed'))
    write(SET)
    if (times === 0)
      assert.equal(log.releasedOffset, SET.length, 'what comes later is not released')
  }
})

test('short writes are finished', () => {
  const { host, write } = openLog()
  host.files.writeBytesMax = () => 3
  write(SET, SET)
  assert.equal(onDisk(host), SET.toString().repeat(2))
})

test('with always, nothing is released that a failed sync covered until it is stable', () => {
  const { log, host, write } = openLog({ policy: 'always' })
  const failures: LogFailure[] = []
  log.onFailed((failure) => failures.push(failure))
  host.files.fail('sync', 'EIO')
  write(SET)
  host.timers.turn()
  assert.equal(log.releasedOffset, 0)
  assert.equal(log.refusal(), IO_ERROR)
  assert.deepEqual(
    failures.map(({ kind, from, to }) => ({ kind, from, to })),
    [{ kind: 'sync', from: 0, to: SET.length }],
  )
  log.flush()
  host.timers.turn()
  assert.equal(log.releasedOffset, 0, 'another sync makes nothing of it stable')
  host.timers.advance(1000)
  assert.equal(log.releasedOffset, SET.length)
  assert.equal(log.refusal(), undefined)
  const found = host.files.crash(host.random)
  assert.equal(Buffer.from(found.readAll(FILE)).toString(), SET.toString(), 'written anew')
})

test('with always, what a failed write left behind is synced as soon as it is written', () => {
  const { log, host, write } = openLog({ policy: 'always' })
  host.files.fail('write', 'ENOSPC')
  write(SET)
  assert.equal(log.refusal(), NO_SPACE)
  host.timers.advance(1000)
  host.timers.turn()
  assert.equal(log.refusal(), undefined)
  assert.equal(log.releasedOffset, SET.length)
})

test('with always, one sync covers all that came while the last one ran', () => {
  const { log, host, write } = openLog({ policy: 'always' })
  const released: number[] = []
  log.onDurable(() => {
    released.push(log.releasedOffset)
    log.flush()
  })
  const before = host.files.steps
  write(SET)
  for (let i = 0; i < 50; i++) write(SET)
  assert.equal(log.figures().aof_pending_bio_fsync, 1)
  assert.equal(log.releasedOffset, 0)
  host.timers.turn()
  assert.deepEqual(released, [SET.length, SET.length * 51])
  assert.equal(host.files.steps - before, 4, 'two writes and two syncs')
})

/** Writes, and lets the turn end. @returns whether it was released before that: synced on the loop. */
function isSyncedHere({ log, host, write }: ReturnType<typeof openLog>): boolean {
  write(SET)
  const isDone = log.releasedOffset === log.appendedOffset
  host.timers.turn()
  return isDone
}

test('with always, syncs that were quick are made on the loop, until one fails or is slow', () => {
  const opened = openLog({ policy: 'always' })
  const { log, host, write } = opened
  const isReleasedAtOnce = () => isSyncedHere(opened)
  for (let i = 0; i < 64; i++) assert.equal(isReleasedAtOnce(), false, `after ${i} syncs`)
  assert.equal(isReleasedAtOnce(), true)

  host.files.fail('sync', 'EIO')
  write(SET)
  assert.ok(log.releasedOffset < log.appendedOffset, 'nothing is acknowledged')
  assert.equal(log.refusal(), IO_ERROR)
  host.timers.advance(1000)
  assert.equal(log.releasedOffset, log.appendedOffset)
  const found = Buffer.from(host.files.crash(host.random).readAll(FILE)).toString()
  assert.equal(found, onDisk(host), 'it was written anew')
  assert.equal(isReleasedAtOnce(), false, 'off the loop again')

  for (let i = 0; i < 64; i++) isReleasedAtOnce()
  let finish = () => {}
  host.files.finishLater = (call) => {
    finish = call
  }
  let nowMs = host.clock.monotonicMs()
  host.clock.monotonicMs = () => (nowMs += 1.5)
  assert.equal(isReleasedAtOnce(), true)
  assert.equal(isReleasedAtOnce(), false, 'the slow one was the last on the loop')
  finish()
})

test('with always, a disk that is quick may be late once, but not for long and not again soon', () => {
  for (const [lateMs, times, isStill] of [
    [2.5, 1, true],
    [1.5, 2, true],
    [1.5, 3, false],
    [3.5, 1, false],
  ] as const) {
    const opened = openLog({ policy: 'always' })
    const { host } = opened
    const isReleasedAtOnce = () => isSyncedHere(opened)
    for (let i = 0; i < 1000; i++) isReleasedAtOnce()
    let nowMs = host.clock.monotonicMs()
    let stepMs: number = lateMs
    host.clock.monotonicMs = () => (nowMs += stepMs)
    for (let i = 0; i < times; i++) assert.equal(isReleasedAtOnce(), true)
    stepMs = 0
    assert.equal(isReleasedAtOnce(), isStill, `${times} times ${lateMs} ms`)
  }
})

test('with everysec, syncs come once a second, and slow ones are counted, not doubled', () => {
  const { log, host, write } = openLog()
  let finish = () => {}
  host.files.finishLater = (call) => {
    assert.equal(log.figures().aof_pending_bio_fsync, 1)
    finish = call
  }
  write(SET)
  assert.equal(log.figures().aof_pending_bio_fsync, 0)
  host.timers.advance(1000)
  assert.equal(log.figures().aof_pending_bio_fsync, 1)
  write(SET)
  assert.equal(onDisk(host).length, SET.length * 2, 'writes do not wait for the sync')
  host.timers.advance(5000)
  assert.equal(log.figures().aof_delayed_fsync, 2)
  finish()
  assert.equal(log.durableOffset, SET.length)
  assert.equal(log.figures().aof_pending_bio_fsync, 0)
  host.timers.advance(1000)
  finish()
  assert.equal(log.durableOffset, SET.length * 2)
})

test('with everysec, a failed sync refuses writes until the bytes are stable', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO', 2)
  write(SET)
  host.timers.advance(1000)
  assert.equal(log.refusal(), IO_ERROR)
  host.timers.advance(1000)
  assert.equal(log.refusal(), IO_ERROR)
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined)
  assert.equal(log.durableOffset, SET.length)
  assert.equal(log.needsRewrite, false)

  host.files.fail('write', 'ENOSPC')
  write(SET)
  host.files.fail('sync', 'EIO')
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined, 'a write that works again needs no sync then')
})

test('with everysec, what a turn had done when a sync failed is written before it is released', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO')
  write(SET)
  host.timers.advance(1000)
  assert.equal(log.refusal(), IO_ERROR)
  write(SET)
  assert.equal(log.releasedOffset, SET.length * 2)
  assert.equal(onDisk(host), SET.toString().repeat(2))
  host.files.fail('write', 'ENOSPC')
  write(SET)
  assert.equal(log.refusal(), NO_SPACE)

  host.files.fail('sync', 'EIO')
  host.timers.advance(1000)
  assert.equal(log.refusal(), IO_ERROR, 'a write that works again makes no failed sync good')
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined)
  assert.equal(log.durableOffset, SET.length * 3)
})

test('after a failed sync what comes is handed over, also when writing anew has failed', () => {
  const { log, host, write } = openLog()
  host.files.fail('sync', 'EIO')
  write(SET)
  host.timers.advance(1000)
  host.files.fail('write', 'ENOSPC')
  host.timers.advance(1000)
  assert.equal(log.refusal(), NO_SPACE)
  log.setPolicy('no')
  write(SET)
  assert.equal(onDisk(host), SET.toString().repeat(2))
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined)
  assert.equal(log.needsRewrite, false, 'nothing was forgotten meanwhile')
})

test('what was written anew counts when it is synced, whatever fails in between', () => {
  for (const isFlushed of [true, false]) {
    const { log, host, write } = openLog()
    host.files.fail('sync', 'EIO')
    write(SET)
    host.timers.advance(1000)
    assert.equal(log.refusal(), IO_ERROR)
    // What comes now cannot be written, neither in its turn nor behind what is written anew.
    if (isFlushed) host.files.fail('write', 'ENOSPC')
    host.files.fail('write', 'ENOSPC', 1, 1)
    log.append(SET, 0, SET.length)
    if (isFlushed) log.flush()
    host.timers.advance(1000)
    assert.equal(log.refusal(), NO_SPACE)
    host.files.fail('sync', 'EIO')
    host.timers.advance(1000)
    assert.equal(log.refusal(), IO_ERROR)
    host.timers.advance(1000)
    assert.deepEqual([log.refusal(), log.durableOffset], [undefined, SET.length * 2])
  }
})

test('a write that fails while a sync runs is not forgotten when the sync succeeds', () => {
  const { log, host, write } = openLog()
  let finish = () => {}
  host.files.finishLater = (call) => {
    finish = call
  }
  write(SET)
  host.timers.advance(1000)
  host.files.fail('write', 'ENOSPC', 1)
  write(SET)
  finish()
  assert.equal(log.refusal(), NO_SPACE)
  host.timers.advance(1000)
  assert.equal(log.refusal(), undefined)
  assert.equal(onDisk(host), SET.toString().repeat(2))

  host.timers.advance(1000)
  host.files.fail('sync', 'EIO')
  finish()
  host.timers.advance(1000)
  finish()
  assert.equal(log.refusal(), undefined, 'this sync was to get over a failure')
  write(SET)
  host.timers.advance(1000)
  host.files.fail('write', 'ENOSPC', 1)
  write(SET)
  finish()
  assert.equal(log.refusal(), NO_SPACE, 'and the next one is not')
})

test('leaving always releases what waited once it is stable, entering it makes all so', () => {
  const { log, host, write } = openLog({ policy: 'always' })
  let told = 0
  log.onDurable(() => told++)
  write(SET)
  log.setPolicy('no')
  assert.equal(log.releasedOffset, 0, 'it was appended under always')
  host.timers.turn()
  assert.ok(told > 0)
  assert.equal(log.needsBarrier, false)
  assert.equal(log.releasedOffset, SET.length)
  host.timers.turn()
  write(SET)
  host.timers.advance(10_000)
  assert.equal(log.durableOffset, SET.length, 'no never syncs by itself')
  log.setPolicy('always')
  host.timers.turn()
  assert.equal(log.durableOffset, SET.length * 2)
})

test('what comes after always was left, while its last sync runs, is written before it is released', () => {
  const { log, host, write } = openLog({ policy: 'always' })
  write(SET)
  log.setPolicy('no')
  write(SET)
  const written: number[] = []
  log.onDurable(() => written.push(log.releasedOffset - onDisk(host).length))
  host.timers.turn()
  assert.equal(log.releasedOffset, SET.length * 2)
  assert.deepEqual(written, [0], 'nothing more was released than is written')
})

test('stopping on a disk that fails says so', () => {
  const { log, host, write } = openLog()
  write(SET)
  host.files.fail('sync', 'EIO', 10)
  let code: string | undefined
  log.stop((error) => {
    code = error?.code
  })
  assert.equal(code, 'EIO')
})

test('a real full file system is survived', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-full-'))
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder])
  if (mount.status !== 0) {
    t.skip('a small file system cannot be mounted here')
    return
  }
  try {
    fillAndFree(folder)
  } finally {
    spawnSync('umount', [folder])
  }
})

function fillAndFree(folder: string): void {
  const host = nodeHost()
  const ballast = path.join(folder, 'ballast')
  fs.writeFileSync(ballast, Buffer.alloc(100_000))
  const loaded: Buffer[] = []
  const options = {
    host,
    place: { dir: folder, folderName: 'appendonlydir', fileName: 'appendonly.aof' },
    policy: 'no',
    allowsCutTail: false,
    log: () => {},
    loadSnapshot: skipSnapshot,
    apply: (bytes: Uint8Array, start: number, end: number) => {
      loaded.push(Buffer.from(bytes.subarray(start, end)))
    },
  } as const
  const log = AppendLog.open(options)
  const command = encode('SET', 'key', 'v'.repeat(1000))
  let count = 0
  for (; log.refusal() === undefined; count++) {
    log.append(command, 0, command.length)
    log.flush()
  }
  assert.equal(log.refusal(), NO_SPACE)
  const file = path.join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof')
  assert.equal(fs.statSync(file).size % command.length, 0, 'the file ends with a whole command')
  fs.unlinkSync(ballast)
  let failure: Error | undefined
  log.stop((error) => {
    failure = error
  })
  assert.equal(failure, undefined)
  AppendLog.open(options).stop(() => {})
  assert.equal(Buffer.concat(loaded).length, count * command.length)
}
