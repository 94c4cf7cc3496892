/**
 * Parses the manual's notation into the argument tree that COMMAND DOCS answers.
 *
 *     key value:integer        arguments, strings unless they name a type
 *     pattern  key             names that are their own type
 *     addr(ip:port)            an argument that people are shown as something else
 *     NX  LIB-NAME             words in capitals, typed as they stand
 *     *:auto-id                signs too, which may be named
 *     EX seconds:integer       a word and the argument that it announces
 *     [LIMIT offset count]     may be left out; a word and several arguments make a block
 *     <<LIMIT offset> count>   the same, but the word stays with what it announces
 *     <EX seconds | KEEPTTL>   one of several
 *     [NX | XX]:condition      brackets may be named
 *     key value [key value …]  what stands before the bracket may come again (three full stops)
 *     <A x | B y …>            what stands in the bracket may come any number of times
 */

/** The types of arguments, by the reference's names. */
export type ArgumentKind =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block'

/** One argument of a command, or a group of them. */
export interface Argument {
  readonly name: string
  readonly kind: ArgumentKind
  /** What people are shown instead of the name. */
  readonly display?: string
  /** The word before it; of a pure token, the word itself. */
  readonly token?: string
  readonly isOptional: boolean
  readonly isMultiple: boolean
  /** When it comes again, so does its word. */
  readonly repeatsToken: boolean
  /** Its word is not that of the block which it begins. */
  readonly keepsToken?: true
  /** Alternatives of `oneof`, parts of `block`. */
  readonly parts: readonly Argument[]
}

/** How many arguments there may be; `max` is `Infinity` where one may come again. */
export interface ArgumentCount {
  readonly min: number
  readonly max: number
}

const KINDS = ['string', 'integer', 'double', 'key', 'pattern', 'unix-time']
const MORE = '...'
const WORD = /^([^:(]+)(?:\(([^)]*)\))?(?::(.+))?$/
const cache = new Map<string, readonly Argument[]>()

/** The arguments that a row's `syntax` describes. Throws an `Error` when it is malformed. */
export function parseSyntax(syntax: string): readonly Argument[] {
  const known = cache.get(syntax)
  if (known !== undefined) return known
  const parser = new Parser(syntax)
  const parsed = parser.sequence()
  if (!parser.isAtEnd) throw new Error(`"${syntax}" closes a bracket that is not open`)
  cache.set(syntax, parsed)
  return parsed
}

/** How many words a list of arguments takes. */
export function countArguments(list: readonly Argument[]): ArgumentCount {
  let min = 0
  let max = 0
  for (const argument of list) {
    const one = countOne(argument)
    min += argument.isOptional ? 0 : one.min
    max += argument.isMultiple ? Number.POSITIVE_INFINITY : one.max
  }
  return { min, max }
}

function countOne({ kind, token, parts }: Argument): ArgumentCount {
  const own = token === undefined ? 0 : 1
  if (kind === 'pure-token') return { min: 1, max: 1 }
  if (kind === 'block') {
    const { min, max } = countArguments(parts)
    return { min: own + min, max: own + max }
  }
  if (kind !== 'oneof') return { min: own + 1, max: own + 1 }
  // An alternative that may be left out still takes its place when it is the one.
  const counts = parts.map((part) => countArguments([{ ...part, isOptional: false }]))
  return {
    min: own + Math.min(...counts.map(({ min }) => min)),
    max: own + Math.max(...counts.map(({ max }) => max)),
  }
}

class Parser {
  readonly #words: readonly string[]
  readonly #syntax: string
  #at = 0

  constructor(syntax: string) {
    this.#syntax = syntax
    this.#words = syntax.match(/[[<|]|[\]>](?::[\w-]+)?|\.\.\.|[^\s[\]<>|]+/g) ?? []
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length
  }

  /** Reads arguments up to a closing bracket, a bar or the end. */
  sequence(): Argument[] {
    const list: Argument[] = []
    for (let word = this.#words[this.#at]; word !== undefined; word = this.#words[this.#at]) {
      if (word === '|' || word.startsWith(']') || word.startsWith('>') || word === MORE) break
      if (word === '[') this.#optional(list)
      else if (word === '<') list.push(this.#choice())
      else this.#word(list)
    }
    return list
  }

  #word(list: Argument[]): void {
    const parts = WORD.exec(this.#words[this.#at++]!)
    if (parts === null) throw new Error(`"${this.#syntax}" has a word that means nothing`)
    const [, text = '', display, type] = parts
    if (text !== text.toUpperCase()) {
      list.push(plain(text, type, display))
      return
    }
    const announced = this.#announced()
    if (announced !== undefined) list.push({ ...announced, token: text })
    else {
      const name = type ?? text.toLowerCase()
      list.push({ ...plain(name, 'string'), kind: 'pure-token', token: text })
    }
  }

  /** What a word announces: the argument or the choice that follows at once. */
  #announced(): Argument | undefined {
    const next = this.#words[this.#at]
    if (next === undefined || /^[[\]>|.]/.test(next)) return undefined
    if (next === '<') return this.#choice()
    const name = WORD.exec(next)?.[1]
    if (name === undefined || name === name.toUpperCase()) return undefined
    const list: Argument[] = []
    this.#word(list)
    return list[0]
  }

