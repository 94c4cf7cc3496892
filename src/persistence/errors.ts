/** What goes wrong with the files of the log, for programs and for the line on standard error. */

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

/** Lines for the server's log, in the two levels that this room needs. */
export type LogLine = (level: 'notice' | 'warning', line: string) => void
