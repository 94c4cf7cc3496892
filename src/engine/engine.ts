/**
 * Turns bytes from clients into replies: reads requests, finds the command, asks admission, runs the
 * handler, and sends its effect and its reply on their ways. One turn through `receive` handles all
 * that one read brought.
 */
import { setViewed } from '../bytes/index.ts'
import type { Host } from '../host/index.ts'
import { Eviction, type Keyspace } from '../keyspace/index.ts'
import { ProtocolError, ReplyWriter, Request } from '../resp/index.ts'
import { Admission } from './admission.ts'
import { Client, type ClientOrigin, clientOfNoOne, type Outlet } from './client.ts'
import { ClientMemory } from './client-memory.ts'
import { ClientPeaks } from './client-peaks.ts'
import type { Postpone } from './command.ts'
import { Effects } from './effects.ts'
import { Execution, type Tracked } from './execution.ts'
import { Intake } from './intake.ts'
import { defaultLimits, type EngineLimits } from './limits.ts'
import { Outbox } from './outbox.ts'
import { Pace } from './pace.ts'
import { Pushes } from './pushes.ts'
import { Rates } from './rates.ts'
import { refusalIn } from './refusals.ts'
import { Serving, type Turn } from './serving.ts'
import { emptyStats, type WatchedStats } from './stats.ts'
import type { CommandTable } from './table.ts'
import { Transactions } from './transactions.ts'
import { Meter } from './watch/meter.ts'

/** What a client may send and have kept that has not said its password. */
const UNTRUSTED_BYTES_MAX = 2 ** 20

export class Engine {
  readonly host: Host
  readonly keyspace: Keyspace
  readonly table: CommandTable
  readonly reply = new ReplyWriter()
  readonly effects = new Effects()
  readonly outbox: Outbox
  readonly admission: Admission
  /** What clients take beside the data. */
  readonly clientMemory: ClientMemory
  /** What clients took lately at most. Whoever has a timer looks. */
  readonly clientPeaks: ClientPeaks
  /** Told of a client whose connection is ended because it takes so many bytes. */
  onClientEvicted: ((client: Client, bytes: number) => void) | undefined
  /** Told of a client whose connection is ended because it speaks HTTP. */
  onStranger: ((client: Client) => void) | undefined
  /** What is given up when memory is short. */
  readonly eviction: Eviction
  /** How long commands take, and who watches them. */
  readonly meter: Meter
  readonly clients = new Map<number, Client>()
  readonly limits: EngineLimits = defaultLimits()
  readonly stats: WatchedStats = { ...emptyStats(), onTooManyErrors: undefined }
  /** How fast the stats have grown lately. Whoever has a timer samples them. */
  readonly rates = new Rates()
  /** Clients that wait for keys. */
  readonly serving: Serving
  readonly transactions: Transactions
  /** Runs commands, also inside another one. */
  readonly execution: Execution
  /** What clients get unasked. */
  readonly pushes: Pushes
  /** Told when a client is gone. */
  readonly onClientClosed: ((client: Client) => void)[] = []
  #nextClientId = 1
  #memoryPeakBytes = 0
  readonly #intake: Intake
  readonly #pace: Pace
  readonly #loader: Client
  readonly #turn: Turn = { client: undefined, from: 0, aside: undefined }

