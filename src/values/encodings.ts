/**
 * How values are held, four bits in the head of an entry. Those from `ENCODING_ROOTED_MIN` on are
 * rooted: the value in the entry is a root of a fixed size, which owns other blocks of the arena.
 */

/** A string that was changed in place, or is too long for `embstr`. */
export const ENCODING_RAW = 0
/** A string that reads as a 64-bit integer. */
export const ENCODING_INT = 1
/** A short string that was set whole. */
export const ENCODING_EMBSTR = 2
/** A small collection as one run of bytes. */
export const ENCODING_LISTPACK = 3
/** A small set of integers. */
export const ENCODING_INTSET = 4
/** A small hash some of whose fields have an expiry. */
export const ENCODING_LISTPACKEX = 5
/** The first of those that own blocks beyond their entry. */
export const ENCODING_ROOTED_MIN = 8
/** A large set or hash: a dict. */
export const ENCODING_HASHTABLE = 8
/** A large list: linked listpacks. */
export const ENCODING_QUICKLIST = 9
/** A large sorted set: a dict and an ordered tree. Named as the reference names its own. */
export const ENCODING_SKIPLIST = 10
/** A stream. */
export const ENCODING_STREAM = 11
/** A large hash some of whose fields have an expiry. */
export const ENCODING_HASHTABLE_EXPIRES = 12

/** What `OBJECT ENCODING` answers, by encoding. */
export const ENCODING_NAMES = [
  'raw',
  'int',
  'embstr',
  'listpack',
  'intset',
  'listpackex',
  'unknown',
  'unknown',
  'hashtable',
  'quicklist',
  'skiplist',
  'stream',
  'hashtable',
] as const
