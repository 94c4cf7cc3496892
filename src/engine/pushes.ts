/**
 * Messages that clients get without having asked for them just then: what is published, and what
 * caches are told of. A message is written once in each protocol, however many clients get it, and what
 * each gets is a range of that: messages that follow each other to the same client become one range.
 *
 * A client that is just being answered gets its messages after the reply of the command that runs.
 */
import { ReplyWriter } from '../resp/index.ts'
import type { Client } from './client.ts'
import type { Outbox } from './outbox.ts'
import type { Turn } from './serving.ts'
import type { EngineStats } from './stats.ts'

/** What can be sent to many. */
export interface Message {
  /** Writes it in the protocol of `reply`. */
  write(reply: ReplyWriter): void
}

/** What pushes need of the engine. */
export interface PushingEngine {
  readonly reply: ReplyWriter
  readonly outbox: Outbox
  readonly stats: EngineStats
}

const UNWRITTEN = -1

/**
 * For a client that is being answered: what it listens to, where it wants no replies; behind that what it
 * hears; and at last what its own cache is told.
 */
class Held {
  readonly confirmations = new ReplyWriter()
  readonly messages = new ReplyWriter()
  readonly invalidations = new ReplyWriter()
}

export class Pushes {
  readonly #engine: PushingEngine
  readonly #turn: Turn
  /** Something waits for the running command to end: `settle` is to be called then. */
  isPending = false
  #message: Message | undefined
  /** Where the message stands among those of this turn, in RESP2 and in RESP3. */
  readonly #starts = [UNWRITTEN, UNWRITTEN]
  readonly #ends = [UNWRITTEN, UNWRITTEN]
  /** For the client whose turn it is, and for one that is answered out of its turn. */
  readonly #held = new Held()
  readonly #heldAside = new Held()

  constructor(engine: PushingEngine, turn: Turn) {
    this.#engine = engine
    this.#turn = turn
  }

  /** The message that `to` sends from now on. It is written when somebody gets it. */
  begin(message: Message): void {
    const turn = this.#turn
    const { outbox } = this.#engine
    this.#message = message
    // While someone is answered, its reply may be half written.
    if (outbox.isFull && turn.client === undefined && turn.aside === undefined) outbox.flushTurn()
    this.#starts[0] = UNWRITTEN
    this.#starts[1] = UNWRITTEN
  }

  /** The client that is being answered, if any. */
  get answering(): Client | undefined {
    return this.#turn.aside ?? this.#turn.client
  }

  /** Sends the message to a client, whose replies of this turn have all been handed to the outbox. */
  toNow(client: Client): void {
    const { outbox, stats } = this.#engine
    const protocol = client.isResp3 ? 1 : 0
    if (this.#starts[protocol] === UNWRITTEN) this.#write(protocol)
    const start = this.#starts[protocol]!
    const end = this.#ends[protocol]!
    stats.outputBytes += end - start
    outbox.push(client, protocol, start, end)
  }

  /** Sends the message to several clients. */
  toAll(clients: Iterable<Client>): void {
    const { outbox } = this.#engine
    const { answering } = this
    for (const client of clients) {
      if (client === answering) this.to(client)
      else this.toNow(client)
    }
    if (outbox.isFull) this.isPending = true
  }

  /** Sends the message to a client; `kind` says where it stands if that one is being answered. */
  to(client: Client, kind: keyof Held = 'messages'): void {
    const { outbox } = this.#engine
    if (client !== this.answering) {
      this.toNow(client)
      if (outbox.isFull) this.isPending = true
      return
    }
    const held = this.#heldNow[kind]
    const protocol = client.isResp3 ? 1 : 0
    if (this.#starts[protocol] === UNWRITTEN) this.#write(protocol)
    const { bytes } = outbox.pushed[protocol]!
    held.raw(bytes, this.#starts[protocol]!, this.#ends[protocol]!)
    this.isPending = true
  }

  /** What the client that is answered is to get so far stands before what is now written as its reply. */
  putFirst(): void {
    const { confirmations, messages, invalidations } = this.#heldNow
    this.#put(confirmations)
    this.#put(messages)
    this.#put(invalidations)
  }

  /** What the client that is answered listens to now is told at this place among its replies. */
  putConfirmations(): void {
    this.#put(this.#heldNow.confirmations)
  }

  /** A command has run: what its client is to get stands behind its reply from now on. */
  settle(): void {
    const turn = this.#turn
    const { outbox, reply } = this.#engine
    this.isPending = false
    this.putFirst()
    if (!outbox.isFull || turn.client === undefined || turn.aside !== undefined) return
    outbox.add(turn.client, turn.from)
    outbox.flushTurn()
    turn.from = reply.at
  }

  get #heldNow(): Held {
    return this.#turn.aside === undefined ? this.#held : this.#heldAside
  }

  #put(held: ReplyWriter): void {
    if (held.at === 0) return
    this.#engine.reply.raw(held.bytes, 0, held.at)
    held.replaceBuffer(held.bytes.length > 65536 ? undefined : held.bytes)
  }

  #write(protocol: number): void {
    const writer = this.#engine.outbox.pushed[protocol]!
    this.#starts[protocol] = writer.at
    this.#message!.write(writer)
    this.#ends[protocol] = writer.at
  }
}
