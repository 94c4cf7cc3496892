/**
 * What the commands of the server and connection groups need beyond the call: the settings, the
 * engine with its clients, and the figures and acts that only the whole store knows. `store/` fills it
 * in; a command that is a function of it is a row like any other.
 */
import type { Config } from '../config/index.ts'
import type { Engine, LoopFigures } from '../engine/index.ts'
import type { Host } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import type { PubSub, Tracking } from '../pubsub/index.ts'
import type { Scripting } from '../scripting/index.ts'

/** What is known of the running process. */
export interface Identity {
  /** 40 hexadecimal digits, new at each start. */
  readonly runId: string
  readonly startedMs: number
  readonly processId: number
  /** Full path of the program, or an empty text in a library. */
  readonly executable: string
  /** Full path of the configuration file, or an empty text. */
  readonly configFile: string
  /** The port that is listened on; 0 is none. */
  tcpPort: number
  /** The project's own version, as package.json says it. */
  readonly version: string
  /** Name, release and machine of the operating system, separated by blanks. */
  readonly system: string
  /** The memory of the machine. */
  readonly systemMemoryBytes: number
}

/** How SHUTDOWN asks to end. */
export interface ShutdownRequest {
  readonly save: 'yes' | 'no' | 'default'
  readonly isNow: boolean
  readonly isForced: boolean
}

/** How DEBUG RELOAD loads a snapshot. */
export interface ReloadOptions {
  /** A snapshot is saved before; the one that is there is loaded otherwise. */
  readonly saves: boolean
  /** All data is thrown away before. */
  readonly flushes: boolean
  /** What is loaded takes the place of what is there. Otherwise both must not meet. */
  readonly replaces: boolean
}

/** What is told of work that begins in the background, or why it cannot. */
export type Begun = { readonly status: string } | { readonly error: string }

/** Saving snapshots. */
export interface SavingService {
  /** @returns why it failed, in the wire's words. */
  save(): string | undefined
  saveInBackground(options: { readonly mayWait: boolean; readonly isInTransaction: boolean }): Begun
  /** Unix time in seconds of the last good one; the start counts as one. */
  readonly lastSeconds: number
  /** FLUSHALL has run, perhaps as a part of something greater. */
  flushed(isInTransaction: boolean): void
}

export interface Services {
  readonly host: Host
  readonly config: Config
  /** There only after the command table was built: rows look at it when they run. */
  readonly engine: Engine
  readonly keyspace: Keyspace
  /** Like the engine, there only after the table was built. */
  readonly pubsub: PubSub
  /** The same. */
  readonly scripting: Scripting
  readonly tracking: Tracking
  readonly identity: Identity
  /** Fields of INFO persistence, under their names there. */
  persistenceFigures(): Readonly<Record<string, number | string>>
  /** Those of them that are about the log. */
  logFigures(): Readonly<Record<string, number | string>>
  /** CONFIG RESETSTAT sets back what those count. */
  resetPersistenceFigures(): void
  /** BGREWRITEAOF. */
  rewriteLog(isInTransaction: boolean): Begun
  /** Memory of the process: resident, and held by the JavaScript heap, in bytes. */
  processMemory(): { readonly residentBytes: number; readonly heapBytes: number }
  /** Processor time so far, in microseconds. */
  processTime(): { readonly userUs: number; readonly systemUs: number }
  loopFigures(): LoopFigures
  /** SAVE, BGSAVE and LASTSAVE. */
  readonly saving: SavingService
  /** @returns why it cannot be done, in the wire's words, or `undefined` when it has begun. */
  shutdown(request: ShutdownRequest): string | undefined
  /**
   * Listens where the settings say now. `done` is called when that is so, at once or later, or with false
   * when it cannot be and all is as before.
   */
  listenAnew(done: (isGood: boolean) => void): void
  /** DEBUG SET-ACTIVE-EXPIRE: whether entries whose time has come are removed unasked. */
  setActiveExpire(isOn: boolean): void
  /**
   * DEBUG RELOAD: loads a snapshot, mostly in the place of all data.
   * Not while a command runs. @returns why it cannot be done, in the wire's words.
   */
  reload(options: ReloadOptions): string | undefined
  /** DEBUG LOADAOF: the same for the log. */
  reloadLog(): string | undefined
  /** DEBUG AOF-FLUSH-SLEEP: `call` comes before what came in a turn is written to the log. */
  beforeLogWrite(call: (() => void) | undefined): void
  /** A line in the server's log. */
  log(level: 'verbose' | 'warning', message: string): void
  /** Writes a file whole and durably: CONFIG REWRITE. */
  writeFile(path: string, text: string): void
  readFile(path: string): string
}
