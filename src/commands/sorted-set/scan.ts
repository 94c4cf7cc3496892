/** ZSCAN. */
import { doubleText, longDoubleText } from '../../bytes/index.ts'
import { type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { ENCODING_SKIPLIST } from '../../values/index.ts'
import { matches, readCursor, readScanOptions, replyEmptyScan, scanOn } from '../scan-options.ts'
import { readValue } from '../values.ts'

export const scanCommands: readonly CommandSpec[] = [
  {
    name: 'ZSCAN',
    syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer]',
    summary: 'Lists members with their scores step by step; what is there throughout is listed.',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    run({ db, keyspace, reply }, args) {
      const key = args.key()
      const cursor = readCursor(args)
      const value = readValue(db, key, TYPE_ZSET)
      if (value === undefined) {
        replyEmptyScan(reply)
        return
      }
      const { count, pattern } = readScanOptions(args, 'members')
      const sets = keyspace.sortedSets
      const isLong = value.encoding === ENCODING_SKIPLIST
      const found: number[] = []
      const step = (at: number, visit: (place: number) => void) => sets.scan(value, at, visit)
      const next = scanOn(cursor, count, step, (place) => {
        if (pattern !== undefined) sets.read(value, place)
        if (pattern === undefined || matches(pattern, sets.member)) found.push(place)
      })
      reply.array(2)
      reply.bulkInt(next)
      reply.array(found.length * 2)
      for (const place of found) {
        sets.read(value, place)
        reply.bulkSlice(sets.member)
        // Other than everywhere else a score is a text here in RESP3 too, and long in a large set.
        reply.latin1(isLong ? longDoubleText(sets.score) : doubleText(sets.score))
      }
    },
  },
]
