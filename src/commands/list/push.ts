/** LPUSH, RPUSH and their forms for lists that exist. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_LIST } from '../../keyspace/index.ts'
import { ENCODING_LISTPACK } from '../../values/index.ts'
import { writeValue } from '../values.ts'
import { pushEvent } from './access.ts'

/** Puts all arguments that are left at one end, where `isExisting` only of a list that exists. */
function push(
  { db, keyspace, reply }: Call,
  args: Args,
  isHead: boolean,
  isExisting: boolean,
): void {
  const { lists } = keyspace
  const key = args.key()
  let value = writeValue(db, key, TYPE_LIST)
  if (value === undefined && isExisting) {
    reply.integer(0)
    return
  }
  const count = args.left
  const addedBytes = bytesLeft(args)
  let size = count
  value ??= db.create(key, TYPE_LIST, ENCODING_LISTPACK, lists.begin(isHead, args, addedBytes))
  // A list that fits into a listpack has begun with all of them.
  if (args.left > 0) size = lists.push(value, isHead, args, addedBytes)
  db.changed(key, pushEvent(isHead), 'list')
  keyspace.dirty += count - 1
  reply.integer(size)
}

function bytesLeft({ request, at, count }: Args): number {
  let size = 0
  for (let i = at; i < count; i++) size += request.ends[i]! - request.starts[i]!
  return size
}

const FACTS = {
  syntax: 'key element [element ...]',
  complexity: 'O(1) for each element added.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  keys: [keyAt(1, 'RW', 'insert')],
} as const

export const pushCommands: readonly CommandSpec[] = [
  {
    ...FACTS,
    name: 'LPUSH',
    summary: 'Puts elements before the first one of a list, which is made when it is missing.',
    since: '1.0.0',
    history: [['2.4.0', 'Takes several elements.']],
    run: (call, args) => push(call, args, true, false),
  },
  {
    ...FACTS,
    name: 'RPUSH',
    summary: 'Puts elements after the last one of a list, which is made when it is missing.',
    since: '1.0.0',
    history: [['2.4.0', 'Takes several elements.']],
    run: (call, args) => push(call, args, false, false),
  },
  {
    ...FACTS,
    name: 'LPUSHX',
    summary: 'Puts elements before the first one of a list that exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Takes several elements.']],
    run: (call, args) => push(call, args, true, true),
  },
  {
    ...FACTS,
    name: 'RPUSHX',
    summary: 'Puts elements after the last one of a list that exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Takes several elements.']],
    run: (call, args) => push(call, args, false, true),
  },
]
