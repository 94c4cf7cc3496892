/** The newest requests that took long. What is kept of each is bounded, however large it was. */
import { fromLatin1 } from '../../bytes/index.ts'
import type { Clock } from '../../host/index.ts'
import type { Request } from '../../resp/index.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import { shownArguments } from './shown-request.ts'

const ARGUMENTS_MAX = 32
const ARGUMENT_BYTES_MAX = 128

/** A request that took long. */
export interface SlowEntry {
  /** Counts up from 0 since the start. */
  readonly id: number
  /** When it was done, in seconds since 1970. */
  readonly seconds: number
  readonly microseconds: number
  readonly argv: readonly Uint8Array[]
  readonly address: string
  readonly clientName: string
}

export class SlowLog {
  readonly #clock: Clock
  #entries: SlowEntry[] = []
  #nextId = 0
  /** `slowlog-log-slower-than`: what takes at least so long is kept; nothing when it is negative. */
  slowerThanUs = -1
  /** `slowlog-max-len`. */
  lengthMax = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The newest first. */
  get entries(): readonly SlowEntry[] {
    return this.#entries
  }

  /** Whether anything can get in. */
  get isOn(): boolean {
    return this.slowerThanUs >= 0 && this.lengthMax > 0
  }

  /** Tells of a request that has run. It is kept if it took long. */
  add(client: Client, command: Command, request: Request, microseconds: number): void {
    if (!this.isOn) return
    const wholeUs = Math.floor(microseconds)
    const isSlow = wholeUs >= this.slowerThanUs
    if (isSlow && !command.spec.flags.includes('skip_slowlog')) {
      this.#entries.unshift({
        id: this.#nextId++,
        seconds: Math.floor(this.#clock.nowMs() / 1000),
        microseconds: wholeUs,
        argv: trimmed(shownArguments(command, request)),
        address: client.origin.address,
        clientName: client.name,
      })
    }
    if (this.#entries.length > this.lengthMax) this.#entries.length = this.lengthMax
  }

  reset(): void {
    this.#entries = []
  }
}

function trimmed(argv: readonly Uint8Array[]): Uint8Array[] {
  const isLong = argv.length > ARGUMENTS_MAX
  const shown = isLong ? argv.slice(0, ARGUMENTS_MAX - 1) : argv
  const texts = shown.map((arg) => {
    const left = arg.length - ARGUMENT_BYTES_MAX
    if (left <= 0) return arg
    return Buffer.concat([
      arg.subarray(0, ARGUMENT_BYTES_MAX),
      fromLatin1(`... (${left} more bytes)`),
    ])
  })
  if (isLong) texts.push(fromLatin1(`... (${argv.length - shown.length} more arguments)`))
  return texts
}
