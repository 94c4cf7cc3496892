import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../src/host/index.ts'
import { BROKEN } from './broken.ts'
import { main } from './main.ts'
import { run } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { report } from './stretch.ts'
import { SCHEDULES_MAX, schedulesToFind } from './teeth.ts'

/** How long the short set runs. */
const SHORT_MS = 3000

/** Schedules that have found something once. */
const KEPT = [
  ...[51, 52, 78, 106, 109, 654, 6103, 9104, 20023, 200530, 400813, 500970],
  ...[31000968, 31002060, 31003283, 31003616, 31009249, 31009335, 31011596],
  ...[57000474, 57000958, 57002382, 57004226, 57006765, 57009468],
  ...[91001090, 94005098, 94101967, 94103674],
  ...[1127006, 1127019, 1127104, 1127115],
]

async function assertKept(seed: number): Promise<void> {
  const { violation } = await run(scheduleOf(seed))
  if (violation !== undefined) assert.fail((await report(seed, violation)).join('\n'))
}

test('whatever happens to the disk, a store keeps what it has promised', async () => {
  const first = seeded().seed
  const begunMs = performance.now()
  for (let i = 0; performance.now() - begunMs < SHORT_MS; i++) await assertKept((first + i) >>> 0)
})

test('schedules that found something once find nothing now', async () => {
  for (const seed of KEPT) await assertKept(seed)
})

test('a schedule happens the same way each time', async () => {
  const options = { isTraced: true }
  assert.deepEqual(await run(scheduleOf(7), options), await run(scheduleOf(7), options))
})

for (const variant of BROKEN) {
  test(`the simulation has teeth: it finds a store that ${variant.name}`, async (t) => {
    const needed = await schedulesToFind(variant)
    assert.ok(needed !== undefined, `not found within ${SCHEDULES_MAX} schedules`)
    t.diagnostic(`found in schedule ${needed}`)
  })
}

test('the program says what it takes, and refuses the rest', async () => {
  const printed: string[] = []
  const print = (line: string) => printed.push(line)
  assert.equal(await main(['--seed=-1'], print), 2)
  assert.equal(await main(['--seconds=0'], print), 2)
  assert.equal(await main(['--workers=0'], print), 2)
  assert.equal(await main(['--what'], print), 2)
  assert.equal(await main(['--help'], print), 0)
  assert.match(printed.join('\n'), /--seed must be a whole number from 0/)
  const figures = async (...args: string[]) => {
    assert.equal(await main(['--schedules=3', '--seed=5', ...args], print), 0)
    assert.match(printed.at(-1)!, /^3 schedules in .* power cuts, .* 0 violations$/)
    return printed.at(-1)!.replace(/.*: /, '')
  }
  assert.equal(await figures('--workers=2'), await figures('--workers=1'), 'threads share the work')
})
