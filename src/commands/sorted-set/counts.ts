/** Counting, and taking out, the members of a range. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { readValue, writeValue } from '../values.ts'
import { deleteKey } from './access.ts'
import { type Bounds, ranksOf, readLexBounds, readScoreBounds } from './bounds.ts'

function count({ db, keyspace, reply }: Call, args: Args, read: typeof readScoreBounds): void {
  const key = args.key()
  const bounds = read(args.next(), args.next())
  const value = readValue(db, key, TYPE_ZSET)
  if (value === undefined) reply.integer(0)
  else {
    const { from, to } = bounds.ranks(keyspace.sortedSets, value)
    reply.integer(Math.max(0, to - from))
  }
}

function readRankBounds(args: Args): Bounds {
  const start = args.int()
  const stop = args.int()
  return { ranks: (sets, value) => ranksOf(sets.count(value), start, stop) }
}

/** Takes out a range, and tells of it by the event that is named like the command. */
function remove(call: Call, args: Args, read: (args: Args) => Bounds): void {
  const { command, db, keyspace, reply } = call
  const key = args.key()
  const bounds = read(args)
  const value = writeValue(db, key, TYPE_ZSET)
  if (value === undefined) {
    reply.integer(0)
    return
  }
  const sets = keyspace.sortedSets
  const count = sets.count(value)
  const { from, to } = bounds.ranks(sets, value)
  const removed = Math.max(0, to - from)
  // A whole set is freed in slices.
  if (removed < count) sets.removeRange(value, from, removed)
  if (removed > 0) db.changed(key, command.fullName, 'zset')
  if (removed === count) deleteKey(db, key, value)
  reply.integer(removed)
}

const COUNT_COMPLEXITY = 'O(log(N)) with N being the number of elements in the sorted set.'
const REMOVE_COMPLEXITY =
  'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.'

export const countCommands: readonly CommandSpec[] = [
  {
    name: 'ZCOUNT',
    syntax: 'key min:double max:double',
    summary: 'Replies with how many members have scores that lie in a range.',
    since: '2.0.0',
    complexity: COUNT_COMPLEXITY,
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      count(call, args, readScoreBounds)
    },
  },
  {
    name: 'ZLEXCOUNT',
    syntax: 'key min max',
    summary: 'Replies with how many members lie in a range of names, where all scores are equal.',
    since: '2.8.9',
    complexity: COUNT_COMPLEXITY,
    arity: 4,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      count(call, args, readLexBounds)
    },
  },
  {
    name: 'ZREMRANGEBYRANK',
    syntax: 'key start:integer stop:integer',
    summary: 'Takes out the members of a range of ranks, and replies with how many there were.',
    since: '2.0.0',
    complexity: REMOVE_COMPLEXITY,
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    run(call, args) {
      remove(call, args, readRankBounds)
    },
  },
  {
    name: 'ZREMRANGEBYSCORE',
    syntax: 'key min:double max:double',
    summary: 'Takes out the members whose scores lie in a range.',
    since: '1.2.0',
    complexity: REMOVE_COMPLEXITY,
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    run(call, args) {
      remove(call, args, (ends) => readScoreBounds(ends.next(), ends.next()))
    },
  },
  {
    name: 'ZREMRANGEBYLEX',
    syntax: 'key min max',
    summary: 'Takes out the members that lie in a range of names, where all scores are equal.',
    since: '2.8.9',
    complexity: REMOVE_COMPLEXITY,
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    run(call, args) {
      remove(call, args, (ends) => readLexBounds(ends.next(), ends.next()))
    },
  },
]
