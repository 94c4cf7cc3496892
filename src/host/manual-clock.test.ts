import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock, ManualTimers } from './manual-clock.ts'

function world() {
  const clock = new ManualClock(1000)
  return { clock, timers: new ManualTimers(clock), calls: [] as string[] }
}

test('timers fire in the order of their times, at their times', () => {
  const { clock, timers, calls } = world()
  const note = (name: string) => () => calls.push(`${name}@${clock.nowMs()}`)
  timers.after(30, note('c'))
  timers.after(10, note('a'))
  timers.after(10, note('b'))
  timers.every(20, note('every'))
  timers.after(0, note('now'))
  timers.advance(40)
  assert.deepEqual(calls, ['now@1000', 'a@1010', 'b@1010', 'every@1020', 'c@1030', 'every@1040'])
  assert.equal(clock.nowMs(), 1040)
  assert.equal(clock.monotonicMs(), 40)
})

test('a stopped timer does not fire, even when it is stopped by another at the same time', () => {
  const { timers, calls } = world()
  const stop: { second?: { stop(): void } } = {}
  timers.after(5, () => stop.second?.stop())
  stop.second = timers.after(5, () => calls.push('second'))
  const every = timers.every(2, () => {
    calls.push('every')
    every.stop()
  })
  timers.advance(100)
  assert.deepEqual(calls, ['every'])
})

test('a turn runs what soon was given, also from within', () => {
  const { timers, calls } = world()
  timers.soon(() => {
    calls.push('first')
    timers.soon(() => calls.push('second'))
  })
  assert.deepEqual(calls, [])
  timers.turn()
  assert.deepEqual(calls, ['first', 'second'])
})

test('what can wait comes behind all that was asked for soon', () => {
  const { timers, calls } = world()
  timers.later(() => {
    calls.push('slice')
    timers.later(() => calls.push('next slice'))
    timers.soon(() => calls.push('reply'))
  })
  timers.soon(() => calls.push('earlier reply'))
  timers.turn()
  assert.deepEqual(calls, ['earlier reply', 'slice', 'reply', 'next slice'])
})

test('setting the clock does not move time that has gone by', () => {
  const { clock } = world()
  clock.set(5)
  assert.equal(clock.nowMs(), 5)
  assert.equal(clock.monotonicMs(), 0)
})
