/**
 * What a command did, for the AOF and the replicas: deterministic, in the order in which it was done.
 * By default the effect of a command that changed something is the request itself, whose bytes go out
 * as they came; a handler whose outcome depends on time, chance or state names another.
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

  /** Sends an effect that no command is behind: an expired or evicted key. */
  sendAlone(index: number, name: string, ...args: readonly EffectArgument[]): void {
    if (this.sink === undefined) return
    this.flush()
    this.#select(index)
    const begin = this.#at
    this.#write(name, args)
    this.sink.append(this.#bytes, begin, this.#at)
    this.#at = begin
  }

  /** Lets the sink have the requests that wait. The read buffer may be reused after it. */
  flush(): void {
    if (this.#rawBytes === undefined) return
    this.sink?.append(this.#rawBytes, this.#rawStart, this.#rawEnd)
    this.#rawBytes = undefined
  }

  /** The next effect begins with a SELECT: there is a new reader. */
  forgetSelected(): void {
    this.flush()
    this.#selected = -1
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
    if (this.#count === 0) return
    const size = this.#at
    this.flush()
    this.#select(index)
    if (this.#count > 1) this.#appendText(MULTI)
    this.sink?.append(this.#bytes, 0, size)
    if (this.#count > 1) this.#appendText(EXEC)
  }

  #appendRaw(request: Request): void {
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
    this.sink?.append(this.#bytes, 0, this.#at)
  }

  #select(index: number): void {
    if (index === this.#selected) return
    this.flush()
    this.#selected = index
    this.#appendText(`*2\r\n$6\r\nSELECT\r\n$${String(index).length}\r\n${index}\r\n`)
  }

  #appendText(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    this.sink?.append(bytes, 0, bytes.length)
  }

  #write(name: string, args: readonly EffectArgument[]): void {
    this.#reserve(name.length + 2 * LENGTH_BYTES_MAX)
    this.#header(STAR, args.length + 1)
    this.#header(DOLLAR, name.length)
    this.#at = writeLatin1(name, this.#bytes, this.#at)
    this.#lineEnd()
    for (const arg of args) this.#argument(arg)
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
