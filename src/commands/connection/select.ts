/** SELECT: which database a client's commands work on. */
import type { CommandSpec } from '../../engine/index.ts'
import { databaseAt, readInt32 } from '../database-index.ts'

export const selectCommands: readonly CommandSpec[] = [
  {
    name: 'SELECT',
    syntax: 'index:integer',
    summary: 'Chooses the database that the commands after it work on.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    run({ client, keyspace, reply }, args) {
      client.db = databaseAt(keyspace, readInt32(args))
      reply.ok()
    },
  },
]
