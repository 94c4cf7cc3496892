/** Commands on whole databases: emptying, exchanging, counting. */
import { type Args, type Call, type CommandSpec, syntaxError } from '../../engine/index.ts'
import type { Database } from '../../keyspace/index.ts'
import { databaseAt, readInt32 } from '../database-index.ts'
import type { Services } from '../services.ts'

/** Both modes give memory back in slices, so they differ in nothing that can be seen. */
function readMode(args: Args): readonly string[] {
  if (args.left === 0) return []
  const mode = args.take('ASYNC') ? 'ASYNC' : args.take('SYNC') ? 'SYNC' : undefined
  if (mode === undefined) throw syntaxError()
  args.end()
  return [mode]
}

function flush(
  { engine, tracking }: Services,
  call: Call,
  args: Args,
  databases: readonly Database[],
): void {
  const { client, keyspace, effects, reply, command } = call
  const mode = readMode(args)
  for (const database of databases) keyspace.dirty += database.clear()
  // Told even when there was nothing: a replica that differs shall be empty afterwards.
  effects.replaceWith(command.spec.name, ...mode)
  tracking.invalidateAll()
  // In the reference a client waits for the end of what ASYNC leaves behind, and hears before that that
  // it is to forget everything. Inside of a transaction or a script nothing waits.
  const waits = mode[0] !== 'ASYNC' && !engine.execution.isInside
  if (waits && !client.isMuted) engine.pushes.putFirst()
  reply.ok()
}

function readSwapped(args: Args, which: string): number {
  return readInt32(args, `ERR invalid ${which} DB index`)
}

const FLUSH = {
  syntax: '[ASYNC | SYNC]:flush-type',
  since: '1.0.0',
  argumentsSince: { 'flush-type/async': '4.0.0', 'flush-type/sync': '6.2.0' },
  arity: -1,
  flags: ['write'],
  acl: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: [
    ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
    ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
  ],
} as const

/** FLUSHALL, FLUSHDB, SWAPDB and DBSIZE. */
export const keyspaceServerCommands = (services: Services): readonly CommandSpec[] => [
  {
    ...FLUSH,
    name: 'FLUSHALL',
    summary: 'Deletes all keys of all databases.',
    complexity: 'O(N) where N is the total number of keys in all databases',
    run(call, args) {
      flush(services, call, args, call.keyspace.databases)
      services.saving.flushed(services.engine.execution.isInside)
    },
  },
  {
    ...FLUSH,
    name: 'FLUSHDB',
    summary: 'Deletes all keys of the selected database.',
    complexity: 'O(N) where N is the number of keys in the selected database',
    run(call, args) {
      flush(services, call, args, [call.db])
    },
  },
  {
    name: 'SWAPDB',
    syntax: 'index1:integer index2:integer',
    summary: 'Exchanges the content of two databases; clients stay at their numbers.',
    since: '4.0.0',
    complexity:
      'O(N) where N is the count of clients watching or blocking on keys from both databases.',
    arity: 3,
    flags: ['write', 'fast'],
    acl: ['keyspace', 'dangerous'],
    run({ keyspace, reply }, args) {
      const first = readSwapped(args, 'first')
      const second = readSwapped(args, 'second')
      keyspace.swap(databaseAt(keyspace, first), databaseAt(keyspace, second))
      services.tracking.invalidateAll()
      keyspace.dirty++
      reply.ok()
    },
  },
  {
    name: 'DBSIZE',
    syntax: '',
    summary: 'Replies with the number of keys in the selected database.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly', 'fast'],
    acl: ['keyspace'],
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    run({ db, reply }) {
      reply.integer(db.count)
    },
  },
]
