/**
 * MULTI, EXEC, DISCARD and WATCH. What a client sends between MULTI and EXEC is looked at for whether
 * it may run, and kept; EXEC runs it all, or nothing when a command was refused or a watched key was
 * changed.
 */
import type { Slice } from '../bytes/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { Request } from '../resp/index.ts'
import type { Client } from './client.ts'
import type { Call, Command } from './command.ts'
import { ReplyError } from './errors.ts'
import type { Execution } from './execution.ts'
import { hasKey } from './lookahead.ts'
import { CommandQueue } from './queue.ts'
import { Watching } from './watching.ts'

/** Emptied queues that are kept for the next MULTI. */
const SPARE_MAX = 64

export class Transactions {
  readonly watching: Watching
  readonly #keyspace: Keyspace
  readonly #spare: CommandQueue[] = []
  /** For what EXEC runs, in turn: until the next command has begun, the meter tells of the last one. */
  readonly #requests = [new Request(), new Request()] as const

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
    this.watching = new Watching(keyspace)
  }

  /** MULTI: commands of this client are kept from now on. */
  begin(client: Client): void {
    if (client.transaction !== undefined) {
      throw new ReplyError('ERR MULTI calls can not be nested')
    }
    client.transaction = this.#spare.pop() ?? new CommandQueue()
  }

  /** A command that is kept until EXEC. Its buffer is lent until `settle` of the client's queue. */
  keep(queue: CommandQueue, command: Command, request: Request): void {
    const { bytes, starts, ends } = request
    const isKeyed = hasKey(request)
    const hash = isKeyed ? this.#keyspace.hashOfRange(bytes, starts[1]!, ends[1]!) : 0
    queue.add(command, request, hash)
  }

  /** DISCARD. */
  discard(client: Client): void {
    if (client.transaction === undefined) throw new ReplyError('ERR DISCARD without MULTI')
    this.abandon(client)
  }

  /** The client has no transaction and watches nothing. */
  abandon(client: Client): void {
    const queue = client.transaction
    client.transaction = undefined
    this.unwatch(client)
    // One that runs at this moment is still read.
    if (queue !== undefined && !queue.isRunning) this.#giveBack(queue)
  }

  /** WATCH: throws where the commands are known already that it is to guard. */
  checkWatching(client: Client): void {
    if (client.transaction !== undefined) {
      throw new ReplyError('ERR WATCH inside MULTI is not allowed')
    }
  }

  /** WATCH of one key. */
  watch(client: Client, key: Slice): void {
    // What cannot become worse is not watched.
    if (!client.isWatchSpoilt) this.watching.add(client, key)
  }

  /** UNWATCH. */
  unwatch(client: Client): void {
    client.isWatchSpoilt = false
    this.watching.clear(client)
  }

  /** EXEC: runs what was kept and writes the replies; or nothing, and says why. */
  execute(call: Call, execution: Execution): void {
    const { client, reply } = call
    const queue = client.transaction
    if (queue === undefined) throw new ReplyError('ERR EXEC without MULTI')
    const isSpoilt = client.isWatchSpoilt || this.watching.hasExpired(client)
    const { isRefused } = queue
    if (isSpoilt || isRefused) {
      this.abandon(client)
      if (!isRefused) reply.nullArray()
      else throw new ReplyError('EXECABORT Transaction discarded because of previous errors.')
      return
    }
    // What it does itself is not to be told to it.
    this.unwatch(client)
    this.#begin(call, queue, execution)
  }

  #begin({ client, reply }: Call, queue: CommandQueue, execution: Execution): void {
    queue.isRunning = true
    execution.enter(true)
    if (!client.isMuted) reply.array(queue.count)
    this.#runFrom(0, client, queue, execution)
  }

  /** Runs the commands from one on, and ends the transaction unless the rest is to come later. */
  #runFrom(first: number, client: Client, queue: CommandQueue, execution: Execution): void {
    const { reply } = execution
    client.leaveOutInside()
    for (let i = first; i < queue.count; i++) {
      const request = this.#requests[i & 1]!
      const command = queue.next(i, request)
      if (hasKey(request)) {
        this.#keyspace.hint(request.bytes, request.starts[1]!, request.ends[1]!, queue.hash)
      }
      const mark = reply.at
      const { isMuted } = client
      execution.call(client, command, request)
      if (execution.isSuspending) {
        queue.settle()
        execution.suspend(() => this.#runFrom(i + 1, client, queue, execution))
        return
      }
      if (isMuted && client.isMuted) execution.leaveOut(mark)
    }
    execution.leave(true)
    this.#keyspace.forgetHints()
    queue.isRunning = false
    if (client.transaction === queue) this.abandon(client)
    else this.#giveBack(queue)
  }

  #giveBack(queue: CommandQueue): void {
    queue.clear()
    if (this.#spare.length < SPARE_MAX) this.#spare.push(queue)
  }
}
