/**
 * Reads one file of the log and finds where its commands begin and end, in chunks, so that a file
 * of many gigabytes needs the memory of its largest transaction only.
 *
 *     *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n      a command
 *     #TS:1720000000\r\n                              an annotation, skipped
 *
 * Only the framing is looked at, and strictly: a damaged length is found at the next line end. What
 * is handed on are ranges of whole commands. MULTI … EXEC is handed on when all of it is there, so
 * nobody has to take back the beginning of a transaction whose end is missing.
 *
 * Positions named `…Index` count in the buffer, `…Offset` in the file.
 */
import { finishPaced, type OpenFile, type Paced } from '../host/index.ts'

/**
 * Gets `bytes[start, end)`, some whole commands in the wire's form, which begin at `offsetBytes` of
 * the file. The bytes are only there during the call.
 */
export type ApplyCommands = (
  bytes: Uint8Array,
  start: number,
  end: number,
  offsetBytes: number,
) => void

/** Where reading ended. */
export type ReadEnd =
  | { readonly kind: 'whole'; readonly commands: number }
  /** The file ends inside of the command or transaction that begins at `wholeUpTo`. */
  | { readonly kind: 'cut'; readonly commands: number; readonly wholeUpTo: number }
  /** At `offsetBytes` is something that cannot be there. */
  | {
      readonly kind: 'damaged'
      readonly commands: number
      readonly wholeUpTo: number
      readonly offsetBytes: number
      readonly why: string
    }

/** So much is read, and handed on, in one step. */
const CHUNK_BYTES = 256 * 1024
/** The longest line with a count: a mark, digits, and the line end. */
const COUNT_LINE_BYTES_MAX = 20
/** The reference writes and reads annotations in a buffer of this size. */
const ANNOTATION_BYTES_MAX = 1024

/** What a look at some bytes may come to, beside an index. */
const NEEDS_MORE = -1
const IS_CUT = -2
const IS_DAMAGED = -3

const STAR = 42
const DOLLAR = 36
const HASH = 35
const CR = 13
const LF = 10

/** Reads `file` from `fromOffset` to its end. */
export function readCommands(file: OpenFile, fromOffset: number, apply: ApplyCommands): ReadEnd {
  return finishPaced(readCommandsPaced(file, fromOffset, { apply, passed: () => 0 }))
}

/** What hears of the commands that are read. */
export interface CommandTaker {
  readonly apply: ApplyCommands
  /**
   * All before `offset` has been looked at, and so many commands more were handed on.
   * @returns for how many milliseconds reading should pause.
   */
  passed(offset: number, commands: number): number
}

/** The same with pauses. */
export function readCommandsPaced(
  file: OpenFile,
  fromOffset: number,
  taker: CommandTaker,
): Paced<ReadEnd> {
  return new CommandReader(file, fromOffset, taker).run()
}

class CommandReader {
  readonly #file: OpenFile
  readonly #taker: CommandTaker
  readonly #size: number
  #bytes: Uint8Array
  /** The offset of `#bytes[0]`. */
  #baseOffset: number
  #endIndex = 0
  /** Everything before it has been looked at. */
  #index = 0
  /** Where the first command or transaction begins that has not been seen whole. */
  #unitIndex = 0
  /** Ranges of commands since the last hand-over: start, end, start, end… */
  #pieces: number[] = []
  #isInTransaction = false
  #commands = 0
  #countedInUnit = 0
  /** Where and why, after IS_DAMAGED. */
  #badIndex = 0
  #why = ''
  #count = 0

  constructor(file: OpenFile, fromOffset: number, taker: CommandTaker) {
    this.#file = file
    this.#taker = taker
    this.#size = file.size()
    this.#baseOffset = fromOffset
    this.#bytes = new Uint8Array(Math.max(1, Math.min(CHUNK_BYTES, this.#size - fromOffset)))
  }

