/** What the writer of the log tells, and is told. */
import type { FileError } from '../host/index.ts'

/** `appendfsync`. */
export type SyncPolicy = 'always' | 'everysec' | 'no'

/** What failed, and which of the appended bytes it leaves without the promised safety. */
export interface LogFailure {
  readonly kind: 'write' | 'sync'
  readonly from: number
  readonly to: number
  readonly error: FileError
}

/** What the owner of a writer is told. */
export interface WriterEvents {
  /**
   * `durableOffset` has grown, or replies need not wait for it any more. With `always`, what was appended
   * beyond it goes on with the next `flush`.
   */
  onDurable(): void
  onFailed(failure: LogFailure): void
}

/** How the way into another file goes. */
export interface MoveEvents {
  /** Whether it cannot begin now; then `again` is called later. */
  delay(again: () => void): boolean
  begun(): void
  done(error: FileError | undefined): void
}
