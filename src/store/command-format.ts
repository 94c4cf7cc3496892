/**
 * A saved data set in the form of commands: the base of a log where `aof-use-rdb-preamble` is off, and
 * what DEBUG RELOAD makes the data anew from.
 */
import type { Ref } from '../arena/index.ts'
import { fromLatin1 } from '../bytes/index.ts'
import { rebuildInSteps } from '../commands/index.ts'
import type { EffectArgument } from '../engine/index.ts'
import type { Keyspace, Rest } from '../keyspace/index.ts'
import type { ByteSink, SavedDatabase, SaveFormat } from '../persistence/index.ts'
import type { ValueImage } from '../values/index.ts'

/** Writes data as commands. */
export class CommandFormat implements SaveFormat {
  readonly #keyspace: Keyspace
  /** The sources of the libraries of functions. */
  readonly #libraries: readonly Uint8Array[]
  /** The moment as an annotation at the beginning, in seconds since 1970, or `undefined`. */
  readonly #seconds: number | undefined

  constructor(keyspace: Keyspace, libraries: readonly Uint8Array[], seconds?: number) {
    this.#keyspace = keyspace
    this.#libraries = libraries
    this.#seconds = seconds
  }

  begin(sink: ByteSink): void {
    if (this.#seconds !== undefined) appendText(sink, `#TS:${this.#seconds}\r\n`)
    for (const text of this.#libraries) appendCommand(sink, 'FUNCTION', ['LOAD', text])
  }

  select(sink: ByteSink, { index }: SavedDatabase): void {
    appendCommand(sink, 'SELECT', [index])
  }

  write(sink: ByteSink, entry: Ref, image: ValueImage | undefined): Rest | undefined {
    // Which database it is of does not matter for reading an entry.
    const db = this.#keyspace.databases[0]!
    const rebuilding = rebuildInSteps(db, entry, image, (name, ...args) => {
      appendCommand(sink, name, args)
    })
    if (rebuilding.next().done === true) return undefined
    return (isEnough) => {
      while (rebuilding.next().done !== true) if (isEnough()) return false
      return true
    }
  }

  end(): void {}
}

function appendCommand(sink: ByteSink, name: string, args: readonly EffectArgument[]): void {
  appendText(sink, `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`)
  for (const arg of args) {
    if (arg instanceof Uint8Array) appendBytes(sink, arg, 0, arg.length)
    else if (typeof arg === 'object') appendBytes(sink, arg.bytes, arg.start, arg.end)
    else {
      const text = String(arg)
      appendText(sink, `$${text.length}\r\n${text}\r\n`)
    }
  }
}

function appendBytes(sink: ByteSink, bytes: Uint8Array, start: number, end: number): void {
  appendText(sink, `$${end - start}\r\n`)
  sink.append(bytes, start, end)
  appendText(sink, '\r\n')
}

function appendText(sink: ByteSink, text: string): void {
  const bytes = fromLatin1(text)
  sink.append(bytes, 0, bytes.length)
}
