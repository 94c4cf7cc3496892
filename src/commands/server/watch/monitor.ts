/** MONITOR: shows a client every command from here on. */
import { type CommandSpec, ReplyError } from '../../../engine/index.ts'
import type { Services } from '../../services.ts'

/** The row of MONITOR. */
export function monitorCommand(services: Services): CommandSpec {
  return {
    name: 'MONITOR',
    syntax: '',
    summary: 'Lets the connection see every command that the server runs.',
    since: '1.0.0',
    complexity: '',
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run({ client, reply }) {
      // What it hears would come between the replies of a transaction.
      if (services.engine.execution.isInside) {
        throw new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client")
      }
      // As in the reference, who monitors already gets no reply.
      if (client.isMonitor) return
      reply.ok()
      services.engine.meter.monitors.add(client)
    },
  }
}
