/** One life of the whole store in a simulated world, from its opening to the moment it is cut. */
import { SparePages } from '../../src/arena/index.ts'
import { Config } from '../../src/config/index.ts'
import {
  type Files,
  type Host,
  ManualClock,
  type Seeded,
  type SimulatedDisk,
  simulatedProcesses,
} from '../../src/host/index.ts'
import { makeStableFolder } from '../../src/persistence/index.ts'
import { Logger, Store } from '../../src/store/index.ts'
import { OffLoop } from './off-loop.ts'
import { Reader } from './reading.ts'
import { LoopTimers } from './timers.ts'

/** A change of the world that makes the store break its promises. */
export interface Variant {
  readonly name: string
  /** Files as a careless store would use them. */
  files?(files: Files, host: Host): Files
  /** A change of the open store. */
  store?(store: Store): void
}

/** How it stands about the log. */
export interface LogState {
  readonly isWanted: boolean
  readonly isThere: boolean
  readonly isRewriting: boolean
}

/** What a life begins with. */
export interface LifeOptions {
  readonly disk: SimulatedDisk
  /** Lines of configuration. */
  readonly directives: readonly string[]
  readonly nowMs: number
  /** Tells this life from others: what a process of another one has left is nobody's. */
  readonly boot: number
  readonly random: Seeded
  readonly variant: Variant | undefined
}

/** Lives follow one another, so one set of pages is enough for them all. */
const spares = new SparePages()

/** How far the clock that measures work moves each time that it is looked at: work has its price. */
const LOOK_MS = 0.04

export class Life {
  readonly clock: ManualClock
  readonly timers: LoopTimers
  readonly offLoop: OffLoop
  readonly disk: SimulatedDisk
  readonly store: Store
  readonly reader: Reader
  /** How long a sync off the loop takes. */
  syncMs: () => number = () => 0
  /** It is being closed, or was: what it says of itself counts no more. */
  isClosing = false
  /** The lines of its log. */
  readonly lines: string[] = []
  /** Writes to the log were refused since writes of clients were accepted the last time. */
  #hasFailedWrites = false

  /** Throws what `Store.open` throws, and `PowerCut`. */
  constructor(options: LifeOptions) {
    const { disk, nowMs, boot, random, variant } = options
    this.clock = new ManualClock(nowMs)
    this.timers = new LoopTimers(this.clock)
    this.disk = disk
    this.offLoop = new OffLoop(this.timers)
    disk.afterwards = (finish) => this.offLoop.begin(finish, this.syncMs())
    disk.afterDone = (tell) => this.offLoop.done(tell)
    disk.onRefused = (verb, name) => {
      if (verb === 'write' && name.includes('.incr.')) this.#hasFailedWrites = true
    }
    const host: Host = {
      clock: lookedAt(this.clock),
      random,
      timers: this.timers,
      files: disk,
      processes: simulatedProcesses(1, `boot-${boot}`),
    }
    const files = variant?.files?.(disk, host) ?? disk
    makeStableFolder(files, '/data')
    this.store = openStore({ ...host, files }, options.directives, this.lines)
    variant?.store?.(this.store)
    this.reader = new Reader(this.store, this.timers)
  }

  /** What is known of the log: whether it is there at all, and whether it is being written anew. */
  get log(): LogState {
    return {
      isWanted: this.store.config.values.appendonly,
      isThere: 'aof_current_size' in this.store.services.logFigures(),
      isRewriting: this.#figure('aof_rewrite_in_progress') === 1,
    }
  }

  /** How many snapshots have been written in the background, and whether another one is. */
  get saves(): { readonly count: number; readonly isRunning: boolean } {
    // The figures count also those that were given up.
    const isSaved = (line: string) => line.includes('Background saving terminated with success')
    return {
      count: this.lines.filter(isSaved).length,
      isRunning: this.#figure('rdb_bgsave_in_progress') === 1,
    }
  }

  #figure(name: string): number | string {
    const figure = this.store.services.persistenceFigures()[name]
    if (figure === undefined) throw new Error(`the store has no figure ${name}`)
    return figure
  }

  /** What a store shows at a time; long ago, that is also what has expired and was not removed. */
  everythingAt(atMs: number): Map<string, string> {
    const nowMs = this.clock.nowMs()
    this.clock.set(atMs)
    const found = this.reader.all()
    this.clock.set(nowMs)
    return found
  }

  /** Nobody uses it any more. */
  end(): void {
    this.store.keyspace.arena.retire()
  }

  /** Whether it refuses writes that cannot be kept, or is about to end. */
  get isRefusing(): boolean {
    return this.isClosing || this.store.engine.admission.state.misconf !== undefined
  }

  /**
   * Whether what it acknowledges may be lost when it is killed: it is about to end, or refuses writes
   * since one to the log has failed. One that knows of failed syncs only hands over all the same.
   */
  get mayLose(): boolean {
    if (!this.isRefusing) this.#hasFailedWrites = false
    return this.isClosing || this.#hasFailedWrites
  }
}

function lookedAt(clock: ManualClock): Host['clock'] {
  let looks = 0
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs() + LOOK_MS * looks++,
  }
}

function openStore(host: Host, directives: readonly string[], lines: string[]): Store {
  return Store.open({
    config: Config.parse({ text: ['dir /data', ...directives].join('\n'), cwd: '/data' }),
    host,
    logger: new Logger(host.clock, 1, (line) => lines.push(line)),
    identity: {
      runId: '0'.repeat(40),
      startedMs: host.clock.nowMs(),
      processId: 1,
      executable: '',
      configFile: '',
      tcpPort: 0,
      version: '0.0.0',
      system: '',
      systemMemoryBytes: 0,
    },
    spares,
    heapBytes: () => 0,
    processMemory: () => ({ residentBytes: 0, heapBytes: 0 }),
    processTime: () => ({ userUs: 0, systemUs: 0 }),
    loopFigures: () => ({ cycles: 0, busyUs: 0 }),
    shutdown: () => undefined,
  })
}
