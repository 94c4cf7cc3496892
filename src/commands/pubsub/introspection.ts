/** PUBSUB: which channels and patterns have subscribers, and how many. */
import { globMatches } from '../../bytes/index.ts'
import type { Args, Call, CommandFlag, CommandSpec } from '../../engine/index.ts'
import type { TopicKind } from '../../pubsub/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'

const flags: readonly CommandFlag[] = ['pubsub', 'loading', 'stale']

/** The row of PUBSUB with its subcommands. */
export function pubsubCommand(services: Services): CommandSpec {
  const { listing, counting } = handlers(services)
  return {
    name: 'PUBSUB',
    syntax: '',
    summary: 'Commands about who listens to what.',
    since: '2.8.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'CHANNELS',
        syntax: '[pattern:pattern]',
        summary:
          'Replies with the channels that have subscribers, all or those that fit a pattern.',
        since: '2.8.0',
        complexity: 'O(N) with N channels.',
        arity: -2,
        flags,
        run: listing('channel'),
      },
      {
        name: 'NUMPAT',
        syntax: '',
        summary: 'Replies with how many different patterns have subscribers.',
        since: '2.8.0',
        complexity: 'O(1)',
        arity: 2,
        flags,
        run({ reply }) {
          reply.integer(services.pubsub.topics.pattern.count)
        },
      },
      {
        name: 'NUMSUB',
        syntax: '[channel [channel ...]]',
        summary: 'Replies with how many subscribers channels have, those of patterns not counted.',
        since: '2.8.0',
        complexity: 'O(N) with N channels.',
        arity: -2,
        flags,
        run: counting('channel'),
      },
      {
        name: 'SHARDCHANNELS',
        syntax: '[pattern:pattern]',
        summary: 'Replies with the shard channels that have subscribers.',
        since: '7.0.0',
        complexity: 'O(N) with N channels.',
        arity: -2,
        flags,
        run: listing('shard'),
      },
      {
        name: 'SHARDNUMSUB',
        syntax: '[shardchannel [shardchannel ...]]',
        summary: 'Replies with how many subscribers shard channels have.',
        since: '7.0.0',
        complexity: 'O(N) with N channels.',
        arity: -2,
        flags,
        run: counting('shard'),
      },
      {
        name: 'HELP',
        syntax: '',
        summary: 'Replies with what the subcommands do.',
        since: '6.2.0',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        run: replyDerivedHelp,
      },
    ],
  }
}

/** Makes the handlers of each kind of topic. */
function handlers(services: Services) {
  const listing =
    (kind: TopicKind) =>
    ({ reply }: Call, args: Args) => {
      if (args.left > 1) throw wrongShape(args, 'PUBSUB')
      const pattern = args.left > 0 ? args.next().copyOf() : undefined
      const names = [...services.pubsub.topics[kind].all()]
        .map(({ name }) => name)
        .filter((name) => pattern === undefined || fits(pattern, name))
      reply.array(names.length)
      for (const name of names) reply.bulk(name)
    }
  const counting =
    (kind: TopicKind) =>
    ({ reply }: Call, args: Args) => {
      reply.array(args.left * 2)
      while (args.left > 0) {
        const name = args.next()
        reply.bulkSlice(name)
        reply.integer(services.pubsub.topics[kind].find(name)?.clients.size ?? 0)
      }
    }
  return { listing, counting }
}

function fits(pattern: Uint8Array, name: Uint8Array): boolean {
  return globMatches(pattern, 0, pattern.length, name, 0, name.length, false)
}
