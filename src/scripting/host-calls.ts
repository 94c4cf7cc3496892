/**
 * `redis.call`: makes a request of a script's values, runs the command inside the one that runs the
 * script, and makes a value of its reply. The bytes of requests stand one after another in one buffer,
 * framed as a log wants them, so that the effects of many writes are taken out of it together.
 */
import { doubleText, intSize, setInnerViewed, writeInt, writeLatin1 } from '../bytes/index.ts'
import {
  type Client,
  type Command,
  type Engine,
  LACKS_REPLICAS,
  misfitOf,
} from '../engine/index.ts'
import type { LuaTable, LuaValue, Realm } from '../lua/index.ts'
import { Request } from '../resp/index.ts'
import { errorTable, freshError, ReplyValues } from './from-reply.ts'

const START_BYTES = 16 * 1024
/** A buffer above this size is not kept for the next script. */
const KEPT_BYTES_MAX = 1 << 20
/** What frames an argument, at most. */
const FRAME_BYTES = 20
/** So few steps of a script are shorter than reading the clock twice is worth. */
const SOON_STEPS = 50
const STAR = 42
const DOLLAR = 36
const DASH = 45
const NO_ARGUMENTS = 'Please specify at least one argument for this redis lib call'
const BAD_ARGUMENTS = 'Lua redis lib command arguments must be strings or integers'

/** What a script may do, and has done. */
export interface Rights {
  /** It may not write. */
  readonly isReadOnly: boolean
  /** Commands that need memory run although there is too little. */
  readonly allowsOom: boolean
  /** There was too little memory when it began. */
  readonly startedOverMemory: boolean
  /** It has called a command that writes. */
  hasWritten: boolean
}

/** What a call gave: a value, or an error as a table. */
export interface CallOutcome {
  value: LuaValue
  isError: boolean
}

export class HostCalls {
  /** Whether what is done reaches the log. */
  isLogged = true
  /** Whether also commands run that are not for scripts. */
  allowsAll = false
  /** The client that stands for scripts: it has a database and a protocol of its own. */
  readonly client: Client
  readonly #engine: Engine
  readonly #request = new Request()
  readonly #values = new ReplyValues()
  readonly #outcome: CallOutcome = { value: undefined, isError: false }
  #bytes = new Uint8Array(START_BYTES)
  #at = 0
  /** How far the script was when its last command had run. */
  #steps = Number.NaN

  constructor(engine: Engine, client: Client) {
    this.#engine = engine
    this.client = client
    client.isScript = true
  }

