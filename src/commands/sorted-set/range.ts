/** ZRANGE and its family: the members of a range by rank, score or name. */
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { Draft, type Slot, type SortedSets } from '../../values/index.ts'
import { readValue } from '../values.ts'
import { replyRanks, storeDraft } from './access.ts'
import { type Bounds, type Ranks, ranksOf, readLexBounds, readScoreBounds } from './bounds.ts'

/** What a command of the family leaves open to its options. */
interface Form {
  readonly by: 'rank' | 'score' | 'lex' | 'option'
  readonly isReverse: boolean | 'option'
  readonly isStored: boolean
}

interface Query {
  readonly bounds: Bounds
  readonly isReverse: boolean
  readonly withScores: boolean
  /** How many members to leave out first, and how many to take; all when that is negative. */
  readonly offset: number
  readonly limit: number
}

const UNLIMITED = -1

/** Reads all that follows the key: the two ends, and options. */
function readQuery(args: Args, form: Form): Query {
  const endsAt = args.at
  const first = args.next()
  const second = args.next()
  let { by, isReverse } = form
  let withScores = false
  let offset = 0
  let limit = UNLIMITED
  while (args.left > 0) {
    if (!form.isStored && args.take('WITHSCORES')) withScores = true
    else if (args.left > 2 && args.take('LIMIT')) {
      offset = args.int()
      limit = args.int()
    } else if (isReverse === 'option' && args.take('REV')) isReverse = true
    else if (by === 'option' && args.take('BYLEX')) by = 'lex'
    else if (by === 'option' && args.take('BYSCORE')) by = 'score'
    else throw syntaxError()
  }
  if (by === 'option') {
    by = 'rank'
    // Without a limit the reference looks at no offset.
    offset = 0
  }
  if (limit !== UNLIMITED && by === 'rank') {
    const text = 'LIMIT is only supported in combination with either BYSCORE or BYLEX'
    throw new ReplyError(`ERR syntax error, ${text}`)
  }
  if (withScores && by === 'lex') {
    const text = 'WITHSCORES not supported in combination with BYLEX'
    throw new ReplyError(`ERR syntax error, ${text}`)
  }
  isReverse = isReverse === true
  // A range from above names its upper end first.
  const min = isReverse ? second : first
  const max = isReverse ? first : second
  let bounds: Bounds
  if (by === 'score') bounds = readScoreBounds(min, max)
  else if (by === 'lex') bounds = readLexBounds(min, max)
  else bounds = readRankBounds(args, endsAt, isReverse)
  return { bounds, isReverse, withScores, offset, limit }
}

/** The two ends as ranks, which count from the last member when the range is from above. */
function readRankBounds(args: Args, endsAt: number, isReverse: boolean): Bounds {
  args.at = endsAt
  const start = args.int()
  const stop = args.int()
  return {
    ranks(sets, value) {
      const count = sets.count(value)
      const { from, to } = ranksOf(count, start, stop)
      return isReverse ? { from: count - to, to: count - from } : { from, to }
    },
  }
}

/** The ranks that a query finds, as far as its limit goes. */
function ranksIn(sets: SortedSets, value: Slot, query: Query): Ranks {
  const { from, to } = query.bounds.ranks(sets, value)
  const { isReverse, offset, limit } = query
  if (offset < 0) return { from: 0, to: 0 }
  if (isReverse) {
    const last = to - offset
    return { from: limit < 0 ? from : Math.max(from, last - limit), to: last }
  }
  const first = from + offset
  return { from: first, to: limit < 0 ? to : Math.min(to, first + limit) }
}

function list({ db, keyspace, reply }: Call, args: Args, form: Form): void {
  const key = args.key()
  const query = readQuery(args, form)
  const value = readValue(db, key, TYPE_ZSET)
  if (value === undefined) reply.array(0)
  else {
    const sets = keyspace.sortedSets
    replyRanks(reply, sets, value, ranksIn(sets, value, query), query)
  }
}

