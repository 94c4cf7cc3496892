/**
 * What saving costs: how long a save, a rewrite of the AOF and loading take, how much memory a save
 * needs at most, and how long clients wait meanwhile, at half of the rate that can be served.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Asked } from '../asked.ts'
import { barFor, judge } from '../bars.ts'
import { type Bench, helperCommand, sendKeys, settle, WITHOUT_AOF } from '../bench.ts'
import { infoField } from '../client.ts'
import type { LoopFigures } from '../open-loop.ts'
import { memoryOfAll } from '../proc.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { type Contender, missingCommands, type Server, startServer } from '../servers.ts'

const CALIBRATION_MS = 3_000
const STEADY_MS = 10_000
const SAVE_TIMEOUT_MS = 300_000
const LOOK_PERIOD_MS = 50
const SETTLE_MS = 2_000

type Method = {
  readonly command: string
  readonly field: string
  readonly directives: readonly string[]
  readonly file: string
}

const methods: readonly Method[] = [
  {
    command: 'BGSAVE',
    field: 'rdb_bgsave_in_progress',
    directives: WITHOUT_AOF,
    file: 'RDB',
  },
  {
    command: 'BGREWRITEAOF',
    field: 'aof_rewrite_in_progress',
    directives: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
    file: 'AOF',
  },
]

/** What one side needed for one method. */
type Saved = {
  readonly seconds: number
  readonly steadyBytes: number
  readonly peakBytes: number
  readonly first: LoopFigures
  readonly without: LoopFigures
  readonly during: LoopFigures
  readonly loadSeconds: number
}

/** Saves, rewrites and loads with each server alone. */
export async function savingSuite(bench: Bench): Promise<SuiteResult> {
  const keys = bench.options.keys
  const figures: Figure[] = []
  for (const method of methods) figures.push(...(await measureMethod(bench, method)))
  const title = `Saving ${keys.toLocaleString('en-US')} keys`
  const notes = [
    'Latencies are those of SET and GET over 50 connections at half the rate that this load reaches',
    'at most, each counted from the moment at which it was due, during the third save after the start',
    'but where the first is named. Memory is that of the process and of',
    "its children, shared pages counted once. Loading is a server's start with those files.",
  ]
  return { name: 'saving', title, unit: '', figures, notes: [notes.join(' ')] }
}

async function measureMethod(bench: Bench, method: Method): Promise<Figure[]> {
  const found = new Map<Contender['side'], Saved>()
  for (const contender of bench.contenders) {
    const saved = await measureSide(bench, contender, method)
    if (saved === undefined) {
      return [{ work: method.command, note: `skipped: ${contender.name} has no such command` }]
    }
    found.set(contender.side, saved)
  }
  const row = (work: string, pick: (saved: Saved) => number, isRatio = false): Figure => {
    const [reference, subject] = [found.get('reference'), found.get('subject')]
    const sides = {
      ...(reference === undefined ? {} : { reference: pick(reference) }),
      ...(subject === undefined ? {} : { subject: pick(subject) }),
    }
    const hasRatio = isRatio && reference !== undefined && subject !== undefined
    const figures = hasRatio ? { ...sides, ratio: pick(reference) / pick(subject) } : sides
    const bar = barFor({ suite: 'saving', work })
    return { work, ...figures, ...(bar ? { bar, verdict: judge(figures, bar) } : {}) }
  }
  const { command, file } = method
  return [
    row(`${command}, seconds`, (it) => it.seconds, true),
    row(`peak memory during ${command}, over steady`, (it) => it.peakBytes / it.steadyBytes),
    row(`requests a second, half of the most, ${file}`, (it) => it.without.perSecond),
    row(`without ${command}, p50 ms`, (it) => it.without.p50Ms),
    row(`without ${command}, p99 ms`, (it) => it.without.p99Ms),
    row(`without ${command}, p99.9 ms`, (it) => it.without.p999Ms),
    row(`first ${command} after the start, p99.9 ms`, (it) => it.first.p999Ms),
    row(`${command}, p50 ms`, (it) => it.during.p50Ms),
    row(`${command}, p99 ms`, (it) => it.during.p99Ms),
    row(`${command}, p99.9 ms`, (it) => it.during.p999Ms),
    row(`${command}, longest ms`, (it) => it.during.longestMs),
    row(`${command}, p99.9 over that without`, (it) => it.during.p999Ms - it.without.p999Ms),
    row(`load of the ${file}`, (it) => it.loadSeconds, true),
  ]
}

