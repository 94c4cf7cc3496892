/** Putting members in, taking them out, and asking for them. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { TYPE_SET } from '../../keyspace/index.ts'
import { readValue, writeValue } from '../values.ts'
import { deleteIfEmpty } from './access.ts'

/** Puts all arguments that are left into a set, which is made when it is missing. */
function add({ db, keyspace, reply }: Call, args: Args): void {
  const { sets } = keyspace
  const key = args.key()
  const value = writeValue(db, key, TYPE_SET)
  const set = value ?? sets.draft
  if (value === undefined) {
    const first = args.slice(args.at)
    sets.begin(sets.draft, first.bytes, first.start, first.end, args.left)
  } else sets.expect(value, args.left)
  let added = 0
  while (args.left > 0) {
    const { bytes, start, end } = args.next()
    if (sets.add(set, bytes, start, end)) added++
  }
  if (value === undefined) db.create(key, TYPE_SET, set.encoding, sets.draft.view())
  if (added > 0) {
    db.changed(key, 'sadd', 'set')
    keyspace.dirty += added - 1
  }
  reply.integer(added)
}

/** Takes all arguments that are left out of a set. */
function remove({ db, keyspace, reply }: Call, args: Args): void {
  const { sets } = keyspace
  const key = args.key()
  const value = writeValue(db, key, TYPE_SET)
  let removed = 0
  while (value !== undefined && args.left > 0) {
    const { bytes, start, end } = args.next()
    if (!sets.remove(value, bytes, start, end)) continue
    removed++
    if (sets.count(value) === 0) break
  }
  if (value !== undefined && removed > 0) {
    db.changed(key, 'srem', 'set')
    keyspace.dirty += removed - 1
    deleteIfEmpty(db, key, value)
  }
  reply.integer(removed)
}

function move({ db, keyspace, reply }: Call, args: Args): void {
  const { sets } = keyspace
  const from = args.key()
  const to = args.key()
  const { bytes, start, end } = args.next()
  const source = writeValue(db, from, TYPE_SET)
  if (source === undefined) {
    reply.integer(0)
    return
  }
  const target = writeValue(db, to, TYPE_SET)
  if (target?.entry === source.entry) {
    reply.integer(sets.has(source, bytes, start, end) ? 1 : 0)
    return
  }
  if (!sets.remove(source, bytes, start, end)) {
    reply.integer(0)
    return
  }
  db.changed(from, 'srem', 'set')
  deleteIfEmpty(db, from, source)
  const set = target ?? sets.draft
  if (target === undefined) sets.begin(sets.draft, bytes, start, end, 1)
  const isAdded = sets.add(set, bytes, start, end)
  if (target === undefined) db.create(to, TYPE_SET, set.encoding, sets.draft.view())
  if (isAdded) db.changed(to, 'sadd', 'set')
  reply.integer(1)
}

export const memberCommands: readonly CommandSpec[] = [
  {
    name: 'SADD',
    syntax: 'key member [member ...]',
    summary: 'Puts members into a set, which is made when it is missing.',
    since: '1.0.0',
    complexity:
      'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'insert')],
    history: [['2.4.0', 'Takes several members.']],
    run: add,
  },
  {
    name: 'SREM',
    syntax: 'key member [member ...]',
    summary: 'Takes members out of a set, which is deleted with its last one.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of members to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Takes several members.']],
    run: remove,
  },
  {
    name: 'SMOVE',
    syntax: 'source:key destination:key member',
    summary: 'Moves a member from one set to another.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    run: move,
  },
  {
    name: 'SISMEMBER',
    syntax: 'key member',
    summary: 'Tells whether a set has a member.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_SET)
      const { bytes, start, end } = args.next()
      const isMember = value !== undefined && keyspace.sets.has(value, bytes, start, end)
      reply.integer(isMember ? 1 : 0)
    },
  },
  {
    name: 'SMISMEMBER',
    syntax: 'key member [member ...]',
    summary: 'Tells of each of several members whether a set has it.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of elements being checked for membership',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_SET)
      reply.array(args.left)
      while (args.left > 0) {
        const { bytes, start, end } = args.next()
        const isMember = value !== undefined && keyspace.sets.has(value, bytes, start, end)
        reply.integer(isMember ? 1 : 0)
      }
    },
  },
  {
    name: 'SCARD',
    syntax: 'key',
    summary: 'Replies with how many members a set has.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const value = readValue(db, args.key(), TYPE_SET)
      reply.integer(value === undefined ? 0 : keyspace.sets.count(value))
    },
  },
  {
    name: 'SMEMBERS',
    syntax: 'key',
    summary: 'Replies with all members of a set.',
    since: '1.0.0',
    complexity: 'O(N) where N is the set cardinality.',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output_order'],
    run({ db, keyspace, reply }, args) {
      const { sets } = keyspace
      const value = readValue(db, args.key(), TYPE_SET)
      reply.set(value === undefined ? 0 : sets.count(value))
      if (value !== undefined) sets.each(value, (member) => reply.bulkSlice(member))
    },
  },
]
