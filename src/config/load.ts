/** Reads configuration text and command-line directives into values. */
import { fromLatin1, latin1, splitArgs } from '../bytes/index.ts'
import { FileError, systemText } from '../host/index.ts'
import { optionLines } from './command-line.ts'
import { Refusal } from './directive.ts'
import { toUnicode } from './kinds.ts'
import { type ConfigValues, findDirective, type Row } from './table.ts'

/** Includes within includes: enough for any real folder, and an end for a file that includes itself. */
const INCLUDE_DEPTH_MAX = 16

/** Once known to the reference, and still passed over in silence. */
const FORGOTTEN = ['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands']

/** Where configuration comes from. */
export interface ConfigSource {
  /** `--directive value…` that the text and `argv` overrule. */
  readonly defaults?: readonly string[]
  /** The file's text, one character a byte. */
  readonly text?: string
  /** The file's name, for messages. */
  readonly path?: string
  /** `--directive value…`, applied after the text. */
  readonly argv?: readonly string[]
  /** The folder that `dir` is seen from: the process's own. */
  readonly cwd?: string
  /**
   * The text of an included file, one character a byte, or a `FileError`. Wildcards are its
   * business: see `includeFrom`. Without it `include` reads as nothing.
   */
  readInclude?(path: string): string
  /**
   * Why a folder that is named cannot be `dir`, or `undefined`. One of `defaults` is not asked about:
   * whoever gives it makes it.
   */
  refuseFolder?(path: string): string | undefined
}

/** What a configuration says beside the values of directives. */
export interface ConfigExtras {
  /** The `user` lines: a name and its rules. */
  readonly users: string[][]
  /** The `rename-command` lines. An empty new name takes the command away. */
  readonly renames: { readonly from: string; readonly to: string }[]
}

/** The configuration cannot be used. The message is one line for people. */
export class ConfigError extends Error {
  /** Why, as the reference words it. */
  readonly reason: string
  /** The file, unless it came from elsewhere. */
  readonly path: string | undefined
  /** The line's number, from 1; none when it came from the command line. */
  readonly line: number | undefined
  /** The line itself. */
  readonly text: string | undefined

  constructor(reason: string, place: { path?: string; line?: number; text?: string } = {}) {
    super(`Bad configuration${describePlace(place)}: ${reason}`)
    this.name = 'ConfigError'
    this.reason = reason
    this.path = place.path
    this.line = place.line
    this.text = place.text
  }
}

function describePlace({ path, line, text }: { path?: string; line?: number; text?: string }) {
  if (text === undefined) return ''
  if (line === undefined) return ` in the arguments, '${text}'`
  return `${path === undefined ? '' : ` in ${path}`} at line ${line}, '${text}'`
}

/** Applies a source to `values`, which hold the defaults. @throws {ConfigError} */
export function load(values: ConfigValues, source: ConfigSource): ConfigExtras {
  const loader = new Loader(values, source)
  loader.readDefaults(source.defaults ?? [])
  if (source.text !== undefined) loader.readText(source.text, source.path, 0)
  loader.readOptions(source.argv ?? [])

  if (values.clusterEnabled && values.replicaof) {
    throw new ConfigError('replicaof directive not allowed in cluster mode')
  }
  if (values.clusterEnabled) values.databases = 1
  return loader.extras
}

interface Place {
  readonly path?: string
  readonly line?: number
  readonly text: string
}

class Loader {
  readonly extras: ConfigExtras = { users: [], renames: [] }
  readonly #values: Record<string, unknown>
  readonly #source: ConfigSource
  readonly #seen = new Set<Row>()
  /** The reference enters each folder that `dir` names, so the next is seen from there. */
  #folder: string
  #readsDefaults = false

  constructor(values: ConfigValues, source: ConfigSource) {
    this.#values = values as unknown as Record<string, unknown>
    this.#source = source
    this.#folder = values.dir
  }

  readDefaults(options: readonly string[]): void {
    this.#readsDefaults = true
    this.readOptions(options)
    this.#readsDefaults = false
  }

  readOptions(options: readonly string[]): void {
    for (const line of optionLines(options)) this.readLine(line, { text: line }, 0)
  }

  readText(text: string, path: string | undefined, depth: number): void {
    text.split('\n').forEach((raw, i) => {
      const line = trimLine(raw)
      const place = { line: i + 1, text: toUnicode(line) }
      this.readLine(line, path === undefined ? place : { ...place, path }, depth)
    })
  }

  readLine(line: string, place: Place, depth: number): void {
    if (line === '' || line.startsWith('#')) return
    try {
      const args = wordsOf(line)
      if (args === undefined) throw new Refusal('Unbalanced quotes in configuration line')
      if (args.length > 0) this.#apply(args[0]!.toLowerCase(), args.slice(1), depth)
    } catch (error) {
      if (error instanceof Refusal) throw new ConfigError(error.message, place)
      throw error
    }
  }

  #apply(name: string, args: string[], depth: number): void {
    const found = findDirective(name)
    if (found) this.#setValue(found.row, args)
    else if (name === 'include' && args.length === 1) this.#include(toUnicode(args[0]!), depth)
    else if (name === 'user' && args.length > 0) this.extras.users.push(args)
    else if (name === 'rename-command' && args.length === 2) {
      this.extras.renames.push({ from: args[0]!, to: args[1]! })
    } else if (!FORGOTTEN.includes(name) || args.length !== 1) throw unknownDirective(name)
  }

  #setValue(row: Row, args: string[]): void {
    if (!row.manyArgs && args.length !== 1) throw new Refusal('wrong number of arguments')
    // `save "60 1"` means what `save 60 1` does.
    const isList = row.manyArgs && args.length === 1 && args[0] !== ''
    const words = isList ? (wordsOf(args[0]!) ?? []) : args

    const isFirst = !this.#seen.has(row)
    this.#seen.add(row)
    const startsAnew = isFirst && row.startsFrom !== undefined
    const was = startsAnew ? row.startsFrom : this.#values[row.field]
    if (row.name === 'dir') this.#setFolder(row.read(words, this.#folder) as string)
    else this.#values[row.field] = row.read(words, was)
  }

  #setFolder(folder: string): void {
    this.#values.dir = folder
    if (this.#readsDefaults) return
    const refusal = this.#source.refuseFolder?.(folder)
    if (refusal !== undefined) throw new Refusal(refusal)
    this.#folder = folder
  }

  #include(path: string, depth: number): void {
    if (depth >= INCLUDE_DEPTH_MAX) throw new Refusal('Too many includes within includes')
    let text: string
    try {
      text = this.#source.readInclude?.(path) ?? ''
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      throw new Refusal(`can't open config file '${path}': ${systemText(error.code)}`)
    }
    this.readText(text, path, depth + 1)
  }
}

function unknownDirective(name: string): Refusal {
  if (name === 'loadmodule' || name.includes('.')) return new Refusal('Modules are not supported')
  if (name === 'sentinel') {
    return new Refusal('sentinel directive while not in sentinel mode')
  }
  return new Refusal('Bad directive or wrong number of arguments')
}

/** Takes the blanks off both ends of a line. */
export function trimLine(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

/** The words of a line, or `undefined` when its quotes do not match. */
export function wordsOf(line: string): string[] | undefined {
  const bytes = fromLatin1(line)
  return splitArgs(bytes, 0, bytes.length)?.map((word) => latin1(word))
}
