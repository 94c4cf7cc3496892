/** Arguments that a request has room for at first. */
const ARGUMENTS_MIN = 64

/**
 * One request as it stands in a read buffer: the range of the whole, and the range of each argument.
 * Nothing is copied; the buffer is lent for as long as the request is being answered.
 */
export class Request {
  bytes: Uint8Array = new Uint8Array(0)
  /** Where it began in the buffer that was read. */
  offset = 0
  /** Range of the whole request, framing included. */
  start = 0
  end = 0
  /** How many arguments have been read, the command's name among them. */
  count = 0
  /** By argument, the offset of its first byte. */
  starts: Int32Array
  /** By argument, the offset after its last byte. */
  ends: Int32Array
  /** Typed as a line of text: its bytes are not the framed form that an AOF holds. */
  isInline = false

  /** Empty. Its tables are those given, or its own. */
  constructor(
    starts: Int32Array = new Int32Array(ARGUMENTS_MIN),
    ends: Int32Array = new Int32Array(ARGUMENTS_MIN),
  ) {
    this.starts = starts
    this.ends = ends
  }

  /** So many requests, whose tables share one piece of memory. */
  static several(count: number): Request[] {
    const table = new Int32Array(2 * count * ARGUMENTS_MIN)
    const piece = (i: number) => table.subarray(i * ARGUMENTS_MIN, (i + 1) * ARGUMENTS_MIN)
    return Array.from({ length: count }, (_, i) => new Request(piece(2 * i), piece(2 * i + 1)))
  }

  /** Notes one more argument. */
  add(start: number, end: number): void {
    const count = this.count
    if (count === this.starts.length) this.#widen()
    this.starts[count] = start
    this.ends[count] = end
    this.count = count + 1
  }

  /** Lets the request stand for arguments in buffers of their own, joined in one. */
  assign(argv: readonly Uint8Array[]): void {
    let size = 0
    for (const argument of argv) size += argument.length
    this.bytes = new Uint8Array(size)
    this.count = 0
    this.isInline = true
    let at = 0
    for (const argument of argv) {
      this.bytes.set(argument, at)
      this.add(at, at + argument.length)
      at += argument.length
    }
    this.start = 0
    this.end = size
  }

  /** Forgets wide tables that one long request left behind. */
  trim(): void {
    if (this.starts.length <= 4096) return
    this.starts = new Int32Array(ARGUMENTS_MIN)
    this.ends = new Int32Array(ARGUMENTS_MIN)
  }

  #widen(): void {
    const starts = new Int32Array(this.starts.length * 2)
    const ends = new Int32Array(this.ends.length * 2)
    starts.set(this.starts)
    ends.set(this.ends)
    this.starts = starts
    this.ends = ends
  }
}
