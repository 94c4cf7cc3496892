/** Whether keys are there, what they hold, and taking them away. */
import { type Args, type Call, type CommandSpec, keyAt, keysFrom } from '../../engine/index.ts'
import { TYPE_NAMES } from '../../keyspace/index.ts'

const COUNTED = ['request_policy:multi_shard', 'response_policy:agg_sum']

/** DEL and UNLINK. Both free what is long in slices, so they are one. */
function deleteKeys({ db, reply }: Call, args: Args): void {
  let count = 0
  while (args.left > 0) {
    const key = args.key()
    if (!db.delete(key)) continue
    db.changed(key, 'del', 'generic')
    count++
  }
  reply.integer(count)
}

export const keyCommands: readonly CommandSpec[] = [
  {
    name: 'DEL',
    syntax: 'key [key ...]',
    summary: 'Deletes keys and replies with how many there were.',
    since: '1.0.0',
    complexity:
      'O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).',
    arity: -2,
    flags: ['write'],
    keys: [keysFrom(1, -1, 1, 'RM', 'delete')],
    tips: COUNTED,
    run: deleteKeys,
  },
  {
    name: 'UNLINK',
    syntax: 'key [key ...]',
    summary: 'Deletes keys and gives their memory back later.',
    since: '4.0.0',
    complexity:
      'O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keysFrom(1, -1, 1, 'RM', 'delete')],
    tips: COUNTED,
    run: deleteKeys,
  },
  {
    name: 'EXISTS',
    syntax: 'key [key ...]',
    summary: 'Replies with how many of the keys are there; one named twice counts twice.',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys to check.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, -1, 1, 'RO')],
    tips: COUNTED,
    history: [['3.0.3', 'Accepts multiple `key` arguments.']],
    run({ db, reply }, args) {
      let count = 0
      while (args.left > 0) if (db.look(args.key()) !== 0) count++
      reply.integer(count)
    },
  },
  {
    name: 'TYPE',
    syntax: 'key',
    summary: 'Replies with the type of what a key holds, or `none`.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, reply }, args) {
      const entry = db.look(args.key())
      reply.simple(entry === 0 ? 'none' : TYPE_NAMES[db.typeOf(entry)]!)
    },
  },
  {
    name: 'TOUCH',
    syntax: 'key [key ...]',
    summary: 'Counts as a use of keys, and replies with how many are there.',
    since: '3.2.1',
    complexity: 'O(N) where N is the number of keys that will be touched.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, -1, 1, 'RO')],
    tips: COUNTED,
    run({ db, reply }, args) {
      let count = 0
      while (args.left > 0) if (db.read(args.key()) !== 0) count++
      reply.integer(count)
    },
  },
]
