/** Empty pages go back to the system when nobody has needed them for a while, and not before. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena } from '../arena/index.ts'
import { simulatedHost } from '../host/index.ts'
import { Trimmer } from './trimmer.ts'

const BLOCK_BYTES = 512
const MIB = 2 ** 20

function fill(arena: Arena, bytes: number): number[] {
  return Array.from({ length: bytes / BLOCK_BYTES }, () => arena.allocate(BLOCK_BYTES))
}

test('pages that lie unused for ten seconds are let go, and memory is collected once', () => {
  const host = simulatedHost(1)
  const arena = new Arena()
  let collected = 0
  const processes = { ...host.processes, collectGarbage: () => collected++ }
  const trimmer = new Trimmer(arena, { ...host, processes }, () => 0)
  for (const ref of fill(arena, 40 * MIB)) arena.free(ref)
  assert.ok(arena.spareBytes >= 38 * MIB)
  host.timers.advance(9_000)
  assert.equal(collected, 0)
  // Used in between: the round does not count.
  const used = fill(arena, 30 * MIB)
  host.timers.advance(1_500)
  for (const ref of used) arena.free(ref)
  assert.equal(collected, 0)
  host.timers.advance(21_000)
  assert.equal(collected, 1)
  assert.equal(arena.spareBytes, 0)
  trimmer.stop()
})

test('little is not given back', () => {
  const host = simulatedHost(1)
  const arena = new Arena()
  const trimmer = new Trimmer(arena, host, () => 0)
  for (const ref of fill(arena, 10 * MIB)) arena.free(ref)
  const { spareBytes } = arena
  assert.ok(spareBytes > 0)
  host.timers.advance(60_000)
  assert.equal(arena.spareBytes, spareBytes)
  trimmer.stop()
})

test('while commands run, pages are let go, and memory is collected when they end or at last', () => {
  for (const busyMs of [5_000, 1_000_000]) {
    const host = simulatedHost(1)
    const arena = new Arena()
    const collectedMs: number[] = []
    const collectGarbage = () => collectedMs.push(host.clock.monotonicMs())
    const processes = { ...host.processes, collectGarbage }
    const commands = () => 1000 * Math.min(host.clock.monotonicMs(), 10_000 + busyMs)
    const trimmer = new Trimmer(arena, { ...host, processes }, commands)
    for (const ref of fill(arena, 40 * MIB)) arena.free(ref)
    host.timers.advance(10_500)
    assert.equal(arena.spareBytes, 0)
    assert.deepEqual(collectedMs, [])
    host.timers.advance(120_000)
    assert.deepEqual(collectedMs, [busyMs === 5_000 ? 16_000 : 69_000])
    trimmer.stop()
  }
})
