/**
 * What the commands of the server and connection groups need beyond the call: the settings, the
 * engine with its clients, and the figures and acts that only the whole store knows. `store/` fills it
 * in; a command that is a function of it is a row like any other.
 */
import type { Config } from '../config/index.ts'
import type { Engine } from '../engine/index.ts'
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
  /** Fields of INFO persistence about the log, under their names there. */
  logFigures(): Readonly<Record<string, number | string>>
  /** BGREWRITEAOF. @returns what is told of it, or with `error` why it cannot be. */
  rewriteLog(isInTransaction: boolean): { readonly status: string } | { readonly error: string }
  /** Memory of the process: resident, and held by the JavaScript heap, in bytes. */
  processMemory(): { readonly residentBytes: number; readonly heapBytes: number }
  /** Processor time so far, in microseconds. */
  processTime(): { readonly userUs: number; readonly systemUs: number }
  /** How often the loop has gone round, and for how long it was busy, in microseconds. */
  loopFigures(): { readonly cycles: number; readonly busyUs: number }
  /** Unix time in seconds of the last good save; the start counts as one. */
  lastSaveSeconds(): number
  /** @returns why it cannot be done, in the wire's words, or `undefined` when it has begun. */
  shutdown(request: ShutdownRequest): string | undefined
  /** DEBUG SET-ACTIVE-EXPIRE: whether entries whose time has come are removed unasked. */
  setActiveExpire(isOn: boolean): void
  /**
   * DEBUG RELOAD and LOADAOF: throws all data away and makes it again, from what it was or from the
   * log. Not while a command runs. @returns why it cannot be done, in the wire's words.
   */
  reload(from: 'data' | 'log'): string | undefined
  /** DEBUG LOG: a line in the server's log, as a warning. */
  logWarning(message: string): void
  /** Writes a file whole and durably: CONFIG REWRITE. */
  writeFile(path: string, text: string): void
  readFile(path: string): string
}
