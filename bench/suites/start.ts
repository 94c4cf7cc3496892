/**
 * How long an empty server takes from its start until it can be used.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { barFor, compare, judge } from '../bars.ts'
import { type Bench, WITHOUT_AOF } from '../bench.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { startServer } from '../servers.ts'

const STARTS = 9
const STARTS_QUICK = 3
const LOG_WAIT_MS = 200

/** Starts both servers by turns, several times, and takes the median. */
export async function startSuite(bench: Bench): Promise<SuiteResult> {
  const ready = { reference: [] as number[], subject: [] as number[] }
  const ping = { reference: [] as number[], subject: [] as number[] }
  for (let n = 0; n < (bench.options.isQuick ? STARTS_QUICK : STARTS); n++) {
    for (const contender of bench.contenders) {
      const server = await startServer(contender, WITHOUT_AOF, bench.place)
      ping[contender.side].push(server.pingMs)
      if (server.readyMs === undefined) await pause(LOG_WAIT_MS)
      if (server.readyMs !== undefined) ready[contender.side].push(server.readyMs)
      await server.stop()
    }
  }
  const row = (work: string, times: typeof ready): Figure => {
    const { range, ...comparison } = compare(times.reference, times.subject, 'less')
    const bar = barFor({ suite: 'start', work })!
    return { work, ...comparison, bar, verdict: judge(comparison, bar) }
  }
  bench.progress('start: measured')
  const figures = [row('Ready to accept connections', ready), row('first PING answered', ping)]
  const notes = ['From the start of the process, empty, without persistence; median of the starts.']
  return { name: 'start', title: 'Start', unit: 'ms', figures, notes }
}
