/** The numbers of the snapshot format, docs/formats/rdb.md: what a byte before an entry means. */

/** The version that everything but expiring fields is written in: Redis 7.0 reads it. */
export const VERSION_BASE = 10
/** The first version in which small sets and the activity of consumers have a form of their own. */
export const VERSION_ACTIVITY = 11
/** The first version in which fields of hashes expire. */
export const VERSION_FIELD_EXPIRY = 12
/** The newest version of the reference that is read. */
export const VERSION_MAX = 12
/** Valkey's own versions begin here; those between are none. */
export const VERSION_VALKEY = 80
/** The version with which a checksum came. */
export const VERSION_CHECKSUM = 5

/** How values are written. */
export const RDB_STRING = 0
export const RDB_LIST = 1
export const RDB_SET = 2
export const RDB_ZSET = 3
export const RDB_HASH = 4
export const RDB_ZSET_2 = 5
export const RDB_MODULE = 6
export const RDB_MODULE_2 = 7
export const RDB_HASH_ZIPMAP = 9
export const RDB_LIST_ZIPLIST = 10
export const RDB_SET_INTSET = 11
export const RDB_ZSET_ZIPLIST = 12
export const RDB_HASH_ZIPLIST = 13
export const RDB_LIST_QUICKLIST = 14
export const RDB_STREAM = 15
export const RDB_HASH_LISTPACK = 16
export const RDB_ZSET_LISTPACK = 17
export const RDB_LIST_QUICKLIST_2 = 18
export const RDB_STREAM_2 = 19
export const RDB_SET_LISTPACK = 20
export const RDB_STREAM_3 = 21
/** With absolute expiries. In Valkey's versions the number means another form, `VALKEY_HASH_2`. */
export const RDB_HASH_EXPIRES_OLD = 22
export const RDB_HASH_LISTPACK_EXPIRES_OLD = 23
export const RDB_HASH_EXPIRES = 24
export const RDB_HASH_LISTPACK_EXPIRES = 25

/** What stands between values. */
export const OP_SLOT_INFO = 244
export const OP_FUNCTION = 245
export const OP_FUNCTION_OLD = 246
export const OP_MODULE_AUX = 247
export const OP_IDLE = 248
export const OP_FREQUENCY = 249
export const OP_AUX = 250
export const OP_SIZES = 251
export const OP_EXPIRY_MS = 252
export const OP_EXPIRY_SECONDS = 253
export const OP_SELECT = 254
export const OP_END = 255

/** How a string is written whose first two bits are set, by the other six. */
export const ENCODED_INT8 = 0
export const ENCODED_INT16 = 1
export const ENCODED_INT32 = 2
export const ENCODED_LZF = 3

/** Which form a node of a list has. */
export const NODE_PLAIN = 1
export const NODE_LISTPACK = 2
