/** What is told of the time that the disk takes for the log. */

/** Who wants to know how long the disk takes, in milliseconds. */
export interface DiskTimes {
  /** Whether anybody does now: otherwise the clock is not read. */
  readonly isOn: boolean
  /** A write took so long; `isSyncing` says that a sync ran beside it. */
  wrote(tookMs: number, isSyncing: boolean): void
  /** A sync took so long that replies waited for. */
  synced(tookMs: number): void
}
