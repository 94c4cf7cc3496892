/** DEBUG OBJECT and DEBUG HTSTATS: figures about one entry and about a hash table. */
import type { Ref } from '../../arena/index.ts'
import { parseShortInt, type Slice } from '../../bytes/index.ts'
import type { Config } from '../../config/index.ts'
import {
  type Database,
  ENCODING_NAMES,
  footprintOf,
  idleSecondsOf,
  TYPE_STRING,
} from '../../keyspace/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import { ENCODING_QUICKLIST, ENCODING_ROOTED_MIN } from '../../values/index.ts'
import { referencesOf } from '../generic/object.ts'

const CLOCK_MASK = 0xffffff

interface Inspected {
  readonly db: Database
  readonly entry: Ref
  readonly config: Config
  readonly nowMs: number
}

/** Answers with what the reference tells of a value, in one line. */
export function replyObject(reply: ReplyWriter, { db, entry, config, nowMs }: Inspected): void {
  const idle = idleSecondsOf(db.keyspace, entry)
  const clock = (Math.floor(nowMs / 1000) - idle) & CLOCK_MASK
  const fields = {
    refcount: referencesOf(config, db, entry),
    encoding: ENCODING_NAMES[db.encodingOf(entry)],
    serializedlength: serializedBytes(db, entry),
    lru: clock,
    lru_seconds_idle: idle,
  }
  const shape = db.encodingOf(entry) === ENCODING_QUICKLIST ? quicklistFields(db, entry) : {}
  const text = Object.entries({ ...fields, ...shape }).map(([name, value]) => `${name}:${value}`)
  reply.simple(`Value at:0x${entry.toString(16)} ${text.join(' ')}`)
}

/** Answers with the lengths of a key and of the string there. Neither has room to spare. */
export function replyLengths(reply: ReplyWriter, db: Database, entry: Ref): void {
  const keyBytes = db.keyOf(entry).length
  const valueBytes = db.stringOf(entry).length
  const allBytes = footprintOf(db, entry)
  const key = `key_sds_len:${keyBytes}, key_sds_avail:0, key_zmalloc: ${keyBytes}`
  const value = `val_sds_len:${valueBytes}, val_sds_avail:0, val_zmalloc: ${allBytes - keyBytes}`
  reply.simple(`${key}, ${value}`)
}

/** What a value takes in a snapshot, or, where it is no string, about that: what it takes here. */
function serializedBytes(db: Database, entry: Ref): number {
  const type = db.typeOf(entry)
  if (type === TYPE_STRING) return snapshotBytes(db.stringOf(entry))
  const value = db.valueOf(entry)
  const isRooted = value.encoding >= ENCODING_ROOTED_MIN
  return value.size + (isRooted ? db.keyspace.types[type]!.ownedBytes(value) : 0)
}

/** How a long list is made up, in the reference's fields. */
function quicklistFields(db: Database, entry: Ref): { readonly [field: string]: string | number } {
  const { nodes, count, fill, depth, contentBytes } = db.keyspace.lists.shapeOf(db.valueOf(entry))
  return {
    ql_nodes: nodes,
    ql_avg_node: (count / nodes).toFixed(2),
    ql_listpack_max: fill,
    ql_compressed: depth > 0 ? 1 : 0,
    ql_uncompressed_size: contentBytes,
  }
}

/** What a string takes in a snapshot when it is not compressed. */
function snapshotBytes({ bytes, start, end }: Slice): number {
  const size = end - start
  const value = size <= 11 ? parseShortInt(bytes, start, end) : Number.NaN
  if (value >= -(2 ** 7) && value < 2 ** 7) return 2
  if (value >= -(2 ** 15) && value < 2 ** 15) return 3
  if (value >= -(2 ** 31) && value < 2 ** 31) return 5
  return size + (size < 64 ? 1 : size < 16384 ? 2 : 5)
}

/** Answers with the size of a database's table. Expiries have none: they are in a timing wheel. */
export function replyTableStats(reply: ReplyWriter, db: Database): void {
  const lines = ['[Dictionary HT]', ...tableLines(db.dict.slots, db.count), '[Expires HT]', '']
  reply.verbatim('txt', lines.join('\n'))
}

/** Answers with the size of the table that a value of `count` elements is. */
export function replyValueStats(reply: ReplyWriter, count: number): void {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(4, count)))
  reply.verbatim('txt', `${tableLines(slots, count).join('\n')}\n`)
}

function tableLines(slots: number, count: number): string[] {
  if (count === 0) return []
  return [
    'Hash table 0 stats (main hash table):',
    ` table size: ${slots}`,
    ` number of elements: ${count}`,
  ]
}
