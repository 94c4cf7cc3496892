/** LSET, LINSERT, LREM and LTRIM: changing lists in the middle. */
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  noSuchKey,
  outOfRange,
  syntaxError,
} from '../../engine/index.ts'
import { TYPE_LIST } from '../../keyspace/index.ts'
import { readEvenInt } from '../counts.ts'
import { writeValue } from '../values.ts'
import { elementsRemoved } from './access.ts'

function set({ db, keyspace, reply }: Call, args: Args): void {
  const { lists } = keyspace
  const key = args.key()
  const value = writeValue(db, key, TYPE_LIST)
  if (value === undefined) throw noSuchKey()
  let at = args.int()
  const element = args.next()
  lists.prepareReplace(value, element.length)
  const size = lists.count(value)
  if (at < 0) at += size
  if (at < 0 || at >= size) throw outOfRange()
  lists.replace(value, at, element)
  db.changed(key, 'lset', 'list')
  reply.ok()
}

function insert({ db, keyspace, reply }: Call, args: Args): void {
  const { lists } = keyspace
  const key = args.key()
  const isAfter = args.take('AFTER')
  if (!isAfter && !args.take('BEFORE')) throw syntaxError()
  const pivot = args.next()
  const element = args.next()
  const value = writeValue(db, key, TYPE_LIST)
  if (value === undefined) {
    reply.integer(0)
    return
  }
  if (!lists.insert(value, pivot, isAfter, element)) {
    reply.integer(-1)
    return
  }
  db.changed(key, 'linsert', 'list')
  reply.integer(lists.count(value))
}

function remove(call: Call, args: Args): void {
  const { lists } = call.keyspace
  const key = args.key()
  const count = readEvenInt(args)
  const element = args.next()
  const value = writeValue(call.db, key, TYPE_LIST)
  let removed = 0
  if (value !== undefined) {
    const limit = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count)
    removed = lists.removeEqual(value, element, limit, count < 0)
    const left = lists.count(value)
    if (removed > 0) elementsRemoved(call, key, value, 'lrem', { removed, left })
  }
  call.reply.integer(removed)
}

function trim(call: Call, args: Args): void {
  const { lists } = call.keyspace
  const key = args.key()
  let first = args.int()
  let last = args.int()
  const value = writeValue(call.db, key, TYPE_LIST)
  if (value !== undefined) {
    const size = lists.count(value)
    if (first < 0) first = Math.max(0, first + size)
    if (last < 0) last += size
    last = Math.min(last, size - 1)
    let left = 0
    if (first <= last) {
      lists.removeRange(value, last + 1, size - 1 - last)
      left = lists.removeRange(value, 0, first)
    }
    elementsRemoved(call, key, value, 'ltrim', { removed: size - left, left })
  }
  call.reply.ok()
}

export const changeCommands: readonly CommandSpec[] = [
  {
    name: 'LSET',
    syntax: 'key index:integer element',
    summary: 'Puts another element in the place of the one at an index of a list.',
    since: '1.0.0',
    complexity: 'O(N) with N nodes between the element and the nearer end.',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'update')],
    run: set,
  },
  {
    name: 'LINSERT',
    syntax: 'key <BEFORE | AFTER>:where pivot element',
    summary: 'Puts an element before or after the first one of a list that is the pivot.',
    since: '2.2.0',
    complexity: 'O(N) with N elements before the pivot.',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'insert')],
    run: insert,
  },
  {
    name: 'LREM',
    syntax: 'key count:integer element',
    summary: 'Takes the elements out of a list that are equal to one: all, the first or the last.',
    since: '1.0.0',
    complexity: 'O(N) with N elements in the list.',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: remove,
  },
  {
    name: 'LTRIM',
    syntax: 'key start:integer stop:integer',
    summary: 'Takes out of a list what lies outside of a range.',
    since: '1.0.0',
    complexity: 'O(N) with N nodes that are taken out.',
    arity: 4,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'delete')],
    run: trim,
  },
]
