/** SSCAN. */
import { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_SET, type Value } from '../../keyspace/index.ts'
import { ENCODING_HASHTABLE } from '../../values/index.ts'
import {
  matches,
  readCursor,
  readScanOptions,
  replyEmptyScan,
  type ScanOptions,
  scanOn,
} from '../scan-options.ts'
import { readValue } from '../values.ts'

const member = new Slice(new Uint8Array(0), 0, 0)

/** A small set comes whole, whatever the cursor. */
function scanSmall({ keyspace, reply }: Call, value: Value, { pattern }: ScanOptions): void {
  reply.array(2)
  reply.bulkInt(0)
  const mark = reply.at
  let count = 0
  keyspace.sets.each(value, (each) => {
    if (pattern !== undefined && !matches(pattern, each)) return
    reply.bulkSlice(each)
    count++
  })
  reply.arrayAt(mark, count)
}

function scanTable(
  { keyspace, reply }: Call,
  value: Value,
  cursor: number,
  { count, pattern }: ScanOptions,
): void {
  const { sets } = keyspace
  const found: number[] = []
  const step = (at: number, visit: (node: number) => void) => sets.scan(value, at, visit)
  const next = scanOn(cursor, count, step, (node) => {
    if (pattern === undefined || matches(pattern, sets.memberOf(node, member))) found.push(node)
  })
  reply.array(2)
  reply.bulkInt(next)
  reply.array(found.length)
  for (const node of found) reply.bulkSlice(sets.memberOf(node, member))
}

function scan(call: Call, args: Args): void {
  const key = args.key()
  const cursor = readCursor(args)
  const value = readValue(call.db, key, TYPE_SET)
  if (value === undefined) {
    replyEmptyScan(call.reply)
    return
  }
  const options = readScanOptions(args, 'members')
  if (value.encoding === ENCODING_HASHTABLE) scanTable(call, value, cursor, options)
  else scanSmall(call, value, options)
}

export const scanCommands: readonly CommandSpec[] = [
  {
    name: 'SSCAN',
    syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer]',
    summary: 'Lists members step by step; what is there throughout is listed.',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    run: scan,
  },
]
