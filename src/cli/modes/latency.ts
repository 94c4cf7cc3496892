/** `--latency`, `--latency-history`: how long a PING takes, over and over. */
import type { Session } from '../session.ts'
import { Rounds } from './rounds.ts'

/** Between two samples. */
export const SAMPLE_MS = 10
const HISTORY_MS = 15_000
const SINGLE_SHOT_MS = 1000

interface Samples {
  minMs: number
  maxMs: number
  totalMs: number
  count: number
}

/**
 * Samples until Ctrl-C; where no person is looking, for a while, and then it says the outcome.
 * @returns the exit status.
 */
export async function runLatency(session: Session, isHistory: boolean): Promise<number> {
  if (!(await session.connect())) return 1
  const isLive = session.options.output === 'standard'
  const rangeMs = session.options.intervalMs || (isHistory ? HISTORY_MS : SINGLE_SHOT_MS)
  const rounds = new Rounds(session)
  let samples = noSamples()
  let rangeStart = performance.now()
  while (!rounds.isOver) {
    const start = performance.now()
    if ((await rounds.ask('PING')) === undefined) break
    add(samples, performance.now() - start)
    const elapsedMs = performance.now() - rangeStart
    const isRangeOver = elapsedMs > rangeMs
    if (isLive) await session.print(`\x1b[0G\x1b[2K${describe(session, samples)}`)
    if (isRangeOver && !isHistory && !isLive) {
      await session.print(describe(session, samples))
      break
    }
    if (isRangeOver && isHistory) {
      const text = isLive ? '' : describe(session, samples).trimEnd()
      await session.print(`${text} -- ${(elapsedMs / 1000).toFixed(2)} seconds range\n`)
      rangeStart = performance.now()
      samples = noSamples()
    }
    await rounds.pause(SAMPLE_MS)
  }
  if (isLive) await session.print('\n')
  rounds.end()
  return 0
}

function noSamples(): Samples {
  return { minMs: Number.POSITIVE_INFINITY, maxMs: 0, totalMs: 0, count: 0 }
}

function add(samples: Samples, ms: number): void {
  samples.minMs = Math.min(samples.minMs, ms)
  samples.maxMs = Math.max(samples.maxMs, ms)
  samples.totalMs += ms
  samples.count++
}

function describe(session: Session, samples: Samples): string {
  const min = Math.floor(samples.minMs)
  const max = Math.floor(samples.maxMs)
  const average = (samples.totalMs / samples.count).toFixed(2)
  const { count } = samples
  switch (session.options.output) {
    case 'csv':
      return `${min},${max},${average},${count}\n`
    case 'raw':
      return `${min} ${max} ${average} ${count}\n`
    case 'standard':
      return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`
    default:
      return `{"min": ${min}, "max": ${max}, "avg": ${average}, "count": ${count}}\n`
  }
}
