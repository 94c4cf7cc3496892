/**
 * Sorting as far as a part of the result needs it, by the quicksort of Bentley and McIlroy,
 * "Engineering a sort function" (1993). It is not stable, and what becomes of equal elements is
 * visible to clients: so the choice of the middle and every exchange are those of that paper.
 */

/** Shorter stretches are sorted by insertion. */
const INSERTION_MAX = 6
/** Longer stretches take the median of nine, and not of three. */
const THREE_MAX = 40

/** Negative when `a` comes first, 0 when they are equal. */
type Compare<T> = (a: T, b: T) => number

/** Sorts `items` so far that those from the index `first` to `last` stand where they belong. */
export function sortPart<T>(items: T[], first: number, last: number, compare: Compare<T>): void {
  // Stretches that are to be sorted yet, from and to in turn, `to` excluded.
  const waiting = [0, items.length]
  while (waiting.length > 0) {
    const to = waiting.pop()!
    const from = waiting.pop()!
    if (to - from <= INSERTION_MAX) {
      insertionSort(items, from, to, compare)
      continue
    }
    const { lessEnd, moreFrom } = partition(items, from, to, compare)
    const isWanted = (start: number, end: number) =>
      end - start > 1 && !(last < start || first >= end)
    if (isWanted(from, lessEnd)) waiting.push(from, lessEnd)
    if (isWanted(moreFrom, to)) waiting.push(moreFrom, to)
  }
}

function insertionSort<T>(items: T[], from: number, to: number, compare: Compare<T>): void {
  for (let next = from + 1; next < to; next++) {
    for (let at = next; at > from && compare(items[at - 1]!, items[at]!) > 0; at--) {
      exchange(items, at, at - 1)
    }
  }
}

/** Brings what is less than a middle to the front and what is more to the end. */
function partition<T>(
  items: T[],
  from: number,
  to: number,
  compare: Compare<T>,
): { readonly lessEnd: number; readonly moreFrom: number } {
  exchange(items, from, middleOf(items, from, to, compare))
  const middle = items[from]!
  // Equal ones gather at both ends, before `equalEnd` and behind `equalFrom`.
  let equalEnd = from + 1
  let low = from + 1
  let high = to - 1
  let equalFrom = to - 1
  for (;;) {
    for (let order = 0; low <= high; low++) {
      order = compare(items[low]!, middle)
      if (order > 0) break
      if (order === 0) exchange(items, equalEnd++, low)
    }
    for (let order = 0; low <= high; high--) {
      order = compare(items[high]!, middle)
      if (order < 0) break
      if (order === 0) exchange(items, high, equalFrom--)
    }
    if (low > high) break
    exchange(items, low++, high--)
  }
  const lessCount = low - equalEnd
  const moreCount = equalFrom - high
  exchangeRuns(items, from, low, Math.min(equalEnd - from, lessCount))
  exchangeRuns(items, low, to, Math.min(moreCount, to - equalFrom - 1))
  return { lessEnd: from + lessCount, moreFrom: to - moreCount }
}

/** Exchanges `count` items from `start` on with those before `end`. */
function exchangeRuns<T>(items: T[], start: number, end: number, count: number): void {
  for (let i = 0; i < count; i++) exchange(items, start + i, end - count + i)
}

function exchange<T>(items: T[], a: number, b: number): void {
  const held = items[a]!
  items[a] = items[b]!
  items[b] = held
}

/** The index of the element around which the others are parted. */
function middleOf<T>(items: T[], from: number, to: number, compare: Compare<T>): number {
  const count = to - from
  const middle = from + (count >>> 1)
  if (count === INSERTION_MAX + 1) return middle
  const median = (a: number, b: number, c: number) => medianOf(items, a, b, c, compare)
  if (count <= THREE_MAX) return median(from, middle, to - 1)
  const step = count >>> 3
  return median(
    median(from, from + step, from + 2 * step),
    median(middle - step, middle, middle + step),
    median(to - 1 - 2 * step, to - 1 - step, to - 1),
  )
}

function medianOf<T>(items: T[], a: number, b: number, c: number, compare: Compare<T>): number {
  const between = (i: number, j: number) => compare(items[i]!, items[j]!)
  if (between(a, b) < 0) return between(b, c) < 0 ? b : between(a, c) < 0 ? c : a
  return between(b, c) > 0 ? b : between(a, c) < 0 ? a : c
}
