/** The configuration of a store: typed values to read, and CONFIG GET, SET and REWRITE on them. */
import { fromLatin1, globMatches } from '../bytes/index.ts'
import { Refusal } from './directive.ts'
import { type ConfigExtras, type ConfigSource, load } from './load.ts'
import { type RewriteOptions, rewriteConfig } from './rewrite.ts'
import {
  type ConfigValues,
  type DirectiveName,
  findDirective,
  type NamedRow,
  names,
  type Row,
  rows,
} from './table.ts'

/**
 * Puts a changed value into effect.
 * @returns why that cannot be, as the client shall read it, and then everything is put back.
 */
export type ChangeListener = (values: ConfigValues) => string | undefined

/** Who asks for a change, and when. */
export interface ChangeContext {
  /** The client comes from this machine, which `enable-protected-configs local` asks for. */
  readonly local?: boolean
  /** A data set is being loaded. */
  readonly loading?: boolean
}

/** CONFIG SET refused. The message is the error reply without its code. */
export class ConfigSetError extends Error {
  readonly code: 'ERR' | 'LOADING'

  constructor(message: string, code: 'ERR' | 'LOADING' = 'ERR') {
    super(message)
    this.name = 'ConfigSetError'
    this.code = code
  }
}

/** One store's configuration. */
export class Config {
  /** The values in force. Read them where they are needed; change them with `set`. */
  readonly values: ConfigValues
  /** The `user` lines and renamed commands of the file, for whoever keeps users and commands. */
  readonly extras: ConfigExtras
  readonly #listeners = new Map<DirectiveName, ChangeListener[]>()

  private constructor(source: ConfigSource) {
    this.values = defaultValues()
    if (source.cwd !== undefined) this.values.dir = source.cwd
    this.extras = load(this.values, source)
  }

  /**
   * Reads a file's text and then `--directive value…` arguments over the defaults.
   * @throws {ConfigError}
   */
  static parse(source: ConfigSource): Config {
    return new Config(source)
  }

  /**
   * CONFIG GET: names and values for exact names and patterns, each once. An exact name is shown
   * as it was asked for.
   */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [string, string]>()
    const add = (name: string, shown: string, row: Row) => {
      if (!found.has(name)) found.set(name, [shown, row.print(this.values[row.field])])
    }
    for (const pattern of patterns) {
      if (!/[*?[]/.test(pattern)) {
        const exact = findDirective(pattern)
        if (exact) add(exact.name, pattern, exact.row)
        continue
      }
      const bytes = fromLatin1(pattern)
      for (const { name, row } of names) {
        if (row.hidden) continue
        const text = fromLatin1(name)
        if (globMatches(bytes, 0, bytes.length, text, 0, text.length, true)) add(name, name, row)
      }
    }
    return [...found.values()]
  }

  /**
   * CONFIG SET: changes all of the named values or none of them.
   * @returns what takes all of it back.
   * @throws {ConfigSetError} when a name, a value or a listener is against it.
   */
  set(pairs: readonly (readonly [string, string])[], context: ChangeContext = {}): () => void {
    const changes = this.#check(pairs, context)
    const bag = this.values as unknown as Record<string, unknown>
    const before = changes.map(({ row }) => bag[row.field])
    const restore = () => {
      // Backwards, because two names of one directive may be set at once.
      for (let i = changes.length - 1; i >= 0; i--) bag[changes[i]!.row.field] = before[i]
    }

    const changed: NamedRow[] = []
    for (const { name, row, value } of changes) {
      const was = bag[row.field]
      try {
        bag[row.field] = readOne(row, value, was)
      } catch (error) {
        restore()
        throw error instanceof Refusal ? configSetFailure(name, error.message) : error
      }
      if (row.volatile || row.print(was) !== row.print(bag[row.field])) changed.push({ name, row })
    }
    const called = this.#apply(changed, restore)
    return () => {
      restore()
      for (const each of called) each(this.values)
    }
  }

  /** The settings that differ from the default though nothing acts on them, as in a file: `daemonize yes`. */
  inertSettings(): string[] {
    return rows
      .filter((row) => row.inert)
      .map((row) => ({
        ...row,
        initially: row.print(row.initial),
        now: row.print(this.values[row.field]),
      }))
      .filter(({ initially, now }) => initially !== now)
      .map(({ name, now }) => `${name} ${now}`)
  }

  /** Calls `listener` after any of the named directives was changed by `set`, once for all of them. */
  onChange(watched: DirectiveName | readonly DirectiveName[], listener: ChangeListener): void {
    for (const name of typeof watched === 'string' ? [watched] : watched) {
      const listeners = this.#listeners.get(name)
      if (listeners) listeners.push(listener)
      else this.#listeners.set(name, [listener])
    }
  }

  /**
   * CONFIG REWRITE: the text of the file brought up to date, one character a byte.
   */
  rewrite(existing: string, options: RewriteOptions = {}): string {
    return rewriteConfig(existing, this.values, options)
  }

  /** Finds what each pair is about; the first thing that is wrong decides the error. */
  #check(pairs: readonly (readonly [string, string])[], context: ChangeContext) {
    const changes: (NamedRow & { readonly value: string })[] = []
    for (const [asked, value] of pairs) {
      const found = findDirective(asked)
      if (!found) {
        throw new ConfigSetError(
          `Unknown option or number of arguments for CONFIG SET - '${asked}'`,
        )
      }
      const { name, row } = found
      if (row.immutable) throw configSetFailure(asked, "can't set immutable config")
      const guard = this.values.enableProtectedConfigs
      if (row.guarded && guard !== 'yes' && !(guard === 'local' && context.local)) {
        throw configSetFailure(asked, "can't set protected config")
      }
      if (row.deniedWhileLoading && context.loading) {
        throw new ConfigSetError('Redis is loading the dataset in memory', 'LOADING')
      }
      if (changes.some((change) => change.name === name))
        throw configSetFailure(asked, 'duplicate parameter')
      changes.push({ name, row, value })
    }
    return changes
  }

  /**
   * Calls each listener once. When one refuses, those that were called hear of the old values.
   * @returns those that were called.
   */
  #apply(changed: readonly NamedRow[], restore: () => void): ReadonlySet<ChangeListener> {
    const called = new Set<ChangeListener>()
    for (const { name, row } of changed) {
      for (const listener of this.#listeners.get(row.name) ?? []) {
        if (called.has(listener)) continue
        called.add(listener)
        let refusal: string | undefined
        try {
          refusal = listener(this.values)
        } catch (error) {
          restore()
          throw error
        }
        if (refusal === undefined) continue
        restore()
        for (const each of called) each(this.values)
        throw configSetFailure(name, refusal)
      }
    }
    return called
  }
}

/** Whether a directive's value must not be shown, by any of its names. */
export function isSensitive(name: string): boolean {
  return findDirective(name)?.row.sensitive ?? false
}

function readOne(row: Row, value: string, was: unknown): unknown {
  if (!row.manyArgs) return row.read([value], was)
  return row.read(value === '' ? [] : value.split(' '), row.startsFrom ?? was)
}

/** Why CONFIG SET changed nothing: the value of `name` cannot be, for this reason. */
export function configSetFailure(name: string, reason: string): ConfigSetError {
  return new ConfigSetError(
    `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`,
  )
}

function defaultValues(): ConfigValues {
  return Object.fromEntries(rows.map((row) => [row.field, row.initial])) as unknown as ConfigValues
}
