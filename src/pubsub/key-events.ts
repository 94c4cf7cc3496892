/**
 * Key events: what happens to keys, published to channels of their own as `notify-keyspace-events` says.
 *
 *     __keyspace@<db>__:<key>      the message is the event
 *     __keyevent@<db>__:<event>    the message is the key
 *
 * While the setting is empty nobody listens at the keyspace's doors for this, and it costs nothing.
 */
import { copyBytes, type Slice, sliceOf, writeLatin1 } from '../bytes/index.ts'
import type { Database, EventClass, Keyspace, KeyspaceObserver } from '../keyspace/index.ts'
import type { PubSub } from './pub-sub.ts'

const LETTERS: Readonly<Record<string, EventClass>> = {
  g: 'generic',
  $: 'string',
  l: 'list',
  s: 'set',
  h: 'hash',
  z: 'zset',
  x: 'expired',
  e: 'evicted',
  t: 'stream',
  m: 'miss',
  n: 'new',
}
/** What `A` stands for; `d`, events of modules, never happen. */
const ALL = 'g$lshzxet'

export class KeyEvents implements KeyspaceObserver {
  readonly #keyspace: Keyspace
  readonly #pubsub: PubSub
  #classes: ReadonlySet<EventClass> = new Set()
  #toKeyspace = false
  #toKeyevent = false
  #isOn = false
  readonly #channel = sliceOf(new Uint8Array(256))
  readonly #event = sliceOf(new Uint8Array(256))

  constructor(keyspace: Keyspace, pubsub: PubSub) {
    this.#keyspace = keyspace
    this.#pubsub = pubsub
  }

  /** From now on events are those of `notify-keyspace-events`, in the letters of its value. */
  configure(letters: string): void {
    const classes = [...letters.replace('A', ALL)].map((letter) => LETTERS[letter])
    this.#classes = new Set(classes.filter((eventClass) => eventClass !== undefined))
    this.#toKeyspace = letters.includes('K')
    this.#toKeyevent = letters.includes('E')
    const isOn = (this.#toKeyspace || this.#toKeyevent) && this.#classes.size > 0
    if (isOn === this.#isOn) return
    this.#isOn = isOn
    if (isOn) this.#keyspace.observers.add(this)
    else this.#keyspace.observers.remove(this)
  }

  changed(database: Database, key: Slice, event: string, eventClass: EventClass): void {
    this.noticed(database, key, event, eventClass)
  }

  noticed({ index }: Database, key: Slice, event: string, eventClass: EventClass): void {
    if (!this.#classes.has(eventClass) || this.#pubsub.isSilent) return
    const text = this.#event
    text.end = writeLatin1(event, text.bytes, 0)
    if (this.#toKeyspace) {
      this.#pubsub.publish(this.#channelOf(`__keyspace@${index}__:`, key), text)
    }
    if (this.#toKeyevent) {
      this.#pubsub.publish(this.#channelOf(`__keyevent@${index}__:`, text), key)
    }
  }

  removed(database: Database, key: Slice, reason: 'expired' | 'evicted'): void {
    this.noticed(database, key, reason, reason)
  }

  #channelOf(prefix: string, name: Slice): Slice {
    const channel = this.#channel
    const size = prefix.length + name.length
    if (channel.bytes.length < size) channel.bytes = new Uint8Array(size * 2)
    const at = writeLatin1(prefix, channel.bytes, 0)
    copyBytes(name.bytes, name.start, name.end, channel.bytes, at)
    channel.end = size
    return channel
  }
}
