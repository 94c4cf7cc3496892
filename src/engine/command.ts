/**
 * What a command looks like: one row of facts and a handler. The engine knows this shape but not
 * which commands there are; dispatch, arity errors, COMMAND, key extraction, the prompt's completion
 * and the docs all derive from the rows.
 */
import type { Database, Keyspace } from '../keyspace/index.ts'
import type { ReplyWriter } from '../resp/index.ts'
import type { Args } from './args.ts'
import type { Wait } from './blocking.ts'
import type { Client } from './client.ts'
import type { Effects } from './effects.ts'
import type { DurationHistogram } from './watch/duration-histogram.ts'

/** The reference's flags, by their names in COMMAND INFO, with underscores. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_async_loading'
  | 'allow_busy'
  | 'no_multi'
  | 'movablekeys'
  | 'no_mandatory_keys'

/** What a command does with a key, by the names of COMMAND's key specifications. */
export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags'

/** Where keys stand among the arguments: the reference's key specifications. */
export interface KeySpec {
  readonly flags: readonly KeyFlag[]
  readonly begin:
    | { readonly kind: 'index'; readonly index: number }
    | { readonly kind: 'keyword'; readonly keyword: string; readonly startFrom: number }
    | { readonly kind: 'unknown' }
  readonly find:
    | {
        readonly kind: 'range'
        readonly lastKey: number
        readonly step: number
        readonly limit: number
      }
    | {
        readonly kind: 'keynum'
        readonly keyNumIndex: number
        readonly firstKey: number
        readonly step: number
      }
    | { readonly kind: 'unknown' }
}

/** A key of a request: which argument, and what is done with it. */
export interface KeyPlace {
  readonly position: number
  readonly flags: readonly KeyFlag[]
}

/** What a handler gets to work with. One object serves all calls of a store. */
export interface Call {
  readonly client: Client
  /** The database that the client has selected. */
  readonly db: Database
  readonly keyspace: Keyspace
  readonly reply: ReplyWriter
  readonly effects: Effects
  /** The row of the command that runs; for a subcommand, its own row. */
  readonly command: Command
  /**
   * There is nothing to serve: the client waits, and the handler returns without a reply. When a key
   * is changed it runs again, with the same arguments. Who may not wait gets the timeout's reply.
   */
  block(wait: Wait): void
}

/** Decides whether a command has to wait, as while clients are paused. */
export type Postpone = (nature: CommandNature, client: Client) => boolean

/** One row of the command table, as it is written. */
export interface CommandSpec {
  /** In capitals; of a subcommand, its own word only. */
  readonly name: string
  /** The arguments in the manual's notation; empty when there are none. */
  readonly syntax: string
  /** One sentence of our own. */
  readonly summary: string
  readonly since: string
  /** The version that an argument came with, by its name and those around it: `filter/maxage`. */
  readonly argumentsSince?: Readonly<Record<string, string>>
  /** The version from which an argument should no longer be used, in the same way. */
  readonly argumentsDeprecated?: Readonly<Record<string, string>>
  readonly complexity: string
  /** Counts the name, and for a subcommand both words; `-3` is three or more. */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  readonly keys?: readonly KeySpec[]
  /** ACL categories beyond those that follow from group and flags, without `@`. */
  readonly acl?: readonly string[]
  /** The reference's hints for clients and proxies. */
  readonly tips?: readonly string[]
  /** Version and change, for COMMAND DOCS. */
  readonly history?: readonly (readonly [since: string, change: string])[]
  readonly deprecated?: { readonly since: string; readonly replacedBy: string }
  /** For the system and its tests, not for applications; COMMAND DOCS says `syscmd`. */
  readonly isInternal?: true
  readonly subcommands?: readonly CommandSpec[]
  /**
   * Answers the command. Reads all its arguments first, then looks up, then changes; what it throws
   * (a `ReplyError`) leaves everything as it was. Absent where only subcommands can be called.
   */
  run?(call: Call, args: Args): void
  /** Where the keys are, for commands whose key specifications cannot say it. */
  findKeys?(args: Args): readonly (number | KeyPlace)[]
  /** What a call may do, where that is other than the flags say; `undefined` where it is not. */
  natureOf?(args: Args): Partial<CommandNature> | undefined
  /** The positions of passwords and the like, which who watches the server is not shown. */
  secrets?(args: Args): readonly number[]
  /** What is done with the keys, where a specification says `variable_flags`. */
  keyFlags?(args: Args): readonly KeyFlag[]
}

/** What admission asks about a command, or of EXEC about all that it runs. */
export interface CommandNature {
  readonly isWrite: boolean
  readonly isDenyOom: boolean
  readonly isLoadingAllowed: boolean
  /** It writes, or tells others something that replicas get too. */
  readonly mayReplicate: boolean
}

/** A row as the engine uses it. */
export interface Command extends CommandNature {
  readonly spec: CommandSpec
  readonly group: string
  /** The word that calls it, in capitals: its name, unless it was renamed; none when taken away. */
  readonly calledBy: string | undefined
  /** In small letters; `config|get` for a subcommand. */
  readonly fullName: string
  readonly parent: Command | undefined
  /** By name in capitals. */
  readonly subcommands: ReadonlyMap<string, Command>
  readonly arity: number
  readonly run: ((call: Call, args: Args) => void) | undefined
  /** Takes so little time that the clock need not be read after it. */
  readonly isQuick: boolean
  /** Its first argument is a key. */
  readonly isKeyFirst: boolean
  readonly isNoAuth: boolean
  /** It is answered while a script runs for too long. */
  readonly isBusyAllowed: boolean
  /** Scripts may not call it. */
  readonly isNoScript: boolean
  /** It may stand between MULTI and EXEC. */
  readonly isMultiAllowed: boolean
  /** It acts at once where others are queued. */
  readonly isNeverQueued: boolean
  readonly isExec: boolean
  readonly stats: CommandStats
}

/** True figures for INFO commandstats. */
export interface CommandStats {
  calls: number
  /** Of all calls together. */
  microseconds: number
  rejected: number
  failed: number
  /** The last calls took so long that the next is timed alone. */
  isLong: boolean
  /** How long calls took; none was timed when there is none. */
  durations: DurationHistogram | undefined
}

/** The commands of one group of the reference's manual. */
export interface CommandGroup {
  readonly name: string
  readonly commands: readonly CommandSpec[]
}

/** Names a group of rows: `string`, `generic`, `connection`… */
export function group(name: string, commands: readonly CommandSpec[]): CommandGroup {
  return { name, commands }
}

/** One key at an index; 1 is the first argument after the name. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return {
    flags,
    begin: { kind: 'index', index },
    find: { kind: 'range', lastKey: 0, step: 1, limit: 0 },
  }
}

/** Keys from an index to the last argument (`last` -1) or the one before (-2), every `step`. */
export function keysFrom(index: number, last: number, step: number, ...flags: KeyFlag[]): KeySpec {
  return {
    flags,
    begin: { kind: 'index', index },
    find: { kind: 'range', lastKey: last, step, limit: 0 },
  }
}
