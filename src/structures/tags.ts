/** Comparing the tags of a dict's chunk, all at once. */

/**
 * Which of the twelve tags from word `at` on equal the one that is repeated in `pattern`: a bit for
 * each slot. Four are compared at once: a byte that is equal becomes zero, and a zero byte sets its top
 * bit. A byte above one may do so too; the key decides. There is no branch to be guessed wrongly.
 */
export function tagHits(words: Int32Array, at: number, pattern: number): number {
  return (
    nibble(words[at]! ^ pattern) |
    (nibble(words[at + 1]! ^ pattern) << 4) |
    (nibble(words[at + 2]! ^ pattern) << 8)
  )
}

/** A bit for each zero byte of a word. The product moves the four top bits next to each other. */
function nibble(word: number): number {
  const tops = (word - 0x01010101) & ~word & 0x80808080
  return Math.imul(tops >>> 7, 0x10204080) >>> 28
}
