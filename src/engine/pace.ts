/**
 * How long one turn of the loop may last. Who has sent so much, or what takes so long, that the turn
 * would go on for many milliseconds, is served up to here: the rest is kept with the client, no more is
 * read from it, and it goes on in the next turn. In between others are read, and get their answers.
 *
 * The clock is the keyspace's time, which is read anew for every few requests anyway. It counts whole
 * milliseconds, so a turn is found to be long after one more or less.
 */
import type { Timers } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { Client } from './client.ts'
import type { Outbox } from './outbox.ts'

/** A turn that has lasted so long is to end. Fifty clients with pipelines of 64 take less. */
const TURN_MS = 2

/** What a pace works with. */
export interface PaceParts {
  readonly keyspace: Keyspace
  readonly outbox: Outbox
  readonly timers: Timers
  /** Goes on with a client that was put off. */
  goOn(client: Client): void
}

export class Pace {
  readonly #parts: PaceParts
  /** The turn that was seen last, and the time at which it was seen first. */
  #turn = -1
  #beganMs = 0

  constructor(parts: PaceParts) {
    this.#parts = parts
  }

  /** A client is served, now by the keyspace's time. */
  begin(): void {
    const { turn } = this.#parts.outbox
    if (turn === this.#turn) return
    this.#turn = turn
    this.#beganMs = this.#parts.keyspace.nowMs
  }

  /** Whether this turn has lasted so long that it is to end; also when the clock was put back. */
  get isOver(): boolean {
    const lastedMs = this.#parts.keyspace.nowMs - this.#beganMs
    return lastedMs >= TURN_MS || lastedMs < 0
  }

  /** Keeps what a client sends from here on, and goes on with it in the next turn. */
  putOff(client: Client): void {
    const { timers, goOn } = this.#parts
    client.isLate = true
    client.outlet.hold?.(true)
    // The first call comes at the end of this turn, before others are read; the second after that, and
    // behind their replies.
    timers.soon(() => timers.later(() => goOn(client)))
  }
}
