/**
 * Runs commands: finds the row, asks admission, lets the handler run, and sees to its effect, its
 * errors and its figures.
 *
 * A handler may run other commands inside its own, as EXEC and scripts do. Between `enter` and `leave`
 * they have a frame of their own, so that the outer call keeps its arguments; their effects are one
 * group; the time stands still; nobody may wait; and who waits for keys is served when all is over.
 *
 * ```ts
 * execution.enter()
 * try {
 *   const mark = reply.at
 *   execution.call(client, command, request) // its reply stands in reply.bytes[mark, reply.at)
 *   reply.at = mark // takes it back
 * } finally {
 *   execution.leave()
 * }
 * ```
 */
import { latin1 } from '../bytes/index.ts'
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { ReplyWriter, Request } from '../resp/index.ts'
import type { Admission } from './admission.ts'
import { Args } from './args.ts'
import type { Wait, Waiter } from './blocking.ts'
import type { Client } from './client.ts'
import type { Call, Command, Postpone } from './command.ts'
import type { Effects, OpenGroup } from './effects.ts'
import { natureOfCall } from './nature.ts'
import type { Pushes } from './pushes.ts'
import { isOfHttp, isTransactionEdge, misfitOf, refusalIn } from './refusals.ts'
import type { Serving } from './serving.ts'
import { countError, type WatchedStats } from './stats.ts'
import type { CommandTable } from './table.ts'
import type { Transactions } from './transactions.ts'
import type { Meter, Timing } from './watch/meter.ts'

/** Hears of a command that was run; of `undefined` when a request led to none. */
export type Tracked = (client: Client, command: Command | undefined, request: Request) => void

/** What the running of commands works with. */
export interface ExecutionParts {
  readonly host: Host
  readonly keyspace: Keyspace
  readonly table: CommandTable
  readonly reply: ReplyWriter
  readonly effects: Effects
  readonly admission: Admission
  readonly stats: WatchedStats
  readonly serving: Serving
  readonly transactions: Transactions
  readonly pushes: Pushes
  readonly meter: Meter
  /** Runs what comes from logs: no admission, no waiting. */
  readonly loader: Client
  /** Ends a connection that speaks HTTP. */
  readonly endStranger: (client: Client) => void
}

/** What one command that runs has for itself. Those inside of it have another. */
interface Frame {
  readonly call: { -readonly [Field in keyof Call]: Call[Field] }
  readonly args: Args
  /** What it asked to wait for. */
  wait: Wait | undefined
}

/** A command that goes on later. */
interface Suspended {
  readonly client: Client
  readonly command: Command
  readonly goOns: readonly (() => void)[]
  readonly depth: number
  readonly group: OpenGroup
  readonly nowMs: number
  readonly reply: Uint8Array
  readonly timing: Timing
}

export class Execution {
  /** While set, commands for which it says so wait until `Engine.resume`. */
  postpone: Postpone | undefined
  /** Told of the commands that clients with `isTracking` have run, those inside others too. */
  onTracked: Tracked | undefined
  /** Why the log's command was refused that came first. */
  loaderRefusal: string | undefined
  readonly #parts: ExecutionParts
  readonly #frames: Frame[] = []
  #frame: Frame
  /** The commands that run, one inside another, without the outermost. */
  #depth = 0
  /** How many commands go on later. */
  #suspended = 0
  /** How to go on with a command that is suspended, and with those around it: the innermost first. */
  #goOns: (() => void)[] = []