  *run(): Paced<ReadEnd> {
    for (;;) {
      const before = this.#commands
      const isAtEnd = this.#refill()
      const stop = this.#lookAtAll()
      this.#handOver()
      if (stop === IS_DAMAGED) return this.#damaged()
      if (stop === IS_CUT || (isAtEnd && this.#unitIndex < this.#endIndex)) return this.#cut()
      if (isAtEnd) return { kind: 'whole', commands: this.#commands }
      yield this.#taker.passed(this.#baseOffset + this.#index, this.#commands - before)
    }
  }

  /** Looks at all that is in the buffer. @returns why it stopped. */
  #lookAtAll(): number {
    while (this.#index < this.#endIndex) {
      const first = this.#bytes[this.#index]
      const next = first === HASH ? this.#annotationEnd() : this.#commandEnd()
      if (next < 0) return next
      if (first !== HASH) this.#addCommand(next)
      this.#index = next
      if (!this.#isInTransaction) {
        this.#unitIndex = next
        this.#commands += this.#countedInUnit
        this.#countedInUnit = 0
      }
    }
    return NEEDS_MORE
  }

  #addCommand(endIndex: number): void {
    const pieces = this.#pieces
    this.#countedInUnit++
    if (pieces.length > 0 && pieces[pieces.length - 1] === this.#index) {
      pieces[pieces.length - 1] = endIndex
    } else {
      pieces.push(this.#index, endIndex)
    }
  }

  /** Hands on what is whole. Pieces of an unfinished transaction stay. */
  #handOver(): void {
    const pieces = this.#pieces
    const rest: number[] = []
    for (let i = 0; i < pieces.length; i += 2) {
      const start = pieces[i]!
      const end = pieces[i + 1]!
      const wholeEnd = Math.min(end, this.#unitIndex)
      const offset = this.#baseOffset + start
      if (start < wholeEnd) this.#taker.apply(this.#bytes, start, wholeEnd, offset)
      if (wholeEnd < end) rest.push(Math.max(start, wholeEnd), end)
    }
    this.#pieces = rest
  }

  /** Makes room and reads on. @returns whether the buffer now reaches to the end of the file. */
  #refill(): boolean {
    this.#dropBefore(this.#unitIndex)
    if (this.#endIndex === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    while (this.#endIndex < this.#bytes.length) {
      const room = this.#bytes.length - this.#endIndex
      const offset = this.#baseOffset + this.#endIndex
      const count = this.#file.read(this.#bytes, this.#endIndex, room, offset)
      if (count === 0) return true
      this.#endIndex += count
    }
    return this.#baseOffset + this.#endIndex >= this.#size
  }

  #dropBefore(index: number): void {
    this.#bytes.copyWithin(0, index, this.#endIndex)
    this.#baseOffset += index
    this.#endIndex -= index
    this.#index -= index
    this.#unitIndex -= index
    for (let i = 0; i < this.#pieces.length; i++) this.#pieces[i]! -= index
  }

  #annotationEnd(): number {
    const bytes = this.#bytes
    const limit = this.#index + ANNOTATION_BYTES_MAX
    for (let i = this.#index; i < limit; i++) {
      if (i === this.#endIndex) return NEEDS_MORE
      if (bytes[i] === LF) return i + 1
      // A sector that was never written: what follows it is the rest of something else.
      if (bytes[i] === 0) return this.#bad(i, 'an annotation with a zero in it')
    }
    return this.#bad(this.#index, 'an annotation without end')
  }

  /** Where the command ends that begins at `#index`, which moves a transaction on. */
  #commandEnd(): number {
    let at = this.#countLine(this.#index, STAR)
    if (at < 0) return at
    const count = this.#count
    if (count < 1) return this.#bad(this.#index + 1, 'a command of no arguments')
    let nameIndex = 0
    let nameLength = 0
    for (let i = 0; i < count; i++) {
      at = this.#countLine(at, DOLLAR)
      if (at < 0) return at
      if (i === 0) {
        nameIndex = at
        nameLength = this.#count
      }
      at = this.#bulkEnd(at, this.#count)
      if (at < 0) return at
    }
    return this.#followTransaction(nameIndex, nameLength, at)
  }

