/** Single members: their scores and ranks, and taking them out. */
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  syntaxError,
  wrongArity,
} from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { readValue, writeValue } from '../values.ts'
import { deleteIfEmpty } from './access.ts'

/** The name, the key, the member and WITHSCORE. */
const RANK_ARGUMENTS_MAX = 4

function remove({ db, keyspace, reply }: Call, args: Args): void {
  const key = args.key()
  const value = writeValue(db, key, TYPE_ZSET)
  const sets = keyspace.sortedSets
  let removed = 0
  while (value !== undefined && args.left > 0 && sets.count(value) > 0) {
    if (sets.remove(value, args.next())) removed++
  }
  if (removed > 0) {
    db.changed(key, 'zrem', 'zset')
    deleteIfEmpty(db, key, value!)
  }
  reply.integer(removed)
}

function rank({ command, db, keyspace, reply }: Call, args: Args, isReverse: boolean): void {
  if (args.count > RANK_ARGUMENTS_MAX) throw wrongArity(command.fullName)
  const key = args.key()
  const member = args.next()
  const withScore = args.left > 0
  if (withScore && !args.take('WITHSCORE')) throw syntaxError()
  const value = readValue(db, key, TYPE_ZSET)
  const sets = keyspace.sortedSets
  const found = value === undefined ? -1 : sets.rankOf(value, member)
  if (found < 0) {
    if (withScore) reply.nullArray()
    else reply.null()
    return
  }
  if (withScore) reply.array(2)
  reply.integer(isReverse ? sets.count(value!) - 1 - found : found)
  if (withScore) reply.float(sets.score)
}

export const memberCommands: readonly CommandSpec[] = [
  {
    name: 'ZREM',
    syntax: 'key member [member ...]',
    summary: 'Takes members out of a sorted set and replies with how many there were.',
    since: '1.2.0',
    complexity:
      'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Takes several members.']],
    run: remove,
  },
  {
    name: 'ZCARD',
    syntax: 'key',
    summary: 'Replies with how many members a sorted set has.',
    since: '1.2.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_ZSET)
      reply.integer(value === undefined ? 0 : keyspace.sortedSets.count(value))
    },
  },
  {
    name: 'ZSCORE',
    syntax: 'key member',
    summary: 'Replies with the score of a member.',
    since: '1.2.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_ZSET)
      const sets = keyspace.sortedSets
      if (value !== undefined && sets.find(value, args.next())) reply.float(sets.score)
      else reply.null()
    },
  },
  {
    name: 'ZMSCORE',
    syntax: 'key member [member ...]',
    summary: 'Replies with the scores of several members, and null for each that is missing.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members being requested.',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_ZSET)
      const sets = keyspace.sortedSets
      reply.array(args.left)
      while (args.left > 0) {
        if (value !== undefined && sets.find(value, args.next())) reply.float(sets.score)
        else {
          if (value === undefined) args.next()
          reply.null()
        }
      }
    },
  },
  {
    name: 'ZRANK',
    syntax: 'key member [WITHSCORE]',
    summary: 'Replies with how many members are before one, in the order of scores.',
    since: '2.0.0',
    complexity: 'O(log(N))',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['7.2.0', 'The option `WITHSCORE`.']],
    run(call, args) {
      rank(call, args, false)
    },
  },
  {
    name: 'ZREVRANK',
    syntax: 'key member [WITHSCORE]',
    summary: 'Replies with how many members are after one, in the order of scores.',
    since: '2.0.0',
    complexity: 'O(log(N))',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['7.2.0', 'The option `WITHSCORE`.']],
    run(call, args) {
      rank(call, args, true)
    },
  },
]
