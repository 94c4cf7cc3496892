/**
 * How figures are shown: one Markdown table for each suite, padded so that it reads as well in a
 * terminal as on a page, below a head that says on what machine and with what it was measured.
 */
import type { Bar, Comparison, SuiteName, Verdict } from './bars.ts'

/** One row of a suite's table. */
export type Figure = Comparison & {
  readonly work: string
  readonly bar?: Bar
  readonly verdict?: Verdict
  /** Requests per second beside a CPU figure. */
  readonly throughput?: { readonly reference?: number; readonly subject?: number }
  /** Why a row has no figures, or what its figures mean. */
  readonly note?: string
}

/** What one suite found. */
export type SuiteResult = {
  readonly name: SuiteName
  readonly title: string
  /** The unit of both sides. */
  readonly unit: string
  readonly figures: readonly Figure[]
  /** Sentences below the table. */
  readonly notes: readonly string[]
}

/** What was measured, on what and when. Pairs of a label and its text. */
export type Facts = readonly (readonly [label: string, text: string])[]

/** A whole run, as `--json` writes it. */
export type Report = { readonly facts: Facts; readonly suites: readonly SuiteResult[] }

/** Three significant digits at least, without an exponent; empty for what was not measured. */
export function figureText(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return ''
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** Pads columns to one width. The first column is text and the rest are figures, set to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = header.map((_, at) => Math.max(3, ...cells.map((row) => (row[at] ?? '').length)))
  const line = (row: readonly string[]) => {
    const padded = widths.map((width, at) => {
      const cell = row[at] ?? ''
      return at === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, at) =>
    at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(cells[0]!), line(rule), ...cells.slice(1).map(line)].join('\n')
}

const rangeText = (range: readonly [number, number] | undefined) =>
  range === undefined ? '' : range.map((end) => end.toFixed(2)).join('–')

const barText = (bar: Bar | undefined, which: 'bar' | 'aim') =>
  bar === undefined ? '' : `${bar.kind === 'limit' ? '≤ ' : ''}${bar[which]}`

/** Draws one suite: title, table, notes. Columns that no row fills are left out. */
export function suiteText(
  suite: SuiteResult,
  names: { reference: string; subject: string },
): string {
  const columns: [string, (figure: Figure) => string][] = [
    ['work', (f) => f.work],
    [`${names.reference} ${suite.unit}`, (f) => figureText(f.reference)],
    [`${names.subject} ${suite.unit}`, (f) => figureText(f.subject)],
    ['ratio', (f) => (f.ratio === undefined ? '' : f.ratio.toFixed(2))],
    ['rounds', (f) => rangeText(f.range)],
    ['bar', (f) => barText(f.bar, 'bar')],
    ['aim', (f) => barText(f.bar, 'aim')],
    ['mark', (f) => f.verdict ?? ''],
    [`${names.reference} req/s`, (f) => figureText(f.throughput?.reference)],
    [`${names.subject} req/s`, (f) => figureText(f.throughput?.subject)],
    ['note', (f) => f.note ?? ''],
  ]
  const used = columns.filter(([, text], at) => at < 3 || suite.figures.some((f) => text(f) !== ''))
  const rows = suite.figures.map((figure) => used.map(([, text]) => text(figure)))
  const header = used.map(([name]) => name)
  const notes = suite.notes.length === 0 ? '' : `\n\n${suite.notes.join('\n')}`
  return `## ${suite.title}\n\n${table(header, rows)}${notes}\n`
}

/** Draws the head of a report. */
export function headText(facts: Facts): string {
  return `# Holdfast benchmark\n\n${facts.map(([label, text]) => `- ${label}: ${text}`).join('\n')}\n`
}

/** One closing line: how many rows met their bars, and the names of those that did not. */
export function summaryText(suites: readonly SuiteResult[]): string {
  const judged = suites.flatMap((suite) =>
    suite.figures.filter((f) => f.verdict).map((f) => ({ name: `${suite.name} ${f.work}`, ...f })),
  )
  const below = judged.filter((figure) => figure.verdict === 'BELOW')
  const count = `${judged.length - below.length} of ${judged.length} rows with a bar are ok`
  if (below.length === 0) return `${count}.`
  return `${count}; BELOW: ${below.map((figure) => figure.name).join(', ')}.`
}