  #choice(): Argument {
    const { alternatives, name, hasMore } = this.#inside('>')
    const argument = named(kept(grouped(alternatives)), name)
    return hasMore ? { ...argument, isMultiple: true } : argument
  }

  #optional(list: Argument[]): void {
    const { alternatives, name, hasMore } = this.#inside(']')
    const repeated = hasMore ? repetitionOf(list, alternatives) : undefined
    if (repeated !== undefined) {
      list.splice(list.length - repeated.replaces, repeated.replaces, named(repeated.by, name))
      return
    }
    const argument = grouped(alternatives)
    list.push(
      named({ ...argument, isOptional: true, isMultiple: hasMore || argument.isMultiple }, name),
    )
  }

  #inside(closer: string): {
    alternatives: Argument[][]
    name: string | undefined
    hasMore: boolean
  } {
    this.#at++
    const alternatives = [this.sequence()]
    while (this.#words[this.#at] === '|') {
      this.#at++
      alternatives.push(this.sequence())
    }
    const hasMore = this.#words[this.#at] === MORE
    if (hasMore) this.#at++
    const close = this.#words[this.#at++]
    if (!close?.startsWith(closer)) throw new Error(`"${this.#syntax}" lacks a "${closer}"`)
    return { alternatives, name: close.slice(2) || undefined, hasMore }
  }
}

function plain(name: string, type: string | undefined, display?: string): Argument {
  const kind = type ?? (name === 'key' || name === 'pattern' ? name : 'string')
  if (!KINDS.includes(kind)) throw new Error(`"${kind}" is no type of argument`)
  return {
    name,
    kind: kind as ArgumentKind,
    ...(display === undefined ? {} : { display }),
    isOptional: false,
    isMultiple: false,
    repeatsToken: false,
    parts: [],
  }
}

function named(argument: Argument, name: string | undefined): Argument {
  return name === undefined ? argument : { ...argument, name }
}

/** An argument that stands in a bracket of its own with its word. */
function kept(argument: Argument): Argument {
  const isPlain = argument.token !== undefined && argument.parts.length === 0
  return isPlain && argument.kind !== 'pure-token' ? { ...argument, keepsToken: true } : argument
}

/** One argument for what a bracket holds. */
function grouped(alternatives: readonly (readonly Argument[])[]): Argument {
  const parts = alternatives.map(single)
  if (parts.length === 1) return parts[0]!
  const name = parts.map((part) => part.name).join('-')
  return { ...plain(name, 'string'), kind: 'oneof', parts }
}

/** A sequence as one argument: a block, unless it is one already. */
function single(sequence: readonly Argument[]): Argument {
  const first = sequence[0]
  if (first === undefined) throw new Error('a bracket is empty')
  if (sequence.length === 1) return first
  const { token, ...bare } = first
  const isAnnounced = first.kind !== 'pure-token' && !first.repeatsToken && !first.isOptional
  const isOfBlock = isAnnounced && first.keepsToken === undefined
  if (token === undefined || !isOfBlock || sequence.some(hasTokenAfter)) {
    const name = sequence.map((part) => part.name).join('-')
    return { ...plain(name, 'string'), kind: 'block', parts: sequence }
  }
  const name = token.toLowerCase()
  return { ...plain(name, 'string'), kind: 'block', token, parts: [bare, ...sequence.slice(1)] }
}

function hasTokenAfter(part: Argument, i: number): boolean {
  return i > 0 && part.token !== undefined
}

/** What the end of `list` becomes when `alternatives` says that it may come again. */
function repetitionOf(
  list: readonly Argument[],
  alternatives: readonly (readonly Argument[])[],
): { by: Argument; replaces: number } | undefined {
  const again = alternatives[0]!
  const before = list.slice(-again.length)
  const isSame = before.every((argument, i) => argument.name === again[i]!.name)
  if (alternatives.length !== 1 || before.length < again.length || !isSame) return undefined
  const first = before[0]!
  const repeatsToken = again[0]!.token !== undefined && first.kind !== 'pure-token'
  if (before.length === 1) {
    return { by: { ...first, isMultiple: true, repeatsToken }, replaces: 1 }
  }
  const block = single(before)
  const by = { ...block, isMultiple: true, repeatsToken: block.token !== undefined }
  return { by, replaces: before.length }
}
