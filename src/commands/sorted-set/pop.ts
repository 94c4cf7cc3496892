/** Taking out the members with the lowest or the highest scores, also for clients that wait for one. */
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type KeySpec,
  keyAt,
  keysFrom,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_ZSET, type Value } from '../../keyspace/index.ts'
import { readTimeoutMs } from '../timeout.ts'
import { writeValue } from '../values.ts'
import { deleteIfEmpty } from './access.ts'

type End = 'min' | 'max'

/** Takes out and replies with members, each with its score; `isNested` puts each pair in an array. */
function takeOut(call: Call, key: Slice, value: Value, count: number, end: End, isNested: boolean) {
  const { db, keyspace, reply } = call
  const sets = keyspace.sortedSets
  const before = sets.count(value)
  for (let left = before; left > before - count; left--) {
    sets.seek(value, end === 'min' ? 0 : left - 1)
    if (isNested) reply.array(2)
    const { bytes, start, end: stop } = sets.member
    reply.bulk(bytes, start, stop)
    reply.float(sets.score)
    sets.removeHere()
  }
  db.changed(key, end === 'min' ? 'zpopmin' : 'zpopmax', 'zset')
  deleteIfEmpty(db, key, value)
}

const notPositive = () => new ReplyError('ERR value is out of range, must be positive')

/** ZPOPMIN and ZPOPMAX. */
function pop(call: Call, args: Args, end: End): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  if (args.left > 1) throw syntaxError()
  const hasCount = args.left > 0
  const count = hasCount ? args.int(notPositive) : 1
  if (count < 0) throw notPositive()
  const value = writeValue(db, key, TYPE_ZSET)
  const taken = value === undefined ? 0 : Math.min(count, keyspace.sortedSets.count(value))
  const isNested = hasCount && reply.isResp3
  reply.array(isNested ? taken : taken * 2)
  if (taken > 0) takeOut(call, key, value!, taken, end, isNested)
}

/** The first of the keys that holds anything, which must be a sorted set. */
function firstValue(call: Call, keys: readonly Slice[]): { key: Slice; value: Value } | undefined {
  for (const key of keys) {
    const value = writeValue(call.db, key, TYPE_ZSET)
    if (value !== undefined) return { key, value }
  }
  return undefined
}

/** BZPOPMIN and BZPOPMAX. */
function popOrWait(call: Call, args: Args, end: End): void {
  const keys = readKeys(args, args.left - 1)
  const timeoutMs = readTimeoutMs(args)
  const found = firstValue(call, keys)
  if (found === undefined) {
    call.block({ keys, type: TYPE_ZSET, timeoutMs, timeoutReply: 'nullArray' })
    return
  }
  const { key, value } = found
  call.reply.array(3)
  call.reply.bulkSlice(key)
  takeOut(call, key, value, 1, end, false)
  call.effects.replaceWith(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key)
}

interface ManyOptions {
  readonly keys: readonly Slice[]
  readonly end: End
  readonly count: number
}

/** What ZMPOP and BZMPOP have in common: `numkeys key … MIN | MAX [COUNT count]`. */
function readMany(args: Args): ManyOptions {
  const numkeys = args.int(() => new ReplyError('ERR numkeys should be greater than 0'))
  if (numkeys < 1) throw new ReplyError('ERR numkeys should be greater than 0')
  if (args.left <= numkeys) throw syntaxError()
  const keys = readKeys(args, numkeys)
  let end: End
  if (args.take('MIN')) end = 'min'
  else if (args.take('MAX')) end = 'max'
  else throw syntaxError()
  let count = 0
  while (args.left > 0) {
    if (count > 0 || args.left < 2 || !args.take('COUNT')) throw syntaxError()
    count = args.int(() => new ReplyError('ERR count should be greater than 0'))
    if (count < 1) throw new ReplyError('ERR count should be greater than 0')
  }
  return { keys, end, count: count || 1 }
}