  /** A script begins, for a client. */
  begin(caller: Client): void {
    const { client } = this
    client.db = caller.db
    client.isResp3 = false
    client.isNoTouch = caller.isNoTouch
    this.isLogged = true
    this.#at = 0
    this.#steps = Number.NaN
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = new Uint8Array(START_BYTES)
    setInnerViewed(this.#bytes)
  }

  /**
   * Runs the command that values of a script name. The outcome is valid until the next call. `meter` is
   * that of the script. Unless it `wantsValue`, there is a value for errors only.
   */
  call(
    args: readonly LuaValue[],
    rights: Rights,
    meter: Realm['meter'],
    wantsValue = true,
  ): CallOutcome {
    const refusal = this.#encode(args)
    if (refusal !== undefined) return this.#failed(freshError(refusal))
    const { execution, reply, table } = this.#engine
    const mark = reply.at
    const [name] = args
    const first = typeof name === 'string' ? table.named(name) : undefined
    const command = table.resolve(this.#request, first)
    if (command === undefined) return this.#refusedMisfit()
    const reason = this.#refusal(command, rights)
    if (reason !== undefined) return this.#refused(command, reason)
    if (command.isWrite) rights.hasWritten = true
    const isSoon = meter.steps - this.#steps < SOON_STEPS
    if (this.isLogged) execution.call(this.client, command, this.#request, isSoon)
    else this.#callSilently(command)
    this.#steps = meter.steps
    const outcome = this.#outcome
    outcome.isError = reply.bytes[mark] === DASH
    const isRead = wantsValue || outcome.isError
    outcome.value = isRead ? this.#values.read(reply.bytes, mark) : undefined
    reply.at = mark
    return outcome
  }

  /** Runs a command without any effect for the log. */
  #callSilently(command: Command): void {
    const { effects, execution } = this.#engine
    effects.flush()
    const { sink } = effects
    effects.sink = undefined
    try {
      execution.call(this.client, command, this.#request)
    } finally {
      effects.sink = sink
    }
  }

  /** The command that values of a script name, without running it; or an error as a table. */
  find(args: readonly LuaValue[]): Command | LuaTable {
    const refusal = this.#encode(args)
    if (refusal !== undefined) return freshError(refusal)
    const { bytes, starts, ends } = this.#request
    const { table } = this.#engine
    const first = table.find(bytes, starts[0]!, ends[0]!)
    const resolved = table.resolve(this.#request, first)
    if (resolved !== undefined) return resolved
    const { kind, command } = misfitOf(this.#request, first)
    if (kind === 'wrong arity' && command !== undefined) return command
    return freshError('Invalid command passed to redis.acl_check_cmd()')
  }

  #failed(error: LuaTable): CallOutcome {
    this.#outcome.value = error
    this.#outcome.isError = true
    return this.#outcome
  }

  /** Counts an error that nobody is sent. */
  #refused(command: Command | undefined, reason: string): CallOutcome {
    const { execution, reply } = this.#engine
    const mark = reply.at
    const text = /^-/.test(reason) ? reason.slice(1) : `ERR ${reason}`
    execution.answerError(text)
    reply.at = mark
    if (command !== undefined) command.stats.rejected++
    return this.#failed(errorTable(text))
  }

  /** There is no such command, or not with so many arguments. */
  #refusedMisfit(): CallOutcome {
    const { bytes, starts, ends } = this.#request
    const first = this.#engine.table.find(bytes, starts[0]!, ends[0]!)
    const { kind, command } = misfitOf(this.#request, first)
    const isWrongArity = kind === 'wrong arity'
    return this.#refused(
      command,
      isWrongArity
        ? 'Wrong number of args calling Redis command from script'
        : 'Unknown Redis command called from script',
    )
  }

  /** Why the command may not run: with a code after a dash, or without one. */
  #refusal(command: Command, rights: Rights): string | undefined {
    if (command.isNoScript && !this.allowsAll) {
      return 'This Redis command is not allowed from script'
    }
    if (command.mayReplicate && rights.isReadOnly) {
      return 'Write commands are not allowed from read-only scripts.'
    }
    if (rights.hasWritten) return undefined
    const { misconf, lacksReplicas } = this.#engine.admission.state
    if (command.isWrite && misconf !== undefined) return `-${misconf}`
    if (command.isWrite && lacksReplicas) return `-${LACKS_REPLICAS}`
    if (command.isDenyOom && rights.startedOverMemory && !rights.allowsOom) {
      return "-OOM command not allowed when used memory > 'maxmemory'."
    }
    return undefined
  }

  /** Writes the request. @returns why it is none, or `undefined`. */
  #encode(args: readonly LuaValue[]): string | undefined {
    const count = args.length
    if (count === 0) return NO_ARGUMENTS
    let size = FRAME_BYTES
    for (let i = 0; i < count; i++) {
      const value = args[i]
      if (typeof value === 'string') size += value.length + FRAME_BYTES
      else if (typeof value === 'number') size += 32 + FRAME_BYTES
      else return BAD_ARGUMENTS
    }
    this.#reserve(size)
    const request = this.#request
    const bytes = this.#bytes
    let at = this.#at
    if (request.bytes !== bytes) request.bytes = bytes
    request.offset = at
    request.start = at
    request.count = 0
    // What frames the arguments is for the log.
    const isBare = this.#engine.effects.sink === undefined
    request.isInline = isBare
    if (isBare) at = 0
    else {
      bytes[at++] = STAR
      at = lineEnd(bytes, writeInt(count, bytes, at))
    }
    for (let i = 0; i < count; i++) {
      const value = args[i] as string | number
      at = typeof value === 'string' ? this.#text(value, at) : this.#number(value, at)
    }
    request.end = at
    this.#at = at
    return undefined
  }

  #text(value: string, at: number): number {
    const bytes = this.#bytes
    const request = this.#request
    const isBare = request.isInline
    if (!isBare) {
      bytes[at++] = DOLLAR
      at = lineEnd(bytes, writeInt(value.length, bytes, at))
    }
    const end = writeLatin1(value, bytes, at)
    request.add(at, end)
    return isBare ? end : lineEnd(bytes, end)
  }

  #number(value: number, at: number): number {
    if (!Number.isSafeInteger(value)) return this.#text(argumentText(value), at)
    const bytes = this.#bytes
    const request = this.#request
    const isBare = request.isInline
    const whole = value === 0 ? 0 : value
    if (!isBare) {
      bytes[at++] = DOLLAR
      at = lineEnd(bytes, writeInt(intSize(whole), bytes, at))
    }
    const end = writeInt(whole, bytes, at)
    request.add(at, end)
    return isBare ? end : lineEnd(bytes, end)
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    // The effects of earlier calls may still stand in the buffer.
    this.#engine.effects.flush()
    this.#at = 0
    if (size > this.#bytes.length) this.#bytes = new Uint8Array(size * 2)
  }
}

function lineEnd(bytes: Uint8Array, at: number): number {
  bytes[at] = 13
  bytes[at + 1] = 10
  return at + 2
}

/** A number as commands get it: whole ones up to 2^62 with all digits. */
function argumentText(value: number): string {
  return Number.isNaN(value) ? '-nan' : doubleText(value)
}
