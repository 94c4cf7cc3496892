/** Schedules one after another, and what they came to in all. */
import type { Outcome } from './outcome.ts'
import { run } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { shrink } from './shrink.ts'

/** Which schedules are run. */
export interface StretchOptions {
  /** The seed of the first one. */
  readonly seed: number
  /** From each seed to the next. */
  readonly step: number
  /** How many schedules at most. */
  readonly schedules: number
  /** No other one begins after so long. */
  readonly seconds: number
  readonly isTraced: boolean
}

/** Numbers of several runs, added up. */
export interface Totals {
  schedules: number
  cuts: number
  kills: number
  restarts: number
  commands: number
  replies: number
  violations: number
}

/** Who has found so many will find more. */
const VIOLATIONS_MAX = 10

/** Nothing yet. */
export function noTotals(): Totals {
  return {
    ...{ schedules: 0, cuts: 0, kills: 0, restarts: 0 },
    ...{ commands: 0, replies: 0, violations: 0 },
  }
}

/** Runs schedules. `print` gets a line for whoever looks on. */
export async function runStretch(
  options: StretchOptions,
  print: (line: string) => void,
): Promise<Totals> {
  const { schedules, seconds, step, isTraced } = options
  const totals = noTotals()
  const endMs = performance.now() + seconds * 1000
  let { seed } = options
  for (; performance.now() < endMs && totals.schedules < schedules; seed += step) {
    const outcome = await run(scheduleOf(seed), { isTraced })
    count(totals, outcome)
    for (const line of outcome.trace) print(line)
    if (outcome.violation === undefined) continue
    for (const line of await report(seed, outcome.violation)) print(line)
    if (totals.violations >= VIOLATIONS_MAX) break
  }
  return totals
}

/** What to tell of a violation: how to see it again, and the fewest events that lead to it. */
export async function report(seed: number, violation: string): Promise<string[]> {
  const { trace, violation: shrunk } = (await shrink(scheduleOf(seed))).outcome
  return [
    `VIOLATION with seed ${seed}: ${violation}`,
    `see it again: npm run simulate -- --seed ${seed} --schedules 1 --trace`,
    'the fewest events that lead to one:',
    ...trace.map((line) => `  ${line}`),
    `  ${shrunk ?? ''}`,
  ]
}

function count(totals: Totals, outcome: Outcome): void {
  totals.schedules++
  totals.cuts += outcome.cuts
  totals.kills += outcome.kills
  totals.restarts += outcome.restarts
  totals.commands += outcome.commands
  totals.replies += outcome.replies
  if (outcome.violation !== undefined) totals.violations++
}
