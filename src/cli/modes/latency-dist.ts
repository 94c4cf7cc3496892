/** `--latency-dist`: each second one line of coloured blocks, the shares of slow and fast PINGs. */
import type { Session } from '../session.ts'
import { SAMPLE_MS } from './latency.ts'
import { Rounds } from './rounds.ts'

const DEFAULT_INTERVAL_MS = 1000
const LINES_PER_LEGEND = 20

/** The upper edge of each bucket in microseconds and its sign; above the last edge stands `?`. */
const EDGES_US: readonly (readonly [edge: number, sign: string])[] = [
  [10, '.'],
  [125, '-'],
  [250, '*'],
  [500, '#'],
  ...Array.from('123456789', (sign, at) => [(at + 1) * 1000, sign] as const),
  ...Array.from('ABCDE', (sign, at) => [(at + 1) * 10_000, sign] as const),
  ...Array.from('FGHIJ', (sign, at) => [(at + 1) * 100_000, sign] as const),
  ...Array.from('KLMNO', (sign, at) => [2 ** at * 1_000_000, sign] as const),
  [30_000_000, 'P'],
  [60_000_000, 'Q'],
  [Number.POSITIVE_INFINITY, '?'],
]

const COLORS: readonly number[] = [
  0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 144, 143, 142, 184, 226, 214, 208, 202, 196,
]
const GRAYS: readonly number[] = [0, 233, 234, 235, 237, 239, 241, 243, 245, 247, 249, 251, 253]

/** Shows spectra until Ctrl-C. @returns the exit status. */
export async function runLatencyDist(session: Session): Promise<number> {
  if (!(await session.connect())) return 1
  const palette = session.options.isMono ? GRAYS : COLORS
  const intervalMs = session.options.intervalMs || DEFAULT_INTERVAL_MS
  const rounds = new Rounds(session)
  let counts = EDGES_US.map(() => 0)
  let rangeStart = performance.now()
  for (let lines = 0; !rounds.isOver; await rounds.pause(SAMPLE_MS)) {
    const start = performance.now()
    if ((await rounds.ask('PING')) === undefined) break
    counts[bucketOf(1000 * (performance.now() - start))]!++
    if (performance.now() - rangeStart <= intervalMs) continue
    if (lines++ % LINES_PER_LEGEND === 0) await session.print(legend(palette))
    await session.print(spectrum(counts, palette))
    counts = EDGES_US.map(() => 0)
    rangeStart = performance.now()
  }
  rounds.end()
  return 0
}

function bucketOf(us: number): number {
  return EDGES_US.findIndex(([edge]) => us <= edge)
}

/** One line: the background of each sign is brighter the larger its share. */
export function spectrum(counts: readonly number[], palette: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const blocks = EDGES_US.map(([, sign], at) => {
    const color = palette[Math.ceil((counts[at]! / total) * (palette.length - 1))]
    return `\x1b[48;5;${color}m${sign}`
  })
  return `\x1b[38;5;0m${blocks.join('')}\x1b[0m\n`
}

function legend(palette: readonly number[]): string {
  const rule = '-'.repeat(45)
  return [
    rule,
    '. - * #          .01 .125 .25 .5 milliseconds',
    '1,2,3,...,9      from 1 to 9     milliseconds',
    'A,B,C,D,E        10,20,30,40,50  milliseconds',
    'F,G,H,I,J        .1,.2,.3,.4,.5       seconds',
    'K,L,M,N,O,P,Q,?  1,2,4,8,16,30,60,>60 seconds',
    `From 0 to 100%: ${palette.map((color) => `\x1b[48;5;${color}m `).join('')}\x1b[0m`,
    rule,
    '',
  ].join('\n')
}
