/** ZUNION, ZINTER and ZDIFF, with their forms that store or count. */
import { parseDouble, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type KeySpec,
  keyAt,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import type { Draft } from '../../values/index.ts'
import { replyRanks, storeDraft } from './access.ts'
import { differ, intersect, intersectionCount, unite } from './operations.ts'
import { readSources, type Source } from './sources.ts'

type Operation = 'union' | 'inter' | 'diff'

/** What a command of the family lets its options say. */
interface Form {
  readonly operation: Operation
  readonly hasTarget: boolean
  readonly isCount: boolean
}

interface Query {
  readonly sources: Source[]
  readonly combine: (held: number, score: number) => number
  readonly withScores: boolean
  /** For counting; 0 is none. */
  readonly limit: number
}

/** Two infinities of different signs cancel each other. */
const sum = (held: number, score: number) => {
  const total = held + score
  return Number.isNaN(total) ? 0 : total
}

/** What is no number never wins. */
function least(held: number, score: number): number {
  if (score < held) return score
  return held
}

function greatest(held: number, score: number): number {
  if (score > held) return score
  return held
}

function readAggregate(args: Args): Query['combine'] {
  if (args.take('SUM')) return sum
  if (args.take('MIN')) return least
  if (args.take('MAX')) return greatest
  throw syntaxError()
}

function readWeights(args: Args, sources: readonly Source[]): void {
  for (const source of sources) {
    const { bytes, start, end } = args.next()
    source.weight = parseDouble(bytes, start, end)
    if (Number.isNaN(source.weight)) throw new ReplyError('ERR weight value is not a float')
  }
}

function readLimit(args: Args): number {
  const refusal = () => new ReplyError("ERR LIMIT can't be negative")
  const limit = args.int(refusal)
  if (limit < 0) throw refusal()
  return limit
}

/** Reads `numkeys key …` and the options. The keys are looked up before the options are read. */
function readQuery(call: Call, args: Args, { operation, hasTarget, isCount }: Form): Query {
  const numkeys = args.int()
  if (numkeys < 1) {
    const name = call.command.fullName
    throw new ReplyError(`ERR at least 1 input key is needed for '${name}' command`)
  }
  if (numkeys > args.left) throw syntaxError()
  const sources = readSources(call, args, numkeys)
  const isWeighted = operation !== 'diff' && !isCount
  let combine = sum
  let withScores = false
  let limit = 0
  while (args.left > 0) {
    if (isWeighted && args.left > numkeys && args.take('WEIGHTS')) readWeights(args, sources)
    else if (isWeighted && args.left > 1 && args.take('AGGREGATE')) combine = readAggregate(args)
    else if (!hasTarget && !isCount && args.take('WITHSCORES')) withScores = true
    else if (isCount && args.left > 1 && args.take('LIMIT')) limit = readLimit(args)
    else throw syntaxError()
  }
  return { sources, combine, withScores, limit }
}

function compute(call: Call, operation: Operation, { sources, combine }: Query): Draft {
  const sets = call.keyspace.sortedSets.other
  const draft = sets.draft()
  const add = (member: Slice, score: number) => sets.gather(draft, member, score, combine)
  if (operation === 'union') unite(sources, add)
  else if (operation === 'inter') intersect(sources, combine, add)
  else differ(sources, add, (member) => sets.ungather(draft, member))
  sets.arrange(draft)
  return draft
}

function list(call: Call, args: Args, operation: Operation): void {
  const query = readQuery(call, args, { operation, hasTarget: false, isCount: false })
  const draft = compute(call, operation, query)
  const sets = call.keyspace.sortedSets
  const { withScores } = query
  const all = { from: 0, to: sets.count(draft) }
  replyRanks(call.reply, sets, draft, all, { isReverse: false, withScores })
  sets.free(draft, Number.POSITIVE_INFINITY)
}

function store(call: Call, args: Args, operation: Operation): void {
  const target = args.key()
  const query = readQuery(call, args, { operation, hasTarget: true, isCount: false })
  const draft = compute(call, operation, query)
  call.keyspace.sortedSets.shrink(draft)
  storeDraft(call, target, draft, call.command.fullName)
}

const sourceKeys = (index: number): KeySpec => ({
  flags: ['RO', 'access'],
  begin: { kind: 'index', index },
  find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
})
const LISTED = { flags: ['readonly'], keys: [sourceKeys(1)] } as const
const STORED = {
  flags: ['write', 'denyoom'],
  keys: [keyAt(1, 'OW', 'update'), sourceKeys(2)],
} as const
const WEIGHED = '[WEIGHTS weight:integer [weight ...]] [AGGREGATE <SUM | MIN | MAX>:aggregate]'
const INTER_COMPLEXITY =
  'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.'
const DIFF_COMPLEXITY =
  'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.'

export const combineCommands: readonly CommandSpec[] = [
  {
    name: 'ZUNION',
    syntax: `numkeys:integer key [key ...] ${WEIGHED} [WITHSCORES]`,
    summary: 'Replies with the members that any of several sorted sets or sets has.',
    since: '6.2.0',
    complexity:
      'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    arity: -3,
    ...LISTED,
    run(call, args) {
      list(call, args, 'union')
    },
  },
  {
    name: 'ZUNIONSTORE',
    syntax: `destination:key numkeys:integer key [key ...] ${WEIGHED}`,
    summary: 'Stores the members that any of several sorted sets or sets has.',
    since: '2.0.0',
    complexity:
      'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    arity: -4,
    ...STORED,
    run(call, args) {
      store(call, args, 'union')
    },
  },
  {
    name: 'ZINTER',
    syntax: `numkeys:integer key [key ...] ${WEIGHED} [WITHSCORES]`,
    summary: 'Replies with the members that all of several sorted sets or sets have.',
    since: '6.2.0',
    complexity: INTER_COMPLEXITY,
    arity: -3,
    ...LISTED,
    run(call, args) {
      list(call, args, 'inter')
    },
  },
  {
    name: 'ZINTERSTORE',
    syntax: `destination:key numkeys:integer key [key ...] ${WEIGHED}`,
    summary: 'Stores the members that all of several sorted sets or sets have.',
    since: '2.0.0',
    complexity: INTER_COMPLEXITY,
    arity: -4,
    ...STORED,
    run(call, args) {
      store(call, args, 'inter')
    },
  },
  {
    name: 'ZINTERCARD',
    syntax: 'numkeys:integer key [key ...] [LIMIT limit:integer]',
    summary: 'Replies with how many members all of several sorted sets or sets have.',
    since: '7.0.0',
    complexity:
      'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
    arity: -3,
    ...LISTED,
    run(call, args) {
      const form = { operation: 'inter', hasTarget: false, isCount: true } as const
      const { sources, limit } = readQuery(call, args, form)
      call.reply.integer(intersectionCount(sources, limit))
    },
  },
  {
    name: 'ZDIFF',
    syntax: 'numkeys:integer key [key ...] [WITHSCORES]',
    summary:
      'Replies with the members of the first of several sorted sets or sets that no other has.',
    since: '6.2.0',
    complexity: DIFF_COMPLEXITY,
    arity: -3,
    ...LISTED,
    run(call, args) {
      list(call, args, 'diff')
    },
  },
  {
    name: 'ZDIFFSTORE',
    syntax: 'destination:key numkeys:integer key [key ...]',
    summary: 'Stores the members of the first of several sorted sets or sets that no other has.',
    since: '6.2.0',
    complexity: DIFF_COMPLEXITY,
    arity: -4,
    ...STORED,
    run(call, args) {
      store(call, args, 'diff')
    },
  },
]
