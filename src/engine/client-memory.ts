/**
 * What clients keep in memory beside the data: requests that are not finished or wait, replies that have
 * not left, what is queued, watched and subscribed to. While somebody wants to know, `maxmemory` or
 * `maxmemory-clients`, each client is counted when it has been served or sent something, and all are
 * now and then; otherwise it costs one look at a flag.
 *
 * With a limit the connections of the largest go first, until the others are below it.
 */
import type { Client } from './client.ts'

/** What a connection takes at least: so that a store without any data is over the smallest limits. */
const CLIENT_BYTES = 512
/** About what it takes to watch a key or subscribe to a channel, without the name. */
const NAME_BYTES = 200
/** Lower limits are taken for this one, so that one can still talk to the server. */
export const CLIENTS_LIMIT_MIN = 128 * 1024

/** What the counting of clients needs of others. */
export interface ClientMemoryParts {
  readonly clients: ReadonlyMap<number, Client>
  /** Calls `settle` when others have had their turn. */
  soon(): void
  /** Ends the connection of a client that has so many bytes. */
  end(client: Client, bytes: number): void
}

export class ClientMemory {
  /** Whether clients are counted. */
  isOn = false
  /** Of how many names each room keeps something for a client. */
  readonly names: ((client: Client) => number)[] = [({ watchCount }) => watchCount]
  readonly #parts: ClientMemoryParts
  readonly #bytes = new Map<Client, number>()
  #total = 0
  #limitBytes = 0
  /** There is too much: `settle` is called before anybody else is served, or soon. */
  isDue = false
  /** All that may be ended was, and there is still too much. */
  #isStuck = false

  constructor(parts: ClientMemoryParts) {
    this.#parts = parts
  }

  /** Counts from now on or not; and clients may have `limitBytes` together, or any number with 0. */
  configure(isOn: boolean, limitBytes: number): void {
    this.isOn = isOn || limitBytes > 0
    this.#limitBytes = limitBytes === 0 ? 0 : Math.max(limitBytes, CLIENTS_LIMIT_MIN)
    if (this.isOn) this.countAll()
    else {
      this.#bytes.clear()
      this.#total = 0
    }
  }

  /** What all take, as it was when each was counted last. */
  get totalBytes(): number {
    return this.isOn ? this.#total : this.#parts.clients.size * CLIENT_BYTES
  }

  /** What one takes now. */
  sizeOf(client: Client): number {
    let size = CLIENT_BYTES + inputBytesOf(client) + client.outlet.pendingBytes
    for (const names of this.names) size += names(client) * NAME_BYTES
    return size
  }

  /** Counts a client anew. */
  count(client: Client): void {
    if (client.isClosed) return
    const bytes = this.sizeOf(client)
    this.#total += bytes - (this.#bytes.get(client) ?? 0)
    this.#bytes.set(client, bytes)
    if (this.#isOver && !this.#isStuck) this.#schedule()
  }

  /** Counts all clients anew. */
  countAll(): void {
    this.#isStuck = false
    for (const client of this.#parts.clients.values()) this.count(client)
  }

  /** A client is gone. */
  forget(client: Client): void {
    this.#total -= this.#bytes.get(client) ?? 0
    this.#bytes.delete(client)
  }

  get #isOver(): boolean {
    return this.#limitBytes > 0 && this.#total > this.#limitBytes
  }

  /** Ends the largest, if it is still due. */
  settle(): void {
    if (!this.isDue) return
    this.isDue = false
    this.#endLargest()
  }

  #schedule(): void {
    if (this.isDue) return
    this.isDue = true
    this.#parts.soon()
  }

  #endLargest(): void {
    if (!this.#isOver) return
    const candidates = [...this.#bytes].filter(([{ isNoEvict }]) => !isNoEvict)
    for (const [client, bytes] of candidates.sort(([, one], [, other]) => other - one)) {
      if (!this.#isOver) return
      this.#parts.end(client, bytes)
    }
    this.#isStuck = this.#isOver
  }
}

/** Bytes of a client's requests that are unfinished, wait, or are queued. */
export function inputBytesOf({ pending, backlog, transaction }: Client): number {
  let size = (pending?.bytes.length ?? 0) + (transaction?.heldBytes ?? 0)
  for (const chunk of backlog) size += chunk.length
  return size
}
