/**
 * The blocks of a stream in the arena, in words, and numbers of 64 bits in them.
 *
 *     stream     blocks tree 2 · groups tree 2 · length 1 · last id 4 · first id 4 ·
 *                highest deleted id 4 · entries added 2
 *     group      a named block: pending tree 2 · consumers tree 2 · last id 4 · entries read 2
 *     consumer   a named block: pending tree 2 · seen 2 · active 2
 *     pending    of a group, by id: consumer 1 · delivery time 2 · deliveries 2
 *
 * The root of a stream, in its entry, is the ref of its block. Numbers of two words have the upper
 * one first.
 */
import { NAMED_WORDS_AT } from '../structures/index.ts'

/** In the block of a stream. */
export const BLOCKS_AT = 0
export const GROUPS_AT = 2
export const LENGTH_AT = 4
export const LAST_ID_AT = 5
export const FIRST_ID_AT = 9
export const MAX_DELETED_AT = 13
export const ADDED_AT = 17
export const STREAM_WORDS = 19

/** In the block of a group. */
export const GROUP_PENDING_AT = NAMED_WORDS_AT
export const CONSUMERS_AT = NAMED_WORDS_AT + 2
export const GROUP_ID_AT = NAMED_WORDS_AT + 4
export const READ_AT = NAMED_WORDS_AT + 8
export const GROUP_OWN_WORDS = 10

/** In the block of a consumer. */
export const CONSUMER_PENDING_AT = NAMED_WORDS_AT
export const SEEN_AT = NAMED_WORDS_AT + 2
export const ACTIVE_AT = NAMED_WORDS_AT + 4
export const CONSUMER_OWN_WORDS = 6

/** In the payload of a group's pending entry. */
export const PENDING_CONSUMER_AT = 0
export const PENDING_TIME_AT = 1
export const PENDING_COUNT_AT = 3
export const PENDING_WORDS = 5

const TWO_32 = 4294967296

/** Reads a signed number of 64 bits; beyond ±2^53 as a bigint. */
export function readInt64(words: Int32Array, at: number): number | bigint {
  const value = words[at]! * TWO_32 + (words[at + 1]! >>> 0)
  if (Number.isSafeInteger(value)) return value
  return (BigInt(words[at]!) << 32n) | BigInt(words[at + 1]! >>> 0)
}

/** Writes a signed number of 64 bits. */
export function writeInt64(words: Int32Array, at: number, value: number | bigint): void {
  if (typeof value === 'number') {
    words[at] = Math.floor(value / TWO_32)
    words[at + 1] = value | 0
    return
  }
  words[at] = Number(BigInt.asIntN(32, value >> 32n))
  words[at + 1] = Number(BigInt.asIntN(32, value))
}

/** Adds one to a number of 64 bits. */
export function incrementInt64(words: Int32Array, at: number): void {
  const low = (words[at + 1]! + 1) | 0
  words[at + 1] = low
  if (low === 0) words[at]! += 1
}

/** Reads a time in milliseconds, within ±2^53. */
export function readTime(words: Int32Array, at: number): number {
  return words[at]! * TWO_32 + (words[at + 1]! >>> 0)
}
