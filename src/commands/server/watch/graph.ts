/**
 * Draws numbers over time as columns of characters, in the reference's form: some rows in which the
 * columns stand, an empty one, and the labels, read from top to bottom. `_`, `o` and `#` are thirds of a
 * row, `|` is a whole one below.
 */

/** One column. */
export interface Column {
  readonly value: number
  readonly label: string
}

const COLUMNS_MAX = 80
const ROWS = 4
const LEVELS = '_o#'

/** Lines that end in a newline; columns beyond 80 begin anew below. */
export function drawGraph(columns: readonly Column[]): string {
  const values = columns.map(({ value }) => value)
  const least = Math.min(...values)
  const range = Math.max(...values) - least || 1
  const blocks: string[] = []
  for (let i = 0; i < columns.length; i += COLUMNS_MAX) {
    blocks.push(drawBlock(columns.slice(i, i + COLUMNS_MAX), least, range))
  }
  return blocks.join('\n')
}

function drawBlock(columns: readonly Column[], least: number, range: number): string {
  const steps = ROWS * LEVELS.length
  const heights = columns.map(({ value }) =>
    Math.min(steps - 1, Math.floor(((value - least) * steps) / range)),
  )
  const lines: string[] = []
  for (let row = ROWS - 1; row >= 0; row--) {
    const base = row * LEVELS.length
    lines.push(heights.map((height) => pieceOf(height - base)).join(''))
  }
  lines.push(' '.repeat(columns.length))
  const labelRows = Math.max(...columns.map(({ label }) => label.length))
  for (let row = 0; row < labelRows; row++) {
    lines.push(columns.map(({ label }) => label[row] ?? ' ').join(''))
  }
  return `${lines.join('\n')}\n`
}

function pieceOf(height: number): string {
  if (height < 0) return ' '
  return LEVELS[height] ?? '|'
}
