/** ZRANDMEMBER: members by chance. */
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import { TYPE_ZSET, type Value } from '../../keyspace/index.ts'
import { readValue } from '../values.ts'

/** The largest count, and the largest where each member comes with its score. */
const COUNT_MAX = 2n ** 63n - 1n
const PAIRS_MAX = COUNT_MAX / 2n
/** When so many times the wanted members are all, the whole set is walked through. */
const WALK_FACTOR = 3

interface Options {
  readonly count: number
  readonly withScores: boolean
}

function readOptions(args: Args): Options {
  const count = args.int64()
  if (count < -COUNT_MAX) {
    const text = `value is out of range, value must between -${COUNT_MAX} and ${COUNT_MAX}`
    throw new ReplyError(`ERR ${text}`)
  }
  const withScores = args.left === 1 && args.take('WITHSCORES')
  args.end()
  if (withScores && (count < -PAIRS_MAX || count > PAIRS_MAX)) {
    throw new ReplyError('ERR value is out of range')
  }
  return { count: Number(count), withScores }
}

/** Writes the member that was read last. */
function write({ keyspace, reply }: Call, withScores: boolean): void {
  const { member, score } = keyspace.sortedSets
  if (withScores && reply.isResp3) reply.array(2)
  reply.bulk(member.bytes, member.start, member.end)
  if (withScores) reply.float(score)
}

/** As many members as are asked for, in the order of chance: any of them may come again. */
function writeRepeated(call: Call, value: Value, count: number, withScores: boolean): void {
  for (let i = 0; i < count; i++) {
    call.keyspace.sortedSets.readRandom(value)
    write(call, withScores)
  }
}

/**
 * Walks through the set, from its end as the reference does, and takes each member with the chance that
 * leaves enough for the rest.
 */
function writeWalked(call: Call, value: Value, count: number, withScores: boolean): void {
  const { keyspace } = call
  const sets = keyspace.sortedSets
  let wanted = count
  const size = sets.count(value)
  for (let left = size; wanted > 0; left--) {
    if (left === size) sets.seek(value, size - 1)
    else sets.previous()
    if (keyspace.host.random.uint32() * left >= wanted * 2 ** 32) continue
    write(call, withScores)
    wanted--
  }
}

/** Draws different ranks: R. W. Floyd's way needs one draw for each. */
function writeDrawn(call: Call, value: Value, count: number, withScores: boolean): void {
  const { keyspace } = call
  const sets = keyspace.sortedSets
  const size = sets.count(value)
  const drawn = new Set<number>()
  for (let last = size - count; last < size; last++) {
    const rank = Math.floor((keyspace.host.random.uint32() / 2 ** 32) * (last + 1))
    drawn.add(drawn.has(rank) ? last : rank)
  }
  for (const rank of drawn) {
    sets.seek(value, rank)
    write(call, withScores)
  }
}

function writeSome(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  const { count, withScores } = readOptions(args)
  const value = readValue(db, key, TYPE_ZSET)
  const size = value === undefined ? 0 : keyspace.sortedSets.count(value)
  const wanted = size === 0 ? 0 : count < 0 ? -count : Math.min(count, size)
  reply.announce(wanted * (withScores ? 2 : 1))
  reply.array(withScores && !reply.isResp3 ? wanted * 2 : wanted)
  if (wanted === 0) return
  if (count < 0 || count === 1) writeRepeated(call, value!, wanted, withScores)
  else if (wanted * WALK_FACTOR > size) writeWalked(call, value!, wanted, withScores)
  else writeDrawn(call, value!, wanted, withScores)
}

export const randomCommands: readonly CommandSpec[] = [
  {
    name: 'ZRANDMEMBER',
    syntax: 'key [count:integer [WITHSCORES]]:options',
    summary: 'Replies with members by chance: different ones, or with a negative count any.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members returned',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    run(call, args) {
      if (args.left > 1) {
        writeSome(call, args)
        return
      }
      const value = readValue(call.db, args.key(), TYPE_ZSET)
      if (value === undefined) call.reply.null()
      else writeRepeated(call, value, 1, false)
    },
  },
]
