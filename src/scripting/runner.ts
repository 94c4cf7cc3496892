/**
 * Runs scripts inside the command that asks for it. As long as a script takes no longer than
 * `busy-reply-threshold`, nobody else is served. After that it is left in slices: others are told that
 * the store is busy, and can end it as long as it has written nothing.
 *
 * ```text
 * EVAL ─► enter ─► start ─── done ──► leave ─► reply
 *                    │ threshold        ▲
 *                    ▼                  │ done
 *                  suspend ─► turn of the loop ─► resume ─► suspend ─► …
 * ```
 */
import {
  type Args,
  type Call,
  type Client,
  type Command,
  type Engine,
  ReplyError,
} from '../engine/index.ts'
import { type Entry, LuaError, type LuaMachine, type Outcome } from '../lua/index.ts'
import type { ReplyWriter } from '../resp/index.ts'
import { busyText, failureText, KILLED, NOT_BUSY, type ScriptKind, UNKILLABLE } from './errors.ts'
import type { HostCalls, Rights } from './host-calls.ts'
import { type ReplyTarget, replyValue } from './to-reply.ts'

/** How long a script that is too long runs before others are looked after, in milliseconds. */
const SLICE_MS = 5

/** A script that is to run. */
export interface Run {
  readonly kind: ScriptKind
  readonly machine: LuaMachine
  readonly entry: Entry
  /** Its SHA-1, or the name of the function. */
  readonly name: string
  readonly rights: Rights
}

/** A script that takes too long. */
interface LongRun extends Run {
  readonly command: Command
  readonly argv: readonly Uint8Array[]
  readonly startedMs: number
  isKilled: boolean
}

/** What FUNCTION STATS tells of a function that runs. */
export interface RunningFunction {
  readonly name: string
  readonly argv: readonly Uint8Array[]
  readonly durationMs: number
}

/** Where the value of the script goes that has ended. */
class Target implements ReplyTarget {
  readonly reply: ReplyWriter
  isScriptResp3 = false
  /** The command that ran the script. */
  command: Command | undefined
  readonly #execution: Engine['execution']

  constructor({ execution, reply }: Engine) {
    this.reply = reply
    this.#execution = execution
  }

  error(text: string, isCounted: boolean): void {
    this.command!.stats.failed++
    if (isCounted) this.reply.error(text)
    else this.#execution.answerError(text)
  }
}

export class Runner {
  readonly #engine: Engine
  readonly #calls: HostCalls
  readonly #thresholdMs: () => number
  readonly #warn: (text: string) => void
  readonly #target: Target
  #long: LongRun | undefined

  /** `thresholdMs` is `busy-reply-threshold`; 0 is none. */
  constructor(
    engine: Engine,
    calls: HostCalls,
    options: { thresholdMs(): number; warn(text: string): void },
  ) {
    this.#engine = engine
    this.#calls = calls
    this.#thresholdMs = options.thresholdMs
    this.#warn = options.warn
    this.#target = new Target(engine)
  }

  /** The kind of the script that takes too long, if there is one. */
  get busyKind(): ScriptKind | undefined {
    return this.#long?.kind
  }

  /** Runs a script and answers with what it returns; or later, when it takes long. */
  run(call: Call, run: Run, args: Args): void {
    const { execution } = this.#engine
    const { command } = call
    this.#calls.begin(call.client)
    // What it does beside its commands is not measured.
    execution.enter(true)
    let outcome: Outcome
    try {
      outcome = run.machine.start(run.entry, this.#limitMs(call.client))
    } catch (error) {
      execution.leave()
      throw error
    }
    if (outcome.kind === 'paused') {
      const argv = Array.from({ length: args.count }, (_, at) => args.slice(at).copyOf())
      this.#suspend(run, command, argv)
    } else this.#answer(command, run, outcome)
  }

  /** SCRIPT KILL and FUNCTION KILL. Throws when there is nothing to be ended, or it cannot be. */
  kill(kind: ScriptKind): void {
    const long = this.#long
    if (long === undefined) throw new ReplyError(NOT_BUSY)
    if (long.rights.hasWritten) throw new ReplyError(UNKILLABLE)
    if (long.kind !== kind) throw new ReplyError(busyText(long.kind))
    long.isKilled = true
  }

  /** The function that takes too long, if there is one. */
  running(): RunningFunction | undefined {
    const long = this.#long
    if (long === undefined) return undefined
    const durationMs = Math.floor(this.#engine.host.clock.monotonicMs() - long.startedMs)
    return { name: long.name, argv: long.argv, durationMs }
  }

  /** What comes from a log has been run before, and may take the time that it takes. */
  #limitMs(client: Client): number {
    const thresholdMs = this.#thresholdMs()
    return thresholdMs === 0 || client.id === 0 ? Number.POSITIVE_INFINITY : thresholdMs
  }

  #suspend(run: Run, command: Command, argv: readonly Uint8Array[]): void {
    const { admission, execution, host } = this.#engine
    // It was not looked at the clock before: most scripts do not come here.
    const elapsedMs = this.#thresholdMs()
    const startedMs = host.clock.monotonicMs() - elapsedMs
    const long: LongRun = { ...run, command, argv, startedMs, isKilled: false }
    const killer = long.kind === 'eval' ? 'SCRIPT KILL' : 'FUNCTION KILL'
    this.#warn(
      `Slow script detected: still in execution after ${elapsedMs} milliseconds. ` +
        `You can try killing the script using the ${killer} command. Script name is: ${long.name}.`,
    )
    this.#long = long
    admission.update({ busy: busyText(long.kind) })
    execution.suspend(() => this.#goOn(long))
  }

  #goOn(long: LongRun): void {
    const { admission, execution } = this.#engine
    const outcome = long.isKilled ? killed(long) : long.machine.resume(SLICE_MS)
    if (outcome.kind === 'paused') {
      execution.suspend(() => this.#goOn(long))
      return
    }
    this.#long = undefined
    admission.update({ busy: undefined })
    this.#answer(long.command, long, outcome)
  }

  #answer(command: Command, run: Run, outcome: Exclude<Outcome, { kind: 'paused' }>): void {
    this.#engine.execution.leave()
    const target = this.#target
    target.command = command
    if (outcome.kind === 'done') {
      target.isScriptResp3 = this.#calls.client.isResp3
      replyValue(outcome.values[0], target)
    } else {
      const { text, isCounted } = failureText(outcome.error, run.name)
      target.error(text, isCounted)
    }
  }
}

function killed(long: LongRun): Outcome {
  long.machine.kill()
  return { kind: 'failed', error: new LuaError(KILLED.replace(/^ERR /, '')) }
}
