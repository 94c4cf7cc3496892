/**
 * How far long work has come, on standard error: a bar for a person, or a plain line now and then. Work
 * that is over soon says nothing.
 */
import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LoadProgress } from '../persistence/index.ts'

const STANDARD_ERROR = 2
/** Nothing is said before so many milliseconds, and then so often. */
const BAR_PERIOD_MS = 200
const LINE_PERIOD_MS = 2000
const BAR_CELLS = 30

export class Progress implements LoadProgress {
  readonly #what: string
  readonly #isBar = isatty(STANDARD_ERROR)
  #totalBytes = 0
  #saidMs = performance.now()
  #hasBar = false

  constructor(what: string, totalBytes = 0) {
    this.#what = what
    this.#totalBytes = totalBytes
  }

  begun(totalBytes: number): void {
    this.#totalBytes = totalBytes
  }

  passed(bytes: number): number {
    const nowMs = performance.now()
    if (nowMs - this.#saidMs < (this.#isBar ? BAR_PERIOD_MS : LINE_PERIOD_MS)) return 0
    this.#saidMs = nowMs
    const share = this.#totalBytes === 0 ? 0 : Math.min(1, bytes / this.#totalBytes)
    const percent = `${Math.floor(share * 100)}%`
    if (!this.#isBar) {
      say(`${this.#what}: ${percent}\n`)
      return 0
    }
    const full = Math.round(share * BAR_CELLS)
    this.#hasBar = true
    say(`\r[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${percent} ${this.#what}`)
    return 0
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#hasBar) say('\r\x1b[K')
    this.#hasBar = false
  }
}

function say(text: string): void {
  try {
    writeSync(STANDARD_ERROR, text)
  } catch {
    // Nobody listens, or not now: progress is not worth waiting for.
  }
}
