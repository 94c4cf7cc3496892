/** What goes wrong with the files of the log, for programs and for the line on standard error. */
import type { FileError } from '../host/index.ts'

/** A file of the AOF cannot be used. `offsetBytes` is where in the file, when that is known. */
export class AofError extends Error {
  readonly path: string
  readonly offsetBytes: number | undefined

  constructor(
    message: string,
    where: { path: string; offsetBytes?: number | undefined; cause?: unknown },
  ) {
    super(message, where.cause === undefined ? undefined : { cause: where.cause })
    this.name = 'AofError'
    this.path = where.path
    this.offsetBytes = where.offsetBytes
  }
}

/** A log that can get another base. */
export interface RewriteTarget {
  /** Paths in the log's folder at which the base can be written before it is one; `number` is from 1. */
  temporaryBase(number: number): string
  /**
   * The end of a rewrite: makes the file at `temporaryPath`, written and synced, the base of everything
   * before the present increment, and removes what it replaces. `done` gets what failed; then the
   * log is what it was before.
   */
  replaceBase(
    temporaryPath: string,
    format: 'rdb' | 'aof',
    done: (error: FileError | undefined) => void,
  ): void
}

/** Lines for the server's log, in the two levels that this room needs. */
export type LogLine = (level: 'notice' | 'warning', line: string) => void
