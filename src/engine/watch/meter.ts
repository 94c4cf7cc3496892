/**
 * How long commands take. Reading the clock costs a tenth of a short command, so calls of the same
 * short command that came together are timed as one run, and each is counted with the mean. Timed
 * alone is a command
 *
 * - that is not of those that are always short,
 * - that last took longer than reading the clock matters for,
 * - while the slow log wants to know of times shorter than a run may last, or somebody monitors.
 *
 * So sums are exact, and nothing slow is missed: a run that lasted too long is one entry of the slow
 * log, under the last of its calls.
 */
import type { Clock } from '../../host/index.ts'
import { Request } from '../../resp/index.ts'
import type { Admission } from '../admission.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import type { Pushes } from '../pushes.ts'
import { DurationHistogram } from './duration-histogram.ts'
import { LatencyEvents } from './latency-events.ts'
import { Monitors } from './monitors.ts'
import { SlowLog } from './slow-log.ts'

/** Beside a call of this length the clock's time does not show, in milliseconds. */
const LONG_CALL_MS = 0.002
/** With a lower threshold of the slow log every call is timed alone. */
const RUN_US = 1000

/** Where the engine keeps what it runs. Until the next command, it tells of the last one. */
export interface Frame {
  readonly call: { readonly client: Client }
  readonly args: { readonly request: Request }
}

/** The run of a command, while others run inside of it or in between. */
interface Run {
  frame: Frame | undefined
  command: Command | undefined
  fromMs: number
  callsBefore: number
  isRerun: boolean
}

/** The runs of a command that goes on later, and of those inside of it. */
export type Timing = readonly Run[]

export class Meter {
  readonly slowLog: SlowLog
  readonly latency: LatencyEvents
  readonly monitors: Monitors
  /** `latency-tracking`: whether times are counted for each command. */
  isTracking = true
  /** Set while a log is read, whose commands nobody is told of. */
  isOff = false
  /** Whether the next command begins a run of its own, also when it is the same as the last. */
  isSingle = true
  /** The time of all commands so far, in milliseconds. */
  totalMs = 0
  readonly #clock: Clock
  #frame: Frame | undefined
  #command: Command | undefined
  #fromMs = 0
  /** When the command that runs has ended, where that is known already; else 0. */
  #endMs = 0
  #callsBefore = 0
  #isRerun = false
  #isNextRerun = false
  /** Runs that lasted so long are looked at closer. */
  #noticedMs = Number.POSITIVE_INFINITY
  #isFine = false
  readonly #outer: Run[] = []
  #depth = 0

  constructor(clock: Clock, pushes: Pushes, admission: Admission) {
    this.#clock = clock
    this.slowLog = new SlowLog(clock)
    this.latency = new LatencyEvents(clock)
    this.monitors = new Monitors(clock, pushes, () => {
      admission.update({ hasMonitors: this.monitors.isOn })
      this.rearm()
    })
  }

