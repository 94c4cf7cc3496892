/**
 * The numbers to hold, and how a measured pair of figures is judged against them.
 *
 * The table below is the design's ("Numbers to hold"). There are two kinds of rows: a *ratio* says
 * how far ahead of the reference we are (above 1 is ahead, whatever the unit), and a *limit* is an
 * absolute figure that must not be passed, with or without a reference beside it.
 */

/** A number that must be reached and the better one that we steer for. */
export type Bar = {
  readonly kind: 'ratio' | 'limit'
  readonly bar: number
  readonly aim: number
}

/** `''` where there is no bar, or nothing to compare. */
export type Verdict = 'ok' | 'BELOW' | ''

/** Every suite of the benchmark, in the order in which they run. */
export const SUITE_NAMES = [
  'strings',
  'reads',
  'aof',
  'always',
  'memory',
  'stall',
  'start',
  'exchanges',
  'queue',
  'saving',
] as const

/** The name of one suite, as `--only` takes it. */
export type SuiteName = (typeof SUITE_NAMES)[number]

const ratio = (bar: number, aim: number): Bar => ({ kind: 'ratio', bar, aim })
const limit = (bar: number, aim: number): Bar => ({ kind: 'limit', bar, aim })

const MAIN_COMMANDS = ['SET', 'GET', 'INCR']

/** The bars of 4 M keys say nothing about fewer, where the bare process outweighs its keys. */
const STRING_KEYS_MIN = 4_000_000
/** Collections of ten elements are that much heavier than a string. */
const COLLECTION_KEYS_MIN = 1_000_000

/** SET, GET and INCR have bars at every depth that was measured; the others at P=16 alone. */
function stringsBar(work: string, pipeline: number): Bar | undefined {
  const isMain = MAIN_COMMANDS.includes(work)
  if (isMain && pipeline === 1) return ratio(0.95, 1.1)
  if (pipeline === 16) return isMain ? ratio(1.3, 1.6) : ratio(1.2, 1.6)
  if (pipeline === 64 && (work === 'SET' || work === 'GET')) return ratio(1.7, 2.2)
  return undefined
}

/** What saving may cost: memory, and patience of those who are served meanwhile. */
function savingBar(work: string): Bar | undefined {
  if (work === 'peak memory during BGSAVE, over steady') return limit(1.2, 1.05)
  if (work === 'BGSAVE, p99.9 over that without') return limit(2, 0.5)
  if (work === 'load of the RDB') return ratio(1.0, 1.5)
  return undefined
}

/** What a row measured: the suite, the work's name, and the settings that decide its bar. */
export type Row = {
  readonly suite: SuiteName
  readonly work: string
  readonly pipeline?: number
  readonly keys?: number
}

/** The bar that a row is held to, or `undefined` where the design names none. */
export function barFor({ suite, work, pipeline = 1, keys = 0 }: Row): Bar | undefined {
  switch (suite) {
    case 'strings':
      return stringsBar(work, pipeline)
    case 'reads':
      return undefined
    case 'aof':
      return pipeline === 16 ? ratio(1.3, 1.8) : undefined
    case 'always':
      return work === 'SET, always' ? ratio(1.0, 1.5) : undefined
    case 'memory':
      if (work === 'string') return keys >= STRING_KEYS_MIN ? ratio(1.5, 1.9) : undefined
      return keys >= COLLECTION_KEYS_MIN ? ratio(1.0, 1.4) : undefined
    case 'stall':
      return keys >= STRING_KEYS_MIN ? limit(10, 2) : undefined
    case 'start':
      return limit(150, 80)
    case 'exchanges':
    case 'queue':
      return ratio(1.0, 1.5)
    case 'saving':
      return savingBar(work)
  }
}

/** The middle value; the mean of the middle two when their count is even. NaN for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The two sides of one row. `ratio` and its range exist when both sides were measured. */
export type Comparison = {
  readonly reference?: number
  readonly subject?: number
  readonly ratio?: number
  /** The lowest and highest ratio of any single round: how far the machine's noise reaches. */
  readonly range?: readonly [number, number]
}

/**
 * Compares the rounds of both sides by their medians. Ratios are turned so that above 1 means that
 * the subject is ahead: `better` says whether less (time, memory) or more (throughput) is good.
 */
export function compare(
  reference: readonly number[],
  subject: readonly number[],
  better: 'less' | 'more',
): Comparison {
  const ahead = (r: number, s: number) => (better === 'less' ? r / s : s / r)
  const r = median(reference)
  const s = median(subject)
  const sides = {
    ...(reference.length > 0 ? { reference: r } : {}),
    ...(subject.length > 0 ? { subject: s } : {}),
  }
  if (reference.length === 0 || subject.length === 0) return sides

  // Rounds ran back to back, so round n of one side is the fair partner of round n of the other.
  const pairs = Math.min(reference.length, subject.length)
  const ratios = Array.from({ length: pairs }, (_, n) => ahead(reference[n]!, subject[n]!))
  return { ...sides, ratio: ahead(r, s), range: [Math.min(...ratios), Math.max(...ratios)] }
}

/** Whether a comparison reaches its bar. The edge itself is reached. */
export function judge(comparison: Comparison, bar: Bar | undefined): Verdict {
  if (bar === undefined) return ''
  const figure = bar.kind === 'ratio' ? comparison.ratio : comparison.subject
  if (figure === undefined || Number.isNaN(figure)) return ''
  const isReached = bar.kind === 'ratio' ? figure >= bar.bar : figure <= bar.bar
  return isReached ? 'ok' : 'BELOW'
}
