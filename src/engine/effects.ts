/**
 * What a command did, for the AOF and the replicas: deterministic, in the order in which it was done.
 * By default the effect of a command that changed something is the request itself, whose bytes go out
 * as they came; a handler whose outcome depends on time, chance or state names another.
 *
 * What belongs together, such as the effects of a transaction or a script, is a group: it is collected
 * and reaches the sink in one piece, as MULTI … EXEC unless it is a single effect.
 */
import { copyBytes, intSize, Slice, writeInt, writeLatin1 } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'

/** Where effects go: the AOF, later also the replication stream. */
export interface EffectSink {
  /** Takes over `bytes[start, end)` by copying: one or more whole commands in RESP. */
  append(bytes: Uint8Array, start: number, end: number): void
}

/** An argument of an effect. Text has one character a byte. */
export type EffectArgument = string | number | bigint | Slice | Uint8Array

const DOLLAR = 36
const STAR = 42
const LENGTH_BYTES_MAX = 16
const MULTI = '*1\r\n$5\r\nMULTI\r\n'
const EXEC = '*1\r\n$4\r\nEXEC\r\n'
/** A group begins behind the room for its MULTI. */
const GROUP_START = MULTI.length
/** A group's buffer above this size is not kept for the next one. */
const KEPT_BYTES_MAX = 1 << 20

/** Groups that were taken out while others come between. */
export interface OpenGroup {
  readonly depth: number
  readonly bytes: Uint8Array
  readonly count: number
  readonly startedIn: number
  readonly selected: number
  readonly reader: number
}

export class Effects {
  sink: EffectSink | undefined
  #bytes: Uint8Array = new Uint8Array(4096)
  #at = 0
  #count = 0
  #isReplaced = false
  /** The effect is the request with other arguments, and so many are written; 0 is none. */
  #rewritten = 0
  /** The database that those who read the effects have selected; -1 is none yet. */
  #selected = -1
  /** Requests that follow each other in one buffer go to the sink together. */
  #rawBytes: Uint8Array | undefined
  #rawStart = 0
  #rawEnd = 0
  /** The groups that are open, one inside another: they are one. */
  #groups = 0
  #group: Uint8Array = new Uint8Array(4096)
  #groupAt = GROUP_START
  /** Effects in the group. */
  #grouped = 0
  /** What was selected when it began. */
  #startedIn = -1
  /** Counts those who have read the effects. */
  #reader = 0

  /** The effect of this command is another one. May be called several times: all count. */
  replaceWith(name: string, ...args: readonly EffectArgument[]): void {
    this.#isReplaced = true
    if (this.sink === undefined) return
    this.#count++
    this.#write(name, args)
  }