  /**
   * Commands follow, until `end`. They run in `frame`. `isSoon` says that the time since the last `end`
   * or `enter` is not worth the reading of the clock.
   */
  begin(frame: Frame, isSoon = false): void {
    if (this.#frame !== frame) this.#frame = frame
    this.#command = undefined
    this.isSingle = true
    if (!isSoon) this.#fromMs = this.#clock.monotonicMs()
  }

  /** A command is about to run that is another one than the last, or is to be timed alone. */
  next(command: Command, client: Client, request: Request): void {
    if (this.#command !== undefined) this.#goOn()
    this.#command = command
    this.#callsBefore = command.stats.calls
    this.#isRerun = this.#isNextRerun
    this.#isNextRerun = false
    this.isSingle = this.#isFine || !command.isQuick || command.stats.isLong
    if (this.monitors.isOn && !this.isOff && isToldFirst(command)) {
      this.monitors.tell(client, command, request)
    }
  }

  /** A command runs next that its client has waited with. */
  again(): void {
    this.isSingle = true
    this.#isNextRerun = true
  }

  /** The last command has run. */
  end(): void {
    if (this.#command !== undefined) this.#goOn()
    this.#command = undefined
    this.isSingle = true
  }

  /** An EXEC that may not run is shown all the same: who monitors has seen its MULTI. */
  refused(client: Client, command: Command, request: Request): void {
    if (!this.monitors.isOn) return
    this.end()
    this.monitors.tell(client, command, request)
  }

  /**
   * The running command runs others in `frame`, until `leave`. Their time is its time too. `isAtOnce`
   * says that it has taken none worth counting for itself.
   */
  enter(frame: Frame, isAtOnce = false): void {
    this.#outer[this.#depth] ??= emptyRun()
    this.#keepIn(this.#outer[this.#depth++]!)
    this.#frame = frame
    this.#command = undefined
    this.isSingle = true
    if (!isAtOnce) this.#fromMs = this.#clock.monotonicMs()
  }

  /** Goes back to the command that was running before `enter`, and ends now too if `isLast`. */
  leave(isLast = false): void {
    const isTimed = this.#command !== undefined
    this.end()
    if (isLast && isTimed) this.#endMs = this.#fromMs
    this.#takeFrom(this.#outer[--this.#depth]!)
  }

  /** The command that runs goes on later, with those inside of it. Others run meanwhile. */
  setAside(): Timing {
    const inner = emptyRun()
    this.#keepIn(inner)
    const runs = [...this.#outer.splice(0, this.#depth), inner]
    const [first] = runs
    first!.frame = keptFrame(first!.frame!)
    this.#depth = 0
    this.#command = undefined
    this.isSingle = true
    return runs
  }

  /** Goes on with what was set aside. Its time has not stood still. */
  goOn(runs: Timing): void {
    this.#depth = runs.length - 1
    this.#outer.splice(0, this.#outer.length, ...runs.slice(0, -1))
    this.#takeFrom(runs.at(-1)!)
    this.isSingle = true
  }

  /** The counters of all commands were set back: the one that runs is the first again. */
  restart(): void {
    this.totalMs = 0
    this.#callsBefore = 0
    if (this.#command !== undefined) this.#command.stats.calls = 1
  }

  /** Thresholds have changed, or there are monitors where none were, or none any more. */
  rearm(): void {
    const { slowLog, latency, monitors } = this
    const slowMs = slowLog.isOn ? slowLog.slowerThanUs / 1000 : Number.POSITIVE_INFINITY
    const latencyMs = latency.thresholdMs > 0 ? latency.thresholdMs : Number.POSITIVE_INFINITY
    this.#noticedMs = Math.min(slowMs, latencyMs)
    this.#isFine = monitors.isOn || slowMs * 1000 < RUN_US
    // What runs now must not be joined by what follows.
    this.isSingle = true
  }

  #keepIn(run: Run): void {
    run.frame = this.#frame
    run.command = this.#command
    run.fromMs = this.#fromMs
    run.callsBefore = this.#callsBefore
    run.isRerun = this.#isRerun
  }

  #takeFrom(run: Run): void {
    this.#frame = run.frame
    this.#command = run.command
    this.#fromMs = run.fromMs
    this.#callsBefore = run.callsBefore
    this.#isRerun = run.isRerun
  }

  /** Ends the run of calls so far, and begins the next at the same moment. */
  #goOn(): void {
    const nowMs = this.#endMs > 0 ? this.#endMs : this.#clock.monotonicMs()
    this.#endMs = 0
    const command = this.#command!
    const { stats } = command
    const lastedMs = nowMs - this.#fromMs
    this.#fromMs = nowMs
    if (this.isOff) return
    // A call that has to wait does not count yet.
    const calls = stats.calls - this.#callsBefore
    stats.microseconds += lastedMs * 1000
    if (this.#depth === 0) this.totalMs += lastedMs
    if (calls > 0) {
      stats.isLong = lastedMs > LONG_CALL_MS * calls
      if (this.isTracking) {
        stats.durations ??= new DurationHistogram()
        stats.durations.add((lastedMs * 1_000_000) / calls, calls)
      }
    }
    if (lastedMs >= this.#noticedMs) this.#notice(command, calls, lastedMs)
    if (!this.monitors.isOn || this.#isRerun || isToldFirst(command)) return
    const { call, args } = this.#frame!
    this.monitors.tell(call.client, command, args.request)
  }

  #notice(command: Command, calls: number, lastedMs: number): void {
    this.latency.add(command.spec.flags.includes('fast') ? 'fast-command' : 'command', lastedMs)
    if (calls === 0) return
    const { call, args } = this.#frame!
    this.slowLog.add(call.client, command, args.request, lastedMs * 1000)
  }
}

/** A copy of a frame that others will run in, as far as is needed here. */
function keptFrame({ call: { client }, args }: Frame): Frame {
  const { bytes, starts, ends, count } = args.request
  const request = new Request()
  request.assign(Array.from({ length: count }, (_, i) => bytes.subarray(starts[i], ends[i])))
  return { call: { client }, args: { request } }
}

function emptyRun(): Run {
  return { frame: undefined, command: undefined, fromMs: 0, callsBefore: 0, isRerun: false }
}

/** Scripts are shown before what they do. */
function isToldFirst({ spec }: Command): boolean {
  return spec.flags.includes('skip_monitor')
}
