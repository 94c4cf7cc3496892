/**
 * The cursor with which a handler reads its arguments. They stay in the request's buffer: what comes
 * out are slices of it, one object a position, valid until the handler returns.
 */
import { equalsWord, parseInt64, parseShortInt, Slice } from '../bytes/index.ts'
import { Request } from '../resp/index.ts'
import { notAnInteger, syntaxError } from './errors.ts'

/** Slices of positions from here on are made anew each time, so that one call does not keep many. */
const POOLED_MAX = 1024
const NO_BYTES = new Uint8Array(0)

export class Args {
  request: Request = new Request()
  /** How many arguments there are, the command's name among them. */
  count = 0
  /** The position of the next one. */
  at = 0
  readonly #pool: Slice[] = []

  /** Begins with the arguments after the first `skipped`, which are the command's words. */
  begin(request: Request, skipped: number): void {
    if (this.request !== request) this.request = request
    this.count = request.count
    this.at = skipped
  }

  /** How many are left to read. */
  get left(): number {
    return this.count - this.at
  }

  /** The argument at a position; 0 is the command's name. */
  slice(position: number): Slice {
    let slice = this.#pool[position]
    if (slice === undefined) {
      slice = new Slice(NO_BYTES, 0, 0)
      if (position < POOLED_MAX) {
        for (let i = this.#pool.length; i < position; i++)
          this.#pool.push(new Slice(NO_BYTES, 0, 0))
        this.#pool[position] = slice
      }
    }
    const request = this.request
    if (slice.bytes !== request.bytes) slice.bytes = request.bytes
    slice.start = request.starts[position]!
    slice.end = request.ends[position]!
    return slice
  }

  /** The next argument. Throws a syntax error when there is none. */
  next(): Slice {
    if (this.at >= this.count) throw syntaxError()
    return this.slice(this.at++)
  }

  /** The next argument, as a key. */
  key(): Slice {
    return this.next()
  }

  /** The next argument as text, one character a byte. */
  text(): string {
    return this.next().latin1()
  }

  /** The next argument as text in capitals, for options chosen by name. */
  word(): string {
    return this.next().latin1().toUpperCase()
  }

  /** Takes the next argument if it is the word `upper` (in capitals), in any case. */
  take(upper: string): boolean {
    if (this.at >= this.count) return false
    const { bytes, starts, ends } = this.request
    if (!equalsWord(bytes, starts[this.at]!, ends[this.at]!, upper)) return false
    this.at++
    return true
  }

  /** Throws a syntax error when anything is left. */
  end(): void {
    if (this.at < this.count) throw syntaxError()
  }

  /**
   * The next argument as a 64-bit integer, rounded to a double where it is beyond ±2^53.
   * Throws `refusal` when it is none.
   */
  int(refusal: () => unknown = notAnInteger): number {
    if (this.at >= this.count) throw syntaxError()
    const { bytes, starts, ends } = this.request
    const start = starts[this.at]!
    const end = ends[this.at]!
    this.at++
    const short = parseShortInt(bytes, start, end)
    if (!Number.isNaN(short)) return short
    const long = parseInt64(bytes, start, end)
    if (long === undefined) throw refusal()
    return Number(long)
  }

  /** The next argument as a 64-bit integer. Throws `refusal` when it is none. */
  int64(refusal: () => unknown = notAnInteger): bigint {
    const { bytes, start, end } = this.next()
    const value = parseInt64(bytes, start, end)
    if (value === undefined) throw refusal()
    return value
  }
}
