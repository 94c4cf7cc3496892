/**
 * The command table: finds a command by the bytes of its name, in any case, without making a string.
 * Open addressing over a small array; the names are known when it is built.
 */
import { fromLatin1, latin1, viewOf, wordAt } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import type { Command, CommandGroup, CommandSpec, CommandStats } from './command.ts'
import { isKeyFirst } from './keys.ts'

const SLOTS = 2048
/** Spellings of names that are kept; there are many of each in capitals and small letters. */
const SPELLINGS_MAX = 1024

/** They act at once, also between MULTI and EXEC. */
const NEVER_QUEUED: ReadonlySet<string> = new Set([
  'multi',
  'exec',
  'discard',
  'watch',
  'quit',
  'reset',
])

const NO_NAME = new Uint8Array(0)

/** A `rename-command` of the settings. */
export interface Rename {
  readonly from: string
  readonly to: string
}

export class CommandTable {
  readonly #slots: (Command | undefined)[] = new Array(SLOTS).fill(undefined)
  /** By slot, the bytes that its command is called by, in capitals. */
  readonly #names: Uint8Array[] = new Array(SLOTS).fill(NO_NAME)
  readonly #byName = new Map<string, Command>()
  /** By a text that named a command before. */
  readonly #bySpelling = new Map<string, Command>()
  #last: Command | undefined
  readonly #lastSpelling = new Spelling()

  /**
   * `renames` are those of the settings: a command is then called by another word only, or with an
   * empty one not at all. Throws a `RangeError` for a command that there is not, or a word in use.
   */
  constructor(groups: readonly CommandGroup[], renames: readonly Rename[] = []) {
    const words = new Map<string, string>()
    for (const { from, to } of renames) words.set(from.toUpperCase(), to.toUpperCase())
    for (const group of groups) {
      for (const spec of group.commands) {
        const calledBy = words.get(spec.name) ?? spec.name
        words.delete(spec.name)
        this.#add(commandOf(spec, group.name, undefined, calledBy === '' ? undefined : calledBy))
      }
    }
    const [unknown] = words.keys()
    if (unknown !== undefined) throw new RangeError(`No such command in rename-command: ${unknown}`)
  }

