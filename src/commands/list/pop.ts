/** LPOP, RPOP and LMPOP: elements leave at an end. */
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  syntaxError,
  wrongArity,
} from '../../engine/index.ts'
import { TYPE_LIST, type Value } from '../../keyspace/index.ts'
import { readCount } from '../counts.ts'
import { writeValue } from '../values.ts'
import { elementsRemoved, popEvent, readEndName } from './access.ts'

const notPositive = () => new ReplyError('ERR value is out of range, must be positive')
const numkeysNotPositive = () => new ReplyError('ERR numkeys should be greater than 0')
const countNotPositive = () => new ReplyError('ERR count should be greater than 0')

function pop(call: Call, args: Args, isHead: boolean): void {
  const { db, reply } = call
  const key = args.key()
  if (args.left > 1) throw wrongArity(isHead ? 'lpop' : 'rpop')
  const hasCount = args.left > 0
  const count = hasCount ? readCount(args, 0, notPositive) : 1
  const value = writeValue(db, key, TYPE_LIST)
  if (value === undefined) {
    if (hasCount) reply.nullArray()
    else reply.null()
  } else if (count === 0) reply.array(0)
  else if (hasCount) popMany(call, key, value, isHead, count)
  else popOne(call, key, value, isHead)
}

/** Answers with the element at an end, and takes it out. */
export function popOne(call: Call, key: Slice, value: Value, isHead: boolean): void {
  const left = call.keyspace.lists.pop(value, isHead, call.reply)
  if (left === 0) elementsRemoved(call, key, value, popEvent(isHead), { removed: 1, left })
  else call.db.changed(key, popEvent(isHead), 'list')
}

/** Answers with up to `count` elements from an end, and takes them out. @returns how many. */
export function popMany(
  call: Call,
  key: Slice,
  value: Value,
  isHead: boolean,
  count: number,
): number {
  const { lists } = call.keyspace
  const size = lists.count(value)
  const removed = Math.min(count, size)
  call.reply.array(removed)
  lists.pass(value, isHead ? 0 : size - 1, removed, !isHead, call.reply)
  const left = lists.removeRange(value, isHead ? 0 : size - removed, removed)
  elementsRemoved(call, key, value, popEvent(isHead), { removed, left })
  return removed
}

/** What LMPOP and BLMPOP are to pop, and from which keys. */
export interface ManyPop {
  /** The positions of the keys among the arguments. */
  readonly firstKey: number
  readonly keyCount: number
  readonly isHead: boolean
  readonly count: number
}

/** The arguments of LMPOP from the number of keys on. */
export function readManyPop(args: Args): ManyPop {
  const keyCount = readCount(args, 1, numkeysNotPositive)
  const firstKey = args.at
  if (keyCount >= args.left) throw syntaxError()
  args.at += keyCount
  const isHead = readEndName(args)
  let count = 0
  while (args.left > 0) {
    if (count > 0 || args.left < 2 || !args.take('COUNT')) throw syntaxError()
    count = readCount(args, 1, countNotPositive)
  }
  return { firstKey, keyCount, isHead, count: count || 1 }
}

/** Pops from the first of the lists that exists. @returns false when none does. */
export function popFirst(call: Call, args: Args, wanted: ManyPop): boolean {
  const { db, effects, reply } = call
  const { firstKey, keyCount, isHead, count } = wanted
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const key = args.slice(i)
    const value = writeValue(db, key, TYPE_LIST)
    if (value === undefined) continue
    reply.array(2)
    reply.bulkSlice(key)
    const removed = popMany(call, key, value, isHead, count)
    effects.replaceWith(isHead ? 'LPOP' : 'RPOP', key, removed)
    return true
  }
  return false
}

const FACTS = {
  syntax: 'key [count:integer]',
  since: '1.0.0',
  argumentsSince: { count: '6.2.0' },
  complexity: 'O(N) with N elements in the reply.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: [keyAt(1, 'RW', 'access', 'delete')],
  history: [['6.2.0', 'Takes a `count`.']],
} as const

export const popCommands: readonly CommandSpec[] = [
  {
    ...FACTS,
    name: 'LPOP',
    summary: 'Takes out the first elements of a list and replies with them.',
    run: (call, args) => pop(call, args, true),
  },
  {
    ...FACTS,
    name: 'RPOP',
    summary: 'Takes out the last elements of a list and replies with them.',
    run: (call, args) => pop(call, args, false),
  },
  {
    name: 'LMPOP',
    syntax: 'numkeys:integer key [key ...] <LEFT | RIGHT>:where [COUNT count:integer]',
    summary: 'Takes out elements at one end of the first of several lists that exists.',
    since: '7.0.0',
    complexity: 'O(N+M) with N keys and M elements in the reply.',
    arity: -4,
    flags: ['write'],
    keys: [
      {
        flags: ['RW', 'access', 'delete'],
        begin: { kind: 'index', index: 1 },
        find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
      },
    ],
    run(call, args) {
      if (!popFirst(call, args, readManyPop(args))) call.reply.nullArray()
    },
  },
]
