/** The list commands that wait until there is an element: BLPOP, BRPOP, BLMOVE, BRPOPLPUSH, BLMPOP. */
import { type Args, type Call, type CommandSpec, keyAt, keysFrom } from '../../engine/index.ts'
import { TYPE_LIST } from '../../keyspace/index.ts'
import { readTimeoutMs } from '../timeout.ts'
import { writeValue } from '../values.ts'
import { type Move, moveElement, readMove, readOldMove } from './move.ts'
import { popFirst, popOne, readManyPop } from './pop.ts'

/** Waits for any of `count` keys from a position on. */
function waitFor(call: Call, args: Args, first: number, count: number, timeoutMs: number): void {
  const keys = Array.from({ length: count }, (_, i) => args.slice(first + i))
  call.block({ keys, type: TYPE_LIST, timeoutMs, timeoutReply: 'nullArray' })
}

function blockingPop(call: Call, args: Args, isHead: boolean): void {
  const { db, effects, reply } = call
  const first = args.at
  const count = args.left - 1
  args.at += count
  const timeoutMs = readTimeoutMs(args)
  for (let i = first; i < first + count; i++) {
    const key = args.slice(i)
    const value = writeValue(db, key, TYPE_LIST)
    if (value === undefined) continue
    reply.array(2)
    reply.bulkSlice(key)
    popOne(call, key, value, isHead)
    effects.replaceWith(isHead ? 'LPOP' : 'RPOP', key)
    return
  }
  waitFor(call, args, first, count, timeoutMs)
}

function blockingMove(call: Call, args: Args, move: Move, isOld: boolean): void {
  const timeoutMs = readTimeoutMs(args)
  const { source, target, fromHead, toHead } = move
  if (!moveElement(call, move)) {
    call.block({
      keys: [args.slice(1)],
      type: TYPE_LIST,
      timeoutMs,
      timeoutReply: 'nullArray',
      refusedReply: 'null',
    })
  } else if (isOld) {
    call.effects.replaceWith('RPOPLPUSH', source, target)
  } else {
    const end = (isHead: boolean) => (isHead ? 'left' : 'right')
    call.effects.replaceWith('LMOVE', source, target, end(fromHead), end(toHead))
  }
}

function blockingPopMany(call: Call, args: Args): void {
  // The timeout is looked at last, as the reference does.
  const timeoutAt = args.at++
  const wanted = readManyPop(args)
  args.at = timeoutAt
  const timeoutMs = readTimeoutMs(args)
  if (popFirst(call, args, wanted)) return
  waitFor(call, args, wanted.firstKey, wanted.keyCount, timeoutMs)
}

const POP_FACTS = {
  syntax: 'key [key ...] timeout:double',
  since: '2.0.0',
  complexity: 'O(N) with N keys.',
  arity: -3,
  flags: ['write', 'blocking'],
  keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
  history: [['6.0.0', '`timeout` may have a fraction.']],
} as const

const MOVE_KEYS = [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')]

export const blockingCommands: readonly CommandSpec[] = [
  {
    ...POP_FACTS,
    name: 'BLPOP',
    summary: 'Takes out the first element of the first of several lists; waits until there is one.',
    run: (call, args) => blockingPop(call, args, true),
  },
  {
    ...POP_FACTS,
    name: 'BRPOP',
    summary: 'Takes out the last element of the first of several lists; waits until there is one.',
    run: (call, args) => blockingPop(call, args, false),
  },
  {
    name: 'BLMOVE',
    syntax:
      'source:key destination:key <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto timeout:double',
    summary:
      'Moves an element from an end of a list to an end of another; waits until there is one.',
    since: '6.2.0',
    complexity: 'O(1)',
    arity: 6,
    flags: ['write', 'denyoom', 'blocking'],
    keys: MOVE_KEYS,
    run: (call, args) => blockingMove(call, args, readMove(args), false),
  },
  {
    name: 'BRPOPLPUSH',
    syntax: 'source:key destination:key timeout:double',
    summary:
      'Moves the last element of a list before the first of another; waits until there is one.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'blocking'],
    keys: MOVE_KEYS,
    history: [['6.0.0', '`timeout` may have a fraction.']],
    deprecated: {
      since: '6.2.0',
      replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments',
    },
    run: (call, args) => blockingMove(call, args, readOldMove(args), true),
  },
  {
    name: 'BLMPOP',
    syntax:
      'timeout:double numkeys:integer key [key ...] <LEFT | RIGHT>:where [COUNT count:integer]',
    summary:
      'Takes out elements at one end of the first of several lists; waits until there are some.',
    since: '7.0.0',
    complexity: 'O(N+M) with N keys and M elements in the reply.',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [
      {
        flags: ['RW', 'access', 'delete'],
        begin: { kind: 'index', index: 2 },
        find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
      },
    ],
    run: blockingPopMany,
  },
]