  /**
   * The effect of this command is `request`, which it runs for, with another argument at `position`.
   * May be called several times, with positions that rise, and goes with no other effects.
   */
  replaceArgument(request: Request, position: number, argument: EffectArgument): void {
    this.#isReplaced = true
    if (this.sink === undefined) return
    if (this.#count === 0) this.#beginRewriting(request)
    this.#copyArguments(request, position)
    this.#argument(argument)
    this.#rewritten = position + 1
  }

  /** This command changed something that needs no effect, or said all by `replaceWith`. */
  suppress(): void {
    this.#isReplaced = true
  }

  /** Whether the handler named effects of its own, or none. */
  get isReplaced(): boolean {
    return this.#isReplaced
  }

  /** Forgets what a refused command said. */
  discard(): void {
    this.#at = 0
    this.#count = 0
    this.#rewritten = 0
    this.#isReplaced = false
  }

  /** Sends the effect of a command that has run in the database `index`. */
  commit(request: Request, index: number): void {
    if (this.sink === undefined) {
      this.discard()
      return
    }
    if (this.#rewritten > 0) this.#copyArguments(request, request.count)
    if (this.#isReplaced) this.#commitReplaced(index)
    else {
      this.#select(index)
      if (request.isInline) this.#appendRewritten(request)
      else this.#appendRaw(request)
    }
    this.discard()
  }

  /** What is committed or sent from here to the end of the group belongs together. */
  beginGroup(): void {
    if (this.#groups === 0) {
      this.flush()
      this.#startedIn = this.#selected
    }
    this.#groups++
  }

  /** Ends a group. The outermost sends all, or nothing where nothing was changed. */
  endGroup(): void {
    if (this.#groups > 1) {
      this.#groups--
      return
    }
    this.flush()
    const count = this.#grouped
    if (count > 1) {
      writeLatin1(MULTI, this.#group, 0)
      this.#appendText(EXEC)
    }
    this.#groups = 0
    if (count > 0) this.sink?.append(this.#group, count > 1 ? 0 : GROUP_START, this.#groupAt)
    this.#clearGroup()
  }

  /** Takes the open groups out as they are, so that others may come between, until `restoreGroup`. */
  takeGroup(): OpenGroup {
    this.flush()
    const taken: OpenGroup = {
      depth: this.#groups,
      bytes: this.#group.slice(0, this.#groupAt),
      count: this.#grouped,
      startedIn: this.#startedIn,
      selected: this.#selected,
      reader: this.#reader,
    }
    this.#groups = 0
    this.#clearGroup()
    this.#selected = taken.startedIn
    return taken
  }

  /** Goes on with groups that were taken out. */
  restoreGroup(taken: OpenGroup): void {
    this.flush()
    const isKnown = taken.reader === this.#reader
    // They rely on what was selected when they began.
    if (isKnown && this.sink !== undefined && taken.startedIn >= 0) this.#select(taken.startedIn)
    this.#groups = taken.depth
    this.#startedIn = this.#selected
    if (!isKnown) return
    this.#group = taken.bytes
    this.#groupAt = taken.bytes.length
    this.#grouped = taken.count
    this.#selected = taken.selected
  }

  /** Sends an effect that no command is behind: an expired or evicted key, or the field of one. */
  sendAlone(index: number, name: string, key: EffectArgument, field?: EffectArgument): void {
    if (this.sink === undefined) return
    this.flush()
    this.#select(index)
    const begin = this.#at
    // No array of arguments: a million of these may come in a second.
    this.#begin(name, field === undefined ? 2 : 3)
    this.#argument(key)
    if (field !== undefined) this.#argument(field)
    this.#append(this.#bytes, begin, this.#at)
    this.#at = begin
    if (this.#groups > 0) this.#grouped++
  }

  /** Lets the sink have the requests that wait. The read buffer may be reused after it. */
  flush(): void {
    if (this.#rawBytes === undefined) return
    this.#append(this.#rawBytes, this.#rawStart, this.#rawEnd)
    this.#rawBytes = undefined
  }

  /**
   * There is a new reader, who knows all that was done so far: the next effect begins with a SELECT,
   * and a group that is open goes on without what it had.
   */
  forgetSelected(): void {
    this.flush()
    this.#selected = -1
    this.#startedIn = -1
    this.#reader++
    this.#clearGroup()
  }

  #beginRewriting(request: Request): void {
    this.#count = 1
    this.#reserve(LENGTH_BYTES_MAX)
    this.#header(STAR, request.count)
  }

  /** Copies the arguments of a request up to `position`, with their lengths where they have them. */
  #copyArguments({ bytes, starts, ends, isInline }: Request, position: number): void {
    const from = this.#rewritten
    if (position <= from) return
    if (isInline || from === 0) {
      const until = isInline ? position : 1
      for (let i = from; i < until; i++) {
        this.#copy(bytes, starts[i]!, ends[i]!)
        this.#lineEnd()
      }
      if (until >= position) return
    }
    // Between arguments are line ends and lengths.
    const start = ends[Math.max(0, from - 1)]! + 2
    const end = ends[position - 1]! + 2
    this.#reserve(end - start)
    copyBytes(bytes, start, end, this.#bytes, this.#at)
    this.#at += end - start
  }

  #commitReplaced(index: number): void {
    const count = this.#count
    if (count === 0) return
    const size = this.#at
    this.flush()
    // The reader has to select before it reads the first of them, and may do so inside.
    const isAlone = count === 1 || this.#groups > 0
    if (!isAlone) this.#appendText(MULTI)
    this.#select(index)
    this.#append(this.#bytes, 0, size)
    if (!isAlone) this.#appendText(EXEC)
    if (this.#groups > 0) this.#grouped += count
  }

  #clearGroup(): void {
    this.#groupAt = GROUP_START
    this.#grouped = 0
    if (this.#group.length > KEPT_BYTES_MAX) this.#group = new Uint8Array(4096)
  }

  /** Lets the sink have bytes, or the group that is open. */
  #append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#groups === 0) {
      this.sink?.append(bytes, start, end)
      return
    }
    const size = this.#groupAt + end - start
    if (size > this.#group.length) {
      const wider = new Uint8Array(Math.max(this.#group.length * 2, size))
      wider.set(this.#group.subarray(0, this.#groupAt))
      this.#group = wider
    }
    copyBytes(bytes, start, end, this.#group, this.#groupAt)
    this.#groupAt = size
  }

  #appendRaw(request: Request): void {
    if (this.#groups > 0) this.#grouped++
    if (this.#rawBytes === request.bytes && this.#rawEnd === request.start) {
      this.#rawEnd = request.end
      return
    }
    this.flush()
    this.#rawBytes = request.bytes
    this.#rawStart = request.start
    this.#rawEnd = request.end
  }

  #appendRewritten(request: Request): void {
    const slice = (i: number) => new Slice(request.bytes, request.starts[i]!, request.ends[i]!)
    const rest = Array.from({ length: request.count - 1 }, (_, i) => slice(i + 1))
    this.flush()
    this.#at = 0
    this.#write(slice(0).latin1(), rest)
    this.#append(this.#bytes, 0, this.#at)
    if (this.#groups > 0) this.#grouped++
  }

  #select(index: number): void {
    if (index === this.#selected) return
    this.flush()
    this.#selected = index
    this.#appendText(`*2\r\n$6\r\nSELECT\r\n$${String(index).length}\r\n${index}\r\n`)
  }

  #appendText(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    this.#append(bytes, 0, bytes.length)
  }

  #write(name: string, args: readonly EffectArgument[]): void {
    this.#begin(name, args.length + 1)
    for (const arg of args) this.#argument(arg)
  }

  #begin(name: string, count: number): void {
    this.#reserve(name.length + 2 * LENGTH_BYTES_MAX)
    this.#header(STAR, count)
    this.#header(DOLLAR, name.length)
    this.#at = writeLatin1(name, this.#bytes, this.#at)
    this.#lineEnd()
  }

  #argument(arg: EffectArgument): void {
    if (typeof arg === 'number') {
      this.#reserve(3 * LENGTH_BYTES_MAX)
      this.#header(DOLLAR, intSize(arg))
      this.#at = writeInt(arg, this.#bytes, this.#at)
    } else if (arg instanceof Slice) {
      this.#copy(arg.bytes, arg.start, arg.end)
    } else if (arg instanceof Uint8Array) {
      this.#copy(arg, 0, arg.length)
    } else {
      const text = typeof arg === 'bigint' ? arg.toString() : arg
      this.#reserve(text.length + 2 * LENGTH_BYTES_MAX)
      this.#header(DOLLAR, text.length)
      this.#at = writeLatin1(text, this.#bytes, this.#at)
    }
    this.#lineEnd()
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 2 * LENGTH_BYTES_MAX)
    this.#header(DOLLAR, end - start)
    copyBytes(bytes, start, end, this.#bytes, this.#at)
    this.#at += end - start
  }

  #header(type: number, value: number): void {
    this.#bytes[this.#at++] = type
    this.#at = writeInt(value, this.#bytes, this.#at)
    this.#lineEnd()
  }

  #lineEnd(): void {
    this.#bytes[this.#at++] = 13
    this.#bytes[this.#at++] = 10
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + size))
    wider.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = wider
  }
}
