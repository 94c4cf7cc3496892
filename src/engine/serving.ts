/**
 * Answers clients out of their turn: those that waited for a key, and those whose waiting is ended by
 * time or by CLIENT UNBLOCK. Everyone's replies share one buffer, so what the client that is being
 * answered has got so far leaves first.
 */
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { ReplyWriter, Request } from '../resp/index.ts'
import { Blocking, type Wait, type Waiter } from './blocking.ts'
import type { Client } from './client.ts'
import type { Command } from './command.ts'
import type { Pushes } from './pushes.ts'

/** The client whose requests are being answered, and where its replies begin that have not left. */
export interface Turn {
  client: Client | undefined
  from: number
  /** A client that is answered out of its turn, meanwhile. */
  aside: Client | undefined
}

/** What serving needs of the engine. */
export interface ServingEngine {
  readonly host: Host
  readonly keyspace: Keyspace
  readonly reply: ReplyWriter
  readonly turn: Turn
  readonly pushes: Pushes
  /** Runs an admitted command and counts it. */
  rerun(waiter: Waiter): void
  /** Sends what was written since `from`. */
  send(client: Client, from: number): void
  /** Reads what a client has sent while it waited. */
  resume(client: Client): void
  answerError(text: string): void
  /** The request of a client that tracks is over: what it waited for did not come. */
  gaveUp(client: Client, request: Request): void
  /** Takes a reply back that its client does not want. */
  settleReply(client: Client, before: number, mark: number, isDone: boolean): void
}

export class Serving {
  readonly #engine: ServingEngine
  readonly blocking: Blocking
  #isServing = false

  constructor(engine: ServingEngine) {
    this.#engine = engine
    this.blocking = new Blocking(engine.keyspace, {
      timedOut: (client) => this.unblock(client, 'timeout'),
      // While a command runs, that looks at it when it is done.
      isReady: () => {
        if (engine.turn.client === undefined) engine.host.timers.soon(() => this.serveReady())
      },
    })
  }

  /** Whether a client waits for a key. */
  isWaiting(client: Client): boolean {
    return this.blocking.waiterOf(client) !== undefined
  }

  /** A command had nothing to serve: its client waits from now on, or goes on waiting. */
  begin(client: Client, command: Command, request: Request, wait: Wait): void {
    // It counts when it is answered.
    command.stats.calls--
    if (this.isWaiting(client)) return
    client.isBlocked = true
    this.blocking.add(client, command, request, wait)
  }

  /** A client waits no more: what it has sent meanwhile is read when this turn is over. */
  end(client: Client): void {
    if (this.forget(client)) this.#engine.host.timers.soon(() => this.#engine.resume(client))
  }

  /** A client is gone, or on its way. @returns whether it did wait. */
  forget(client: Client): boolean {
    const waiter = this.blocking.waiterOf(client)
    if (waiter !== undefined) this.blocking.remove(waiter)
    return waiter !== undefined
  }

  /** Ends the waiting of a client. @returns false when it does not wait for any key. */
  unblock(client: Client, how: 'timeout' | 'error'): boolean {
    const waiter = this.blocking.waiterOf(client)
    if (waiter === undefined) return false
    const { stats } = waiter.command
    this.answer(client, () => {
      this.end(client)
      stats.calls++
      if (how === 'error') stats.failed++
      if (how === 'timeout') this.#engine.reply[waiter.wait.timeoutReply]()
      else this.#engine.answerError('UNBLOCKED client unblocked via CLIENT UNBLOCK')
      return true
    })
    if (client.isTracking) this.#engine.gaveUp(client, waiter.request)
    return true
  }

  /**
   * Answers a client out of its turn. `write` answers false when its command is not over.
   * @returns whether it is.
   */
  answer(client: Client, write: () => boolean): boolean {
    const { pushes, reply, turn } = this.#engine
    if (turn.client !== undefined) this.#engine.send(turn.client, turn.from)
    const { aside } = turn
    const from = reply.at
    reply.isResp3 = client.isResp3
    const { muting } = client
    turn.aside = client
    const isDone = write() && !this.isWaiting(client)
    this.#engine.settleReply(client, muting, from, isDone)
    if (pushes.isPending) pushes.settle()
    turn.aside = aside
    this.#engine.send(client, from)
    turn.from = reply.at
    if (turn.client !== undefined) reply.isResp3 = turn.client.isResp3
    return isDone
  }

  /** Reads what a client has sent while it waited. */
  resume(client: Client): void {
    this.#engine.resume(client)
  }

  /** Runs the commands of those who wait for keys that are ready, which may make others ready. */
  serveReady(): void {
    if (this.#isServing || !this.blocking.isReady || this.#engine.keyspace.isMidCommand) return
    this.#isServing = true
    if (this.#engine.turn.client === undefined) this.#engine.keyspace.refreshNow()
    while (this.blocking.isReady) {
      for (const { key, waiters } of this.blocking.takeReady()) {
        for (const waiter of waiters) this.#serve(waiter, key)
      }
    }
    this.#isServing = false
  }

  #serve(waiter: Waiter, key: string): void {
    // An earlier one may have ended it, or taken what there was.
    if (this.blocking.waiterOf(waiter.client) !== waiter) return
    if (!this.blocking.canServe(waiter, key)) return
    this.answer(waiter.client, () => {
      this.#engine.rerun(waiter)
      return true
    })
  }
}
