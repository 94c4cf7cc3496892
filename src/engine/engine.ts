/**
 * Turns bytes from clients into replies: reads requests, finds the command, asks admission, runs the
 * handler, and sends its effect and its reply on their ways. One turn through `receive` handles all
 * that one read brought.
 */
import { latin1 } from '../bytes/index.ts'
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { ProtocolError, ReplyWriter, Request, type RequestLimits } from '../resp/index.ts'
import { Admission } from './admission.ts'
import { Args } from './args.ts'
import type { Wait, Waiter } from './blocking.ts'
import { Client, type ClientOrigin, clientOfNoOne, type Outlet, PendingRequest } from './client.ts'
import type { Call, Command, Postpone } from './command.ts'
import { Effects } from './effects.ts'
import { wrongArity } from './errors.ts'
import { defaultLimits, type EngineLimits } from './limits.ts'
import { Lookahead } from './lookahead.ts'
import { Outbox } from './outbox.ts'
import { Pushes } from './pushes.ts'
import { isTransactionEdge, refusalIn, SHOWN_ARGUMENT_BYTES, unknownCommand } from './refusals.ts'
import { Serving, type Turn } from './serving.ts'
import { countError, type EngineStats, emptyStats } from './stats.ts'
import type { CommandTable } from './table.ts'

/** An unfinished request starts with room for this many bytes. */
const PENDING_BYTES_MIN = 1024

export class Engine {
  readonly host: Host
  readonly keyspace: Keyspace
  readonly table: CommandTable
  readonly reply = new ReplyWriter()
  readonly effects = new Effects()
  readonly outbox: Outbox
  readonly admission: Admission
  readonly clients = new Map<number, Client>()
  readonly limits: EngineLimits = defaultLimits()
  readonly stats: EngineStats = emptyStats()
  /** Clients that wait for keys. */
  readonly serving: Serving
  /** While set, commands for which it says so wait until `resume`. */
  postpone: Postpone | undefined
  /** What clients get unasked. */
  readonly pushes: Pushes
  /** Told when a client is gone. */
  readonly onClientClosed: ((client: Client) => void)[] = []
  /** Told of the commands that clients with `isTracking` have run. */
  onTracked: ((client: Client, command: Command | undefined, request: Request) => void) | undefined
  #nextClientId = 1
  readonly #ahead = new Lookahead()
  readonly #args = new Args()
  readonly #call: { -readonly [Field in keyof Call]: Call[Field] }
  readonly #parserLimits: RequestLimits = { bulkBytesMax: 0, countMax: 0, isTrusted: true }
  readonly #loader: Client
  #loaderRefusal: string | undefined
  #timedFromMs = 0
  readonly #turn: Turn = { client: undefined, from: 0, aside: undefined }
  /** What the running command asked to wait for. */
  #wait: Wait | undefined

  constructor(host: Host, keyspace: Keyspace, table: CommandTable) {
    this.host = host
    this.keyspace = keyspace
    this.table = table
    this.outbox = new Outbox(this.reply, host.timers)
    this.admission = new Admission(() => keyspace.arena.usedBytes)
    this.pushes = new Pushes(this, this.#turn)
    this.serving = new Serving({
      host,
      keyspace,
      reply: this.reply,
      turn: this.#turn,
      pushes: this.pushes,
      rerun: (waiter) => this.#rerun(waiter),
      send: (client, from) => this.#send(client, from),
      resume: (client) => this.resume(client),
      answerError: (text) => this.#answerError(text),
    })
    this.#loader = clientOfNoOne(keyspace.databases[0]!)
    this.#call = {
      client: this.#loader,
      db: keyspace.databases[0]!,
      keyspace,
      reply: this.reply,
      effects: this.effects,
      command: undefined as unknown as Command,
      block: (wait) => {
        this.#wait = wait
      },
    }
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
    this.clients.delete(client.id)
    for (const tell of this.onClientClosed) tell(client)
  }

