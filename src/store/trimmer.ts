/**
 * Gives memory back to the system. Pages that emptied are kept for use, since what was deleted is
 * often followed by as much that is new; those that nobody has needed for a while are let go.
 */
import type { Arena } from '../arena/index.ts'
import type { Host, Timer } from '../host/index.ts'

/** How long pages lie unused before they are let go, looked at as often in that time. */
const UNUSED_MS = 10_000
const LOOKS = 10
/** Less than this is not worth the milliseconds that it takes to give it back. */
const SPARE_BYTES_MIN = 32 * 2 ** 20

export class Trimmer {
  readonly #arena: Arena
  readonly #host: Host
  readonly #timer: Timer
  #looks = 0
  /** The fewest bytes that were spare at any look of this round. */
  #leastBytes = 0

  constructor(arena: Arena, host: Host) {
    this.#arena = arena
    this.#host = host
    this.#timer = host.timers.every(UNUSED_MS / LOOKS, () => this.#look())
  }

  stop(): void {
    this.#timer.stop()
  }

  #look(): void {
    const bytes = this.#arena.spareBytes
    this.#leastBytes = this.#looks === 0 ? bytes : Math.min(this.#leastBytes, bytes)
    this.#looks = (this.#looks + 1) % LOOKS
    if (this.#looks !== 0 || this.#leastBytes < SPARE_BYTES_MIN) return
    this.#arena.dropSpares()
    this.#host.processes.collectGarbage()
  }
}
