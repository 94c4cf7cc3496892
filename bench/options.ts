/**
 * The benchmark's command line.
 */
import { parseArgs } from 'node:util'
import { SUITE_NAMES, type SuiteName } from './bars.ts'

/** What was asked for, with every default filled in. */
export type Options = {
  readonly only: readonly SuiteName[]
  /** Works to measure in the suites that have several, without commas; `undefined` for all. */
  readonly works: readonly string[] | undefined
  readonly isQuick: boolean
  readonly rounds: number
  /** Seconds of CPU that one run on the reference is to take. */
  readonly runSeconds: number
  /** How many keys the memory and stall suites load. */
  readonly keys: number
  /** Program of the reference server; `none` measures the subject alone. */
  readonly reference: string
  /** Command line of the subject, or `undefined` for this project's own server. */
  readonly subject: string | undefined
  readonly benchmark: string
  /** The folder under which data folders are made, or `undefined` for the system's. */
  readonly dir: string | undefined
  readonly save: boolean
  readonly json: string | undefined
  readonly help: boolean
}

/** What `--help` prints. */
export const HELP = `npm run bench -- [OPTIONS]

Starts redis-server and Holdfast, measures both, and prints the ratios beside the bars.

  --only A,B           suites to run: ${SUITE_NAMES.join(', ')} (all of them)
  --works SET,GET      works to measure in the suites that have several (all of them);
                       the commas in their own names are left out
  --quick              a short form: one round, short runs, 400 thousand keys
  --rounds N           rounds of each measurement, alternating between the servers (3)
  --keys N             keys to load for memory and stall (4000000)
  --reference PROGRAM  the reference server, or none (redis-server)
  --subject COMMAND    measures this instead, with {port} and {dir} where those go
  --benchmark PROGRAM  the load generator (redis-benchmark)
  --dir FOLDER         where data folders are made (the system's temporary folder)
  --save               keeps the report in bench/results/
  --json FILE          writes the figures as JSON

The exit status says whether the benchmark ran, not whether the bars were met.
`

/** A positive whole number, or an error that names the option. */
function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name} takes a positive whole number, not "${text}"`)
  }
  return value
}

function suites(text: string | undefined): SuiteName[] {
  if (text === undefined) return [...SUITE_NAMES]
  const wanted = text.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !SUITE_NAMES.some((known) => known === name))
  if (unknown !== undefined) {
    throw new Error(`there is no suite "${unknown}"; there are ${SUITE_NAMES.join(', ')}`)
  }
  return SUITE_NAMES.filter((name) => wanted.includes(name))
}

/** Reads the arguments. Throws an error for people when they make no sense. */
export function parseOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ only: text, works: text, rounds: text, keys: text, reference: text, subject: text },
      ...{ benchmark: text, dir: text, json: text },
      ...{ quick: flag, save: flag, help: flag },
    },
  })
  if (values.subject !== undefined && !values.subject.includes('{port}')) {
    throw new Error('--subject needs {port} where the port goes')
  }
  return {
    only: suites(values.only),
    works: values.works?.split(',').map((name) => name.trim()),
    isQuick: values.quick,
    rounds: count('rounds', values.rounds, values.quick ? 1 : 3),
    runSeconds: values.quick ? 0.4 : 1.6,
    keys: count('keys', values.keys, values.quick ? 400_000 : 4_000_000),
    reference: values.reference ?? 'redis-server',
    subject: values.subject,
    benchmark: values.benchmark ?? 'redis-benchmark',
    dir: values.dir,
    save: values.save,
    json: values.json,
    help: values.help,
  }
}

/** Whether a work is to be measured. Commas divide the works that were named, so they have none. */
export function isWanted({ works }: Options, name: string): boolean {
  return works === undefined || works.includes(name.replaceAll(',', ''))
}
