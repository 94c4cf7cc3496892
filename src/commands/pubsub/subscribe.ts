/** SUBSCRIBE and UNSUBSCRIBE with their fellows for patterns and shard channels. */
import { fromLatin1, type Slice, sliceOf } from '../../bytes/index.ts'
import type { Args, Call, CommandFlag, CommandSpec } from '../../engine/index.ts'
import { keysFrom, ReplyError } from '../../engine/index.ts'
import { Confirmation, type TopicKind } from '../../pubsub/index.ts'
import type { Services } from '../services.ts'

const flags: readonly CommandFlag[] = ['pubsub', 'noscript', 'loading', 'stale']
const shardKeys = { keys: [keysFrom(1, -1, 1, 'not_key')] } as const

/** The rows that change what a client hears. */
export function subscribeCommands(services: Services): readonly CommandSpec[] {
  const { subscribing, unsubscribing } = handlers(services)
  return [
    {
      name: 'PSUBSCRIBE',
      syntax: 'pattern:pattern [pattern ...]',
      summary: 'Hears what is published to channels that fit patterns.',
      since: '2.0.0',
      complexity: 'O(N) with N patterns.',
      arity: -2,
      flags,
      run: subscribing('psubscribe', 'pattern'),
    },
    {
      name: 'PUNSUBSCRIBE',
      syntax: '[pattern:pattern [pattern ...]]',
      summary: 'Hears no more through patterns, or through any.',
      since: '2.0.0',
      complexity: 'O(N) with N patterns.',
      arity: -1,
      flags,
      run: unsubscribing('punsubscribe', 'pattern'),
    },
    {
      name: 'SSUBSCRIBE',
      syntax: 'shardchannel [shardchannel ...]',
      summary: 'Hears what is published to shard channels.',
      since: '7.0.0',
      complexity: 'O(N) with N channels.',
      arity: -2,
      flags,
      ...shardKeys,
      run: subscribing('ssubscribe', 'shard'),
    },
    {
      name: 'SUBSCRIBE',
      syntax: 'channel [channel ...]',
      summary: 'Hears what is published to channels.',
      since: '2.0.0',
      complexity: 'O(N) with N channels.',
      arity: -2,
      flags,
      run: subscribing('subscribe', 'channel'),
    },
    {
      name: 'SUNSUBSCRIBE',
      syntax: '[shardchannel [shardchannel ...]]',
      summary: 'Hears no more of shard channels, or of any.',
      since: '7.0.0',
      complexity: 'O(N) with N channels.',
      arity: -1,
      flags,
      ...shardKeys,
      run: unsubscribing('sunsubscribe', 'shard'),
    },
    {
      name: 'UNSUBSCRIBE',
      syntax: '[channel [channel ...]]',
      summary: 'Hears no more of channels, or of any.',
      since: '2.0.0',
      complexity: 'O(N) with N channels.',
      arity: -1,
      flags,
      run: unsubscribing('unsubscribe', 'channel'),
    },
  ]
}

/** Makes the handlers of each kind of topic, by the word with which they confirm. */
function handlers(services: Services) {
  const confirmation = new Confirmation()
  const subscribing = (word: string, kind: TopicKind) => (call: Call, args: Args) => {
    // The older kinds were always allowed in a transaction.
    if (kind === 'shard' && services.engine.execution.isInside) {
      throw new ReplyError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
    }
    while (args.left > 0) {
      const name = args.next()
      services.pubsub.subscribe(call.client, kind, name)
      confirm(call, word, kind, name)
    }
  }
  const unsubscribing = (word: string, kind: TopicKind) => (call: Call, args: Args) => {
    const { pubsub } = services
    const names: Slice[] = []
    if (args.left > 0) while (args.left > 0) names.push(args.next())
    else for (const text of pubsub.namesOf(call.client, kind)) names.push(sliceOf(fromLatin1(text)))
    for (const name of names) {
      pubsub.unsubscribe(call.client, kind, name.latin1())
      confirm(call, word, kind, name)
    }
    if (names.length === 0) confirm(call, word, kind, undefined)
  }

  /** Tells a client what it has now. It is told also when it wants no replies. */
  function confirm(
    { client, reply }: Call,
    word: string,
    kind: TopicKind,
    name: Slice | undefined,
  ) {
    confirmation.word = word
    confirmation.name = name
    confirmation.count = services.pubsub.countTold(client, kind)
    if (!client.isMuted) {
      confirmation.write(reply)
      return
    }
    services.engine.pushes.begin(confirmation)
    services.engine.pushes.to(client, 'confirmations')
  }

  return { subscribing, unsubscribing }
}
