/**
 * The kinds of entries: the type in the low four bits of a node's first byte, the encoding in the
 * high four. The names are the reference's, because people and test suites look at them.
 */
import { ENCODING_ROOTED_MIN } from '../values/index.ts'

/** Strings of bytes, and what is made of them: counters, bit arrays. */
export const TYPE_STRING = 0
/** Lists. */
export const TYPE_LIST = 1
/** Sets. */
export const TYPE_SET = 2
/** Sorted sets. */
export const TYPE_ZSET = 3
/** Hashes. */
export const TYPE_HASH = 4
/** Streams. */
export const TYPE_STREAM = 6

/** What `TYPE` answers, by type. */
export const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'module', 'stream'] as const

/** The first byte of a node. */
export function kindOf(type: number, encoding: number): number {
  return type | (encoding << 4)
}

/** The type in the head of a node. */
export function typeOf(head: number): number {
  return head & 15
}

/** The encoding in the head of a node. */
export function encodingOf(head: number): number {
  return (head >>> 4) & 15
}

/** Whether the value of an entry owns blocks beyond the entry, by its head. */
export function isRooted(head: number): boolean {
  return ((head >>> 4) & 15) >= ENCODING_ROOTED_MIN
}