  /** The command with this name, in any case, or `undefined`. */
  find(bytes: Uint8Array, start: number, end: number): Command | undefined {
    // Clients that pipeline mostly send the same command again.
    if (this.#lastSpelling.is(viewOf(bytes), start, end)) return this.#last
    const found = this.#search(bytes, start, end)
    if (found !== undefined && this.#lastSpelling.set(bytes, start, end)) this.#last = found
    return found
  }

  /** The command with this name as a text with one character a byte, in any case, or `undefined`. */
  named(text: string): Command | undefined {
    return this.#bySpelling.get(text) ?? this.#spelled(text)
  }

  #spelled(text: string): Command | undefined {
    const command = this.#search(fromLatin1(text), 0, text.length)
    if (command !== undefined) {
      if (this.#bySpelling.size >= SPELLINGS_MAX) this.#bySpelling.clear()
      this.#bySpelling.set(text, command)
    }
    return command
  }

  #search(bytes: Uint8Array, start: number, end: number): Command | undefined {
    for (let slot = slotOf(bytes, start, end); ; slot = (slot + 1) % SLOTS) {
      const command = this.#slots[slot]
      if (command === undefined || isNamed(bytes, start, end, this.#names[slot]!)) return command
    }
  }

  /**
   * The command or subcommand that a request calls, with as many arguments as it needs; otherwise
   * `misfitOf` says why there is none. `first` is the command of its first word.
   */
  resolve(
    request: Request,
    first: Command | undefined = this.find(request.bytes, request.starts[0]!, request.ends[0]!),
  ): Command | undefined {
    if (first === undefined) return undefined
    const { count } = request
    const command = first.subcommands.size > 0 && count > 1 ? subcommandOf(first, request) : first
    if (command?.run === undefined) return undefined
    const { arity } = command
    return (arity < 0 ? count >= -arity : count === arity) ? command : undefined
  }

  /** The command or subcommand with this full name, in any case: `get`, `config|get`. */
  get(fullName: string): Command | undefined {
    return this.#byName.get(fullName.toLowerCase())
  }

  /** Every command, without subcommands, in the order of the groups. */
  all(): Command[] {
    return [...this.#byName.values()].filter(
      (command) => command.parent === undefined && command.calledBy !== undefined,
    )
  }

  /** Every command and subcommand. */
  allWithSubcommands(): Command[] {
    return [...this.#byName.values()]
  }

  /** Sets the figures of all commands to zero. */
  resetStats(): void {
    for (const { stats } of this.#byName.values()) Object.assign(stats, emptyStats())
  }

  #add(command: Command): void {
    if (this.#byName.has(command.fullName)) throw new Error(`two rows for ${command.fullName}`)
    this.#byName.set(command.fullName, command)
    for (const child of command.subcommands.values()) this.#byName.set(child.fullName, child)
    if (command.calledBy === undefined) return
    const name = fromLatin1(command.calledBy)
    let slot = slotOf(name, 0, name.length)
    for (; this.#slots[slot] !== undefined; slot = (slot + 1) % SLOTS) {
      if (this.#slots[slot]?.calledBy === command.calledBy) {
        throw new RangeError(`Target command name already exists: ${command.calledBy}`)
      }
    }
    this.#slots[slot] = command
    this.#names[slot] = name
  }
}

/** The name of a command as it was spelled: to see at once whether another one is the same. */
class Spelling {
  #size = 0
  /** Its first four bytes and its last four. A name of three has a zero for its fourth. */
  #head = 0
  #tail = 0

  /** Takes the name at `bytes[start, end)` if it is as short as most are. @returns whether it is. */
  set(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start
    if (size < 3 || size > 8) return false
    this.#size = size
    this.#head = wordAt(bytes, undefined, start) & (size === 3 ? 0xffffff : -1)
    this.#tail = size === 3 ? 0 : wordAt(bytes, undefined, end - 4)
    return true
  }

  /** Whether it is what stands at `[start, end)` of a buffer with this view; without one nobody knows. */
  is(view: DataView | undefined, start: number, end: number): boolean {
    const size = end - start
    if (view === undefined || size !== this.#size || start + 4 > view.byteLength) return false
    const head = view.getInt32(start, true)
    if (size === 3) return (head & 0xffffff) === this.#head
    return head === this.#head && view.getInt32(end - 4, true) === this.#tail
  }
}

/** Whether a range reads as a name, given in capitals, in any case. */
function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false
  for (let i = 0; i < name.length; i++) {
    let byte = bytes[start + i]!
    if (byte >= 97 && byte <= 122) byte -= 32
    if (byte !== name[i]) return false
  }
  return true
}

/** Few commands have any. */
const NO_SUBCOMMANDS = new Map<string, Command>()

function commandOf(
  spec: CommandSpec,
  group: string,
  parent: Command | undefined,
  calledBy: string | undefined,
): Command {
  const name = spec.name.toLowerCase()
  const children = spec.subcommands ?? []
  const subcommands = children.length === 0 ? NO_SUBCOMMANDS : new Map<string, Command>()
  const has = (flag: CommandSpec['flags'][number]) => spec.flags.includes(flag)
  const command: Command = {
    spec,
    group,
    calledBy,
    fullName: parent === undefined ? name : `${parent.fullName}|${name}`,
    parent,
    subcommands,
    arity: spec.arity,
    run: spec.run === undefined ? undefined : (call, args) => spec.run?.(call, args),
    isWrite: has('write'),
    isDenyOom: has('denyoom'),
    isQuick: has('fast') || spec.complexity === 'O(1)',
    isKeyFirst: isKeyFirst(spec),
    isNoAuth: has('no_auth'),
    isLoadingAllowed: has('loading'),
    mayReplicate: has('write') || has('may_replicate'),
    isBusyAllowed: has('allow_busy'),
    isNoScript: has('noscript'),
    isMultiAllowed: !has('no_multi'),
    isNeverQueued: parent === undefined && NEVER_QUEUED.has(name),
    isExec: parent === undefined && name === 'exec',
    stats: emptyStats(),
  }
  if (spec.run !== undefined) Object.assign(command, { run: spec.run })
  for (const child of children) {
    subcommands.set(child.name, commandOf(child, group, command, child.name))
  }
  return command
}

/** The row of a subcommand; the command's own where it takes any word; or none. */
export function subcommandOf(command: Command, request: Request): Command | undefined {
  const word = latin1(request.bytes, request.starts[1]!, request.ends[1]!)
  const found = command.subcommands.get(word.toUpperCase())
  return found ?? (command.run === undefined ? undefined : command)
}

function emptyStats(): CommandStats {
  return {
    calls: 0,
    microseconds: 0,
    rejected: 0,
    failed: 0,
    isLong: false,
    durations: undefined,
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  // Clearing bit 5 makes the letters of both cases equal; what else it does is seen by `find`.
  for (let i = start; i < end; i++) hash = Math.imul(hash, 31) + (bytes[i]! & 0xdf)
  return (hash >>> 0) % SLOTS
}
