/** CLIENT UNBLOCK: ends the waiting of a blocking command. */
import { type CommandSpec, ReplyError } from '../../../engine/index.ts'
import type { Services } from '../../services.ts'
import { wrongShape } from '../../wrong-shape.ts'

/** The row of CLIENT UNBLOCK. */
export function unblockSubcommand(services: Services): CommandSpec {
  return {
    name: 'UNBLOCK',
    syntax: 'client-id:integer [TIMEOUT | ERROR]:unblock-type',
    summary: 'Ends the waiting of another connection, as if its time were over or with an error.',
    since: '5.0.0',
    complexity: 'O(log N) with N connections.',
    arity: -3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run({ reply }, args) {
      if (args.left > 2) throw wrongShape(args, 'CLIENT')
      const idAt = args.at++
      const isError = args.take('ERROR')
      if (args.left === 1 && !isError && !args.take('TIMEOUT')) {
        throw new ReplyError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
      }
      args.at = idAt
      const client = services.engine.clients.get(Number(args.int64()))
      const isDone =
        client !== undefined &&
        services.engine.serving.unblock(client, isError ? 'error' : 'timeout')
      reply.integer(isDone ? 1 : 0)
    },
  }
}
