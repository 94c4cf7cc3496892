import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../src/host/index.ts'
import { BROKEN } from './broken.ts'
import { main, report } from './main.ts'
import { run } from './run.ts'
import { scheduleOf } from './schedule.ts'

/** How long the short set runs. */
const SHORT_MS = 3000
/** Every broken store is found out within so many schedules. */
const SCHEDULES_MAX = 300

/** Schedules that have found something once. */
const KEPT = [51, 52, 6103, 9104, 20023]

function assertKept(seed: number): void {
  const { violation } = run(scheduleOf(seed))
  if (violation !== undefined) assert.fail(report(seed, violation).join('\n'))
}

test('whatever happens to the disk, a store keeps what it has promised', () => {
  const first = seeded().seed
  const begunMs = performance.now()
  for (let i = 0; performance.now() - begunMs < SHORT_MS; i++) assertKept((first + i) >>> 0)
})

test('schedules that found something once find nothing now', () => {
  for (const seed of KEPT) assertKept(seed)
})

test('a schedule happens the same way each time', () => {
  const options = { isTraced: true }
  assert.deepEqual(run(scheduleOf(7), options), run(scheduleOf(7), options))
})

for (const variant of BROKEN) {
  test(`the simulation has teeth: it finds a store that ${variant.name}`, () => {
    for (let seed = 1; seed <= SCHEDULES_MAX; seed++) {
      if (run(scheduleOf(seed), { variant }).violation !== undefined) return
    }
    assert.fail(`not found within ${SCHEDULES_MAX} schedules`)
  })
}

test('the program says what it takes, and refuses the rest', () => {
  const printed: string[] = []
  const print = (line: string) => printed.push(line)
  assert.equal(main(['--seed=-1'], print), 2)
  assert.equal(main(['--seconds=0'], print), 2)
  assert.equal(main(['--what'], print), 2)
  assert.equal(main(['--help'], print), 0)
  assert.match(printed.join('\n'), /--seed must be a whole number from 0/)
  assert.equal(main(['--schedules=2', '--seed=5'], print), 0)
  assert.match(printed.at(-1)!, /^2 schedules in .* power cuts, .* 0 violations$/)
})
