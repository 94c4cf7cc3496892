/** What a subcommand of DEBUG looks like. */
import type { Args, Call } from '../../engine/index.ts'
import type { HelpEntry } from '../help.ts'
import type { Services } from '../services.ts'

/** A subcommand. Without `help` it is not shown. */
export interface Subcommand {
  /** How many arguments may follow its name: the least and the most. */
  readonly counts: readonly [number, number]
  readonly help?: HelpEntry
  run(call: Call, args: Args, services: Services): void
}

/** Subcommands by their names in capitals. */
export type Subcommands = Readonly<Record<string, Subcommand>>

/** For `counts`: no upper limit. */
export const ANY = Number.POSITIVE_INFINITY
