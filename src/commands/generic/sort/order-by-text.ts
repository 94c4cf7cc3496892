/** The order by the bytes of elements, or of what a pattern names for them. */
import { Gathered, Slice } from '../../../bytes/index.ts'
import type { Call } from '../../../engine/index.ts'
import { Pattern } from './pattern.ts'
import type { SortRequest } from './request.ts'

type Compare = (a: number, b: number) => number

const NO_BYTES = new Uint8Array(0)

/** How elements compare by their numbers. What is missing comes first. */
export function textComparison(
  call: Call,
  elements: Gathered,
  { by, target }: SortRequest,
  isUnstable: boolean,
): Compare {
  // What is not stored is compared as a text of C, which ends at a zero byte.
  const isWhole = target !== undefined
  if (by === undefined) return byPrefix(isWhole ? elements : cutAtZeros(elements))
  const { texts, numbers } = namedTexts(call, elements, by, isWhole)
  return (a, b) => {
    const first = numbers[a]!
    const second = numbers[b]!
    const order =
      first < 0 || second < 0 ? Math.sign(first) - Math.sign(second) : texts.compare(first, second)
    return order === 0 && isUnstable ? elements.compare(a, b) : order
  }
}

/** Compares the first six bytes as numbers, and only where they are equal all. */
function byPrefix(texts: Gathered): Compare {
  const prefixes = new Float64Array(texts.count)
  const text = new Slice(NO_BYTES, 0, 0)
  for (let i = 0; i < prefixes.length; i++) {
    const { bytes, start, end } = texts.read(i, text)
    let prefix = 0
    for (let at = start; at < start + 6; at++) prefix = prefix * 256 + (at < end ? bytes[at]! : 0)
    prefixes[i] = prefix
  }
  return (a, b) => prefixes[a]! - prefixes[b]! || texts.compare(a, b)
}

/** What a pattern names for each element: the number of its text from 1 on, or -1 when missing. */
function namedTexts(call: Call, elements: Gathered, by: Slice, isWhole: boolean) {
  const pattern = new Pattern(call, by)
  const element = new Slice(NO_BYTES, 0, 0)
  const texts = new Gathered()
  const numbers = new Int32Array(elements.count)
  texts.add(NO_BYTES, 0, 0)
  for (let i = 0; i < numbers.length; i++) {
    const text = pattern.look(elements.read(i, element))
    numbers[i] = text === undefined ? -1 : texts.count
    if (text === undefined) continue
    const { bytes, start, end } = text
    texts.add(bytes, start, isWhole ? end : textEnd(bytes, start, end))
  }
  return { texts, numbers }
}

function cutAtZeros(elements: Gathered): Gathered {
  const cut = new Gathered()
  const element = new Slice(NO_BYTES, 0, 0)
  let isCut = false
  for (let i = 0; i < elements.count; i++) {
    const { bytes, start, end } = elements.read(i, element)
    const past = textEnd(bytes, start, end)
    if (past < end) isCut = true
    cut.add(bytes, start, past)
  }
  return isCut ? cut : elements
}

function textEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== 0) at++
  return at
}
