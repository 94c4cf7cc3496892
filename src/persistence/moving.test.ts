/** The way of the log into another file: what comes meanwhile, what fails, and an end in the middle. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FileError, type SimulatedHost, simulatedHost } from '../host/index.ts'
import { encode, openLog } from './fixtures.ts'
import type { SyncPolicy } from './log-events.ts'

const OLD = '/data/appendonlydir/appendonly.aof.1.incr.aof'
const NEXT = '/data/appendonlydir/appendonly.aof.2.incr.aof'
const [A, B, C] = ['a', 'b', 'c'].map((value) => encode('SET', 'key', value)) as [
  Buffer,
  Buffer,
  Buffer,
]
const TEXT = { A: A.toString(), B: B.toString(), C: C.toString() }
/** No way is longer. */
const STEPS_MAX = 10

const text = (host: SimulatedHost, name: string) => Buffer.from(host.files.readAll(name)).toString()

/** A log with one command that is on its way into another file, on a disk whose calls end by hand. */
function moving(policy: SyncPolicy, isMidCommand = () => false) {
  const opened = openLog({ policy, isMidCommand })
  const { log, host, write } = opened
  write(A)
  host.timers.turn()
  let held: (() => void)[] = []
  host.files.finishLater = (finish) => held.push(finish)
  const state = { isBegun: false, isDone: false, error: undefined as FileError | undefined }
  log.startNewIncrement({
    begun: () => {
      state.isBegun = true
    },
    done: (error) => {
      state.isDone = true
      state.error = error
    },
  })
  const finish = () => {
    const ended = held
    held = []
    for (const end of ended) end()
  }
  const finishUntil = (isThere: () => boolean) => {
    for (let step = 0; !isThere(); step++) {
      assert.ok(step < STEPS_MAX, 'it goes on')
      finish()
    }
  }
  const isSyncing = () => log.figures().aof_pending_bio_fsync === 1
  return { ...opened, state, finish, finishUntil, isSyncing }
}

/** The same, where the last sync of the old file is running, and something came before and after it. */
function movingLate(policy: SyncPolicy) {
  const moved = moving(policy)
  const { write, finish, finishUntil, state, isSyncing, host } = moved
  if (policy === 'always') write(B)
  finishUntil(isSyncing)
  if (policy !== 'always') write(B)
  finishUntil(() => state.isBegun)
  assert.equal(text(host, OLD), TEXT.A + TEXT.B)
  return { ...moved, finish }
}

for (const policy of ['everysec', 'no'] as const) {
  test(`with ${policy}, what comes while the old file is made stable waits for the next one`, () => {
    const { log, host, write, finishUntil, state } = movingLate(policy)
    const ahead: number[] = []
    log.onDurable(() => {
      ahead.push(log.releasedOffset - text(host, OLD).length - text(host, NEXT).length)
    })
    write(C)
    assert.equal(text(host, OLD), TEXT.A + TEXT.B)
    assert.equal(log.releasedOffset, A.length + B.length, 'it is in no file, so it is not released')
    finishUntil(() => state.isDone)
    assert.equal(state.error, undefined)
    assert.equal(text(host, OLD), TEXT.A + TEXT.B)
    assert.equal(text(host, NEXT), TEXT.C)
    assert.equal(log.releasedOffset, log.appendedOffset)
    assert.ok(ahead.length > 0 && ahead.every((bytes) => bytes === 0), 'written, then released')
    assert.equal(
      openLog({ host: simulatedHost(2, host.files.afterKill()) }).loaded,
      TEXT.A + TEXT.B + TEXT.C,
    )
  })

  test(`with ${policy}, where the old file cannot be made stable the log goes on in there`, () => {
    const { log, host, write, finishUntil, state } = movingLate(policy)
    write(C)
    host.files.fail('sync', 'EIO')
    let heard = 0
    log.onDurable(() => {
      heard = log.releasedOffset
    })
    finishUntil(() => state.isDone)
    assert.equal(heard, log.appendedOffset, 'who waits hears that it is written')
    assert.equal(state.error?.code, 'EIO')
    assert.match(log.refusal()!, /Input\/output error/)
    assert.ok(!host.files.exists(NEXT))
    host.timers.advance(1000)
    finishUntil(() => log.refusal() === undefined)
    assert.equal(text(host, OLD), TEXT.A + TEXT.B + TEXT.C)
    assert.equal(log.releasedOffset, log.appendedOffset)
  })
}

test('who ends the log on its way hears of it, and so does who sent it there', () => {
  for (const isLate of [false, true]) {
    const { log, host, write, finishUntil, state, isSyncing } = isLate
      ? movingLate('everysec')
      : moving('everysec')
    finishUntil(isSyncing)
    if (isLate) write(C)
    let isEnded = false
    log.stop((error) => {
      assert.equal(error, undefined)
      isEnded = true
    })
    finishUntil(() => isEnded && state.isDone)
    const expected = isLate ? TEXT.A + TEXT.B + TEXT.C : TEXT.A
    assert.equal(openLog({ host: simulatedHost(2, host.files) }).loaded, expected)
  }
})

test('a log that has failed goes nowhere, and says so at once', () => {
  for (const isMidCommand of [false, true]) {
    let asked = 0
    const isAsked = () => asked++ < STEPS_MAX && isMidCommand
    const { log, host, write } = openLog({ isMidCommand: isAsked })
    host.files.fail('sync', 'EIO')
    write(A)
    host.timers.advance(1000)
    let code: string | undefined
    log.startNewIncrement({
      begun: () => assert.fail('it has begun'),
      done: (error) => {
        code = error?.code
      },
    })
    for (let turn = 0; turn < STEPS_MAX; turn++) host.timers.turn()
    assert.deepEqual([code, asked], ['EIO', 0])
    assert.equal(log.durableOffset, 0, 'nothing was taken for stable')
  }
})

test('a log that is ended while its way waits for a command goes nowhere', () => {
  const { log, host, finishUntil, state, isSyncing } = moving('everysec', () => true)
  finishUntil(isSyncing)
  finishUntil(() => !isSyncing())
  assert.equal(state.isBegun, false)
  log.stop((error) => assert.equal(error, undefined))
  host.timers.turn()
  finishUntil(() => state.isDone)
  assert.deepEqual([state.isBegun, state.error?.code], [false, 'EBADF'])
  assert.equal(openLog({ host: simulatedHost(2, host.files) }).loaded, TEXT.A)
})

test('each increment says at its beginning what time it is', () => {
  const { log, host, write } = openLog({ notesTime: () => true })
  write(A)
  log.startNewIncrement({ begun: () => {}, done: () => {} })
  host.timers.turn()
  write(B)
  const note = `#TS:${host.clock.nowMs() / 1000}\r\n`
  assert.equal(text(host, OLD), note + TEXT.A)
  assert.equal(text(host, NEXT), note + TEXT.B)
})
