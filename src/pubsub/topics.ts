/** Names with the clients that have subscribed to each: the channels, the patterns, the shard channels. */
import { equalBytes, fromLatin1, latin1, type Slice } from '../bytes/index.ts'
import type { Client } from '../engine/index.ts'

/** A name that somebody has subscribed to. */
export interface Topic {
  readonly name: Uint8Array
  /** In the order in which they subscribed. */
  readonly clients: Set<Client>
}

export class Topics {
  readonly #byName = new Map<string, Topic>()
  /** What was looked for last, as many messages in a row go to one channel. */
  #last: Topic | undefined

  /** How many names have subscribers. */
  get count(): number {
    return this.#byName.size
  }

  /** The topic with this name, if anybody has subscribed to it. */
  find({ bytes, start, end }: Slice): Topic | undefined {
    if (this.#byName.size === 0) return undefined
    const last = this.#last
    const size = end - start
    if (last?.name.length === size && equalBytes(last.name, 0, bytes, start, size)) return last
    const topic = this.#byName.get(latin1(bytes, start, end))
    if (topic !== undefined) this.#last = topic
    return topic
  }

  /** All topics, in the order in which they got their first subscriber. */
  all(): IterableIterator<Topic> {
    return this.#byName.values()
  }

  /** Adds a client, which must not be there, to the topic of a name. */
  add(name: string, client: Client): void {
    let topic = this.#byName.get(name)
    if (topic === undefined) {
      topic = { name: fromLatin1(name), clients: new Set() }
      this.#byName.set(name, topic)
    }
    topic.clients.add(client)
  }

  /** Takes a client out. A topic without any is no more. */
  remove(name: string, client: Client): void {
    const topic = this.#byName.get(name)
    topic?.clients.delete(client)
    if (topic?.clients.size !== 0) return
    this.#byName.delete(name)
    if (this.#last === topic) this.#last = undefined
  }
}
