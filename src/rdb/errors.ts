/** A snapshot, or a value of one, that cannot be used. */
export class RdbError extends Error {
  /** The file, or an empty text when it is a payload. */
  readonly path: string
  /** How many bytes were read before. */
  readonly offsetBytes: number
  /** What is wrong. */
  readonly reason: string

  constructor(path: string, offsetBytes: number, reason: string, cause?: unknown) {
    const what = path === '' ? 'the payload' : `"${path}"`
    super(`Cannot load ${what}: ${reason} at byte ${offsetBytes}`, { cause })
    this.name = 'RdbError'
    this.path = path
    this.offsetBytes = offsetBytes
    this.reason = reason
  }
}
