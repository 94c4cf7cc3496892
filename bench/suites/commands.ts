/**
 * How commands are measured: what the `strings` and `aof` suites share.
 *
 * Both servers live side by side on the server's core, and runs alternate between them, so that a
 * slow minute of the machine falls on both. The figure is CPU time, user and system, of the server
 * process over the requests of one run; one that idles meanwhile uses next to none.
 */
import { barFor, compare, judge, type SuiteName } from '../bars.ts'
import { type Bench, sendKeys, settle, startAll, stopAll } from '../bench.ts'
import { type Load, runBenchmark, SPREAD } from '../load.ts'
import { isWanted } from '../options.ts'
import { cpuSeconds, hasProc } from '../proc.ts'
import type { Figure } from '../report.ts'
import { missingCommands, type Server } from '../servers.ts'

/** One kind of request. */
export type Work = {
  /** redis-benchmark's name for it. */
  readonly name: string
  /** Commands that the server must know. */
  readonly needs: readonly string[]
  /** What redis-benchmark is told to run. */
  readonly args: readonly string[]
  /** What must be there before: all keys of the spread, or what another run leaves behind. */
  readonly fill?: 'keys' | readonly string[] | Fill
  /** How many numbers `__rand_int__` is drawn from, where that is not the usual count. */
  readonly spread?: number
  /** The work uses up what was filled in, so it is filled before each run, as far as it reaches. */
  readonly consumes?: boolean
}

/** One collection of `count` elements, made by a kind of keys.ts. */
export type Fill = { readonly kind: string; readonly count: number }

/** What a suite asks for. */
export type Plan = {
  readonly suite: SuiteName
  readonly works: readonly Work[]
  readonly pipelines: readonly number[]
  readonly directives: readonly string[]
}

type Sample = { readonly microseconds: number | undefined; readonly requestsPerSecond: number }
type Samples = Map<Server, Sample[]>

/** Runs shorter than this say too little to plan by. */
const PROBE_MS_MIN = 150
/** Whole runs before the first that counts: after two, a compiling language has compiled. */
const WARM_UP_ROUNDS = 2
/** More than the longest LRANGE reads. */
const FILLED_LIST_SIZE = 10_000

/** Measures every work at every depth and gives a row for each. */
export async function measureCommands(bench: Bench, plan: Plan): Promise<Figure[]> {
  if (bench.benchmark === undefined) {
    return [{ work: 'all', note: `skipped: ${bench.options.benchmark} is not there` }]
  }
  const figures: Figure[] = []
  for (const work of plan.works.filter(({ name }) => isWanted(bench.options, name))) {
    // Fresh servers for each work: equal for both, and what it wrote is gone with its folder.
    const servers = await startAll(bench, plan.directives)
    try {
      figures.push(...(await measureWork(bench, plan, work, servers)))
    } finally {
      await stopAll(servers)
    }
  }
  return figures.sort((a, b) => pipelineOf(a) - pipelineOf(b))
}

const pipelineOf = (figure: Figure) => Number(/P=(\d+)/.exec(figure.work)?.[1] ?? 0)

async function measureWork(
  bench: Bench,
  plan: Plan,
  work: Work,
  servers: readonly Server[],
): Promise<Figure[]> {
  for (const server of servers) {
    const missing = await missingCommands(server, work.needs)
    if (missing.length > 0) {
      const note = `skipped: ${server.contender.name} has no ${missing.join(', ')}`
      bench.progress(`${plan.suite} ${work.name}: ${note}`)
      return plan.pipelines.map((pipeline) => ({ work: `${work.name} P=${pipeline}`, note }))
    }
  }
  const figures: Figure[] = []
  for (const pipeline of plan.pipelines) {
    const name = `${work.name} P=${pipeline}`
    try {
      const samples = await alternate(bench, work, pipeline, servers)
      figures.push(figureOf(plan.suite, work, pipeline, samples))
    } catch (error) {
      figures.push({ work: name, note: `failed: ${(error as Error).message}` })
    }
    const { ratio, note } = figures.at(-1)!
    bench.progress(`${plan.suite} ${name}: ${note ?? ratio?.toFixed(2) ?? 'measured'}`)
  }
  return figures
}

