/** BullMQ, the queue that most Node programs use: what its jobs cost, and how many fit in a second. */
import { barFor, compare, judge } from '../bars.ts'
import { type Bench, helperCommand, settle, startAll, stopAll, WITHOUT_AOF } from '../bench.ts'
import type { JobFigures } from '../jobs.ts'
import { run } from '../load.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { missingCommands, type Server } from '../servers.ts'

const JOBS = 5_000
/** So many runs pass until a compiling language has compiled the long scripts and all they call. */
const WARM_UP_ROUNDS = 8

/** Jobs a second when they are added and when they are worked on, and the server's time for each. */
export async function queueSuite(bench: Bench): Promise<SuiteResult> {
  const title = `BullMQ, ${JOBS.toLocaleString('en-US')} jobs, no persistence`
  const result = { name: 'queue', title, unit: '' } as const
  const servers = await startAll(bench, WITHOUT_AOF)
  try {
    for (const server of servers) {
      const missing = await missingCommands(server, ['EVALSHA'])
      if (missing.length === 0) continue
      const note = `skipped: ${server.contender.name} has no ${missing[0]}`
      return { ...result, figures: [{ work: 'all', note }], notes: [] }
    }
    return { ...result, figures: await measure(bench, servers), notes: [NOTE] }
  } finally {
    await stopAll(servers)
  }
}

const NOTE =
  "CPU is the server's, in microseconds a job. Adding a job is one script of BullMQ's, in bulks of " +
  '500; working on one is some scripts and blocking calls of 4 workers with a concurrency of 25. ' +
  'Jobs a second include what BullMQ itself takes, which is most of it.'

async function measure(bench: Bench, servers: readonly Server[]): Promise<Figure[]> {
  const samples = { reference: [] as JobFigures[], subject: [] as JobFigures[] }
  for (let round = -WARM_UP_ROUNDS; round < bench.options.rounds; round++) {
    for (const server of servers) {
      await server.client.ask('FLUSHALL')
      await settle(server)
      const argv = helperCommand(bench, 'jobs', [server.port, server.pid, JOBS].map(String))
      const { code, stdout, stderr } = await run(argv, 150_000)
      if (code !== 0) throw new Error(`${server.contender.name}, jobs: ${stderr.trim()}`)
      if (round >= 0) samples[server.contender.side].push(JSON.parse(stdout))
    }
  }
  const row = (work: string, better: 'less' | 'more', pick: (it: JobFigures) => number): Figure => {
    const { reference, subject } = samples
    const comparison = compare(reference.map(pick), subject.map(pick), better)
    bench.progress(`queue ${work}: ${comparison.ratio?.toFixed(2) ?? 'measured'}`)
    const bar = barFor({ suite: 'queue', work })!
    return { work, ...comparison, bar, verdict: judge(comparison, bar) }
  }
  const perJob = (seconds: number) => (seconds * 1e6) / JOBS
  return [
    row('addStandardJob script, CPU', 'less', (it) => perJob(it.addCpuSeconds)),
    row('work, CPU', 'less', (it) => perJob(it.workCpuSeconds)),
    row('jobs a second, end to end', 'more', (it) => JOBS / (it.addSeconds + it.workSeconds)),
  ]
}
