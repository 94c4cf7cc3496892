/** `holdfast dump` and `holdfast import`: data from one form into another. */

import { closeSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import type { Host } from '../host/index.ts'
import { Layout } from '../persistence/index.ts'
import { DataSet, figuresOf } from './data-set.ts'
import { ToolError } from './errors.ts'
import { takeLine, writeLines } from './json-lines.ts'
import { makeFreshFolder, saveTo, writeOutput } from './output.ts'
import { Progress } from './progress.ts'
import { send, type Target } from './send.ts'
import { sourcesAt } from './sources.ts'

/** The forms that data can have. */
export const FORMATS = ['rdb', 'aof', 'json'] as const
/** One of them. */
export type Format = (typeof FORMATS)[number]

const CHUNK_BYTES = 2 ** 20
const LF = 10

/** Writes what a file or folder holds in another form; without `to` to standard output. */
export function dump(
  host: Host,
  from: string,
  format: Format,
  to: string | undefined,
): Promise<void> {
  return withData(host, from, undefined, (data) =>
    writeOutput(to, (output) => {
      if (format === 'json') writeLines(data, (text) => output.text(text))
      else if (format === 'rdb') saveTo(output, data.keyspace, data.snapshotFormat(false))
      else saveTo(output, data.keyspace, data.commandFormat())
    }),
  )
}

/** Makes a folder of data, for a server with the log on or off, of what a file or folder holds. */
export function importTo(
  host: Host,
  from: string,
  form: Format | undefined,
  to: string,
): Promise<string> {
  return withData(host, from, form, (data) => {
    makeFreshFolder(to)
    const layout = new Layout(host.files, {
      dir: to,
      folderName: 'appendonlydir',
      fileName: 'appendonly.aof',
    })
    layout.makeFolder()
    const base = layout.nextBase({ base: undefined, history: [], increments: [] }, 'rdb')
    const manifest = { base, history: [], increments: [] }
    const increment = layout.nextIncrement(manifest)
    const save = (name: string, isBase: boolean) =>
      writeOutput(name, (output) => saveTo(output, data.keyspace, data.snapshotFormat(isBase)))
    save(path.join(to, 'dump.rdb'), false)
    save(layout.pathOf(base.name), true)
    writeOutput(layout.pathOf(increment.name), () => {})
    layout.write({ ...manifest, increments: [increment] })
    const count = data.keyspace.databases.reduce((sum, db) => sum + db.count, 0)
    return `imported ${count} keys to "${to}"`
  })
}

/** Puts what a file or folder holds into a running server. */
export function importInto(
  host: Host,
  from: string,
  form: Format | undefined,
  target: Target,
): Promise<string> {
  return withData(host, from, form, (data) => send(data, target))
}

/** `form` is what a single file is said to be. */
async function withData<T>(
  host: Host,
  from: string,
  form: Format | undefined,
  use: (data: DataSet) => T | Promise<T>,
): Promise<T> {
  const source = sourcesAt(host.files, from)[0]!
  if (form !== undefined && source.layout !== undefined) {
    throw new ToolError(`--format ${form} is for a single file, and "${from}" is none`)
  }
  const data = new DataSet()
  try {
    for (const [at, part] of source.parts.entries()) {
      const figures = figuresOf(host.files, part)
      const progress = new Progress(part, figures.sizeBytes)
      if (form === undefined ? isJson(part) : form === 'json') readLines(data, part, progress)
      else data.load(host.files, figures, progress)
      progress.end()
      if (form === 'rdb' && figures.snapshot === undefined) {
        throw new ToolError(`"${part}" is no snapshot`)
      }
      const { end } = figures
      if (end?.kind === 'damaged') {
        throw new ToolError(`"${part}" is damaged at byte ${end.offsetBytes}: ${end.why}`)
      }
      if (end?.kind === 'cut' && at + 1 < source.parts.length) {
        throw new ToolError(`"${part}" ends inside of the command at byte ${end.wholeUpTo}`)
      }
      if (end?.kind === 'cut') warnOfCut(part, end.wholeUpTo)
    }
    return await use(data)
  } finally {
    data.close()
  }
}

function warnOfCut(part: string, wholeUpTo: number): void {
  process.stderr.write(`holdfast: "${part}" is cut; what follows byte ${wholeUpTo} is left out\n`)
}

function isJson(name: string): boolean {
  const fd = openSync(name, 'r')
  try {
    const first = new Uint8Array(1)
    return readSync(fd, first, 0, 1, 0) === 1 && first[0] === '{'.charCodeAt(0)
  } finally {
    closeSync(fd)
  }
}

/** Reads a file of JSON lines piece by piece. Each byte is looked at once, however long a line is. */
function readLines(data: DataSet, name: string, progress: Progress): void {
  const fd = openSync(name, 'r')
  let pieces: Buffer[] = []
  let number = 0
  const take = (end: Buffer) => {
    number++
    const line = pieces.length === 0 ? end : Buffer.concat([...pieces, end])
    pieces = []
    if (line.length === 0) return
    try {
      takeLine(data, line.toString())
    } catch (error) {
      throw new ToolError(`"${name}" line ${number}: ${(error as Error).message}`)
    }
  }
  try {
    for (let at = 0; ; ) {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const count = readSync(fd, chunk, 0, chunk.length, at)
      if (count === 0) break
      at += count
      const bytes = chunk.subarray(0, count)
      let from = 0
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
        take(bytes.subarray(from, end))
        from = end + 1
      }
      if (from < count) pieces.push(bytes.subarray(from))
      progress.passed(at)
    }
    take(Buffer.alloc(0))
  } finally {
    closeSync(fd)
  }
}
