/** Listing keys: all at once, step by step, or one by chance. */
import type { Ref } from '../../arena/index.ts'
import type { Args, Call, CommandSpec } from '../../engine/index.ts'
import { randomEntry } from '../../keyspace/index.ts'
import { asPattern, matches, readCursor, readScanOptions, scanOn } from '../scan-options.ts'

function scan({ db, reply }: Call, args: Args): void {
  const cursor = readCursor(args)
  const { count, pattern, type } = readScanOptions(args, 'keys')
  const found: Ref[] = []
  const step = (at: number, visit: (entry: Ref) => void) => db.scan(at, visit)
  const next = scanOn(cursor, count, step, (entry) => {
    if (type !== undefined && db.typeOf(entry) !== type) return
    if (pattern === undefined || matches(pattern, db.keyOf(entry))) found.push(entry)
  })
  // Looking a key up removes it when its time has come, as any other command would.
  const live = found.filter((entry) => !db.isExpired(entry) || db.peek(db.keyOf(entry)) !== 0)
  reply.array(2)
  reply.bulkInt(next)
  reply.array(live.length)
  for (const entry of live) reply.bulkSlice(db.keyOf(entry))
}

function keys({ db, reply }: Call, args: Args): void {
  const pattern = asPattern(args.next())
  const mark = reply.at
  let count = 0
  db.each((entry) => {
    const key = db.keyOf(entry)
    if (pattern !== undefined && !matches(pattern, key)) return
    reply.bulkSlice(key)
    count++
  })
  reply.arrayAt(mark, count)
}

export const scanCommands: readonly CommandSpec[] = [
  {
    name: 'KEYS',
    syntax: 'pattern',
    summary: 'Replies with every key that fits a pattern. Holds everyone up meanwhile: see SCAN.',
    since: '1.0.0',
    complexity:
      'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
    arity: 2,
    flags: ['readonly'],
    acl: ['dangerous'],
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    run: keys,
  },
  {
    name: 'SCAN',
    syntax: 'cursor:integer [MATCH pattern] [COUNT count:integer] [TYPE type]',
    summary: 'Lists keys step by step; what is there throughout is listed.',
    since: '2.8.0',
    argumentsSince: { type: '6.0.0' },
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -2,
    flags: ['readonly'],
    tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    run: scan,
  },
  {
    name: 'RANDOMKEY',
    syntax: '',
    summary: 'Replies with any key, each with the same chance.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly'],
    tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
    run({ db, reply }) {
      const entry = randomEntry(db)
      if (entry === 0) reply.null()
      else reply.bulkSlice(db.keyOf(entry))
    },
  },
]
