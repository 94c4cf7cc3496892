/** `npm run simulate`: runs schedules for a time, and prints what they came to. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { numberIn } from '../support/options.ts'
import { runStretch, type Totals } from './stretch.ts'
import { showTeeth } from './teeth.ts'
import { runShared } from './workers.ts'

const USAGE = `usage: npm run simulate -- [options]

  --seconds N     how long to run (default 10)
  --schedules N   how many schedules to run, instead of a time
  --seed N        the seed of the first schedule; the next one has the next number
  --workers N     how many threads share them (default: as many as there are cores)
  --trace         print what happens in each schedule, in one thread
  --teeth         run stores that are broken on purpose, and print how soon each is found out

It ends with status 1 when a schedule found a violation, or a broken store was not found out.`

const SECONDS_MAX = 24 * 3600

/** Runs with the arguments of the program. @returns its exit status. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    print(options)
    return options === USAGE ? 0 : 2
  }
  const { seed, workers, isTeething } = options
  print(`seed ${seed}`)
  if (isTeething) return (await showTeeth(seed, print)) ? 0 : 1
  const begunMs = performance.now()
  const stretch = { ...options, step: 1 }
  const totals =
    workers === 1 ? await runStretch(stretch, print) : await runShared(stretch, workers, print)
  print(summary(totals, (performance.now() - begunMs) / 1000, workers))
  return totals.violations === 0 ? 0 : 1
}

function summary(totals: Totals, seconds: number, workers: number): string {
  const { schedules, cuts, kills, restarts, commands, replies, violations } = totals
  return (
    `${schedules} schedules in ${seconds.toFixed(1)} s on ${workers} threads ` +
    `(${Math.round((schedules * 60) / seconds)} a minute): ` +
    `${commands} commands, ${replies} replies, ${cuts} power cuts, ${kills} kills, ` +
    `${restarts} restarts, ${violations} violations`
  )
}

interface SimulateOptions {
  readonly seconds: number
  readonly schedules: number
  readonly seed: number
  readonly workers: number
  readonly isTraced: boolean
  readonly isTeething: boolean
}

function optionsOf(args: readonly string[]): SimulateOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string' },
        schedules: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        trace: { type: 'boolean', default: false },
        teeth: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return USAGE
    const schedules = numberIn(values.schedules, 'schedules', 1, 1e9)
    const seconds = numberIn(values.seconds, 'seconds', 1, SECONDS_MAX)
    const workers = numberIn(values.workers, 'workers', 1, 64) ?? availableParallelism()
    return {
      seconds: seconds ?? (schedules === undefined ? 10 : SECONDS_MAX),
      schedules: schedules ?? Number.POSITIVE_INFINITY,
      seed: numberIn(values.seed, 'seed', 0, 2 ** 32 - 1) ?? Date.now() % 2 ** 32,
      workers: values.trace ? 1 : workers,
      isTraced: values.trace,
      isTeething: values.teeth,
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}
