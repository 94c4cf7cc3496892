/** The table of all directives: found by either name in any case, and the shape of their values. */
import type { Directive } from './directive.ts'
import { encodings, memoryUse, observation } from './table/data.ts'
import { network, tls } from './table/network.ts'
import { persistence } from './table/persistence.ts'
import { processes } from './table/process.ts'
import { cluster, replication } from './table/replication.ts'

const table = {
  ...network,
  ...tls,
  ...memoryUse,
  ...encodings,
  ...observation,
  ...persistence,
  ...replication,
  ...cluster,
  ...processes,
}

type Table = typeof table

/** The name of a directive. */
export type DirectiveName = keyof Table

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

/** The values in force: `proto-max-bulk-len` is `protoMaxBulkLen`, memory is in bytes. */
export type ConfigValues = {
  [Name in DirectiveName as Camel<Name>]: Table[Name] extends Directive<infer Value> ? Value : never
}

/** A directive with its names. */
export interface Row extends Directive {
  readonly name: DirectiveName
  /** Its name in `ConfigValues`. */
  readonly field: keyof ConfigValues
}

/** A name that a directive goes by. Two names of one directive are two entries. */
export interface NamedRow {
  readonly name: string
  readonly row: Row
}

/** All directives in the table's order. */
export const rows: readonly Row[] = Object.entries<Directive>(table).map(([name, directive]) => ({
  ...directive,
  name: name as DirectiveName,
  field: name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof ConfigValues,
}))

/** All names in the table's order, an alias after the name it stands for. */
export const names: readonly NamedRow[] = rows.flatMap((row) =>
  row.alias === undefined
    ? [{ name: row.name, row }]
    : [
        { name: row.name, row },
        { name: row.alias, row },
      ],
)

const byName = new Map(names.map((entry) => [entry.name, entry]))

/** Finds a directive by a name in any case. */
export function findDirective(name: string): NamedRow | undefined {
  return byName.get(name.toLowerCase())
}
