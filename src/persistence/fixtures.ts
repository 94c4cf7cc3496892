/** What the tests of this room share: a log on a simulated disk, and commands as on the wire. */
import { type OpenFile, type Paced, type SimulatedHost, simulatedHost } from '../host/index.ts'
import { AppendLog, type AppendLogOptions } from './append-log.ts'

/** Where the logs of tests lie. */
export const PLACE = { dir: '/data', folderName: 'appendonlydir', fileName: 'appendonly.aof' }

/** A command as it is on the wire and in the log. */
export function encode(...args: string[]): Buffer {
  const bulks = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`)
  return Buffer.from(`*${args.length}\r\n${bulks.join('')}`)
}

/** Takes a base in snapshot form for loaded. */
export function* skipSnapshot(file: OpenFile): Paced<number> {
  yield 0
  return file.size()
}

/** An open log, and what a test wants to know of it. */
export interface Opened {
  readonly log: AppendLog
  readonly host: SimulatedHost
  /** What was loaded. */
  readonly loaded: string
  /** Lines for the server's log. */
  readonly lines: string[]
  /** Appends commands and flushes. */
  write(...commands: Buffer[]): void
}

/** Opens a log in a simulated world. */
export function openLog(
  options: Partial<AppendLogOptions> & { host?: SimulatedHost } = {},
): Opened {
  const host = options.host ?? simulatedHost(1)
  const lines: string[] = []
  const loaded: Buffer[] = []
  const log = AppendLog.open({
    place: PLACE,
    policy: 'everysec',
    allowsCutTail: true,
    log: (level, line) => lines.push(`${level}: ${line}`),
    apply: (bytes, start, end) => loaded.push(Buffer.from(bytes.subarray(start, end))),
    loadSnapshot: skipSnapshot,
    ...options,
    host,
  })
  const write = (...commands: Buffer[]) => {
    for (const command of commands) log.append(command, 0, command.length)
    log.flush()
  }
  return { log, host, loaded: Buffer.concat(loaded).toString('latin1'), lines, write }
}
