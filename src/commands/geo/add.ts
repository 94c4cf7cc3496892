/** GEOADD. */
import {
  type Args,
  type Call,
  type CommandSpec,
  type EffectArgument,
  keyAt,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { geohashOf, ONLY_NEW, ONLY_PRESENT } from '../../values/index.ts'
import { writeValue } from '../values.ts'
import { readPlace } from './arguments.ts'

/** The arguments, as far as they are not members. */
interface GeoAdd {
  /** Those that say what is added, as bits. */
  readonly rules: number
  readonly countsChanges: boolean
  /** Of each member in turn. */
  readonly scores: readonly number[]
  /** Where the first longitude stands. */
  readonly first: number
}

function readAll(args: Args): GeoAdd {
  let rules = 0
  let countsChanges = false
  for (;;) {
    if (args.take('NX')) rules |= ONLY_NEW
    else if (args.take('XX')) rules |= ONLY_PRESENT
    else if (args.take('CH')) countsChanges = true
    else break
  }
  if (args.left % 3 !== 0 || rules === (ONLY_NEW | ONLY_PRESENT)) throw syntaxError()
  const first = args.at
  const scores: number[] = []
  while (args.left > 0) {
    scores.push(geohashOf(readPlace(args)))
    args.next()
  }
  if (scores.length === 0) throw syntaxError()
  return { rules, countsChanges, scores, first }
}

function add(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const { sortedSets } = keyspace
  const key = args.key()
  const { rules, countsChanges, scores, first } = readAll(args)
  const memberOf = (index: number) => args.slice(first + index * 3 + 2)
  let held = writeValue(db, key, TYPE_ZSET)
  if (held !== undefined) sortedSets.prepare(held, scores.length)
  else if (rules & ONLY_PRESENT) {
    reply.integer(0)
    return
  } else {
    const { encoding, bytes } = sortedSets.empty(scores.length, memberOf(0).length)
    held = db.create(key, TYPE_ZSET, encoding, bytes)
  }
  let added = 0
  let updated = 0
  for (let i = 0; i < scores.length; i++) {
    const outcome = sortedSets.add(held, memberOf(i), scores[i]!, rules)
    if (outcome === 'added') added++
    else if (outcome === 'updated') updated++
  }
  if (added + updated > 0) {
    db.changed(key, 'zadd', 'zset')
    keyspace.dirty += added + updated - 1
    tellScores(call, args, scores, first)
  }
  reply.integer(countsChanges ? added + updated : added)
}

/** What was done is a ZADD, and is told as one. */
function tellScores({ effects }: Call, args: Args, scores: readonly number[], first: number): void {
  if (effects.sink === undefined) {
    effects.suppress()
    return
  }
  const told: EffectArgument[] = []
  for (let i = 1; i < first; i++) told.push(args.slice(i))
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!
    // Places on the edge of the map have scores beyond 2^53.
    told.push(Number.isSafeInteger(score) ? score : BigInt(score), args.slice(first + i * 3 + 2))
  }
  effects.replaceWith('ZADD', ...told)
}

export const geoAddCommands: readonly CommandSpec[] = [
  {
    name: 'GEOADD',
    syntax:
      'key [NX | XX]:condition [CH]:change longitude:double latitude:double member [longitude latitude member ...]:data',
    summary: 'Adds members with a place on earth each to a sorted set.',
    since: '3.2.0',
    argumentsSince: { condition: '6.2.0', change: '6.2.0' },
    complexity:
      'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'update')],
    history: [['6.2.0', 'The options `CH`, `NX` and `XX`.']],
    run: add,
  },
]
