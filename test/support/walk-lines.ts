/** What entries are, as lines that compare, and those who write a walk down: as commands, or as a file. */
import { latin1 } from '../../src/bytes/index.ts'
import { type Emit, rebuildEntry, rebuildInSteps } from '../../src/commands/index.ts'
import {
  type Database,
  type Keyspace,
  type Rest,
  type Scribe,
  TYPE_NAMES,
} from '../../src/keyspace/index.ts'
import { GatheredSink, SnapshotScribe } from '../../src/persistence/index.ts'
import { RdbFormat, RdbReader } from '../../src/rdb/index.ts'
import type { ValueImage } from '../../src/values/index.ts'
import { World } from './world.ts'

/** Runs something while nothing expires, nor is hidden. */
function unhidden<T>(keyspace: Keyspace, run: () => T): T {
  const wasLoading = keyspace.isLoading
  keyspace.isLoading = true
  try {
    return run()
  } finally {
    keyspace.isLoading = wasLoading
  }
}

/** Takes the commands that make one entry, and makes a line of them. */
class Line {
  readonly #head: string
  readonly #ordered: string[] = []
  readonly #unordered: string[] = []
  #string = ''

  constructor(index: number, db: Database, entry: number) {
    const type = TYPE_NAMES[db.typeOf(entry)]
    this.#head = `${index} ${type} ${db.keyOf(entry).latin1()} ${db.expiryOf(entry)}`
  }

  readonly take: Emit = (name, ...args) => {
    const words = args.map((arg) => {
      if (arg instanceof Uint8Array) return latin1(arg)
      return typeof arg === 'object' ? arg.latin1() : String(arg)
    })
    // The key stands first, and pushes may be divided in any way.
    const [, ...rest] = words
    if (name === 'RPUSH') this.#ordered.push(...rest)
    else if (name === 'SET') this.#string = rest[0]!
    else if (name === 'SETRANGE') this.#string = overwritten(this.#string, +rest[0]!, rest[1]!)
    else if (name === 'SADD') this.#unordered.push(...rest)
    else if (name === 'HSET' || name === 'ZADD') {
      for (let i = 0; i < rest.length; i += 2) this.#unordered.push(`${rest[i]} ${rest[i + 1]}`)
    } else if (name === 'HPEXPIREAT') this.#unordered.push(rest.join(' '))
    // Groups and consumers come in any order, each with what it has pending.
    else if (name === 'XGROUP' || name === 'XCLAIM')
      this.#unordered.push(`${name} ${words.join(' ')}`)
    else this.#ordered.push(`${name} ${words.join(' ')}`)
  }

  get text(): string {
    return [this.#head, this.#string, ...this.#ordered, ...this.#unordered.sort()].join('\n')
  }
}

/** What SETRANGE makes of a string. */
function overwritten(text: string, at: number, piece: string): string {
  return text.slice(0, at).padEnd(at, '\0') + piece + text.slice(at + piece.length)
}

/** All entries as lines, also those that are past their time. */
export function linesOf(keyspace: Keyspace): string[] {
  const lines: string[] = []
  unhidden(keyspace, () => {
    for (const db of keyspace.databases) {
      db.dict.each((entry) => {
        const line = new Line(db.index, db, entry)
        rebuildEntry(db, entry, line.take)
        lines.push(line.text)
      })
    }
  })
  return lines.sort()
}

/** A scribe that can say what it has written. */
export interface Telling extends Scribe {
  /** After all was written. */
  lines(): string[]
}

/** Takes entries down as commands. */
export class CommandScribe implements Telling {
  readonly #lines: Line[] = []
  readonly #keyspace: Keyspace

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace
  }

  write(index: number, entry: number, image: ValueImage | undefined): Rest | undefined {
    const db = this.#keyspace.databases[0]!
    const line = new Line(index, db, entry)
    this.#lines.push(line)
    const rebuilding = rebuildInSteps(db, entry, image, line.take)
    const step = () => unhidden(this.#keyspace, () => rebuilding.next().done === true)
    if (step()) return undefined
    return (isEnough) => {
      while (!step()) if (isEnough()) return false
      return true
    }
  }

  lines(): string[] {
    return this.#lines.map(({ text }) => text).sort()
  }
}

/** Takes entries down as a snapshot, which is loaded again. */
export class FileScribe implements Telling {
  readonly #sink = new GatheredSink()
  readonly #scribe: SnapshotScribe

  constructor(keyspace: Keyspace) {
    const options = { keyspace, compresses: true, sums: true, aux: [], libraries: [] }
    const format = new RdbFormat({ ...options, uses: 'none' })
    this.#scribe = new SnapshotScribe(format, this.#sink, keyspace)
  }

  write(index: number, entry: number, image: ValueImage | undefined): Rest | undefined {
    return this.#scribe.write(index, entry, image)
  }

  lines(): string[] {
    this.#scribe.end()
    const bytes = this.#sink.bytes
    const { keyspace } = new World({ directives: ['--appendonly', 'no'] }).store
    const file = {
      size: () => bytes.length,
      read(into: Uint8Array, start: number, count: number, position: number) {
        const piece = bytes.subarray(position, position + count)
        into.set(piece, start)
        return piece.length
      },
    }
    return unhidden(keyspace, () => {
      const reader = new RdbReader({
        keyspace,
        path: 'walk.rdb',
        sums: true,
        keepsExpired: true,
        file,
      })
      while (!reader.step(() => true));
      return linesOf(keyspace)
    })
  }
}
