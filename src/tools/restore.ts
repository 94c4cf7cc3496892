/**
 * `holdfast restore`: a folder of data as it was at a time, or before a command. A log says what happened one
 * thing after the other, so an older state is its beginning: files before the cut are copied, the one with
 * the cut as far as it goes, and the rest is left out. A cut never divides a transaction.
 */
import path from 'node:path'
import { latin1 } from '../bytes/index.ts'
import { finishPaced, type Host, type OpenFile } from '../host/index.ts'
import { type Layout, type Manifest, type Part, readCommandsPaced } from '../persistence/index.ts'
import { DataSet, figuresOf } from './data-set.ts'
import { ToolError } from './errors.ts'
import { makeFreshFolder } from './output.ts'
import { Progress } from './progress.ts'
import { copyBeginning } from './repair.ts'
import { type Source, sourcesAt } from './sources.ts'

/** What is to be restored. */
export interface RestoreOptions {
  readonly from: string
  readonly to: string
  /** Seconds since 1970; what happened in that second still counts. */
  readonly atSeconds: number | undefined
  /** The state before the last command of this name, in capitals. */
  readonly before: string | undefined
}

/** Where the log is cut: in the part of this index, at this byte. */
interface Cut {
  readonly part: number
  readonly offset: number
}

const CR = 13

/** @returns what was done, for people. */
export function restore(host: Host, options: RestoreOptions): string {
  const source = sourcesAt(host.files, options.from).find(
    ({ kind, name }) => kind === 'log' || name.endsWith('.aof'),
  )
  if (source === undefined) {
    throw new ToolError(`"${options.from}" holds no append-only file, so nothing older than it`)
  }
  const search = new Search(host, options, source)
  const cut = search.run()
  makeFreshFolder(options.to)
  const count = writeCut(host, source, cut, options.to)
  const where = `${path.basename(source.parts[cut.part] ?? source.name)} up to byte ${cut.offset}`
  return `restored ${count} files to "${options.to}": ${where}`
}

class Search {
  readonly #host: Host
  readonly #options: RestoreOptions
  readonly #source: Source
  /** The first moment that the log knows, in seconds. */
  #firstSeconds: number | undefined
  /** Whether commands came of which nobody can say when they were done. */
  #hasUntimed = false
  #isTimed = false
  #timeCut: Cut | undefined
  #commandCut: Cut | undefined
  #end: Cut = { part: 0, offset: 0 }

  constructor(host: Host, options: RestoreOptions, source: Source) {
    this.#host = host
    this.#options = options
    this.#source = source
  }

  run(): Cut {
    const { atSeconds, before } = this.#options
    for (const part of this.#source.parts.keys()) {
      this.#look(part)
      if (this.#timeCut !== undefined) break
    }
    if (atSeconds !== undefined) this.#assertTimed(atSeconds)
    if (before !== undefined && this.#commandCut === undefined) {
      throw new ToolError(
        `the log has no ${before}${atSeconds === undefined ? '' : ' before that'}`,
      )
    }
    return this.#commandCut ?? this.#timeCut ?? this.#end
  }

  #assertTimed(atSeconds: number): void {
    const first = this.#firstSeconds
    if (first !== undefined && first > atSeconds) {
      const when = new Date(first * 1000).toISOString()
      throw new ToolError(`the log begins at ${when}, which is later: what was before is not in it`)
    }
    if (this.#hasUntimed) {
      throw new ToolError(
        'the log has commands without timestamps: aof-timestamp-enabled was off when they were written',
      )
    }
  }

  #look(part: number): void {
    const name = this.#source.parts[part]!
    const figures = figuresOf(this.#host.files, name)
    const file = this.#host.files.open(name, 'read')
    const progress = new Progress(name, figures.sizeBytes)
    try {
      const magic = new Uint8Array(6)
      const isSnapshot = /^(REDIS|VALKEY)/.test(latin1(magic, 0, file.read(magic, 0, 6, 0)))
      if (isSnapshot) this.#lookAtSnapshot(part, progress)
      const from = this.#end.part === part ? this.#end.offset : 0
      this.#lookAtCommands(part, file, from, progress)
    } finally {
      progress.end()
      file.close()
    }
  }