async function measureSide(
  bench: Bench,
  contender: Contender,
  method: Method,
): Promise<Saved | undefined> {
  const server = await startServer(contender, method.directives, bench.place)
  const files = mkdtempSync(join(bench.place.baseDir, 'holdfast-bench-files-'))
  try {
    if ((await missingCommands(server, [method.command])).length > 0) return undefined
    await server.client.ask('CONFIG', 'SET', 'auto-aof-rewrite-percentage', '0').catch(() => null)
    await sendKeys(bench, server, 'set', bench.options.keys)
    await settle(server)
    const saved = await saveUnderLoad(bench, server, method)
    cpSync(server.dir, files, { recursive: true })
    await server.stop()
    const again = await startServer(contender, method.directives, bench.place, files)
    const loadSeconds = again.pingMs / 1000
    const held = await again.client.ask('DBSIZE')
    await again.stop()
    if (held !== bench.options.keys) throw new Error(`${contender.name} loaded ${held} keys`)
    bench.progress(`saving ${contender.name} ${method.command}: ${saved.seconds.toFixed(1)} s`)
    return { ...saved, loadSeconds }
  } finally {
    await server.stop()
    rmSync(files, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * Three saves under load: the first as it comes, the second for what it needs of memory and of time,
 * whose reading disturbs, and the third, when everything has run before, for how long clients wait.
 */
async function saveUnderLoad(
  bench: Bench,
  server: Server,
  method: Method,
): Promise<Omit<Saved, 'loadSeconds'>> {
  const most = await openLoop(bench, server, 0, () => pause(CALIBRATION_MS))
  const half = Math.round(most.perSecond / 2)
  let steadyBytes = 0
  let peakBytes = 0
  let seconds = 0
  let first: LoopFigures | undefined
  let without: LoopFigures | undefined
  const during = await openLoop(bench, server, half, async (loop) => {
    await pause(STEADY_MS)
    await loop.closePhase()
    await save(server, method, () => {})
    first = await loop.closePhase()
    await pause(STEADY_MS)
    steadyBytes = memoryOfAll(server.pid)
    seconds = await save(server, method, () => {
      peakBytes = Math.max(peakBytes, memoryOfAll(server.pid))
    })
    await pause(SETTLE_MS)
    await loop.closePhase()
    await pause(STEADY_MS)
    without = await loop.closePhase()
    await save(server, method, () => {})
  })
  return { seconds, steadyBytes, peakBytes, first: first!, without: without!, during }
}

/** Lets the server save and looks on until it has. @returns the seconds that it took. */
async function save(server: Server, method: Method, look: () => void): Promise<number> {
  const startedAt = performance.now()
  await server.client.ask(method.command)
  do {
    await pause(LOOK_PERIOD_MS)
    look()
    if (performance.now() - startedAt > SAVE_TIMEOUT_MS) throw new Error('the save does not end')
  } while (await isSaving(server, method))
  return (performance.now() - startedAt) / 1000
}

async function isSaving(server: Server, method: Method): Promise<boolean> {
  return infoField(await server.client.ask('INFO', 'persistence'), method.field) === '1'
}

/** Loads the server at a rate while `work` runs. @returns the last phase. */
async function openLoop(
  bench: Bench,
  server: Server,
  rate: number,
  work: (loop: Asked<LoopFigures>) => Promise<void>,
): Promise<LoopFigures> {
  const args = [server.port, bench.options.keys, rate].map(String)
  const loop = new Asked<LoopFigures>(helperCommand(bench, 'open-loop', args))
  try {
    // The first of a process are its slowest; they belong to no phase.
    await pause(1_000)
    await loop.closePhase()
    await work(loop)
    return await loop.closePhase()
  } finally {
    loop.stop()
  }
}
