/** PUBLISH and SPUBLISH. Nothing of them is kept: who does not listen now never hears of it. */
import { type CommandSpec, keyAt } from '../../engine/index.ts'
import type { Services } from '../services.ts'

/** The rows that send messages. */
export function publishCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'PUBLISH',
      syntax: 'channel message',
      summary: 'Sends a message to who listens to a channel, and replies with how many that are.',
      since: '2.0.0',
      complexity: 'O(N+M) with N clients that listen and M patterns of all clients.',
      arity: 3,
      flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
      run({ reply }, args) {
        reply.integer(services.pubsub.publish(args.next(), args.next()))
      },
    },
    {
      name: 'SPUBLISH',
      syntax: 'shardchannel message',
      summary: 'Sends a message to who listens to a shard channel.',
      since: '7.0.0',
      complexity: 'O(N) with N clients that listen.',
      arity: 3,
      flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
      keys: [keyAt(1, 'not_key')],
      run({ reply }, args) {
        reply.integer(services.pubsub.publishInShard(args.next(), args.next()))
      },
    },
  ]
}
