/** What a run is asked for, and what it came to. */
import type { Variant } from './life.ts'

/** The store did what it must not do. */
export class Violation extends Error {}

/** What a run came to. */
export interface Outcome {
  readonly violation: string | undefined
  readonly cuts: number
  readonly kills: number
  readonly restarts: number
  readonly commands: number
  readonly replies: number
  /** What happened, for people; empty unless it was asked for. */
  readonly trace: readonly string[]
}

/** How a run is looked at. */
export interface RunOptions {
  readonly variant?: Variant
  readonly isTraced?: boolean
  /** Told each line of the trace as it comes. */
  print?(line: string): void
}
