/**
 * Combining byte strings bit by bit, as BITOP does. A string that is shorter than the longest counts
 * as followed by zeros.
 *
 * The strings are walked side by side in chunks that stay in the processor's cache, in 32-bit words.
 * A chunk that does not begin at a word's border in its buffer is copied to a scratch that does.
 */
import type { Slice } from './slice.ts'

/**
 * What to make of X, the first string, and Y, the others. `DIFF` is X without Y, `DIFF1` is Y without
 * X, `ANDOR` is what X shares with any Y, and `ONE` what exactly one of all has.
 */
export type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT' | 'DIFF' | 'DIFF1' | 'ANDOR' | 'ONE'

const CHUNK_WORDS = 4096
const CHUNK_BYTES = CHUNK_WORDS * 4

/** @returns the combination, as long as the longest of the sources. */
export function combineBits(operation: BitOperation, sources: readonly Slice[]): Uint8Array {
  const size = sources.reduce((longest, source) => Math.max(longest, source.length), 0)
  const wordCount = (size + 3) >>> 2
  const words = new Int32Array(wordCount)
  const scratch = new Int32Array(Math.min(CHUNK_WORDS, wordCount))
  const again = operation === 'ONE' ? new Int32Array(scratch.length) : scratch
  for (let from = 0; from < wordCount; from += CHUNK_WORDS) {
    const into = words.subarray(from, Math.min(from + CHUNK_WORDS, wordCount))
    const chunk = (i: number) => chunkOf(sources[i]!, from * 4, into.length, scratch)
    if (operation === 'ONE') combineOne(into, sources.length, chunk, again)
    else combineChunk(operation, into, sources.length, chunk)
  }
  return new Uint8Array(words.buffer, 0, size)
}

type ChunkAt = (index: number) => Int32Array

function combineChunk(
  operation: Exclude<BitOperation, 'ONE'>,
  into: Int32Array,
  count: number,
  chunk: ChunkAt,
): void {
  const others = operation === 'DIFF1' || operation === 'ANDOR'
  into.set(chunk(others ? 1 : 0))
  for (let i = others ? 2 : 1; i < count; i++) {
    if (operation === 'AND') and(into, chunk(i))
    else if (operation === 'XOR') xor(into, chunk(i))
    else if (operation === 'DIFF') andNot(into, chunk(i))
    else or(into, chunk(i))
  }
  if (operation === 'NOT') for (let i = 0; i < into.length; i++) into[i] = ~into[i]!
  if (operation === 'DIFF1') andNot(into, chunk(0))
  if (operation === 'ANDOR') and(into, chunk(0))
}

function combineOne(into: Int32Array, count: number, chunk: ChunkAt, again: Int32Array): void {
  again.fill(0)
  for (let i = 0; i < count; i++) {
    const from = chunk(i)
    for (let at = 0; at < into.length; at++) {
      const seen = into[at]!
      const word = from[at]!
      again[at]! |= seen & word
      into[at] = seen | word
    }
  }
  andNot(into, again)
}

function and(into: Int32Array, from: Int32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! &= from[i]!
}

function or(into: Int32Array, from: Int32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! |= from[i]!
}

function xor(into: Int32Array, from: Int32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! ^= from[i]!
}

function andNot(into: Int32Array, from: Int32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! &= ~from[i]!
}

/** `count` words of a source from the byte `from` on, with zeros behind its end. */
function chunkOf(source: Slice, from: number, count: number, scratch: Int32Array): Int32Array {
  const { bytes } = source
  const start = source.start + from
  const left = source.end - start
  const isWhole = left >= count * 4
  if (isWhole && ((bytes.byteOffset + start) & 3) === 0) {
    return new Int32Array(bytes.buffer, bytes.byteOffset + start, count)
  }
  const into = new Uint8Array(scratch.buffer, 0, count * 4)
  if (left > 0) into.set(bytes.subarray(start, start + Math.min(left, CHUNK_BYTES, count * 4)))
  if (!isWhole) into.fill(0, Math.max(0, left))
  return scratch.length === count ? scratch : scratch.subarray(0, count)
}
