/** `npm run fuzz`: tries damaged payloads and snapshots for a time, and prints what they came to. */
import { parseArgs } from 'node:util'
import { numberIn } from '../support/options.ts'
import { type Bench, type CaseOutcome, newBench, runCase } from './run.ts'
import { Watchdog } from './watchdog.ts'
import { retire } from './worlds.ts'

const USAGE = `usage: npm run fuzz -- [options]

  --seconds N   how long to run (default 10)
  --cases N     how many cases to try, instead of a time
  --seed N      the seed of the first case; the next one has the next number

It ends with status 1 when a case found a violation, and is killed when one does not end.`

const SECONDS_MAX = 24 * 3600
const VIOLATIONS_MAX = 10
/** What is printed of bytes that did harm. */
const SHOWN_BYTES_MAX = 2000
/** A bench serves so many cases. */
const CASES_PER_BENCH = 500
/** The process may grow by so much: what is used and given back is not all returned to the system. */
const RESIDENT_BYTES_MAX = 2 ** 30

/** Numbers of a run, added up. */
interface Totals {
  cases: number
  accepted: number
  bytes: number
  largestBytes: number
  slowestMs: number
  violations: number
}

/** Runs with the arguments of the program. @returns its exit status. */
export function main(
  args: readonly string[],
  print: (line: string) => void,
  make: () => Bench = newBench,
): number {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    print(options)
    return options === USAGE ? 0 : 2
  }
  const { seconds, cases, seed } = options
  print(`seed ${seed}`)
  const totals = { cases: 0, accepted: 0, bytes: 0, largestBytes: 0, slowestMs: 0, violations: 0 }
  const begunMs = performance.now()
  const residentBytes = process.memoryUsage().rss
  const elapsed = () => (performance.now() - begunMs) / 1000
  const watchdog = new Watchdog()
  let bench = make()
  const renew = () => {
    retire(bench.world)
    bench = make()
  }
  try {
    while (elapsed() < seconds && totals.cases < cases && totals.violations < VIOLATIONS_MAX) {
      const next = (seed + totals.cases) >>> 0
      if (totals.cases % CASES_PER_BENCH === CASES_PER_BENCH - 1) renew()
      watchdog.watch(next)
      const outcome = runCase(next, bench)
      add(totals, outcome)
      if (outcome.violation === undefined) continue
      for (const line of report(next, outcome)) print(line)
      renew()
    }
  } finally {
    watchdog.stop()
  }
  const grownBytes = process.memoryUsage().rss - residentBytes
  if (grownBytes > RESIDENT_BYTES_MAX) {
    totals.violations++
    print(`VIOLATION: the process grew by ${grownBytes} bytes`)
  }
  print(summary(totals, elapsed()))
  return totals.violations === 0 ? 0 : 1
}

function report(seed: number, { name, sizeBytes, violation, bytes }: CaseOutcome): string[] {
  const shown = bytes?.subarray(0, SHOWN_BYTES_MAX).toString('hex') ?? ''
  return [
    `VIOLATION with seed ${seed}, ${name}, ${sizeBytes} bytes: ${violation}`,
    `see it again: npm run fuzz -- --seed ${seed} --cases 1`,
    `  ${shown}${sizeBytes > SHOWN_BYTES_MAX ? '…' : ''}`,
  ]
}

function add(totals: Totals, { isAccepted, sizeBytes, readMs, violation }: CaseOutcome): void {
  totals.cases++
  totals.bytes += sizeBytes
  totals.largestBytes = Math.max(totals.largestBytes, sizeBytes)
  totals.slowestMs = Math.max(totals.slowestMs, readMs)
  if (isAccepted) totals.accepted++
  if (violation !== undefined) totals.violations++
}

function summary(totals: Totals, seconds: number): string {
  const { cases, accepted, bytes, largestBytes, slowestMs, violations } = totals
  return (
    `${cases} cases in ${seconds.toFixed(1)} s, ${accepted} accepted: ` +
    `${(bytes / 2 ** 20).toFixed(1)} MiB, the largest ${(largestBytes / 2 ** 20).toFixed(1)} MiB, ` +
    `the slowest ${slowestMs.toFixed(0)} ms, ${violations} violations`
  )
}

interface FuzzOptions {
  readonly seconds: number
  readonly cases: number
  readonly seed: number
}

function optionsOf(args: readonly string[]): FuzzOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string' },
        cases: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return USAGE
    const cases = numberIn(values.cases, 'cases', 1, 1e9)
    const seconds = numberIn(values.seconds, 'seconds', 1, SECONDS_MAX)
    return {
      seconds: seconds ?? (cases === undefined ? 10 : SECONDS_MAX),
      cases: cases ?? Number.POSITIVE_INFINITY,
      seed: numberIn(values.seed, 'seed', 0, 2 ** 32 - 1) ?? Date.now() % 2 ** 32,
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}
