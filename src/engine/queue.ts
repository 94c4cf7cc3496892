/**
 * The commands that a client has sent since MULTI. Their bytes stand one after another in one buffer,
 * framed as they came, and their places in one table of numbers, so that nothing is made for each of
 * them and running them reads no framing again:
 *
 * ```text
 * places   [ start · end · count · (start · end) of each argument ] …
 * ```
 */
import { copyBytes } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import type { Command, CommandNature } from './command.ts'
import { mayReplicate } from './nature.ts'

const START_BYTES = 512
const START_PLACES = 64
/** A queue with more room than this is not kept for the next transaction. */
const KEPT_BYTES_MAX = 64 * 1024
/** What the reference counts for an argument beside its bytes. */
const ARGUMENT_BYTES = 8

export class CommandQueue implements CommandNature {
  readonly commands: Command[] = []
  /** EXEC is at it. */
  isRunning = false
  /** A command was refused: EXEC will refuse all of them. */
  isRefused = false
  isWrite = false
  isDenyOom = false
  isLoadingAllowed = true
  mayReplicate = false
  /** The arguments' bytes, as the limit on what a client sends counts them. */
  argumentBytes = 0
  #bytes = new Uint8Array(START_BYTES)
  #size = 0
  #places = new Int32Array(START_PLACES)
  #placeCount = 0
  #readAt = 0

  /** How many commands there are. */
  get count(): number {
    return this.commands.length
  }

  /** Memory that is kept for it. */
  get heldBytes(): number {
    return this.#bytes.length + this.#places.byteLength
  }

  /** Puts a command at the end. The request is copied. */
  add(command: Command, request: Request): void {
    const { bytes, start, end, count, starts, ends } = request
    const at = this.#size
    this.#reserve(end - start, 3 + 2 * count)
    copyBytes(bytes, start, end, this.#bytes, at)
    this.#size = at + end - start
    const places = this.#places
    let place = this.#placeCount
    places[place++] = at
    places[place++] = request.isInline ? -this.#size : this.#size
    places[place++] = count
    const shift = at - start
    let sum = 0
    for (let i = 0; i < count; i++) {
      places[place++] = starts[i]! + shift
      places[place++] = ends[i]! + shift
      sum += ends[i]! - starts[i]! + ARGUMENT_BYTES
    }
    this.#placeCount = place
    this.argumentBytes += sum
    this.commands.push(command)
    if (command.isWrite) this.isWrite = true
    if (command.isDenyOom) this.isDenyOom = true
    if (mayReplicate(command, request)) this.mayReplicate = true
    if (!command.isLoadingAllowed) this.isLoadingAllowed = false
  }

  /** Makes `request` stand for the next command, from the first one on. It is lent. */
  next(request: Request): void {
    const places = this.#places
    let place = this.#readAt
    request.bytes = this.#bytes
    request.start = places[place++]!
    const end = places[place++]!
    request.isInline = end < 0
    request.end = Math.abs(end)
    request.offset = request.start
    const count = places[place++]!
    request.count = 0
    for (let i = 0; i < count; i++) {
      request.add(places[place]!, places[place + 1]!)
      place += 2
    }
    this.#readAt = place
  }

  /** Empties it for another transaction. */
  clear(): void {
    this.commands.length = 0
    this.isRefused = false
    this.isWrite = false
    this.isDenyOom = false
    this.isLoadingAllowed = true
    this.mayReplicate = false
    this.argumentBytes = 0
    this.#size = 0
    this.#placeCount = 0
    this.#readAt = 0
    if (this.heldBytes <= KEPT_BYTES_MAX) return
    this.#bytes = new Uint8Array(START_BYTES)
    this.#places = new Int32Array(START_PLACES)
  }

  #reserve(size: number, placeCount: number): void {
    if (this.#size + size > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + size))
      wider.set(this.#bytes.subarray(0, this.#size))
      this.#bytes = wider
    }
    if (this.#placeCount + placeCount > this.#places.length) {
      const wider = new Int32Array(Math.max(this.#places.length * 2, this.#placeCount + placeCount))
      wider.set(this.#places.subarray(0, this.#placeCount))
      this.#places = wider
    }
  }
}
