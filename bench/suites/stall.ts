/**
 * The longest time for which the loop answers nobody, while millions of keys come and go.
 *
 * Seen from outside: another process sends PING every millisecond and keeps the longest round trip
 * of each phase. Its own noise is measured first, beside a server that has nothing to do.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Asked } from '../asked.ts'
import { barFor, judge } from '../bars.ts'
import { type Bench, eachAlone, helperCommand, sendKeys, WITHOUT_AOF } from '../bench.ts'
import { infoField } from '../client.ts'
import type { PhaseFigures } from '../pinger.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { missingCommands, type Server } from '../servers.ts'

const IDLE_MS = 3_000
const EXPIRE_TIMEOUT_MS = 180_000
const SAVE_TIMEOUT_MS = 180_000

type Phase = { readonly name: string; run(bench: Bench, server: Server): Promise<string> }

const seconds = (value: number) => `${value.toFixed(1)} s`

const load: Phase['run'] = async (bench, server) =>
  seconds(await sendKeys(bench, server, 'set', bench.options.keys))

/** Gives all keys one moment to die at, far enough away to reach them all, and waits for it. */
async function setExpiry(bench: Bench, server: Server): Promise<string> {
  const probe = Math.min(bench.options.keys, 200_000)
  const now = Date.now()
  const far = now + 3_600_000
  const probeSeconds = await sendKeys(bench, server, 'pexpireat', probe, String(far))
  const neededMs = (probeSeconds * 1000 * bench.options.keys * 2) / probe
  const at = Math.ceil((Date.now() + neededMs + 2_000) / 1000) * 1000
  const took = await sendKeys(bench, server, 'pexpireat', bench.options.keys, String(at))
  if (Date.now() >= at) throw new Error('keys expired before all of them were given their time')
  await pause(at - Date.now() - 5)
  return seconds(took)
}

async function expire(_: Bench, server: Server): Promise<string> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < EXPIRE_TIMEOUT_MS) {
    const left = await server.client.ask('DBSIZE')
    const took = (performance.now() - startedAt) / 1000
    if (left === 0) return `all gone after ${seconds(took)}`
    await pause(50)
  }
  return `not all gone after ${EXPIRE_TIMEOUT_MS / 1000} s`
}

async function save(_: Bench, server: Server): Promise<string> {
  if ((await missingCommands(server, ['BGSAVE'])).length > 0) return 'no BGSAVE'
  const startedAt = performance.now()
  await server.client.ask('BGSAVE')
  while (performance.now() - startedAt < SAVE_TIMEOUT_MS) {
    await pause(50)
    const info = await server.client.ask('INFO', 'persistence')
    if (infoField(info, 'rdb_bgsave_in_progress') !== '1') break
  }
  return seconds((performance.now() - startedAt) / 1000)
}

const phases: readonly Phase[] = [
  { name: 'idle (noise)', run: () => pause(IDLE_MS).then(() => seconds(IDLE_MS / 1000)) },
  { name: 'load', run: load },
  { name: 'save (BGSAVE)', run: save },
  { name: 'PEXPIREAT for all', run: setExpiry },
  { name: 'all expire at once', run: expire },
  { name: 'load again', run: load },
  {
    name: 'FLUSHALL',
    run: async (_, server) => {
      const startedAt = performance.now()
      await server.client.ask('FLUSHALL')
      const took = (performance.now() - startedAt) / 1000
      // What is freed in the background after the reply may hold the loop too.
      await pause(1_000)
      return `replied in ${took.toFixed(3)} s`
    },
  },
  { name: 'load a third time', run: load },
  {
    name: 'DEL of each',
    run: async (bench, server) => seconds(await sendKeys(bench, server, 'del', bench.options.keys)),
  },
]

type Seen = PhaseFigures & { readonly took: string }

/** Runs every phase on each server alone. The limits are for the subject. */
export async function stallSuite(bench: Bench): Promise<SuiteResult> {
  const keys = bench.options.keys
  const found = await eachAlone(bench, WITHOUT_AOF, (server) => measurePhases(bench, server))
  const figures = phases.map(({ name }, at): Figure => {
    const reference = found.get('reference')?.[at]
    const subject = found.get('subject')?.[at]
    const bar = at === 0 ? undefined : barFor({ suite: 'stall', work: name, keys })
    const sides = {
      ...(reference === undefined ? {} : { reference: reference.longestMs }),
      ...(subject === undefined ? {} : { subject: subject.longestMs }),
    }
    const isMeasured = subject !== undefined && subject.took !== 'no BGSAVE'
    const judged = bar === undefined || !isMeasured ? {} : { bar, verdict: judge(sides, bar) }
    const note = [reference, subject]
      .map((seen) => (seen ? `${seen.took} (p99.9 ${seen.p999Ms.toFixed(1)} ms)` : ''))
      .filter((text) => text !== '')
      .join(' / ')
    return { work: name, ...sides, ...judged, note }
  })
  const title = `Longest stall with ${keys.toLocaleString('en-US')} keys`
  const notes = ['The longest round trip of a PING every millisecond, from another process.']
  return { name: 'stall', title, unit: 'ms', figures, notes }
}

async function measurePhases(bench: Bench, server: Server): Promise<Seen[]> {
  const pinger = new Asked<PhaseFigures>(helperCommand(bench, 'pinger', [String(server.port)]))
  const seen: Seen[] = []
  try {
    // The first pings of a process are its slowest; they belong to no phase.
    await pause(500)
    await pinger.closePhase()
    for (const phase of phases) {
      const took = await phase.run(bench, server)
      const figures = await pinger.closePhase()
      seen.push({ ...figures, took })
      const { longestMs } = figures
      bench.progress(`stall ${server.contender.name} ${phase.name}: ${longestMs.toFixed(1)} ms`)
    }
    return seen
  } finally {
    pinger.stop()
  }
}