function readKeys(args: Args, count: number): Slice[] {
  const keys: Slice[] = []
  for (let i = 0; i < count; i++) keys.push(args.key())
  return keys
}

/** @returns whether there was anything to take. */
function popMany(call: Call, { keys, end, count }: ManyOptions): boolean {
  const { effects, keyspace, reply } = call
  const found = firstValue(call, keys)
  if (found === undefined) return false
  const { key, value } = found
  const taken = Math.min(count, keyspace.sortedSets.count(value))
  reply.array(2)
  reply.bulkSlice(key)
  reply.array(taken)
  takeOut(call, key, value, taken, end, true)
  effects.replaceWith(end === 'min' ? 'ZPOPMIN' : 'ZPOPMAX', key, taken)
  return true
}

const manyKeys = (index: number): KeySpec => ({
  flags: ['RW', 'access', 'delete'],
  begin: { kind: 'index', index },
  find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
})

const POP_COMPLEXITY =
  'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.'
const WAIT_COMPLEXITY = 'O(log(N)) with N being the number of elements in the sorted set.'
const MANY_COMPLEXITY =
  'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.'
const TIMEOUT_HISTORY = [['6.0.0', '`timeout` may have a fraction.']] as const

export const popCommands: readonly CommandSpec[] = [
  {
    name: 'ZPOPMIN',
    syntax: 'key [count:integer]',
    summary: 'Takes out the members with the lowest scores and replies with them.',
    since: '5.0.0',
    complexity: POP_COMPLEXITY,
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run(call, args) {
      pop(call, args, 'min')
    },
  },
  {
    name: 'ZPOPMAX',
    syntax: 'key [count:integer]',
    summary: 'Takes out the members with the highest scores and replies with them.',
    since: '5.0.0',
    complexity: POP_COMPLEXITY,
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run(call, args) {
      pop(call, args, 'max')
    },
  },
  {
    name: 'BZPOPMIN',
    syntax: 'key [key ...] timeout:double',
    summary: 'Takes out the member with the lowest score, and waits until there is one.',
    since: '5.0.0',
    complexity: WAIT_COMPLEXITY,
    arity: -3,
    flags: ['write', 'fast', 'blocking'],
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    run(call, args) {
      popOrWait(call, args, 'min')
    },
  },
  {
    name: 'BZPOPMAX',
    syntax: 'key [key ...] timeout:double',
    summary: 'Takes out the member with the highest score, and waits until there is one.',
    since: '5.0.0',
    complexity: WAIT_COMPLEXITY,
    arity: -3,
    flags: ['write', 'fast', 'blocking'],
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    run(call, args) {
      popOrWait(call, args, 'max')
    },
  },
  {
    name: 'ZMPOP',
    syntax: 'numkeys:integer key [key ...] <MIN | MAX>:where [COUNT count:integer]',
    summary: 'Takes members out of the first of several sorted sets that is there.',
    since: '7.0.0',
    complexity: MANY_COMPLEXITY,
    arity: -4,
    flags: ['write'],
    keys: [manyKeys(1)],
    run(call, args) {
      if (!popMany(call, readMany(args))) call.reply.nullArray()
    },
  },
  {
    name: 'BZMPOP',
    syntax: 'timeout:double numkeys:integer key [key ...] <MIN | MAX>:where [COUNT count:integer]',
    summary: 'Takes members out of the first sorted set that is there, and waits until one is.',
    since: '7.0.0',
    complexity: MANY_COMPLEXITY,
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [manyKeys(2)],
    run(call, args) {
      // What is wrong with the timeout is said last.
      args.next()
      const options = readMany(args)
      args.at = 1
      const timeoutMs = readTimeoutMs(args)
      if (popMany(call, options)) return
      const { keys } = options
      call.block({ keys, type: TYPE_ZSET, timeoutMs, timeoutReply: 'nullArray' })
    },
  },
]
