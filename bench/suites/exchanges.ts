/** Transactions, messages and scripts: the server's CPU time for each. */
import { barFor, compare, judge } from '../bars.ts'
import { type Bench, helperCommand, settle, startAll, stopAll, WITHOUT_AOF } from '../bench.ts'
import type { Exchange, Exchanged } from '../exchange.ts'
import { CLIENTS, run } from '../load.ts'
import { isWanted } from '../options.ts'
import { hasProc } from '../proc.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { missingCommands, type Server } from '../servers.ts'

type Work = {
  readonly name: string
  readonly needs: readonly string[]
  /** Given the SHA-1 of `script`, where there is one. */
  batch(sha: string): string[][]
  /** How many of the things that the row counts are in one batch. */
  readonly perBatch: number
  readonly script?: string
  readonly subscribers?: number
}

const CHANNEL = 'news'
const VALUE = 'x'.repeat(16)
/** Runs shorter than this say too little to plan by. */
const PROBE_SECONDS_MIN = 0.15
const BATCHES_MAX = 1_000_000
/** After two whole runs a compiling language has compiled. */
const WARM_UP_ROUNDS = 2

const pipelined = (count: number, command: string[]) => Array.from({ length: count }, () => command)

const publishing = (subscribers: number, count: number): Work => ({
  name: `PUBLISH to ${subscribers.toLocaleString('en-US')}`,
  needs: ['PUBLISH'],
  batch: () => pipelined(count, ['PUBLISH', CHANNEL, VALUE]),
  perBatch: count,
  subscribers,
})

const script = (name: string, text: string): Work => ({
  name,
  needs: ['EVALSHA'],
  batch: (sha) => pipelined(16, ['EVALSHA', sha, '3', 'k1', 'k2', 'k3', VALUE, '2', '3']),
  perBatch: 16,
  script: text,
})

const works: readonly Work[] = [
  {
    name: 'MULTI of 10 commands',
    needs: ['MULTI'],
    batch: () => [
      ['MULTI'],
      ...Array.from({ length: 10 }, (_, n) => ['SET', `key:00000000000${n}`, VALUE]),
      ['EXEC'],
    ],
    perBatch: 1,
  },
  publishing(1, 16),
  publishing(100, 16),
  publishing(1000, 4),
  script('EVALSHA, trivial', 'return 1'),
  script(
    'EVALSHA with ten calls',
    "for i = 1, 5 do redis.call('SET', KEYS[1], ARGV[1]) redis.call('GET', KEYS[1]) end return 1",
  ),
]

/** Measures all of them, alternating between the servers. */
export async function exchangesSuite(bench: Bench): Promise<SuiteResult> {
  const title = 'Transactions, messages and scripts, no persistence'
  const result = { name: 'exchanges', title, unit: 'µs' } as const
  if (!hasProc) {
    const figures = [{ work: 'all', note: 'skipped: there is no /proc here' }]
    return { ...result, figures, notes: [] }
  }
  const figures: Figure[] = []
  for (const work of works.filter(({ name }) => isWanted(bench.options, name))) {
    const servers = await startAll(bench, WITHOUT_AOF)
    try {
      figures.push(await measureWork(bench, work, servers))
    } finally {
      await stopAll(servers)
    }
    const { ratio, note } = figures.at(-1)!
    bench.progress(`exchanges ${work.name}: ${note ?? ratio?.toFixed(2) ?? 'measured'}`)
  }
  const notes = [
    "The figures are the server's CPU microseconds, user and system, for a whole transaction, for a",
    'message to all its subscribers, or for a script. Messages go over one connection and the rest',
    `over ${CLIENTS}; messages to 1 000 are sent 4 at a time, and other messages and scripts 16.`,
  ]
  return { ...result, figures, notes: [notes.join(' ')] }
}

async function measureWork(bench: Bench, work: Work, servers: readonly Server[]): Promise<Figure> {
  for (const server of servers) {
    const missing = await missingCommands(server, work.needs)
    if (missing.length === 0) continue
    return { work: work.name, note: `skipped: ${server.contender.name} has no ${missing[0]}` }
  }
  const samples = { reference: [] as number[], subject: [] as number[] }
  try {
    const batches = await plannedBatches(bench, work, servers[0]!)
    for (let round = -WARM_UP_ROUNDS; round < bench.options.rounds; round++) {
      for (const server of servers) {
        const used = await exchange(bench, work, server, batches)
        const microseconds = (used.cpuSeconds * 1e6) / (batches * work.perBatch)
        if (round >= 0) samples[server.contender.side].push(microseconds)
      }
    }
  } catch (error) {
    return { work: work.name, note: `failed: ${(error as Error).message}` }
  }
  const comparison = compare(samples.reference, samples.subject, 'less')
  const bar = barFor({ suite: 'exchanges', work: work.name })!
  return { work: work.name, ...comparison, bar, verdict: judge(comparison, bar) }
}

/** How many batches take `runSeconds`. */
async function plannedBatches(bench: Bench, work: Work, server: Server): Promise<number> {
  for (let batches = 100; ; batches *= 4) {
    const { seconds } = await exchange(bench, work, server, batches)
    if (seconds < PROBE_SECONDS_MIN && batches < BATCHES_MAX) continue
    return Math.max(100, Math.round((batches / seconds) * bench.options.runSeconds))
  }
}

async function exchange(
  bench: Bench,
  work: Work,
  server: Server,
  batches: number,
): Promise<Exchanged> {
  const { script: text, subscribers } = work
  const sha = text === undefined ? '' : await server.client.ask('SCRIPT', 'LOAD', text)
  const exchanged: Exchange = {
    port: server.port,
    pid: server.pid,
    connections: subscribers === undefined ? CLIENTS : 1,
    batch: work.batch(String(sha)),
    batches,
    ...(subscribers === undefined ? {} : { subscribers, channel: CHANNEL }),
  }
  await settle(server)
  const argv = helperCommand(bench, 'exchange', [JSON.stringify(exchanged)])
  const { code, stdout, stderr } = await run(argv, 330_000)
  if (code !== 0) throw new Error(stderr.trim().split('\n').at(-1) || `it ended with ${code}`)
  return JSON.parse(stdout) as Exchanged
}
