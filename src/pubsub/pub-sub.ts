/**
 * Publish and subscribe: which client has subscribed to what, and messages on their way to them. There
 * are channels, patterns that channels may fit, and shard channels, which no pattern sees.
 */
import { globMatches, latin1, type Slice } from '../bytes/index.ts'
import type { Client, Message, Pushes } from '../engine/index.ts'
import { Published } from './messages.ts'
import { type Topic, Topics } from './topics.ts'

/** What one can subscribe to. */
export type TopicKind = 'channel' | 'pattern' | 'shard'

/** What a client has subscribed to, by kind. */
type Subscriptions = Readonly<Record<TopicKind, Set<string>>>

/** What the engine does for publishing. */
export interface PubSubEngine {
  readonly pushes: Pushes
  readonly onClientClosed: ((client: Client) => void)[]
  readonly clientMemory: { readonly names: ((client: Client) => number)[] }
  readonly admission: { update(change: { readonly hasSubscribers: boolean }): void }
}

const NONE: Subscriptions = { channel: new Set(), pattern: new Set(), shard: new Set() }

export class PubSub {
  readonly topics: Readonly<Record<TopicKind, Topics>> = {
    channel: new Topics(),
    pattern: new Topics(),
    shard: new Topics(),
  }
  /** Only clients that have subscribed to something. */
  readonly #subscriptions = new Map<Client, Subscriptions>()
  readonly #engine: PubSubEngine
  readonly #published = new Published()

  /** Forgets clients of `engine` when they are gone. */
  constructor(engine: PubSubEngine) {
    this.#engine = engine
    engine.onClientClosed.push((client) => this.leaveAll(client))
    engine.clientMemory.names.push((client) => {
      const { channel, pattern, shard } = this.#of(client)
      return channel.size + pattern.size + shard.size
    })
  }

  /** How many clients have subscribed to something. */
  get clientCount(): number {
    return this.#subscriptions.size
  }

  /** Whether nobody would hear what is published. */
  get isSilent(): boolean {
    return this.topics.channel.count === 0 && this.topics.pattern.count === 0
  }

  /** To how many topics of a kind a client has subscribed. */
  countOf(client: Client, kind: TopicKind): number {
    return this.#of(client)[kind].size
  }

  /** The names of the topics of a kind that a client has subscribed to, one character a byte. */
  namesOf(client: Client, kind: TopicKind): readonly string[] {
    return [...this.#of(client)[kind]]
  }

  /** What a client is told after a change: channels count with patterns, shard channels alone. */
  countTold(client: Client, kind: TopicKind): number {
    const { channel, pattern, shard } = this.#of(client)
    return kind === 'shard' ? shard.size : channel.size + pattern.size
  }

  /** Subscribes a client, unless it is already. */
  subscribe(client: Client, kind: TopicKind, name: Slice): void {
    const text = latin1(name.bytes, name.start, name.end)
    let subscriptions = this.#subscriptions.get(client)
    if (subscriptions === undefined) {
      subscriptions = { channel: new Set(), pattern: new Set(), shard: new Set() }
      this.#subscriptions.set(client, subscriptions)
      client.isSubscriber = true
      if (this.clientCount === 1) this.#engine.admission.update({ hasSubscribers: true })
    }
    if (subscriptions[kind].has(text)) return
    subscriptions[kind].add(text)
    this.topics[kind].add(text, client)
  }

  /** Ends a subscription, if there is one. `name` has one character a byte. */
  unsubscribe(client: Client, kind: TopicKind, name: string): void {
    const subscriptions = this.#of(client)
    if (!subscriptions[kind].delete(name)) return
    this.topics[kind].remove(name, client)
    const { channel, pattern, shard } = subscriptions
    if (channel.size + pattern.size + shard.size === 0) this.#forget(client)
  }

  /** Ends all subscriptions of a client, without telling it. */
  leaveAll(client: Client): void {
    for (const kind of ['channel', 'pattern', 'shard'] as const) {
      for (const name of this.namesOf(client, kind)) this.unsubscribe(client, kind, name)
    }
  }

  /** Sends a message to who has subscribed to a channel, or to a pattern that it fits. @returns how many. */
  publish(channel: Slice, payload: Slice): number {
    const topic = this.topics.channel.find(channel)
    const patterns = this.topics.pattern
    const message = this.#fill('message', channel, payload)
    let count = topic === undefined ? 0 : this.#send(topic, message)
    if (patterns.count === 0) return count
    const { bytes, start, end } = channel
    for (const pattern of patterns.all()) {
      const { name } = pattern
      if (!globMatches(name, 0, name.length, bytes, start, end, false)) continue
      message.word = 'pmessage'
      message.pattern = name
      count += this.#send(pattern, message)
    }
    return count
  }

  /** Sends a message to who has subscribed to a shard channel. @returns how many. */
  publishInShard(channel: Slice, payload: Slice): number {
    const topic = this.topics.shard.find(channel)
    return topic === undefined ? 0 : this.#send(topic, this.#fill('smessage', channel, payload))
  }

  #fill(word: string, channel: Slice, payload: Slice): Published {
    const message = this.#published
    message.word = word
    message.pattern = undefined
    message.channel = channel
    message.payload = payload
    return message
  }

  #send({ clients }: Topic, message: Message): number {
    const { pushes } = this.#engine
    pushes.begin(message)
    pushes.toAll(clients)
    return clients.size
  }

  #of(client: Client): Subscriptions {
    return client.isSubscriber ? (this.#subscriptions.get(client) ?? NONE) : NONE
  }

  #forget(client: Client): void {
    this.#subscriptions.delete(client)
    client.isSubscriber = false
    if (this.clientCount === 0) this.#engine.admission.update({ hasSubscribers: false })
  }
}
