/**
 * The old form of the log: `database.aof`, plain text with one command a line.
 *
 *     SET greeting "hello world"
 *     SETEX session 60 abc
 *
 * It is read twice: the first time only to see that every line can be understood, so that a broken
 * file changes nothing. The seconds of SETEX count from the import, because the file does not say
 * when the line was written. The file is never changed.
 */
import type { Files, OpenFile } from '../host/index.ts'
import { AofError, type LogLine } from './errors.ts'

/** Splits a line into arguments, quoting included; `undefined` when quotes do not match. */
export type SplitLine = (line: Uint8Array) => readonly Uint8Array[] | undefined

/** What the import needs. */
export interface PlainTextOptions {
  readonly files: Files
  readonly path: string
  readonly split: SplitLine
  /** Runs one command. */
  readonly apply: (args: readonly Uint8Array[]) => void
  readonly log: LogLine
}

const LF = 10
const CR = 13
const CHUNK_BYTES = 256 * 1024
const LINE_BYTES_MAX = 512 * 1024 * 1024

/**
 * Imports the file at `path`. @returns how many commands it held.
 * @throws AofError naming the file, the line and the byte when a line is malformed; nothing was
 * applied then.
 */
export function importPlainText(options: PlainTextOptions): number {
  const { files, path, log } = options
  const file = files.open(path, 'read')
  try {
    const warnOfCut = () => log('warning', `The last line of "${path}" is cut and left out`)
    const count = eachCommand(file, options, () => {}, warnOfCut)
    eachCommand(file, options, options.apply, () => {})
    log(
      'notice',
      `Imported ${count} commands from the plain text file "${path}"; it is kept as it is`,
    )
    return count
  } finally {
    file.close()
  }
}

function eachCommand(
  file: OpenFile,
  options: PlainTextOptions,
  use: (args: readonly Uint8Array[]) => void,
  seeCut: () => void,
): number {
  let commands = 0
  let lineNumber = 0
  eachLine(file, options.path, (line, offsetBytes, isEnded) => {
    lineNumber++
    if (line.every((byte) => byte === 32 || byte === 9)) return
    const args = options.split(line)
    const why = args === undefined ? 'unbalanced quotes' : whatIsWrong(args)
    if (why === undefined) {
      use(args!)
      commands++
      return
    }
    // Whoever wrote the file was stopped in the middle of its last line.
    if (!isEnded) {
      seeCut()
      return
    }
    throw new AofError(
      `Cannot import "${options.path}": line ${lineNumber} (at byte ${offsetBytes}): ${why}`,
      { path: options.path, offsetBytes },
    )
  })
  return commands
}

function whatIsWrong(args: readonly Uint8Array[]): string | undefined {
  const name = Buffer.from(args[0] ?? []).toString('latin1')
  switch (name.toUpperCase()) {
    case 'SET':
      return args.length === 3 ? undefined : 'expected SET key value'
    case 'SETEX':
      if (args.length !== 4) return 'expected SETEX key seconds value'
      return isSeconds(args[2]!) ? undefined : 'the seconds must be a whole number above 0'
    default:
      return `unknown command '${name.slice(0, 32)}', expected SET or SETEX`
  }
}

function isSeconds(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1')
  // What leaves room for milliseconds since 1970 in 53 bits.
  return /^\d{1,12}$/.test(text) && Number(text) > 0
}

/** `use` gets each line without its end, where it begins, and whether it has an end. */
function eachLine(
  file: OpenFile,
  path: string,
  use: (line: Uint8Array, offsetBytes: number, isEnded: boolean) => void,
): void {
  let bytes = new Uint8Array(CHUNK_BYTES)
  let baseOffset = 0
  let endIndex = 0
  for (;;) {
    const count = file.read(bytes, endIndex, bytes.length - endIndex, baseOffset + endIndex)
    endIndex += count
    let start = 0
    let newline = bytes.subarray(0, endIndex).indexOf(LF)
    while (newline >= 0) {
      const end = newline > start && bytes[newline - 1] === CR ? newline - 1 : newline
      use(bytes.subarray(start, end), baseOffset + start, true)
      start = newline + 1
      newline = bytes.subarray(0, endIndex).indexOf(LF, start)
    }
    if (count === 0) {
      if (start < endIndex) use(bytes.subarray(start, endIndex), baseOffset + start, false)
      return
    }
    bytes.copyWithin(0, start, endIndex)
    baseOffset += start
    endIndex -= start
    if (endIndex < bytes.length) continue
    if (bytes.length >= LINE_BYTES_MAX) {
      throw new AofError(`Cannot import "${path}": the line at byte ${baseOffset} is too long`, {
        path,
        offsetBytes: baseOffset,
      })
    }
    const larger = new Uint8Array(bytes.length * 2)
    larger.set(bytes)
    bytes = larger
  }
}
