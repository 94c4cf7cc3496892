/** `npm run simulate`: runs schedules for a time, and prints what they came to. */
import { parseArgs } from 'node:util'
import { numberIn } from '../support/options.ts'
import { type Outcome, run } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { shrink } from './shrink.ts'

const USAGE = `usage: npm run simulate -- [options]

  --seconds N     how long to run (default 10)
  --schedules N   how many schedules to run, instead of a time
  --seed N        the seed of the first schedule; the next one has the next number
  --trace         print what happens in each schedule

It ends with status 1 when a schedule found a violation.`

const SECONDS_MAX = 24 * 3600

/** Numbers of a run, added up. */
interface Totals {
  schedules: number
  cuts: number
  kills: number
  restarts: number
  commands: number
  replies: number
  violations: number
}

/** Runs with the arguments of the program. @returns its exit status. */
export function main(args: readonly string[], print: (line: string) => void): number {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    print(options)
    return options === USAGE ? 0 : 2
  }
  const { seconds, schedules, seed, isTraced } = options
  print(`seed ${seed}`)
  const totals = {
    ...{ schedules: 0, cuts: 0, kills: 0, restarts: 0 },
    ...{ commands: 0, replies: 0, violations: 0 },
  }
  const begunMs = performance.now()
  const elapsed = () => (performance.now() - begunMs) / 1000
  for (let next = seed; elapsed() < seconds && totals.schedules < schedules; next++) {
    const outcome = run(scheduleOf(next), { isTraced })
    add(totals, outcome)
    for (const line of outcome.trace) print(line)
    if (outcome.violation === undefined) continue
    for (const line of report(next, outcome.violation)) print(line)
    if (totals.violations >= 10) break
  }
  print(summary(totals, elapsed()))
  return totals.violations === 0 ? 0 : 1
}

/** What to tell of a violation: how to see it again, and the fewest events that lead to it. */
export function report(seed: number, violation: string): string[] {
  const { trace, violation: shrunk } = shrink(scheduleOf(seed)).outcome
  return [
    `VIOLATION with seed ${seed}: ${violation}`,
    `see it again: npm run simulate -- --seed ${seed} --schedules 1 --trace`,
    'the fewest events that lead to one:',
    ...trace.map((line) => `  ${line}`),
    `  ${shrunk ?? ''}`,
  ]
}

function add(totals: Totals, outcome: Outcome): void {
  totals.schedules++
  totals.cuts += outcome.cuts
  totals.kills += outcome.kills
  totals.restarts += outcome.restarts
  totals.commands += outcome.commands
  totals.replies += outcome.replies
  if (outcome.violation !== undefined) totals.violations++
}

function summary(totals: Totals, seconds: number): string {
  const { schedules, cuts, kills, restarts, commands, replies, violations } = totals
  return (
    `${schedules} schedules in ${seconds.toFixed(1)} s ` +
    `(${Math.round((schedules * 60) / seconds)} a minute): ` +
    `${commands} commands, ${replies} replies, ${cuts} power cuts, ${kills} kills, ` +
    `${restarts} restarts, ${violations} violations`
  )
}

interface SimulateOptions {
  readonly seconds: number
  readonly schedules: number
  readonly seed: number
  readonly isTraced: boolean
}

function optionsOf(args: readonly string[]): SimulateOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string' },
        schedules: { type: 'string' },
        seed: { type: 'string' },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return USAGE
    const schedules = numberIn(values.schedules, 'schedules', 1, 1e9)
    const seconds = numberIn(values.seconds, 'seconds', 1, SECONDS_MAX)
    return {
      seconds: seconds ?? (schedules === undefined ? 10 : SECONDS_MAX),
      schedules: schedules ?? Number.POSITIVE_INFINITY,
      seed: numberIn(values.seed, 'seed', 0, 2 ** 32 - 1) ?? Date.now() % 2 ** 32,
      isTraced: values.trace,
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}
