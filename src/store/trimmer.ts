/**
 * Gives memory back to the system. Pages that emptied are kept for use, since what was deleted is
 * often followed by as much that is new; those that nobody has needed for a while are let go. Only a
 * collection finds them, which holds the loop for some milliseconds: it is made when there is little else
 * to do. A store that is never at rest makes garbage, and V8 mostly collects it before we have to.
 */
import type { Arena } from '../arena/index.ts'
import type { Host, Timer } from '../host/index.ts'

/** How long pages lie unused before they are let go, looked at as often in that time. */
const UNUSED_MS = 10_000
const LOOKS = 10
/** Less than this is not worth the milliseconds that it takes to give it back. */
const SPARE_BYTES_MIN = 32 * 2 ** 20
/** Who has run fewer commands since the look before is at rest. */
const COMMANDS_AT_REST = 100
/** After so many looks memory is collected, at rest or not. */
const LOOKS_MAX = 60

export class Trimmer {
  readonly #arena: Arena
  readonly #host: Host
  readonly #commands: () => number
  readonly #timer: Timer
  #looks = 0
  /** The fewest bytes that were spare at any look of this round. */
  #leastBytes = 0
  #commandsBefore = 0
  /** Since how many looks pages have been let go that no collection has found; 0 when there are none. */
  #looksDue = 0

  /** `commands` says how many have run so far. */
  constructor(arena: Arena, host: Host, commands: () => number) {
    this.#arena = arena
    this.#host = host
    this.#commands = commands
    this.#timer = host.timers.every(UNUSED_MS / LOOKS, () => this.#look())
  }

  stop(): void {
    this.#timer.stop()
  }

  #look(): void {
    this.#letGo()
    const commands = this.#commands()
    const isAtRest = commands - this.#commandsBefore < COMMANDS_AT_REST
    this.#commandsBefore = commands
    if (this.#looksDue === 0 || (!isAtRest && this.#looksDue++ < LOOKS_MAX)) return
    this.#looksDue = 0
    this.#host.processes.collectGarbage()
  }

  #letGo(): void {
    const bytes = this.#arena.spareBytes
    this.#leastBytes = this.#looks === 0 ? bytes : Math.min(this.#leastBytes, bytes)
    this.#looks = (this.#looks + 1) % LOOKS
    if (this.#looks !== 0 || this.#leastBytes < SPARE_BYTES_MIN) return
    this.#arena.dropSpares()
    this.#looksDue ||= 1
  }
}
