/**
 * The order by the numbers that elements, or what is named for them, read as; equal ones by the bytes
 * of the elements. Mostly the scores are whole numbers of some size: then each is joined with the
 * number of its element into one double, and doubles are sorted without calling back.
 */
import { type Gathered, parseDouble, Slice } from '../../../bytes/index.ts'
import { type Call, ReplyError } from '../../../engine/index.ts'
import { Pattern } from './pattern.ts'

/** Whole numbers up to here are exact. */
const EXACT_MAX = 2 ** 53

const element = new Slice(new Uint8Array(0), 0, 0)

/** The numbers of the elements in their order. Throws where a text is no number. */
export function orderByScore(
  call: Call,
  elements: Gathered,
  by: Slice | undefined,
  isDescending: boolean,
): number[] {
  const scores = readScores(call, elements, by)
  const bound = Math.floor(EXACT_MAX / (scores.length + 1)) - 1
  const isJoinable = scores.every((score) => Number.isInteger(score) && Math.abs(score) < bound)
  const numbers = isJoinable ? sortJoined(scores, elements) : sortApart(scores, elements)
  return isDescending ? numbers.reverse() : numbers
}

function readScores(call: Call, elements: Gathered, by: Slice | undefined): Float64Array {
  const pattern = by === undefined ? undefined : new Pattern(call, by)
  const scores = new Float64Array(elements.count)
  let isBad = false
  for (let i = 0; i < scores.length; i++) {
    elements.read(i, element)
    const text = pattern === undefined ? element : pattern.look(element)
    // What is missing counts as zero.
    if (text === undefined) continue
    scores[i] = scoreOf(text)
    if (Number.isNaN(scores[i])) isBad = true
  }
  if (isBad) throw new ReplyError("ERR One or more scores can't be converted into double")
  return scores
}

/** As the reference reads it: up to a zero byte, and nothing at all as zero. */
function scoreOf({ bytes, start, end }: Slice): number {
  const score = parseDouble(bytes, start, end)
  if (!Number.isNaN(score)) return score
  const zero = bytes.subarray(start, end).indexOf(0)
  if (zero === 0 || start === end) return 0
  return zero < 0 ? score : parseDouble(bytes, start, start + zero)
}

function sortJoined(scores: Float64Array, elements: Gathered): number[] {
  const count = scores.length
  const joined = scores.map((score, i) => score * count + i).sort()
  const numbers: number[] = []
  let equalFrom = 0
  let last = Number.NaN
  for (let i = 0; i < count; i++) {
    const score = Math.floor(joined[i]! / count)
    if (score !== last) {
      sortEqual(numbers, equalFrom, elements)
      equalFrom = i
      last = score
    }
    numbers.push(joined[i]! - score * count)
  }
  sortEqual(numbers, equalFrom, elements)
  return numbers
}

/** Brings the numbers from an index on into the order of their elements' bytes. */
function sortEqual(numbers: number[], from: number, elements: Gathered): void {
  if (numbers.length - from < 2) return
  const equal = numbers.splice(from).sort((a, b) => elements.compare(a, b))
  for (const number of equal) numbers.push(number)
}

function sortApart(scores: Float64Array, elements: Gathered): number[] {
  const numbers: number[] = []
  for (let i = 0; i < scores.length; i++) numbers.push(i)
  return numbers.sort((a, b) => {
    if (scores[a]! > scores[b]!) return 1
    return scores[a]! < scores[b]! ? -1 : elements.compare(a, b)
  })
}
