/** LMOVE and RPOPLPUSH: an element goes from an end of one list to an end of another. */
import { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_LIST } from '../../keyspace/index.ts'
import { LISTPACK_EMPTY } from '../../structures/index.ts'
import { ENCODING_LISTPACK } from '../../values/index.ts'
import { writeValue } from '../values.ts'
import { elementsRemoved, popEvent, pushEvent, readEndName } from './access.ts'

const element = new Slice(new Uint8Array(0), 0, 0)

/** From where an element goes to where. */
export interface Move {
  readonly source: Slice
  readonly target: Slice
  readonly fromHead: boolean
  readonly toHead: boolean
}

/** The keys and the ends that LMOVE names. */
export function readMove(args: Args): Move {
  const source = args.key()
  const target = args.key()
  const fromHead = readEndName(args)
  return { source, target, fromHead, toHead: readEndName(args) }
}

/** The keys that RPOPLPUSH names. */
export function readOldMove(args: Args): Move {
  return { source: args.key(), target: args.key(), fromHead: false, toHead: true }
}

/** Moves the element and answers with it. @returns false when there is no source. */
export function moveElement(call: Call, { source, target, fromHead, toHead }: Move): boolean {
  const { db, keyspace, reply } = call
  const { lists } = keyspace
  const from = writeValue(db, source, TYPE_LIST)
  if (from === undefined) return false
  const other = writeValue(db, target, TYPE_LIST)
  // Both may be one list, of which there must be one value only.
  const isSame = other?.entry === from.entry
  const held = lists.hold(lists.readEnd(from, fromHead, element))
  const left = lists.removeEnd(from, fromHead)
  const to = isSame
    ? from
    : (other ?? db.create(target, TYPE_LIST, ENCODING_LISTPACK, LISTPACK_EMPTY))
  lists.pushOne(to, toHead, held)
  if (isSame) lists.shrink(to)
  db.changed(target, pushEvent(toHead), 'list')
  // A move is one change.
  keyspace.dirty--
  elementsRemoved(call, source, from, popEvent(fromHead), {
    removed: 1,
    left: isSame ? left + 1 : left,
  })
  reply.bulkSlice(held)
  return true
}

const KEYS = [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')]

export const moveCommands: readonly CommandSpec[] = [
  {
    name: 'LMOVE',
    syntax: 'source:key destination:key <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto',
    summary: 'Takes the element at an end of a list and puts it at an end of another.',
    since: '6.2.0',
    complexity: 'O(1)',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: KEYS,
    run(call, args) {
      if (!moveElement(call, readMove(args))) call.reply.null()
    },
  },
  {
    name: 'RPOPLPUSH',
    syntax: 'source:key destination:key',
    summary: 'Takes the last element of a list and puts it before the first of another.',
    since: '1.2.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom'],
    keys: KEYS,
    deprecated: {
      since: '6.2.0',
      replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments',
    },
    run(call, args) {
      if (!moveElement(call, readOldMove(args))) call.reply.null()
    },
  },
]
