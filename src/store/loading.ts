/** How far loading has come: for INFO, and as lines of the server's log while it lasts. */
import type { Config } from '../config/index.ts'
import type { Host } from '../host/index.ts'
import type { LoadProgress } from '../persistence/index.ts'
import type { Logger } from './logger.ts'

/** A line for the log is written so often, in milliseconds. */
const LINE_PERIOD_MS = 2000
const MIB = 2 ** 20

export class Loading implements LoadProgress {
  readonly #host: Host
  readonly #config: Config
  readonly #logger: Logger
  readonly #startedMs: number
  readonly #beganMs: number
  #totalBytes = 0
  #loadedBytes = 0
  #linedMs: number

  constructor(host: Host, config: Config, logger: Logger) {
    this.#host = host
    this.#config = config
    this.#logger = logger
    this.#startedMs = host.clock.nowMs()
    this.#beganMs = host.clock.monotonicMs()
    this.#linedMs = this.#beganMs
  }

  begun(totalBytes: number): void {
    this.#totalBytes = totalBytes
  }

  passed(loadedBytes: number, count: number): number {
    this.#loadedBytes = loadedBytes
    const nowMs = this.#host.clock.monotonicMs()
    if (nowMs - this.#linedMs >= LINE_PERIOD_MS) {
      this.#linedMs = nowMs
      this.#logger.log('notice', this.#line())
    }
    const delayUs = Math.max(0, this.#config.values.keyLoadDelay)
    return (delayUs * count) / 1000
  }

  /** Fields of INFO persistence. */
  figures(): Readonly<Record<string, number | string>> {
    return {
      loading_start_time: Math.floor(this.#startedMs / 1000),
      loading_total_bytes: this.#totalBytes,
      loading_rdb_used_mem: 0,
      loading_loaded_bytes: this.#loadedBytes,
      loading_loaded_perc: this.#percent.toFixed(2),
      loading_eta_seconds: this.#secondsLeft,
    }
  }

  get #percent(): number {
    return this.#totalBytes === 0 ? 0 : (this.#loadedBytes * 100) / this.#totalBytes
  }

  /** By the pace so far; 1 while that is not known, as the reference says it. */
  get #secondsLeft(): number {
    const lastedMs = this.#host.clock.monotonicMs() - this.#beganMs
    if (this.#loadedBytes === 0 || lastedMs < 1000) return 1
    const left = this.#totalBytes - this.#loadedBytes
    return Math.floor((lastedMs * left) / this.#loadedBytes / 1000)
  }

  #line(): string {
    const mib = (bytes: number) => Math.round(bytes / MIB)
    const part = `${mib(this.#loadedBytes)} of ${mib(this.#totalBytes)} MiB`
    return `Loading: ${Math.floor(this.#percent)}%, ${part}, ${this.#secondsLeft} s left`
  }
}
