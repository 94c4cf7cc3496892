/**
 * The kinds of entries: the type in the low four bits of a node's first byte, the encoding in the
 * high four. The names are the reference's, because people and test suites look at them.
 */
export const TYPE_STRING = 0
export const TYPE_LIST = 1
export const TYPE_SET = 2
export const TYPE_ZSET = 3
export const TYPE_HASH = 4
export const TYPE_STREAM = 6

/** What `TYPE` answers, by type. */
export const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'module', 'stream'] as const

/** A string that was changed in place, or is too long for `embstr`. */
export const ENCODING_RAW = 0
/** A string that reads as a 64-bit integer. */
export const ENCODING_INT = 1
/** A short string that was set whole. */
export const ENCODING_EMBSTR = 2

/** What `OBJECT ENCODING` answers, by encoding. */
export const ENCODING_NAMES = ['raw', 'int', 'embstr'] as const

/** The longest string that the reference embeds, in bytes. */
export const EMBSTR_BYTES_MAX = 44

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
