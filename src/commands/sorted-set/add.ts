/** ZADD and ZINCRBY: giving members scores, under conditions. */
import { parseDouble, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  notAFloat,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { INCREMENT, ONLY_HIGHER, ONLY_LOWER, ONLY_NEW, ONLY_PRESENT } from '../../values/index.ts'
import { writeValue } from '../values.ts'

/** Beside the rules of `SortedSets.add`: members whose score was changed count in the reply. */
const COUNTS_CHANGES = 1024

/** The scores of the running command. */
let scores = new Float64Array(16)

/** Reads the options, which end where the first score begins. */
function readRules(args: Args): number {
  let rules = 0
  while (args.left > 0) {
    if (args.take('NX')) rules |= ONLY_NEW
    else if (args.take('XX')) rules |= ONLY_PRESENT
    else if (args.take('CH')) rules |= COUNTS_CHANGES
    else if (args.take('INCR')) rules |= INCREMENT
    else if (args.take('GT')) rules |= ONLY_HIGHER
    else if (args.take('LT')) rules |= ONLY_LOWER
    else break
  }
  return rules
}

function checkRules(rules: number, pairs: number): void {
  if (rules & ONLY_NEW && rules & ONLY_PRESENT) {
    throw new ReplyError('ERR XX and NX options at the same time are not compatible')
  }
  const exclusive = rules & (ONLY_NEW | ONLY_HIGHER | ONLY_LOWER)
  if ((exclusive & (exclusive - 1)) !== 0) {
    throw new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (rules & INCREMENT && pairs > 1) {
    throw new ReplyError('ERR INCR option supports a single increment-element pair')
  }
}

/** All scores are read before anything is changed. */
function readScores(args: Args, pairs: number): void {
  if (pairs > scores.length) scores = new Float64Array(pairs * 2)
  const { bytes, starts, ends } = args.request
  for (let i = 0, position = args.at; i < pairs; i++, position += 2) {
    const score = parseDouble(bytes, starts[position]!, ends[position]!)
    if (Number.isNaN(score)) throw notAFloat()
    scores[i] = score
  }
}

function add(call: Call, args: Args, key: Slice, rules: number): void {
  const { db, keyspace, reply } = call
  const pairs = args.left / 2
  if (pairs === 0 || pairs !== Math.floor(pairs)) throw syntaxError()
  if (rules !== 0) checkRules(rules, pairs)
  readScores(args, pairs)
  const sets = keyspace.sortedSets
  let value = writeValue(db, key, TYPE_ZSET)
  if (value !== undefined) sets.prepare(value, pairs)
  else if (rules & ONLY_PRESENT) {
    replyCount(call, rules, 0, true)
    return
  } else {
    const { encoding, bytes } = sets.empty(pairs, args.slice(args.at + 1).length)
    value = db.create(key, TYPE_ZSET, encoding, bytes)
  }
  let added = 0
  let updated = 0
  let isSkipped = false
  for (let i = 0, position = args.at + 1; i < pairs; i++, position += 2) {
    const did = sets.add(value, args.slice(position), scores[i]!, rules)
    if (did === 'added') added++
    else if (did === 'updated') updated++
    else if (did === 'skipped') isSkipped = true
    else if (did === 'not a number') {
      throw new ReplyError('ERR resulting score is not a number (NaN)')
    }
  }
  if (added + updated > 0) db.changed(key, rules & INCREMENT ? 'zincr' : 'zadd', 'zset')
  if (rules === 0) reply.integer(added)
  else replyCount(call, rules, rules & COUNTS_CHANGES ? added + updated : added, isSkipped)
}

function replyCount({ keyspace, reply }: Call, rules: number, count: number, skipped: boolean) {
  if ((rules & INCREMENT) === 0) reply.integer(count)
  else if (skipped) reply.null()
  else reply.float(keyspace.sortedSets.score)
}

export const addCommands: readonly CommandSpec[] = [
  {
    name: 'ZADD',
    syntax:
      'key [NX | XX]:condition [GT | LT]:comparison [CH]:change [INCR]:increment score:double member [score member ...]:data',
    summary: 'Adds members with their scores to a sorted set, or changes the scores they have.',
    since: '1.2.0',
    argumentsSince: {
      condition: '3.0.2',
      comparison: '6.2.0',
      change: '3.0.2',
      increment: '3.0.2',
    },
    complexity:
      'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    history: [
      ['2.4.0', 'Takes several members.'],
      ['3.0.2', 'The options `XX`, `NX`, `CH` and `INCR`.'],
      ['6.2.0', 'The options `GT` and `LT`.'],
    ],
    run(call, args) {
      const key = args.key()
      add(call, args, key, readRules(args))
    },
  },
  {
    name: 'ZINCRBY',
    syntax: 'key increment:integer member',
    summary: 'Adds a number to the score of a member; one that is missing begins at 0.',
    since: '1.2.0',
    complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      add(call, args, args.key(), INCREMENT)
    },
  },
]
