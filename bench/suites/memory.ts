/**
 * How much memory a key takes: the resident memory of the whole process over the keys it holds.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { barFor, compare, judge } from '../bars.ts'
import { type Bench, eachAlone, sendKeys, settle, WITHOUT_AOF } from '../bench.ts'
import { infoField } from '../client.ts'
import { isWanted } from '../options.ts'
import { hasProc, residentBytes } from '../proc.ts'
import type { Figure, SuiteResult } from '../report.ts'
import { missingCommands, type Server } from '../servers.ts'

type Kind = {
  readonly work: string
  readonly loader: string
  readonly needs: string
  /** Elements of each collection; a string counts as one. */
  readonly elements: number
}

const types = [
  { name: 'hash', whole: 'hash', single: 'hash-field', needs: 'HSET' },
  { name: 'list', whole: 'list', single: 'list-element', needs: 'RPUSH' },
  { name: 'set', whole: 'set-of-10', single: 'set-member', needs: 'SADD' },
  { name: 'sorted set', whole: 'zset', single: 'zset-member', needs: 'ZADD' },
  { name: 'stream', whole: undefined, single: 'stream-entry', needs: 'XADD' },
] as const

/** Collections of ten are loaded whole, larger ones element by element, all of them in turn. */
const kinds: readonly Kind[] = [
  { work: 'string', loader: 'set', needs: 'SET', elements: 1 },
  ...types.flatMap(({ name, whole, single, needs }) =>
    [10, 100, 100_000].map((elements) => ({
      work: `${name} of ${elements.toLocaleString('en-US')}`,
      loader: elements === 10 && whole !== undefined ? whole : single,
      needs,
      elements,
    })),
  ),
]

/** Bytes for each key, in three views. */
type Bytes = { readonly total: number; readonly grown: number; readonly used: number }

/** Loads strings, then small collections, each into fresh servers, and weighs them. */
export async function memorySuite(bench: Bench): Promise<SuiteResult> {
  const title = 'Bytes per key'
  const result = { name: 'memory', title, unit: 'bytes' } as const
  if (!hasProc) {
    const note = 'skipped: there is no /proc here'
    return { ...result, figures: [{ work: 'string', note }], notes: [] }
  }
  const figures: Figure[] = []
  for (const kind of kinds.filter(({ work }) => isWanted(bench.options, work)))
    figures.push(...(await measureKind(bench, kind)))
  const notes = [
    'Keys and string values have 16 bytes, elements of tens 8 and those of larger ones 14. "resident"',
    'is the resident memory of the whole process over its keys; "grown" leaves out what the empty',
    'process took; "used" is what the server itself accounts for, in INFO.',
  ]
  return { ...result, figures, notes: [notes.join(' ')] }
}

async function measureKind(bench: Bench, kind: Kind): Promise<Figure[]> {
  // Fewer collections, the more elements each holds.
  const share = kind.elements === 1 ? 1 : (kind.elements * 2) / 5
  const keys = Math.max(1, Math.round(bench.options.keys / share))
  const lacking: string[] = []
  const found = await eachAlone(bench, WITHOUT_AOF, async (server) => {
    const missing = await missingCommands(server, [kind.needs])
    if (missing.length === 0) return weigh(bench, server, kind, keys)
    lacking.push(`skipped: ${server.contender.name} has no ${missing[0]}`)
    return undefined
  })
  const name = `${kind.work} × ${keys.toLocaleString('en-US')}`
  bench.progress(`memory ${name}: ${lacking[0] ?? 'measured'}`)
  if (lacking.length > 0) return [{ work: name, note: lacking.join('; ') }]

  const row = (view: keyof Bytes, isJudged: boolean): Figure => {
    const side = (of: 'reference' | 'subject') => {
      const bytes = found.get(of)?.[view]
      return bytes === undefined || Number.isNaN(bytes) ? [] : [bytes]
    }
    const { range, ...comparison } = compare(side('reference'), side('subject'), 'less')
    const bar = isJudged ? barFor({ suite: 'memory', work: kind.work, keys }) : undefined
    const judged = bar === undefined ? {} : { bar, verdict: judge(comparison, bar) }
    return { work: `${name}, ${view === 'total' ? 'resident' : view}`, ...comparison, ...judged }
  }
  return [row('total', true), row('grown', false), row('used', false)]
}

async function weigh(bench: Bench, server: Server, kind: Kind, keys: number): Promise<Bytes> {
  const empty = residentBytes(server.pid)!
  if (types.some(({ single }) => single === kind.loader)) {
    await sendKeys(bench, server, kind.loader, keys * kind.elements, String(keys))
  } else await sendKeys(bench, server, kind.loader, keys)
  const held = await server.client.ask('DBSIZE')
  if (held !== keys) throw new Error(`${server.contender.name} holds ${held} keys, not ${keys}`)
  // What the load itself needed, such as read buffers, is let go of first.
  await pause(1_000)
  await settle(server)
  const resident = residentBytes(server.pid)!
  const info = await server.client.ask('INFO', 'memory').catch(() => null)
  const used = Number(infoField(info, 'used_memory') ?? Number.NaN)
  return { total: resident / keys, grown: (resident - empty) / keys, used: used / keys }
}
