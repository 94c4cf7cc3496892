/**
 * The longest common subsequence of two byte strings, by the textbook table: its cell (i, j) is the
 * length for the first i bytes of one and the first j of the other. Which of several equally long
 * subsequences is found, and how its ranges are cut, is visible to clients; the walk back through the
 * table prefers a step in the second string, as the reference does.
 */

/** A run of equal bytes; both ends are included. */
export interface LcsMatch {
  readonly aStart: number
  readonly aEnd: number
  readonly bStart: number
  readonly bEnd: number
}

/** Bytes of a cell of the reference's table, which its limit is measured in. */
export const LCS_CELL_BYTES = 4
/** Lengths below this fit in a cell of 16 bits. */
const NARROW_LENGTH_MAX = 65535

/** The length of the longest common subsequence. */
export function lcsLength(a: Uint8Array, b: Uint8Array): number {
  const isNarrow = Math.min(a.length, b.length) <= NARROW_LENGTH_MAX
  const row = isNarrow ? new Uint16Array(b.length + 1) : new Uint32Array(b.length + 1)
  for (const byte of a) fillRow(row, 0, row, 0, byte, b)
  return row[b.length]!
}

/** The longest common subsequence, and its runs from the last to the first. */
export function longestCommon(
  a: Uint8Array,
  b: Uint8Array,
): { readonly bytes: Uint8Array; readonly matches: readonly LcsMatch[] } {
  const table = makeTable(a, b)
  const width = b.length + 1
  const bytes = new Uint8Array(table[a.length * width + b.length]!)
  const matches: LcsMatch[] = []
  let left = bytes.length
  let i = a.length
  let j = b.length
  let runLength = 0
  // While a run is open, it begins at (i, j) of the step before.
  const close = (aStart: number, bStart: number) => {
    if (runLength === 0) return
    const aEnd = aStart + runLength - 1
    matches.push({ aStart, aEnd, bStart, bEnd: bStart + runLength - 1 })
    runLength = 0
  }
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      bytes[--left] = a[i - 1]!
      i--
      j--
      runLength++
      if (i === 0 || j === 0) close(i, j)
    } else {
      close(i, j)
      if (table[(i - 1) * width + j]! > table[i * width + j - 1]!) i--
      else j--
    }
  }
  return { bytes, matches }
}

function makeTable(a: Uint8Array, b: Uint8Array): Uint16Array | Uint32Array {
  const width = b.length + 1
  const cells = (a.length + 1) * width
  const isNarrow = Math.min(a.length, b.length) <= NARROW_LENGTH_MAX
  const table = isNarrow ? new Uint16Array(cells) : new Uint32Array(cells)
  for (let i = 1; i <= a.length; i++) {
    fillRow(table, (i - 1) * width, table, i * width, a[i - 1]!, b)
  }
  return table
}

/** Fills the row at `at` from the one before it at `before`; they may be the same. */
function fillRow(
  from: Uint16Array | Uint32Array,
  before: number,
  into: Uint16Array | Uint32Array,
  at: number,
  byte: number,
  b: Uint8Array,
): void {
  let diagonal = 0
  let length = 0
  for (let j = 1; j <= b.length; j++) {
    const above = from[before + j]!
    if (byte === b[j - 1]) length = diagonal + 1
    else if (above > length) length = above
    into[at + j] = length
    diagonal = above
  }
}