function store(call: Call, args: Args): void {
  const { db, keyspace } = call
  const target = args.key()
  const source = args.key()
  const query = readQuery(args, { by: 'option', isReverse: 'option', isStored: true })
  const value = readValue(db, source, TYPE_ZSET)
  const sets = keyspace.sortedSets
  const ranks = value === undefined ? { from: 0, to: 0 } : ranksIn(sets, value, query)
  const count = Math.max(0, ranks.to - ranks.from)
  const { encoding, bytes } = sets.empty(count, 0)
  const draft = new Draft(encoding, bytes)
  for (let i = 0; i < count; i++) {
    if (i === 0) sets.seek(value!, ranks.from)
    else sets.next()
    sets.other.append(draft, sets.member, sets.score)
  }
  storeDraft(call, target, draft, 'zrangestore')
}

const RANGE_COMPLEXITY =
  'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.'
const LIMITED_COMPLEXITY =
  'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).'

/** The older forms, which differ in what ZRANGE has options for. */
const OLDER: readonly (Omit<CommandSpec, 'run' | 'arity' | 'flags' | 'keys'> &
  Omit<Form, 'isStored'>)[] = [
  {
    name: 'ZREVRANGE',
    by: 'rank',
    isReverse: true,
    syntax: 'key start:integer stop:integer [WITHSCORES]',
    summary: 'Replies with the members of a range of ranks that count from the highest score.',
    since: '1.2.0',
    complexity: RANGE_COMPLEXITY,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
  },
  {
    name: 'ZRANGEBYSCORE',
    by: 'score',
    isReverse: false,
    syntax: 'key min:double max:double [WITHSCORES] [LIMIT offset:integer count:integer]',
    summary: 'Replies with the members whose scores lie in a range.',
    since: '1.0.5',
    argumentsSince: { withscores: '2.0.0' },
    complexity: LIMITED_COMPLEXITY,
    history: [['2.0.0', 'The option `WITHSCORES`.']],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
  },
  {
    name: 'ZREVRANGEBYSCORE',
    by: 'score',
    isReverse: true,
    syntax: 'key max:double min:double [WITHSCORES] [LIMIT offset:integer count:integer]',
    summary: 'Replies with the members whose scores lie in a range, the highest first.',
    since: '2.2.0',
    complexity: LIMITED_COMPLEXITY,
    history: [['2.1.6', 'An end of the range can be left out by `(`.']],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
  },
  {
    name: 'ZRANGEBYLEX',
    by: 'lex',
    isReverse: false,
    syntax: 'key min max [LIMIT offset:integer count:integer]',
    summary: 'Replies with the members that lie in a range of names, where all scores are equal.',
    since: '2.8.9',
    complexity: LIMITED_COMPLEXITY,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
  },
  {
    name: 'ZREVRANGEBYLEX',
    by: 'lex',
    isReverse: true,
    syntax: 'key max min [LIMIT offset:integer count:integer]',
    summary: 'Replies with the members that lie in a range of names, the last first.',
    since: '2.8.9',
    complexity: LIMITED_COMPLEXITY,
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
  },
]

export const rangeCommands: readonly CommandSpec[] = [
  {
    name: 'ZRANGE',
    syntax:
      'key start stop [BYSCORE | BYLEX]:sortby [REV] [LIMIT offset:integer count:integer] [WITHSCORES]',
    summary: 'Replies with the members of a range of ranks, scores or names.',
    since: '1.2.0',
    argumentsSince: { sortby: '6.2.0', rev: '6.2.0', limit: '6.2.0' },
    complexity: RANGE_COMPLEXITY,
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'The options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.']],
    run(call, args) {
      list(call, args, { by: 'option', isReverse: 'option', isStored: false })
    },
  },
  ...OLDER.map(({ by, isReverse, ...facts }): CommandSpec => {
    const form = { by, isReverse, isStored: false }
    return {
      ...facts,
      arity: -4,
      flags: ['readonly'],
      keys: [keyAt(1, 'RO', 'access')],
      run: (call, args) => list(call, args, form),
    }
  }),
  {
    name: 'ZRANGESTORE',
    syntax:
      'dst:key src:key min max [BYSCORE | BYLEX]:sortby [REV] [LIMIT offset:integer count:integer]',
    summary: 'Stores the members of a range of ranks, scores or names in another sorted set.',
    since: '6.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    run: store,
  },
]