  /**
   * Answers what `bytes[start, end)` brought from a client. The buffer may be reused when this
   * returns: what is not finished has been copied.
   */
  receive(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client.isClosing || client.isClosed) return
    client.receivedBytes += end - start
    this.stats.reads++
    this.stats.inputBytes += end - start
    if (client.isBlocked) {
      this.#putBack(client, bytes, start, end)
      return
    }
    const { keyspace, reply } = this
    keyspace.refreshNow()
    keyspace.hasher.watch(bytes)
    client.lastUsedMs = keyspace.nowMs
    this.#turn.client = client
    this.#turn.from = reply.at
    try {
      this.#readAll(client, bytes, start, end)
    } catch (error) {
      const text = error instanceof ProtocolError ? `ERR ${error.message}` : refusalIn(error)
      if (text === undefined) throw error
      this.stats.protocolErrors++
      this.#answerError(text)
      client.isClosing = true
    }
    this.#turn.client = undefined
    this.#send(client, this.#turn.from)
  }

  /** Sends what was written since `from` to a client, after the effects that it acknowledges. */
  #send(client: Client, from: number): void {
    this.effects.flush()
    if (this.reply.at > from) {
      this.stats.writes++
      this.stats.outputBytes += this.reply.at - from
    }
    this.outbox.add(client, from)
  }

  /** Goes on with a client whose requests had to wait. */
  resume(client: Client): void {
    if (!client.isBlocked) return
    client.isBlocked = false
    const chunks = client.backlog
    client.backlog = []
    if (chunks.length === 0 || client.isClosed) return
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    const received = client.receivedBytes
    const { inputBytes } = this.stats
    this.receive(client, bytes, 0, bytes.length)
    // They were counted when they arrived.
    client.receivedBytes = received
    this.stats.inputBytes = inputBytes
  }

  /**
   * Runs whole commands from the log or an import: no admission, no effects, no replies.
   * @returns the error of the first that was refused, or `undefined`.
   */
  replay(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.#loaderRefusal = undefined
    const { sink } = this.effects
    this.effects.sink = undefined
    const replyFrom = this.reply.at
    this.keyspace.refreshNow()
    try {
      this.#readAll(this.#loader, bytes, start, end)
    } finally {
      this.effects.sink = sink
      this.reply.at = replyFrom
    }
    return this.#loaderRefusal
  }

  /** Runs one command given as arguments, as `replay` does. */
  replayArgs(argv: readonly Uint8Array[]): string | undefined {
    this.#loaderRefusal = undefined
    const request = new Request()
    request.assign(argv)
    const replyFrom = this.reply.at
    this.#execute(this.#loader, request)
    this.reply.at = replyFrom
    return this.#loaderRefusal
  }

  /** Puts the loader back to database 0, as a fresh log begins. */
  resetLoader(): void {
    this.#loader.db = this.keyspace.databases[0]!
  }

  resetStats(): void {
    Object.assign(this.stats, emptyStats())
    this.table.resetStats()
  }

  /** Ends a client's connection, after its replies or at once. */
  close(client: Client, how: 'flushed' | 'now'): void {
    client.isClosing = true
    this.serving.forget(client)
    if (how === 'now' || client !== this.#call.client) client.outlet.close(how)
  }

  #readAll(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (client.pending !== undefined) start = this.#readPending(client, bytes, start, end)
    const ahead = this.#ahead
    while (start < end && !client.isClosing) {
      if (client.isBlocked) {
        this.#putBack(client, bytes, start, end)
        return
      }
      ahead.read(client.parser, bytes, start, end, this.#limitsFor(client))
      const { count } = ahead
      if (count === 0 && ahead.error !== undefined) throw ahead.error
      if (!this.#runAhead(client, count, bytes, end)) return
      if (ahead.isCut) {
        const cut = ahead.requests[count]!
        this.#keepTail(client, cut, bytes, cut.offset, end)
        return
      }
      // After an error the bytes are read again: what has run may have changed the limits.
      start = ahead.requests[count - 1]!.end
      if (start < end) this.keyspace.refreshNow()
    }
  }

  /** Runs the requests that were read ahead. @returns false when the rest has to wait, or is moot. */
  #runAhead(client: Client, count: number, bytes: Uint8Array, end: number): boolean {
    const ahead = this.#ahead
    const { keyspace } = this
    if (count > 1) ahead.touch(client.db)
    this.#timedFromMs = this.host.clock.monotonicMs()
    for (let i = 0; i < count; i++) {
      const request = ahead.requests[i]!
      if (count > 1) ahead.hint(keyspace, i)
      if (client.isClosing) return false
      if (client.isBlocked || (request.count > 0 && !this.#run(client, request))) {
        client.parser.forget()
        keyspace.forgetHints()
        this.#putBack(client, bytes, request.offset, end)
        return false
      }
    }
    if (count > 1) keyspace.forgetHints()
    this.#timeCommand(this.#call.command)
    return true
  }

  /** Adds what a request lacks. @returns where the next one begins, or `end`. */
  #readPending(client: Client, bytes: Uint8Array, start: number, end: number): number {
    const { parser } = client
    const pending = client.pending!
    while (start < end) {
      const awaited = parser.bytesAwaited(pending.size)
      const count = awaited > 0 ? Math.min(awaited, end - start) : end - start
      pending.reserve(Math.max(count, awaited))
      pending.bytes.set(bytes.subarray(start, start + count), pending.size)
      pending.size += count
      start += count
      const limits = this.#limitsFor(client)
      if (!parser.read(pending.request, pending.bytes, 0, pending.size, limits)) {
        this.#checkQueryLimit(client, pending)
        continue
      }
      client.pending = undefined
      const next = start - (pending.size - pending.request.end)
      this.keyspace.givable = pending.bytes
      const isDone = pending.request.count === 0 || this.#run(client, pending.request)
      this.keyspace.givable = undefined
      this.effects.flush()
      if (isDone) return next
      this.#putBack(client, pending.bytes, 0, pending.size - (start - next))
      return next
    }
    return end
  }

  #checkQueryLimit(client: Client, pending: PendingRequest): void {
    if (pending.size <= this.limits.queryBytesMax) return
    this.stats.queryLimitDisconnections++
    client.pending = undefined
    client.isClosing = true
    client.outlet.close('now')
  }

  #keepTail(client: Client, request: Request, bytes: Uint8Array, start: number, end: number): void {
    const { parser } = client
    const awaited = parser.bytesAwaited(end)
    const pending = new PendingRequest(Math.max(PENDING_BYTES_MIN, end - start + awaited))
    pending.bytes.set(bytes.subarray(start, end), 0)
    pending.size = end - start
    pending.request.isInline = request.isInline
    pending.request.start = request.start
    for (let i = 0; i < request.count; i++)
      pending.request.add(request.starts[i]!, request.ends[i]!)
    parser.shift(pending.request, start)
    client.pending = pending
    request.trim()
  }

  /** Keeps bytes of a client that has to wait, before those that come later. */
  #putBack(client: Client, bytes: Uint8Array, start: number, end: number): void {
    if (end > start) client.backlog.push(bytes.slice(start, end))
  }

  #limitsFor(client: Client): RequestLimits {
    const limits = this.#parserLimits
    limits.bulkBytesMax = this.limits.bulkBytesMax
    limits.countMax = 2147483647
    limits.isTrusted = client.isAuthenticated || client === this.#loader
    return limits
  }

  /** @returns false when the command has to wait. */
  #run(client: Client, request: Request): boolean {
    if (this.postpone !== undefined && client !== this.#loader) {
      const command = this.table.find(request.bytes, request.starts[0]!, request.ends[0]!)
      if (command !== undefined && this.postpone(command, client)) {
        client.isBlocked = true
        return false
      }
    }
    this.#execute(client, request)
    return true
  }

  #execute(client: Client, request: Request): void {
    const { reply } = this
    const mark = reply.at
    reply.isResp3 = client.isResp3
    const start = request.starts[0]!
    const end = request.ends[0]!
    let command = this.table.find(request.bytes, start, end)
    // A log says what commands were called when it was written.
    if (client === this.#loader) command ??= this.table.get(latin1(request.bytes, start, end))
    if (command === undefined) {
      // Its reader hands on whole transactions only, and nobody else is there to come between.
      if (client === this.#loader && isTransactionEdge(request)) return
      this.#refuse(client, undefined, unknownCommand(request))
    } else {
      if (command.subcommands.size > 0 && request.count > 1) {
        command = this.#subcommand(client, command, request)
      }
      if (command !== undefined) this.#admit(client, command, request)
    }
    if (client.replyMode !== 'on') this.#muteReply(client, mark)
    if (!client.isBlocked) {
      this.stats.commands++
      client.commandCount++
      if (client.isTracking) this.onTracked?.(client, command, request)
    }
    if (this.pushes.isPending) this.pushes.settle()
    if (this.serving.blocking.isReady) this.serving.serveReady()
  }

  /** Runs the command of a client that waits for keys again. */
  #rerun({ client, command, request }: Waiter): void {
    const mark = this.reply.at
    this.#perform(client, command, request)
    if (this.serving.isWaiting(client)) return
    this.stats.commands++
    client.commandCount++
    if (client.isTracking) this.onTracked?.(client, command, request)
    if (client.replyMode !== 'on') this.#muteReply(client, mark)
  }

  #subcommand(client: Client, parent: Command, request: Request): Command | undefined {
    const word = latin1(request.bytes, request.starts[1]!, request.ends[1]!)
    const found = parent.subcommands.get(word.toUpperCase())
    if (found !== undefined || parent.run !== undefined) return found ?? parent
    const shown = word.slice(0, SHOWN_ARGUMENT_BYTES)
    const help = parent.spec.name
    this.#refuse(client, parent, `ERR unknown subcommand '${shown}'. Try ${help} HELP.`)
    return undefined
  }

  #admit(client: Client, command: Command, request: Request): void {
    const { arity } = command
    const isArityRight = arity < 0 ? request.count >= -arity : request.count === arity
    if (!isArityRight || command.run === undefined) {
      this.#refuse(client, command, wrongArity(command.fullName).text)
      return
    }
    if (client !== this.#loader) {
      const refusal = this.admission.refusal(command, client)
      if (refusal !== undefined) {
        this.#refuse(client, command, refusal)
        return
      }
    }
    this.#perform(client, command, request)
  }

  #perform(client: Client, command: Command, request: Request): void {
    const call = this.#call
    const { keyspace, effects, reply } = this
    // Most often these are what they were: not writing them spares the collector's bookkeeping.
    if (call.client !== client) call.client = client
    if (call.db !== client.db) call.db = client.db
    if (call.command !== command) this.#timeCommand(command)
    if (client.lastCommand !== command) client.lastCommand = command
    const args = this.#args
    args.begin(request, command.parent === undefined ? 1 : 2)
    const { index } = client.db
    const { dirty } = keyspace
    const mark = reply.at
    command.stats.calls++
    if (keyspace.keepsClocks !== client.isNoTouch) {
      keyspace.keepsClocks = client.isNoTouch && command.fullName !== 'touch'
    }
    try {
      command.run!(call, args)
    } catch (error) {
      const text = refusalIn(error)
      if (text === undefined) throw error
      reply.at = mark
      effects.discard()
      this.#wait = undefined
      if (client.isBlocked) this.serving.end(client)
      command.stats.failed++
      this.#answerError(text)
      if (client === this.#loader) this.#loaderRefusal ??= text
      return
    }
    if (this.#wait !== undefined) {
      // What it has done on the way, it has done.
      if (effects.isReplaced) effects.commit(request, index)
      this.#mayWait(client, command, request)
      return
    }
    if (client.isBlocked) this.serving.end(client)
    if (effects.isReplaced || (keyspace.dirty !== dirty && effects.sink !== undefined)) {
      effects.commit(request, index)
    }
    if (!command.isQuick) keyspace.refreshNow()
  }

  /** The command has asked to wait, which a log that is read can't. */
  #mayWait(client: Client, command: Command, request: Request): void {
    const wait = this.#wait!
    this.#wait = undefined
    if (client === this.#loader) this.reply[wait.timeoutReply]()
    else this.serving.begin(client, command, request, wait)
  }

  /**
   * Gives the time since the last call to the command that has run, and goes on with `next`. The
   * clock is read when the command changes, not for each of many that are the same.
   */
  #timeCommand(next: Command): void {
    const nowMs = this.host.clock.monotonicMs()
    const { command } = this.#call
    // Undefined until the first command runs.
    if (command !== undefined) command.stats.microseconds += (nowMs - this.#timedFromMs) * 1000
    this.#timedFromMs = nowMs
    this.#call.command = next
  }

  #refuse(client: Client, command: Command | undefined, text: string): void {
    if (command !== undefined) command.stats.rejected++
    if (client === this.#loader) this.#loaderRefusal ??= text
    this.#answerError(text)
  }

  #answerError(text: string): void {
    countError(this.stats, text)
    this.reply.error(text)
  }

  #muteReply(client: Client, mark: number): void {
    this.reply.at = mark
    if (client.replyMode !== 'off') client.replyMode = client.replyMode === 'skip' ? 'on' : 'skip'
  }
}
