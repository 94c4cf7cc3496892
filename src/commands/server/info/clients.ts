/** INFO clients. */
import type { Services } from '../../services.ts'
import type { Fields } from './fields.ts'

/** How many clients there are, and how they are. */
export function clientFields({ engine, config, pubsub, tracking }: Services): Fields {
  const clients = [...engine.clients.values()]
  const { clientPeaks, host } = engine
  clientPeaks.look(host.clock.monotonicMs())
  return [
    ['connected_clients', clients.length],
    ['cluster_connections', 0],
    ['maxclients', config.values.maxclients],
    ['client_recent_max_input_buffer', clientPeaks.inputBytes],
    ['client_recent_max_output_buffer', clientPeaks.outputBytes],
    // Also those that a pause holds back.
    ['blocked_clients', clients.filter(({ isBlocked }) => isBlocked).length],
    ['tracking_clients', tracking.clientCount],
    ['pubsub_clients', pubsub.clientCount],
    ['watching_clients', engine.transactions.watching.clientCount],
    ['clients_in_timeout_table', engine.serving.blocking.timedCount],
    ['total_watched_keys', engine.transactions.watching.keyCount],
    ['total_blocking_keys', engine.serving.blocking.keyCount],
    ['total_blocking_keys_on_nokey', engine.serving.blocking.removalKeyCount],
  ]
}
