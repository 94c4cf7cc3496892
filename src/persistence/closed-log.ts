/**
 * The files of a log that is not in use: what BGREWRITEAOF makes while `appendonly` is off, and what
 * DEBUG LOADAOF reads then.
 */
import { type FileError, finishPaced, type Host, runSteps, type Steps } from '../host/index.ts'
import type { LogLine, RewriteTarget } from './errors.ts'
import { Layout, type LogPlace } from './layout.ts'
import { type LoadOptions, loadParts } from './load.ts'
import { EMPTY_MANIFEST } from './manifest.ts'
import { ManifestKeeper } from './manifest-keeper.ts'

export class ClosedLog implements RewriteTarget {
  readonly #host: Host
  readonly #layout: Layout
  readonly #log: LogLine

  constructor(host: Host, place: LogPlace, log: LogLine) {
    this.#host = host
    this.#layout = new Layout(host.files, place)
    this.#log = log
  }

  temporaryBase(number: number): string {
    return this.#layout.temporaryBase(number)
  }

  /** Whether there are any. */
  get isThere(): boolean {
    return this.#host.files.exists(this.#layout.manifestPath)
  }

  /** Makes the folder for the files. @throws FileError */
  makeFolder(): void {
    this.#layout.makeFolder()
  }

  replaceBase(
    temporaryPath: string,
    format: 'rdb' | 'aof',
    done: (error: FileError | undefined) => void,
  ): void {
    runSteps(() => this.#replace(temporaryPath, format), done)
  }

  /** Hands all that the log holds to `options.apply`. @throws AofError or FileError */
  load(options: LoadOptions): void {
    finishPaced(loadParts(this.#layout, this.#layout.read() ?? EMPTY_MANIFEST, options))
  }

  *#replace(temporaryPath: string, format: 'rdb' | 'aof'): Steps {
    const found = this.#layout.read() ?? EMPTY_MANIFEST
    const keeper = new ManifestKeeper(this.#layout, this.#host.files, found, this.#log)
    const base = this.#layout.nextBase(found, format)
    yield* keeper.replaceBase(temporaryPath, base, [])
    yield* keeper.removeHistory()
  }
}