  #bulkEnd(at: number, length: number): number {
    const end = at + length
    if (this.#baseOffset + end + 2 > this.#size) {
      // Cut, unless what there is of the line end is something else.
      if (end < this.#endIndex && this.#bytes[end] !== CR) return this.#badLineEnd(end)
      return IS_CUT
    }
    if (end + 2 > this.#endIndex) return NEEDS_MORE
    if (this.#bytes[end] !== CR) return this.#badLineEnd(end)
    if (this.#bytes[end + 1] !== LF) return this.#badLineEnd(end + 1)
    return end + 2
  }

  /** Reads `mark`, digits and a line end into `#count`. @returns the index after it. */
  #countLine(at: number, mark: number): number {
    const bytes = this.#bytes
    if (at >= this.#endIndex) return NEEDS_MORE
    if (bytes[at] !== mark) {
      return this.#bad(at, `expected '${String.fromCharCode(mark)}', found ${named(bytes[at]!)}`)
    }
    let count = 0
    const limit = Math.min(this.#endIndex, at + COUNT_LINE_BYTES_MAX)
    for (let i = at + 1; i < limit; i++) {
      const digit = bytes[i]! - 48
      if (digit >= 0 && digit <= 9) {
        count = count * 10 + digit
      } else if (bytes[i] !== CR || i === at + 1) {
        return this.#bad(i, `expected a digit, found ${named(bytes[i]!)}`)
      } else {
        if (i + 1 >= this.#endIndex) return NEEDS_MORE
        if (bytes[i + 1] !== LF) return this.#badLineEnd(i + 1)
        this.#count = count
        return i + 2
      }
    }
    if (limit === this.#endIndex) return NEEDS_MORE
    return this.#bad(limit - 1, 'a number that is too long')
  }

  #followTransaction(nameIndex: number, nameLength: number, end: number): number {
    if (nameLength === 5 && this.#isName(nameIndex, 'multi')) {
      if (this.#isInTransaction) return this.#bad(this.#index, 'MULTI inside of MULTI')
      this.#isInTransaction = true
    } else if (nameLength === 4 && this.#isName(nameIndex, 'exec')) {
      if (!this.#isInTransaction) return this.#bad(this.#index, 'EXEC without MULTI')
      this.#isInTransaction = false
    }
    return end
  }

  #isName(index: number, lowerCase: string): boolean {
    for (let i = 0; i < lowerCase.length; i++) {
      if ((this.#bytes[index + i]! | 32) !== lowerCase.charCodeAt(i)) return false
    }
    return true
  }

  #badLineEnd(index: number): number {
    return this.#bad(index, `expected a line end, found ${named(this.#bytes[index]!)}`)
  }

  #bad(index: number, why: string): number {
    this.#badIndex = index
    this.#why = why
    return IS_DAMAGED
  }

  #cut(): ReadEnd {
    return { kind: 'cut', commands: this.#commands, wholeUpTo: this.#baseOffset + this.#unitIndex }
  }

  /** Damage; or a cut, when nothing but zeros follow: a file that grew before its bytes came. */
  #damaged(): ReadEnd {
    const offsetBytes = this.#baseOffset + this.#badIndex
    const wholeUpTo = this.#baseOffset + this.#unitIndex
    if (this.#isZeroFrom(offsetBytes)) return this.#cut()
    return { kind: 'damaged', commands: this.#commands, wholeUpTo, offsetBytes, why: this.#why }
  }

  #isZeroFrom(offset: number): boolean {
    const chunk = new Uint8Array(64 * 1024)
    for (;;) {
      const count = this.#file.read(chunk, 0, chunk.length, offset)
      if (count === 0) return true
      for (let i = 0; i < count; i++) if (chunk[i] !== 0) return false
      offset += count
    }
  }
}

function named(byte: number): string {
  if (byte > 32 && byte < 127) return `'${String.fromCharCode(byte)}'`
  return `the byte 0x${byte.toString(16).padStart(2, '0')}`
}