  /** Loads a snapshot to see that it is whole and where it ends. */
  #lookAtSnapshot(part: number, progress: Progress): void {
    const data = new DataSet()
    const figures = figuresOf(this.#host.files, this.#source.parts[part]!)
    try {
      data.load(this.#host.files, figures, progress)
    } finally {
      data.close()
    }
    this.#end = { part, offset: figures.snapshotEnd }
    const seconds = Number(figures.notes.get('ctime'))
    if (seconds > 0) this.#firstSeconds ??= seconds
  }

  #lookAtCommands(part: number, file: OpenFile, from: number, progress: Progress): void {
    const scan = new Scan(file, from, {
      time: (seconds, offset) => this.#time(seconds, { part, offset }),
      command: (name, offset) => this.#command(name, { part, offset }),
    })
    const end = finishPaced(
      readCommandsPaced(file, from, {
        apply: (bytes, start, stop, offset) => scan.take(bytes, start, stop, offset),
        passed: (offset) => progress.passed(offset),
      }),
    )
    if (this.#timeCut !== undefined) return
    const name = this.#source.parts[part]!
    if (end.kind === 'damaged') {
      throw new ToolError(`"${name}" is damaged at byte ${end.offsetBytes}: ${end.why}`)
    }
    const offset = end.kind === 'whole' ? file.size() : end.wholeUpTo
    if (end.kind === 'cut' && part + 1 < this.#source.parts.length) {
      throw new ToolError(`"${name}" ends inside of the command at byte ${offset}`)
    }
    scan.finish(offset)
    if (this.#timeCut === undefined) this.#end = { part, offset }
  }

  #time(seconds: number, cut: Cut): void {
    if (this.#timeCut !== undefined) return
    const { atSeconds } = this.#options
    this.#firstSeconds ??= seconds
    this.#isTimed = true
    if (atSeconds !== undefined && seconds > atSeconds) this.#timeCut = cut
  }

  #command(name: string, cut: Cut): void {
    if (this.#timeCut !== undefined) return
    if (!this.#isTimed && name !== 'SELECT') this.#hasUntimed = true
    if (name === this.#options.before) this.#commandCut = cut
  }
}

interface ScanEvents {
  time(seconds: number, cutOffset: number): void
  command(name: string, cutOffset: number): void
}

/** Finds timestamps, which stand between commands, and the names of commands. */
class Scan {
  readonly #file: OpenFile
  readonly #events: ScanEvents
  #at: number
  /** Where the transaction began that is going on. */
  #multiAt = -1

  constructor(file: OpenFile, from: number, events: ScanEvents) {
    this.#file = file
    this.#at = from
    this.#events = events
  }

  take(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.finish(offset)
    for (let at = start; at < end; ) at = this.#command(bytes, at, offset + at - start)
    this.#at = offset + end - start
  }

  /** Looks at what stands before an offset and is no command. */
  finish(offset: number): void {
    if (offset <= this.#at) return
    const gap = new Uint8Array(offset - this.#at)
    this.#file.read(gap, 0, gap.length, this.#at)
    let lineAt = this.#at
    for (const line of latin1(gap, 0, gap.length).split(/(?<=\n)/)) {
      const seconds = /^#TS:(\d+)\r?\n$/.exec(line)?.[1]
      if (seconds !== undefined) this.#events.time(Number(seconds), this.#cutAt(lineAt))
      lineAt += line.length
    }
    this.#at = offset
  }

  #cutAt(offset: number): number {
    return this.#multiAt < 0 ? offset : this.#multiAt
  }

  /** @returns the index behind the command. */
  #command(bytes: Uint8Array, index: number, offset: number): number {
    const [count, first] = numberAt(bytes, index)
    let at = first
    let name = ''
    for (let i = 0; i < count; i++) {
      const [size, from] = numberAt(bytes, at)
      if (i === 0) name = latin1(bytes, from, from + size).toUpperCase()
      at = from + size + 2
    }
    if (name === 'MULTI') this.#multiAt = offset
    else if (name === 'EXEC') this.#multiAt = -1
    else this.#events.command(name, this.#cutAt(offset))
    return at
  }
}

/** The number of a line `*3\r\n` or `$3\r\n`, and the index behind it. */
function numberAt(bytes: Uint8Array, index: number): [number, number] {
  let number = 0
  let at = index + 1
  for (; bytes[at] !== CR; at++) number = number * 10 + bytes[at]! - 48
  return [number, at + 2]
}

/** Writes the files up to the cut, with a manifest where there was one. @returns how many. */
function writeCut(host: Host, source: Source, cut: Cut, to: string): number {
  const { layout, parts } = source
  const place = layout?.place
  const folder = place === undefined ? to : path.join(to, place.folderName)
  host.files.makeFolder(folder)
  const kept = parts.slice(0, cut.part + 1)
  for (const [index, part] of kept.entries()) {
    const { sizeBytes } = figuresOf(host.files, part)
    const size = index === cut.part ? cut.offset : sizeBytes
    copyBeginning(part, path.join(folder, path.basename(part)), size)
  }
  host.files.syncFolder(folder)
  if (layout !== undefined) writeManifest(layout, to, kept)
  host.files.syncFolder(to)
  return kept.length
}

function writeManifest(layout: Layout, to: string, kept: readonly string[]): void {
  const manifest = layout.read()!
  const isKept = ({ name }: Part) => kept.includes(layout.pathOf(name))
  const base = manifest.base !== undefined && isKept(manifest.base) ? manifest.base : undefined
  const shorter: Manifest = { base, history: [], increments: manifest.increments.filter(isKept) }
  layout.at(to).write(shorter)
}
