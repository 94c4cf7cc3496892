/** The data of files, loaded into a store inside of this process that keeps nothing itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fromLatin1, latin1 } from '../bytes/index.ts'
import { REDIS_VERSION } from '../commands/index.ts'
import { Config } from '../config/index.ts'
import { type Files, finishPaced, nodeHost, type OpenFile } from '../host/index.ts'
import type { Keyspace } from '../keyspace/index.ts'
import { AofError, type ReadEnd, readCommandsPaced } from '../persistence/index.ts'
import { RdbFormat, RdbReader } from '../rdb/index.ts'
import { CommandFormat, Logger, Store } from '../store/index.ts'
import type { Progress } from './progress.ts'

/** What a file says of itself and what came of loading it. */
export interface FileFigures {
  readonly path: string
  readonly sizeBytes: number
  /** The version of the snapshot that the file is or begins with, such as `RDB 11`. */
  snapshot: string | undefined
  /** The notes at the beginning of the snapshot. */
  readonly notes: Map<string, string>
  /** Where the snapshot ends; 0 without one. */
  snapshotEnd: number
  /** What there is behind the snapshot, as commands. */
  end: ReadEnd | undefined
}

/** Pieces between two looks at how far it has come. */
const STEPS_PER_LOOK = 1024
const DATABASES = 1024

export class DataSet {
  readonly #store: Store
  readonly #folder: string

  constructor() {
    const host = nodeHost()
    // The store wants a folder, and must find nothing in it.
    this.#folder = mkdtempSync(path.join(tmpdir(), 'holdfast-tool-'))
    const argv = ['--appendonly', 'no', '--save', '', '--dir', this.#folder]
    this.#store = Store.open({
      config: Config.parse({
        text: '',
        argv: [...argv, '--databases', String(DATABASES)],
        cwd: this.#folder,
      }),
      host,
      logger: new Logger(host.clock, process.pid, () => {}),
      identity: {
        runId: '0'.repeat(40),
        startedMs: host.clock.nowMs(),
        processId: process.pid,
        executable: '',
        configFile: '',
        tcpPort: 0,
        version: '',
        system: '',
        systemMemoryBytes: 0,
      },
      heapBytes: () => 0,
      processMemory: () => ({ residentBytes: 0, heapBytes: 0 }),
      processTime: () => ({ userUs: 0, systemUs: 0 }),
      loopFigures: () => ({ cycles: 0, busyUs: 0 }),
      shutdown: () => 'ERR there is no server',
    })
    // Whose time has come stays: the files hold it, and effects that follow may need it.
    this.keyspace.isLoading = true
  }

  get keyspace(): Keyspace {
    return this.#store.keyspace
  }

  /** The sources of the libraries of functions, one character a byte. */
  get libraries(): readonly string[] {
    return this.#store.services.scripting.librarySources
  }

  /**
   * Loads a file, which is a snapshot, commands, or a snapshot with commands behind it. What is loaded is
   * noted in `figures` on the way. @throws RdbError or AofError when the file is refused.
   */
  load(files: Files, figures: FileFigures, progress: Progress): void {
    const file = files.open(figures.path, 'read')
    try {
      const magic = new Uint8Array(9)
      const text = latin1(magic, 0, file.read(magic, 0, 9, 0))
      const version = /^(?:REDIS|VALKEY)0*(\d+)$/.exec(text)?.[1]
      if (version !== undefined || /^(REDIS|VALKEY)/.test(text)) {
        figures.snapshot = `${text.startsWith('VALKEY') ? 'Valkey ' : ''}RDB ${version ?? '?'}`
        this.#loadSnapshot(file, figures, progress)
        if (figures.snapshotEnd === figures.sizeBytes) return
      }
      this.#loadCommands(file, figures, progress)
    } finally {
      file.close()
    }
  }

  #loadSnapshot(file: OpenFile, figures: FileFigures, progress: Progress): void {
    const { libraries } = this.#store.services.scripting
    const reader = new RdbReader({
      keyspace: this.keyspace,
      file,
      path: figures.path,
      sums: true,
      keepsExpired: true,
      library: (code) => libraries.load(latin1(code), { isReplacing: false, isTrusted: true }),
      aux: (name, value) => figures.notes.set(name, value),
    })
    let steps = 0
    while (!reader.step(() => ++steps % STEPS_PER_LOOK === 0)) progress.passed(reader.offset)
    figures.snapshotEnd = reader.offset
  }

  #loadCommands(file: OpenFile, figures: FileFigures, progress: Progress): void {
    const { path } = figures
    const { engine } = this.#store
    engine.resetLoader()
    const apply = (bytes: Uint8Array, start: number, end: number, offsetBytes: number) => {
      const refused = engine.replay(bytes, start, end)
      if (refused === undefined) return
      const message = `a command at or after byte ${offsetBytes} fails: ${refused}`
      throw new AofError(message, { path, offsetBytes })
    }
    const taker = { apply, passed: (offset: number) => progress.passed(offset) }
    figures.end = finishPaced(readCommandsPaced(file, figures.snapshotEnd, taker))
  }

  /** Runs one command. @returns the error that it was refused with. */
  run(...argv: readonly (Uint8Array | string | number)[]): string | undefined {
    return this.#store.engine.replayArgs(
      argv.map((arg) => (arg instanceof Uint8Array ? arg : fromLatin1(String(arg)))),
    )
  }

  /** A snapshot of the data, in the oldest version that can hold it. */
  snapshotFormat(isBase: boolean): RdbFormat {
    return new RdbFormat({
      keyspace: this.keyspace,
      compresses: true,
      sums: true,
      uses: 'none',
      aux: [
        ['redis-ver', REDIS_VERSION],
        ['redis-bits', '64'],
        ['ctime', String(Math.floor(Date.now() / 1000))],
        ['aof-base', isBase ? '1' : '0'],
      ],
      libraries: this.libraries.map((text) => fromLatin1(text)),
    })
  }

  /** The data as commands. */
  commandFormat(): CommandFormat {
    return new CommandFormat(
      this.keyspace,
      this.libraries.map((text) => fromLatin1(text)),
    )
  }

  close(): void {
    this.#store.close(() => {})
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** What is known of a file before it is loaded. */
export function figuresOf(files: Files, path: string): FileFigures {
  const file = files.open(path, 'read')
  const sizeBytes = file.size()
  file.close()
  return {
    path,
    sizeBytes,
    snapshot: undefined,
    notes: new Map(),
    snapshotEnd: 0,
    end: undefined,
  }
}
