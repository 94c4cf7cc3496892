/**
 * The commands that a client has sent since MULTI. Nothing is made for each of them: where they stand is
 * in one table of numbers, so that running them reads no framing again, and they are not copied while
 * the buffer that they were read into is still theirs. Mostly EXEC stands in it too, and they never are.
 *
 * ```text
 * places   [ start · end · hash of the first argument · count · (start · end) of each argument ] …
 *            from #lentFrom on in the buffer that is lent, before it in the queue's own
 * ```
 */
import { copyBytes } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import type { Command, CommandNature } from './command.ts'
import { ownNature } from './nature.ts'

const START_BYTES = 512
const START_PLACES = 256
/** Numbers of a command before those of its arguments. */
const HEAD_PLACES = 4
/** A queue with more room than this is not kept for the next transaction. */
const KEPT_BYTES_MAX = 64 * 1024
/** What the reference counts for an argument beside its bytes. */
const ARGUMENT_BYTES = 8

export class CommandQueue implements CommandNature {
  /** How many commands there are. */
  count = 0
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
  /** The hash of the first argument of the command that `next` came to. */
  hash = 0
  /** Those after `count` are of an earlier transaction. */
  readonly #commands: Command[] = []
  #bytes = new Uint8Array(START_BYTES)
  #size = 0
  #places = new Int32Array(START_PLACES)
  #placeCount = 0
  #readAt = 0
  #lent: Uint8Array | undefined
  /** The range of it that is used, and the first place in `places` that means it. */
  #lentStart = 0
  #lentEnd = 0
  #lentFrom = 0

  /** Memory that is kept for it. */
  get heldBytes(): number {
    return this.#bytes.length + this.#places.byteLength
  }

  /** Puts a command at the end. Its buffer is lent until `settle`. */
  add(command: Command, request: Request, hash: number): void {
    const { bytes, start, end, count, starts, ends } = request
    if (bytes !== this.#lent) this.#borrow(bytes, start)
    this.#lentEnd = end
    let place = this.#placeCount
    if (place + HEAD_PLACES + 2 * count > this.#places.length) this.#widen(2 * count)
    const places = this.#places
    places[place] = start
    places[place + 1] = request.isInline ? -end : end
    places[place + 2] = hash
    places[place + 3] = count
    place += HEAD_PLACES
    let sum = 0
    for (let i = 0; i < count; i++) {
      const from = starts[i]!
      const to = ends[i]!
      places[place++] = from
      places[place++] = to
      sum += to - from
    }
    this.#placeCount = place
    this.argumentBytes += sum + count * ARGUMENT_BYTES
    this.#commands[this.count++] = command
    const nature = ownNature(command, request)
    if (nature.isWrite) this.isWrite = true
    if (nature.isDenyOom) this.isDenyOom = true
    if (nature.mayReplicate) this.mayReplicate = true
    if (!nature.isLoadingAllowed) this.isLoadingAllowed = false
  }

  /** The buffer that was lent will hold something else: what is still needed of it is copied. */
  settle(): void {
    const lent = this.#lent
    if (lent === undefined) return
    this.#lent = undefined
    const start = this.#lentStart
    const end = this.#lentEnd
    if (this.#size + end - start > this.#bytes.length) this.#grow(end - start)
    copyBytes(lent, start, end, this.#bytes, this.#size)
    const shift = this.#size - start
    this.#size += end - start
    const places = this.#places
    for (let place = this.#lentFrom; place < this.#placeCount; ) {
      const count = places[place + 3]!
      places[place]! += shift
      places[place + 1]! += places[place + 1]! < 0 ? -shift : shift
      place += HEAD_PLACES
      for (let i = 0; i < 2 * count; i++) places[place++]! += shift
    }
  }

  /** Makes `request` stand for the next command, the `index`-th, from the first one on. It is lent. */
  next(index: number, request: Request): Command {
    const places = this.#places
    let place = this.#readAt
    const bytes = this.#lent === undefined || place < this.#lentFrom ? this.#bytes : this.#lent
    if (request.bytes !== bytes) request.bytes = bytes
    const end = places[place + 1]!
    const count = places[place + 3]!
    request.offset = places[place]!
    request.start = request.offset
    request.isInline = end < 0
    request.end = end < 0 ? -end : end
    this.hash = places[place + 2]!
    place += HEAD_PLACES
    request.count = 0
    for (let i = 0; i < count; i++, place += 2) request.add(places[place]!, places[place + 1]!)
    this.#readAt = place
    return this.#commands[index]!
  }

  /** Empties it for another transaction. */
  clear(): void {
    this.count = 0
    this.isRefused = false
    this.isWrite = false
    this.isDenyOom = false
    this.isLoadingAllowed = true
    this.mayReplicate = false
    this.argumentBytes = 0
    this.#size = 0
    this.#placeCount = 0
    this.#readAt = 0
    this.#lent = undefined
    if (this.heldBytes <= KEPT_BYTES_MAX) return
    this.#bytes = new Uint8Array(START_BYTES)
    this.#places = new Int32Array(START_PLACES)
    this.#commands.length = 0
  }

  #borrow(bytes: Uint8Array, start: number): void {
    this.settle()
    this.#lent = bytes
    this.#lentStart = start
    this.#lentFrom = this.#placeCount
  }

  #grow(size: number): void {
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size + size))
    wider.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = wider
  }

  #widen(more: number): void {
    const needed = this.#placeCount + HEAD_PLACES + more
    const wider = new Int32Array(Math.max(this.#places.length * 2, needed))
    wider.set(this.#places.subarray(0, this.#placeCount))
    this.#places = wider
  }
}
