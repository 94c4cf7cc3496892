/**
 * The largest request in the making and the most output that waited, of any client in the last seconds,
 * for INFO. As in the reference, clients are looked at about once a second, so what came and went
 * in between is not seen.
 */
import type { Client } from './client.ts'
import { inputBytesOf } from './client-memory.ts'

/** For how many seconds the largest is remembered. */
const SECONDS = 8
const MS_PER_SECOND = 1000

export class ClientPeaks {
  readonly #clients: ReadonlyMap<number, Client>
  // By second, in turn.
  readonly #input = new Float64Array(SECONDS)
  readonly #output = new Float64Array(SECONDS)
  #second = Number.NEGATIVE_INFINITY

  constructor(clients: ReadonlyMap<number, Client>) {
    this.#clients = clients
  }

  /** Bytes of the largest unfinished or waiting requests of one client. */
  get inputBytes(): number {
    return Math.max(...this.#input)
  }

  /** Bytes of the most output of one client that has not left. */
  get outputBytes(): number {
    return Math.max(...this.#output)
  }

  /** To be called often; once a second it looks at all clients. `nowMs` never runs backwards. */
  tick(nowMs: number): void {
    if (Math.floor(nowMs / MS_PER_SECOND) !== this.#second) this.look(nowMs)
  }

  /** Looks at all clients. */
  look(nowMs: number): void {
    const second = Math.floor(nowMs / MS_PER_SECOND)
    const passed = Math.min(second - this.#second, SECONDS)
    this.#second = second
    for (let ago = 0; ago < passed; ago++) {
      // What the first seconds come after is before zero.
      const slot = (second - ago + SECONDS) % SECONDS
      this.#input[slot] = 0
      this.#output[slot] = 0
    }
    const now = second % SECONDS
    for (const client of this.#clients.values()) {
      const input = inputBytesOf(client)
      const output = client.outlet.pendingBytes
      if (input > this.#input[now]!) this.#input[now] = input
      if (output > this.#output[now]!) this.#output[now] = output
    }
  }
}
