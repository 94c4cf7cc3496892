/** The table of directives as documentation reads it. */
import type { DirectiveKind } from './directive.ts'
import { rows } from './table.ts'

/** One directive for people. */
export interface DirectiveDoc {
  readonly name: string
  readonly alias: string | undefined
  readonly kind: DirectiveKind
  /** The default as CONFIG GET would show it. */
  readonly default: string
  /** What may be given, where that is not any text. */
  readonly allowed: string | undefined
  /** CONFIG SET may change it. */
  readonly mutable: boolean
  /** Not shown for a pattern: made for tests. */
  readonly hidden: boolean
  /** Accepted and kept, but nothing acts on it. */
  readonly inert: boolean
}

/** All directives in the table's order. */
export const directives: readonly DirectiveDoc[] = rows.map((row) => ({
  name: row.name,
  alias: row.alias,
  kind: row.kind,
  default: row.print(row.initial),
  allowed: row.allowed,
  mutable: !row.immutable,
  hidden: row.hidden ?? false,
  inert: row.inert ?? false,
}))
