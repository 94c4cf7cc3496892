/** LLEN, LINDEX, LRANGE and LPOS: looking at lists. */
import { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_LIST } from '../../keyspace/index.ts'
import { readCount, readEvenInt } from '../counts.ts'
import { readValue } from '../values.ts'

const element = new Slice(new Uint8Array(0), 0, 0)

const zeroRank = () =>
  new ReplyError(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
      'or use negative to start from the end of the list',
  )
const negativeCount = () => new ReplyError("ERR COUNT can't be negative")
const negativeLength = () => new ReplyError("ERR MAXLEN can't be negative")

function index({ db, keyspace, reply }: Call, args: Args): void {
  const value = readValue(db, args.key(), TYPE_LIST)
  if (value === undefined) {
    reply.null()
    return
  }
  let at = args.int()
  const size = keyspace.lists.count(value)
  if (at < 0) at += size
  if (at < 0 || at >= size) reply.null()
  else reply.bulkSlice(keyspace.lists.read(value, at, element))
}

function range({ db, keyspace, reply }: Call, args: Args): void {
  const key = args.key()
  let first = args.int()
  let last = args.int()
  const value = readValue(db, key, TYPE_LIST)
  const size = value === undefined ? 0 : keyspace.lists.count(value)
  if (first < 0) first = Math.max(0, first + size)
  if (last < 0) last += size
  const count = Math.min(last, size - 1) - first + 1
  if (value === undefined || count <= 0) {
    reply.array(0)
    return
  }
  reply.array(count)
  keyspace.lists.pass(value, first, count, false, reply)
}

interface PositionOptions {
  rank: number
  /** How many matches are wanted; all for 0, and without it one that is not in an array. */
  count: number | undefined
  /** How many elements are compared; all for 0. */
  length: number
}

function readPositionOptions(args: Args): PositionOptions {
  const options: PositionOptions = { rank: 1, count: undefined, length: 0 }
  while (args.left > 0) {
    if (args.left < 2) throw syntaxError()
    if (args.take('RANK')) {
      options.rank = readEvenInt(args)
      if (options.rank === 0) throw zeroRank()
    } else if (args.take('COUNT')) options.count = readCount(args, 0, negativeCount)
    else if (args.take('MAXLEN')) options.length = readCount(args, 0, negativeLength)
    else throw syntaxError()
  }
  return options
}

function position({ db, keyspace, reply }: Call, args: Args): void {
  const key = args.key()
  const wanted = args.next()
  const { rank, count, length } = readPositionOptions(args)
  const value = readValue(db, key, TYPE_LIST)
  const mark = reply.at
  let found = 0
  if (value !== undefined) {
    const search = {
      isBackwards: rank < 0,
      passed: Math.abs(rank) - 1,
      limit: count === 0 ? Number.POSITIVE_INFINITY : (count ?? 1),
      looks: length === 0 ? Number.POSITIVE_INFINITY : length,
    }
    keyspace.lists.search(value, wanted, search, (at) => {
      found++
      reply.integer(at)
    })
  }
  if (count !== undefined) reply.arrayAt(mark, found)
  else if (found === 0) reply.null()
}

export const readCommands: readonly CommandSpec[] = [
  {
    name: 'LLEN',
    syntax: 'key',
    summary: 'Replies with the number of elements of a list.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_LIST)
      reply.integer(value === undefined ? 0 : keyspace.lists.count(value))
    },
  },
  {
    name: 'LINDEX',
    syntax: 'key index:integer',
    summary: 'Replies with the element at an index of a list, from the end where it is negative.',
    since: '1.0.0',
    complexity: 'O(N) with N nodes between the element and the nearer end.',
    arity: 3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: index,
  },
  {
    name: 'LRANGE',
    syntax: 'key start:integer stop:integer',
    summary: 'Replies with a range of the elements of a list, both ends included.',
    since: '1.0.0',
    complexity: 'O(S+N) with S nodes between the range and the nearer end, and N elements in it.',
    arity: 4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: range,
  },
  {
    name: 'LPOS',
    syntax: 'key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]',
    summary: 'Replies with the indexes of the elements of a list that are equal to one.',
    since: '6.0.6',
    complexity: 'O(N) with N elements compared.',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: position,
  },
]
