import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rates } from './rates.ts'
import { emptyStats } from './stats.ts'

test('a rate is the mean of 16 samples, cut to whole numbers', () => {
  const rates = new Rates()
  const stats = emptyStats()
  const loop = { cycles: 0, busyUs: 0 }
  const step = (commands: number, ms: number, nowMs: number) => {
    stats.commands += commands
    loop.cycles += 3
    loop.busyUs += 200
    rates.sample(stats, loop, nowMs + ms)
    return nowMs + ms
  }
  let nowMs = step(1000, 0, 5)
  assert.equal(rates.commands, 0)
  for (let i = 0; i < 15; i++) nowMs = step(10, 100, nowMs)
  nowMs = step(7, 300, nowMs)
  assert.equal(rates.commands, Math.trunc((15 * 100 + 23) / 16))
  assert.equal(rates.loopCycles, Math.trunc((15 * 30 + 10) / 16))
  assert.equal(rates.cycleUs, 66)
  for (let i = 0; i < 15; i++) nowMs = step(0, 100, nowMs)
  assert.equal(rates.commands, 1)
  nowMs = step(0, 100, nowMs)
  assert.equal(rates.commands, 0)
})

test('a loop of which nothing is known has no rate, and there is none after a reset', () => {
  const rates = new Rates()
  const stats = emptyStats()
  const loop = { cycles: 0, busyUs: 0 }
  for (const [at, commands] of [100, 1700, 3300].entries()) {
    rates.sample({ ...stats, commands }, { ...loop, busyUs: at * 1000 }, at * 1000)
  }
  assert.equal(rates.commands, 200)
  assert.equal(rates.cycleUs, 0)
  rates.reset()
  rates.sample(stats, loop, 9000)
  assert.equal(rates.commands, 0)
})