  constructor(parts: ExecutionParts) {
    this.#parts = parts
    this.#frame = this.#newFrame((frame, wait) => {
      frame.wait = wait
    })
  }

  /** Whether a command runs inside another one. */
  get isInside(): boolean {
    return this.#depth > 0
  }

  /** The client whose request runs, or ran last. */
  get client(): Client {
    return this.#frames[0]!.call.client
  }

  /** What the commands write their replies to. */
  get reply(): ReplyWriter {
    return this.#parts.reply
  }

  // ---- requests

  /** Runs a request of a client, or keeps it for EXEC, and answers. @returns false when it has to wait. */
  run(client: Client, request: Request): boolean {
    const { reply, serving, pushes, loader } = this.#parts
    if (client === loader) {
      this.#replay(request)
      return true
    }
    const mark = reply.at
    const { muting } = client
    reply.isResp3 = client.isResp3
    const command = this.#find(client, request)
    let ran: Command | undefined
    if (command !== undefined) {
      if (this.postpone?.(natureOfCall(command, client, request), client) === true) {
        client.isBlocked = true
        return false
      }
      if (client.lastCommand !== command) client.lastCommand = command
      if (client.transaction === undefined || command.isNeverQueued) {
        ran = command
        this.#perform(this.#frame, client, command, request)
      } else this.#keep(client, command, request)
    }
    if ((muting | client.muting) !== 0) this.settleReply(client, muting, mark, !client.isBlocked)
    if (client.isTracking && (!client.isBlocked || serving.isWaiting(client))) {
      this.onTracked?.(client, ran, request)
    }
    if (pushes.isPending) pushes.settle()
    if (serving.blocking.isReady) serving.serveReady()
    return true
  }

  /** Runs the command of a client that waits for keys again, alone or while another one runs. */
  rerun({ client, command, request }: Waiter, isAlone: boolean): void {
    const { admission, meter, serving } = this.#parts
    const refusal = admission.refusal(command, client, request)
    if (refusal !== undefined) {
      serving.end(client)
      this.#refuse(client, command, refusal, request)
      return
    }
    if (isAlone) this.beginTiming()
    meter.again()
    this.#perform(this.#frame, client, command, request)
    if (isAlone) meter.end()
    // Who goes on waiting has read too: that there is still nothing.
    if (client.isTracking) this.onTracked?.(client, command, request)
  }

  /** Begins to time the commands that follow. */
  beginTiming(): void {
    this.#parts.meter.begin(this.#frame)
  }

  /** Gives the time up to now to the command that has run. */
  endTiming(): void {
    const { meter, pushes } = this.#parts
    meter.end()
    // Who monitors has seen its own command.
    if (pushes.isPending) pushes.settle()
  }

  // ---- commands inside another one

  /**
   * From here until `leave`, `call` runs commands inside the one that runs. May be nested. `isAtOnce`
   * says that the outer one has done nothing yet.
   */
  enter(isAtOnce = false): void {
    const { effects, meter, reply } = this.#parts
    effects.beginGroup()
    this.#depth++
    const frame =
      this.#frames[this.#depth] ??
      // Who may not wait is answered at once.
      this.#newFrame((_, wait) => reply[wait.refusedReply ?? wait.timeoutReply]())
    meter.enter(frame, isAtOnce)
    this.#frame = frame
  }

  /**
   * Ends what `enter` began: sends the effects, unless that lies inside another one. `isLast` says that
   * the outer command has nothing to do after it.
   */
  leave(isLast = false): void {
    const { effects, meter, reply } = this.#parts
    meter.leave(isLast)
    this.#depth--
    this.#frame = this.#frames[this.#depth]!
    effects.endGroup()
    // The effects of those inside are all that the outer one has.
    effects.suppress()
    reply.isResp3 = this.#frame.call.client.isResp3
  }

  /**
   * Runs a command inside the one that runs, for a client: its own, or another that a script has for
   * itself. Nobody is asked whether it may. The reply is written to the shared writer. `isSoon` says of
   * a script's command that hardly any time has passed since its last one.
   */
  call(client: Client, command: Command, request: Request, isSoon = false): void {
    const { meter, reply } = this.#parts
    reply.isResp3 = client.isResp3
    // What a script does between its commands is not their time.
    const isApart = client !== this.client
    if (isApart) meter.begin(this.#frame, isSoon)
    this.#perform(this.#frame, client, command, request)
    if (isApart) meter.end()
    // What a script reads, it reads for its client.
    if (this.client.isTracking) this.onTracked?.(this.client, command, request)
  }

  /**
   * For a handler whose work is too long for one go. It returns without a reply, and `goOn` is called
   * when others have had their turn; there it ends its work, or calls this again. Meanwhile the command
   * is not over: its client waits, what was entered is not left, the time stands still, nothing expires,
   * and nobody is served who waits for keys. Which commands others may run then is admission's matter.
   *
   * Who calls commands inside its own looks at `isSuspending` after each, and has to go on later too.
   */
  suspend(goOn: () => void): void {
    this.#goOns.push(goOn)
  }

  /** Whether the command that was called last has asked to go on later. */
  get isSuspending(): boolean {
    return this.#goOns.length > 0
  }

  /** Counts an error and writes it as a reply. `text` begins with its code. */
  answerError(text: string): void {
    const { stats, reply } = this.#parts
    countError(stats, text)
    reply.error(text)
  }

  /**
   * A client that wants no replies, or did not want this one, has none. `before` is what its `muting` was
   * when the command came; `mark` is where the reply begins. The one that it did not want is not used
   * up by a command that waits.
   */
  settleReply(client: Client, before: number, mark: number, isDone: boolean): void {
    if (client.leavesOut(before)) this.#parts.reply.at = mark
    if (isDone) client.endMuting()
  }

  /** Leaves out what a command inside has replied since `mark`, but not what it has to tell all the same. */
  leaveOut(mark: number): void {
    this.#parts.reply.at = mark
    this.#parts.pushes.putConfirmations()
  }

  // ---- inside

  #newFrame(block: (frame: Frame, wait: Wait) => void): Frame {
    const { keyspace, reply, effects, loader } = this.#parts
    const frame: Frame = {
      call: {
        client: loader,
        db: keyspace.databases[0]!,
        keyspace,
        reply,
        effects,
        command: undefined as unknown as Command,
        block: (wait) => block(frame, wait),
      },
      args: new Args(),
      wait: undefined,
    }
    this.#frames.push(frame)
    return frame
  }

  /** Runs a request of the log: no admission, no waiting. */
  #replay(request: Request): void {
    const { loader, reply, serving, table } = this.#parts
    // Its reader hands on whole transactions only, and nobody else is there to come between.
    if (isTransactionEdge(request)) return
    const { bytes, starts, ends } = request
    // A log says what commands were called when it was written.
    const first =
      table.find(bytes, starts[0]!, ends[0]!) ?? table.get(latin1(bytes, starts[0]!, ends[0]!))
    const command = table.resolve(request, first)
    const mark = reply.at
    reply.isResp3 = false
    if (command === undefined) this.loaderRefusal ??= misfitOf(request, first).text
    else this.#perform(this.#frame, loader, command, request)
    // Nobody reads it; and those who wait for keys may be answered now.
    reply.at = mark
    if (serving.blocking.isReady) serving.serveReady()
  }

  /** The command that a client may run now. Otherwise it has its answer. */
  #find(client: Client, request: Request): Command | undefined {
    const { table, admission } = this.#parts
    const first = table.find(request.bytes, request.starts[0]!, request.ends[0]!)
    const command = table.resolve(request, first)
    if (command === undefined) {
      if (first === undefined && isOfHttp(request) && !client.isScript) {
        this.#parts.endStranger(client)
        return undefined
      }
      const misfit = misfitOf(request, first)
      this.#refuse(client, misfit.command, misfit.text, request)
      return undefined
    }
    const refusal =
      client.transaction === undefined || command.isMultiAllowed
        ? admission.refusal(command, client, request)
        : 'ERR Command not allowed inside a transaction'
    if (refusal === undefined) return command
    this.#refuse(client, command, refusal, request)
    return undefined
  }

  /** Keeps a command for EXEC, unless that is to fail anyway. */
  #keep(client: Client, command: Command, request: Request): void {
    const queue = client.transaction!
    const { transactions } = this.#parts
    if (!queue.isRefused && !client.isWatchSpoilt) transactions.keep(queue, command, request)
    this.#parts.reply.queued()
  }

  #perform(frame: Frame, client: Client, command: Command, request: Request): void {
    const { keyspace, effects, loader, meter, reply } = this.#parts
    const { call, args } = frame
    if (meter.isSingle || call.command !== command) {
      meter.next(command, client, request)
      call.command = command
    }
    // Most often these are what they were: not writing them spares the collector's bookkeeping.
    if (call.client !== client) call.client = client
    if (call.db !== client.db) call.db = client.db
    args.begin(request, command.parent === undefined ? 1 : 2)
    const { index } = client.db
    const { dirty } = keyspace
    const mark = reply.at
    if (client !== loader) command.stats.calls++
    const keepsClocks = client.isNoTouch && command.fullName !== 'touch'
    if (keyspace.keepsClocks !== keepsClocks) keyspace.keepsClocks = keepsClocks
    try {
      command.run!(call, args)
    } catch (error) {
      reply.at = mark
      this.#fail(frame, error)
      return
    }
    if (this.#goOns.length > 0) {
      if (frame === this.#frames[0]) this.#setAside(client, command, mark)
      return
    }
    if (frame.wait !== undefined) {
      // What it has done on the way, it has done.
      if (effects.isReplaced) effects.commit(request, index)
      this.#mayWait(frame, request)
      return
    }
    this.#count(client)
    if (effects.isReplaced || (keyspace.dirty !== dirty && effects.sink !== undefined)) {
      effects.commit(request, index)
    }
    if (this.#depth > 0) return
    if (client.isBlocked) this.#parts.serving.end(client)
    if (!command.isQuick) keyspace.refreshNow()
  }

  /** The handler threw: that is its answer, and what it said of its effects counts no more. */
  #fail(frame: Frame, error: unknown): void {
    const { effects, serving, loader } = this.#parts
    const { client, command } = frame.call
    const text = refusalIn(error)
    if (text === undefined) throw error
    effects.discard()
    frame.wait = undefined
    command.stats.failed++
    this.#count(client)
    this.answerError(text)
    if (this.#depth > 0) return
    if (client.isBlocked) serving.end(client)
    if (client === loader) this.loaderRefusal ??= text
  }

  /** Lets others have their turn before the command of a client goes on. Its reply began at `mark`. */
  #setAside(client: Client, command: Command, mark: number): void {
    const { effects, keyspace, meter, reply, serving, host } = this.#parts
    const suspended: Suspended = {
      client,
      command,
      goOns: this.#goOns,
      depth: this.#depth,
      group: effects.takeGroup(),
      nowMs: keyspace.nowMs,
      reply: reply.bytes.slice(mark, reply.at),
      timing: meter.setAside(),
    }
    this.#goOns = []
    this.#depth = 0
    this.#frame = this.#frames[0]!
    effects.discard()
    reply.at = mark
    client.isBlocked = true
    this.#suspended++
    keyspace.isMidCommand = true
    host.timers.later(() => {
      if (!serving.answer(client, () => this.#goOn(suspended))) return
      keyspace.refreshNow()
      serving.serveReady()
      serving.resume(client)
    })
  }

  /** @returns whether the command is over. */
  #goOn(suspended: Suspended): boolean {
    this.#suspended--
    const { client, command, goOns, depth, group, nowMs, reply: before } = suspended
    const { effects, keyspace, meter, reply } = this.#parts
    const outermost = this.#frames[0]!
    const mark = reply.at
    meter.goOn(suspended.timing)
    outermost.call.command = command
    outermost.call.client = client
    outermost.call.db = client.db
    this.#depth = depth
    this.#frame = this.#frames[depth]!
    effects.restoreGroup(group)
    keyspace.setNow(nowMs)
    reply.raw(before)
    for (let i = 0; i < goOns.length; i++) {
      goOns[i]!()
      if (this.isSuspending) {
        this.#goOns.push(...goOns.slice(i + 1))
        this.#setAside(client, command, mark)
        return false
      }
      effects.discard()
      this.#count(client)
    }
    meter.end()
    keyspace.isMidCommand = this.#suspended > 0
    return true
  }

  #count(client: Client): void {
    this.#parts.stats.commands++
    client.commandCount++
  }

  /** The command has asked to wait, which a log that is read can't. */
  #mayWait(frame: Frame, request: Request): void {
    const { serving, loader, reply } = this.#parts
    const { client, command } = frame.call
    const wait = frame.wait!
    frame.wait = undefined
    if (client === loader) reply[wait.timeoutReply]()
    else serving.begin(client, command, request, wait)
  }

  /** Answers why a command does not run. Between MULTI and EXEC none of the others will, then. */
  #refuse(client: Client, command: Command | undefined, text: string, request: Request): void {
    client.lastCommand = command
    if (command !== undefined) command.stats.rejected++
    const { transaction } = client
    if (command?.isExec === true) {
      this.#parts.transactions.abandon(client)
      const reason = text.replace(/^ERR /, '')
      this.answerError(`EXECABORT Transaction discarded because of: ${reason}`)
      this.#parts.meter.refused(client, command, request)
      return
    }
    if (transaction !== undefined) transaction.isRefused = true
    this.answerError(text)
  }
}