  constructor(host: Host, keyspace: Keyspace, table: CommandTable) {
    this.host = host
    this.keyspace = keyspace
    this.table = table
    this.outbox = new Outbox(this.reply, host)
    this.clientMemory = new ClientMemory({
      clients: this.clients,
      soon: () => host.timers.soon(() => this.#endLargestClients()),
      end: (client, bytes) => this.#evict(client, bytes),
    })
    this.clientPeaks = new ClientPeaks(this.clients)
    this.admission = new Admission({
      usedBytes: () => {
        return keyspace.arena.usedBytes - this.keptBytes + this.clientMemory.totalBytes
      },
      makeRoom: () => this.#makeRoom(),
    })
    this.eviction = new Eviction({
      keyspace,
      isOver: () => this.admission.isOverMemory,
      held: (lastedMs) => this.meter.latency.add('eviction-cycle', lastedMs),
    })
    this.#loader = clientOfNoOne(keyspace.databases[0]!)
    this.pushes = new Pushes(this, this.#turn)
    this.#loader.isAuthenticated = true
    this.transactions = new Transactions(keyspace)
    this.serving = this.#newServing()
    this.meter = new Meter(host.clock, this.pushes, this.admission)
    this.onClientClosed.push((client) => {
      this.meter.monitors.remove(client)
      this.clientMemory.forget(client)
    })
    const { reply, effects, admission, stats, serving, transactions, pushes, meter } = this
    this.execution = new Execution({
      host,
      keyspace,
      table,
      reply,
      effects,
      admission,
      stats,
      serving,
      transactions,
      pushes,
      meter,
      loader: this.#loader,
      endStranger: (client) => {
        this.onStranger?.(client)
        client.isClosing = true
        client.outlet.close('now')
      },
    })
    this.#pace = new Pace({
      keyspace,
      outbox: this.outbox,
      timers: host.timers,
      goOn: (client) => this.#goOn(client),
    })
    this.#intake = new Intake({
      keyspace,
      effects,
      limits: this.limits,
      execution: this.execution,
      pace: this.#pace,
      checkLimit: (client, size) => this.#checkLimit(client, size),
    })
  }

  /** Bytes of replies to the client that is being answered that have not been handed on. */
  get unsentBytes(): number {
    return this.reply.at - this.#turn.from
  }

  /** Bytes of deleted entries that a snapshot in the making keeps: gone as far as `maxmemory` goes. */
  get keptBytes(): number {
    return this.keyspace.preserver?.keptBytes ?? 0
  }

  /** Notes how much memory is in use. @returns the most that ever was, as far as it was seen. */
  sawMemory(usedBytes: number): number {
    const { peakBytes } = this.keyspace.arena
    this.#memoryPeakBytes = Math.max(this.#memoryPeakBytes, peakBytes, usedBytes)
    return this.#memoryPeakBytes
  }

  /** While set, commands for which it says so wait until `resume`. */
  set postpone(postpone: Postpone | undefined) {
    this.execution.postpone = postpone
  }

  /** Told of the commands that clients with `isTracking` have run. */
  set onTracked(onTracked: Tracked | undefined) {
    this.execution.onTracked = onTracked
  }

  /** A new connection. Its bytes go to `receive`, its end to `disconnect`. */
  connect(origin: ClientOrigin, outlet: Outlet): Client {
    const nowMs = this.host.clock.nowMs()
    const db = this.keyspace.databases[0]!
    const client = new Client(this.#nextClientId++, db, { origin, outlet, nowMs })
    client.isAuthenticated = !this.admission.state.isPasswordSet
    this.clients.set(client.id, client)
    this.stats.connections++
    return client
  }

  /** The client will send no more. What it is still to be sent leaves first, in its turn. */
  endInput(client: Client): void {
    // What it has sent before is answered.
    while (client.isLate) this.#goOn(client)
    if (client.isClosing || client.isClosed) return
    client.isClosing = true
    // Nothing is taken out of the data for who will not read it.
    this.serving.forget(client)
    this.outbox.add(client, this.reply.at)
  }

  /** The connection is gone. */
  disconnect(client: Client): void {
    if (client.isClosed) return
    client.isClosed = true
    client.pending = undefined
    client.backlog = []
    this.serving.forget(client)
    this.transactions.abandon(client)
    this.clients.delete(client.id)
    for (const tell of this.onClientClosed) tell(client)
  }

  /**
   * Answers what `bytes[start, end)` brought from a client. The buffer may be reused when this
   * returns: what is not finished has been copied.
   */
  receive(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client.isClosing || client.isClosed) return
    if (this.clientMemory.isDue && this.#turn.client === undefined) {
      this.#endLargestClients()
      if (client.isClosed) return
    }
    client.receivedBytes += end - start
    this.stats.reads++
    this.stats.inputBytes += end - start
    if (client.isBlocked || client.isLate) {
      this.#intake.putBack(client, bytes, start, end)
      return
    }
    this.outbox.beginRead(end - start)
    this.#answer(client, bytes, start, end)
    this.outbox.endRead()
  }

  /** More of a client may be there to be read; it waits for the next turn when this one is long. */
  endTurn(client: Client): void {
    if (!client.isLate && !client.isClosing && this.#pace.isOver) this.#pace.putOff(client)
  }

  /** Answers what has been counted. */
  #answer(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client.transaction !== undefined) {
      this.#checkLimit(client, end - start)
      if (client.isClosing) return
    }
    const { admission, keyspace, reply } = this
    const isStopped = admission.state.misconf !== undefined
    if (isStopped) admission.hasTold = false
    keyspace.refreshNow()
    setViewed(bytes)
    client.lastUsedMs = keyspace.nowMs
    this.#pace.begin()
    this.#turn.client = client
    this.#turn.from = reply.at
    try {
      this.#intake.readAll(client, bytes, start, end)
    } catch (error) {
      const text = error instanceof ProtocolError ? `ERR ${error.message}` : refusalIn(error)
      if (text === undefined) throw error
      this.stats.protocolErrors++
      const mark = reply.at
      this.execution.answerError(text)
      if (client.isMuted) reply.at = mark
      client.isClosing = true
    }
    this.#turn.client = undefined
    this.#send(client, this.#turn.from, isStopped && !admission.hasTold)
    if (this.clientMemory.isOn) this.clientMemory.count(client)
  }

  /**
   * Sends what was written since `from` to a client, after the effects that it acknowledges. `isFree`
   * says that it shows nothing of the data.
   */
  #send(client: Client, from: number, isFree = false): void {
    this.effects.flush()
    client.transaction?.settle()
    if (this.reply.at > from) {
      this.stats.writes++
      this.stats.outputBytes += this.reply.at - from
    }
    if (isFree) this.outbox.addFree(client, from)
    else this.outbox.add(client, from)
  }

  /** Goes on with a client whose requests had to wait. */
  resume(client: Client): void {
    if (!client.isBlocked) return
    client.isBlocked = false
    this.#takeUp(client)
  }

  /** Goes on with a client that was put off to this turn. */
  #goOn(client: Client): void {
    if (!client.isLate) return
    client.isLate = false
    this.#takeUp(client)
    if (!client.isLate) client.outlet.hold?.(false)
  }

  /** Answers what is in a client's backlog, once nothing keeps it from that. */
  #takeUp(client: Client): void {
    if (client.isBlocked || client.isLate) return
    const chunks = client.backlog
    client.backlog = []
    if (chunks.length === 0 || client.isClosing || client.isClosed) return
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    this.#answer(client, bytes, 0, bytes.length)
  }

  /**
   * Runs whole commands from the log or an import: no admission, no effects, no replies.
   * @returns the error of the first that was refused, or `undefined`.
   */
  replay(bytes: Uint8Array, start: number, end: number): string | undefined {
    const { sink } = this.effects
    this.effects.sink = undefined
    this.keyspace.refreshNow()
    try {
      return this.#load(() => this.#intake.readAll(this.#loader, bytes, start, end))
    } finally {
      this.effects.sink = sink
    }
  }

  /** Runs one command given as arguments: no admission and no replies, but with its effect. */
  replayArgs(argv: readonly Uint8Array[]): string | undefined {
    const request = new Request()
    request.assign(argv)
    return this.#load(() => this.execution.run(this.#loader, request))
  }

  /** Puts the loader back to database 0, as a fresh log begins. */
  resetLoader(): void {
    this.#loader.db = this.keyspace.databases[0]!
  }

  resetStats(): void {
    Object.assign(this.stats, emptyStats())
    this.table.resetStats()
    this.rates.reset()
    this.meter.restart()
    this.eviction.resetStats()
  }

  /** Ends a client's connection, after its replies or at once. */
  close(client: Client, how: 'flushed' | 'now'): void {
    client.isClosing = true
    this.serving.forget(client)
    if (how === 'now' || client !== this.execution.client) client.outlet.close(how)
  }

  #endLargestClients(): void {
    // What they were answered before leaves before.
    this.outbox.flushTurn()
    this.clientMemory.settle()
  }

  /** Clients hear of what is given up before they are answered. */
  #makeRoom(): boolean {
    const isEnough = this.eviction.makeRoom()
    if (this.pushes.isPending && this.pushes.answering?.isMuted === false) this.pushes.settle()
    return isEnough
  }

  #evict(client: Client, bytes: number): void {
    this.onClientEvicted?.(client, bytes)
    this.stats.evictedClients++
    this.close(client, 'now')
    // It is gone for everyone from here on, though the operating system tells us later.
    this.disconnect(client)
  }

  /** What `run` runs for the loader has no figures. @returns the error of the first that was refused. */
  #load(run: () => void): string | undefined {
    const { execution, meter, stats } = this
    const { commands } = stats
    execution.loaderRefusal = undefined
    meter.isOff = true
    try {
      run()
    } finally {
      meter.isOff = false
      stats.commands = commands
    }
    return execution.loaderRefusal
  }

  #newServing(): Serving {
    const { host, keyspace, reply, pushes } = this
    return new Serving({
      host,
      keyspace,
      reply,
      turn: this.#turn,
      pushes,
      rerun: (waiter) => this.execution.rerun(waiter, this.#turn.client === undefined),
      send: (client, from) => this.#send(client, from),
      resume: (client) => this.resume(client),
      answerError: (text) => this.execution.answerError(text),
      gaveUp: (client, request) => this.execution.onTracked?.(client, undefined, request),
      settleReply: (client, before, mark, isDone) =>
        this.execution.settleReply(client, before, mark, isDone),
    })
  }

  /** What a client has sent and is kept has a limit, beyond which the connection ends. */
  #checkLimit(client: Client, size: number): void {
    const { transaction } = client
    const sum = size + (transaction?.argumentBytes ?? 0)
    const isOver =
      sum > this.limits.queryBytesMax || (sum > UNTRUSTED_BYTES_MAX && !client.isAuthenticated)
    if (!isOver) return
    this.stats.queryLimitDisconnections++
    client.pending = undefined
    client.isClosing = true
    client.outlet.close('now')
  }
}
