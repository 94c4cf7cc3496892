/**
 * The append-only file: what commands cost with `appendfsync everysec`, and how many writes a
 * second reach the disk with `always`.
 */
import { barFor, compare, judge } from '../bars.ts'
import { type Bench, startAll, stopAll } from '../bench.ts'
import { CLIENTS, runBenchmark } from '../load.ts'
import type { Figure, SuiteResult } from '../report.ts'
import type { Server } from '../servers.ts'
import { measureCommands, unitAndNotes } from './commands.ts'
import { stringWorks } from './strings.ts'

const appending = (policy: string) => ['--appendonly', 'yes', '--appendfsync', policy]

/** CPU per request with the AOF on, synced every second, on both sides. */
export async function aofSuite(bench: Bench): Promise<SuiteResult> {
  const figures = await measureCommands(bench, {
    suite: 'aof',
    works: stringWorks,
    pipelines: [1, 16, 64],
    directives: appending('everysec'),
  })
  const { unit, notes } = unitAndNotes()
  const title = 'The string commands with AOF, everysec'
  return { name: 'aof', title, figures, unit, notes: [...notes, 'Neither side rewrites its AOF.'] }
}

/** A run on a slow disk must end too, so it is planned by what a first second achieved. */
const PROBE_REQUESTS = 1_000
/** After two whole runs a compiling language has compiled. */
const WARM_UP_ROUNDS = 2

/** Acknowledged writes a second with each policy; with `always`, each is synced before its reply. */
export async function alwaysSuite(bench: Bench): Promise<SuiteResult> {
  const title = `SET with AOF by appendfsync, ${CLIENTS} clients`
  const result = { name: 'always', title, unit: 'req/s' } as const
  const notes = ['The ratio is throughput, ours ÷ Redis.']
  if (bench.benchmark === undefined) {
    const note = `skipped: ${bench.options.benchmark} is not there`
    return { ...result, notes, figures: [{ work: 'SET', note }] }
  }
  const figures: Figure[] = []
  for (const policy of ['no', 'everysec', 'always']) {
    const servers = await startAll(bench, appending(policy))
    try {
      figures.push(await measurePolicy(bench, servers, policy))
    } finally {
      await stopAll(servers)
    }
  }
  return { ...result, notes, figures }
}

async function measurePolicy(
  bench: Bench,
  servers: readonly Server[],
  policy: string,
): Promise<Figure> {
  const rate = async (server: Server, requests: number) => {
    const load = { port: server.port, pipeline: 1, work: ['-t', 'set'], requests }
    return (await runBenchmark(bench.benchmark!, bench.pinning.load, load)).requestsPerSecond
  }
  const planned = new Map<Server, number>()
  for (const server of servers) {
    const perSecond = await rate(server, PROBE_REQUESTS)
    planned.set(server, Math.ceil(perSecond * bench.options.runSeconds * 2))
  }
  const rates = { reference: [] as number[], subject: [] as number[] }
  for (let round = -WARM_UP_ROUNDS; round < bench.options.rounds; round++) {
    for (const server of servers) {
      const achieved = await rate(server, planned.get(server)!)
      if (round >= 0) rates[server.contender.side].push(achieved)
    }
  }
  const comparison = compare(rates.reference, rates.subject, 'more')
  const work = `SET, ${policy}`
  bench.progress(`always ${work}: ${comparison.ratio?.toFixed(2) ?? 'measured'}`)
  const bar = barFor({ suite: 'always', work })
  return { work, ...comparison, ...(bar ? { bar, verdict: judge(comparison, bar) } : {}) }
}