/** Warms both servers up, then measures A, B, A, B… */
async function alternate(
  bench: Bench,
  work: Work,
  pipeline: number,
  servers: readonly Server[],
): Promise<Samples> {
  const load = {
    pipeline,
    work: work.args,
    ...(work.spread === undefined ? {} : { spread: work.spread }),
  }
  for (const server of servers) {
    await server.client.ask('FLUSHALL')
    if (!work.consumes) await fill(bench, server, work, FILLED_LIST_SIZE)
  }
  const requests = await plannedRequests(bench, servers[0]!, load)
  const samples: Samples = new Map(servers.map((server) => [server, []]))
  for (let round = -WARM_UP_ROUNDS; round < bench.options.rounds; round++) {
    for (const server of servers) {
      // Rounds below 0 are the warm-up: a server runs for days, so what counts is the machine code
      // that it ends up with, and tables that have reached their size. It is the same for both.
      if (work.consumes) {
        await server.client.ask('FLUSHALL')
        await fill(bench, server, work, requests)
      }
      const sample = await measureRun(bench, server, { ...load, requests, port: server.port })
      if (round >= 0) samples.get(server)!.push(sample)
    }
  }
  return samples
}

async function fill(bench: Bench, server: Server, work: Work, size: number): Promise<void> {
  if (work.fill === undefined) return
  if (work.fill === 'keys') {
    await sendKeys(bench, server, 'set', SPREAD)
    return
  }
  if ('kind' in work.fill) {
    await sendKeys(bench, server, work.fill.kind, work.fill.count, '1')
    return
  }
  // Sets drop a member drawn twice; over twenty times as many as are added, few are.
  const load = { port: server.port, requests: size, pipeline: 64, spread: size * 20 }
  await runBenchmark(bench.benchmark!, bench.pinning.load, { ...load, work: work.fill })
}

/** How many requests take `runSeconds`, found by runs that grow until they can be timed. */
async function plannedRequests(
  bench: Bench,
  server: Server,
  load: Omit<Load, 'port' | 'requests'>,
): Promise<number> {
  let requests = 5_000
  for (let n = 0; n < 6; n++) {
    const startedAt = performance.now()
    const { requestsPerSecond } = await runBenchmark(bench.benchmark!, bench.pinning.load, {
      ...load,
      port: server.port,
      requests,
    })
    if (performance.now() - startedAt >= PROBE_MS_MIN) {
      requests = requestsPerSecond * bench.options.runSeconds
      break
    }
    requests *= 4
  }
  return Math.max(1_000, Math.round(requests))
}

async function measureRun(bench: Bench, server: Server, load: Load): Promise<Sample> {
  await settle(server)
  const before = cpuSeconds(server.pid)
  const { requestsPerSecond } = await runBenchmark(bench.benchmark!, bench.pinning.load, load)
  const after = cpuSeconds(server.pid)
  const used = before === undefined || after === undefined ? undefined : after - before
  const microseconds = used === undefined ? undefined : (used * 1e6) / load.requests
  return { microseconds, requestsPerSecond }
}

function figureOf(suite: SuiteName, work: Work, pipeline: number, samples: Samples): Figure {
  const of = (side: 'reference' | 'subject', pick: (sample: Sample) => number) =>
    [...samples].flatMap(([server, list]) => (server.contender.side === side ? list.map(pick) : []))
  const both = (pick: (sample: Sample) => number, better: 'less' | 'more') =>
    compare(of('reference', pick), of('subject', pick), better)

  const name = `${work.name} P=${pipeline}`
  const throughput = both((sample) => sample.requestsPerSecond, 'more')
  // The bars are for CPU time, so throughput alone is shown and not judged.
  if (!hasProc) return { work: name, ...throughput }
  const comparison = both((sample) => sample.microseconds!, 'less')
  const bar = barFor({ suite, work: work.name, pipeline })
  return {
    work: name,
    ...comparison,
    ...(bar === undefined ? {} : { bar }),
    verdict: judge(comparison, bar),
    throughput,
  }
}

/** The unit of these figures here, and what to know about them. */
export function unitAndNotes(): { unit: string; notes: string[] } {
  if (!hasProc) {
    const why =
      'There is no /proc here, so the figures are throughput, which the bars do not judge.'
    return { unit: 'req/s', notes: [why] }
  }
  const what = "The figures are the server's CPU microseconds per request, user and system."
  return { unit: 'µs/req', notes: [what] }
}
