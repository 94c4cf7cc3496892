import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishPaced, type Paced, type PacedResult, runPaced } from './paced.ts'
import { simulatedHost } from './simulated.ts'

const seen: string[] = []

function* work(pauses: readonly number[]): Paced<string> {
  try {
    for (const pause of pauses) {
      seen.push('step')
      yield pause
    }
    return 'all'
  } finally {
    seen.push('end')
  }
}

const taken = () => seen.splice(0)

test('paced work can be finished in one go', () => {
  assert.equal(finishPaced(work([0, 50, 0])), 'all')
  assert.deepEqual(taken(), ['step', 'step', 'step', 'end'])
})

test('in slices it pauses where it wants to, and tells its result', () => {
  const host = simulatedHost(1)
  const results: PacedResult<string>[] = []
  runPaced(work([0, 50, 0]), host, 0, (result) => results.push(result))
  assert.deepEqual(taken(), [], 'it begins in a later turn')
  host.timers.turn()
  assert.deepEqual(taken(), ['step', 'step'])
  host.timers.advance(49)
  assert.deepEqual(taken(), [])
  host.timers.advance(1)
  assert.deepEqual(taken(), ['step', 'end'])
  assert.deepEqual(results, [{ value: 'all' }])
})

test('stopped work ends what it has begun and tells nothing', () => {
  const host = simulatedHost(1)
  const running = runPaced(work([9, 9]), host, 0, () => assert.fail('told'))
  host.timers.turn()
  running.stop()
  running.stop()
  host.timers.advance(100)
  assert.deepEqual(taken(), ['step', 'end'])
})

test('what goes wrong is told', () => {
  const host = simulatedHost(1)
  const results: PacedResult<string>[] = []
  const failing = function* (): Paced<string> {
    yield 0
    throw new TypeError('broken')
  }
  runPaced(failing(), host, 1, (result) => results.push(result))
  host.timers.turn()
  assert.ok('error' in results[0]! && results[0].error instanceof TypeError)
})
