/**
 * Patterns. A pattern is read once into a list of items, and then matched by walking through the items
 * with backtracking. What is wrong with a pattern becomes an item too: it fails when it is reached, as
 * in the reference, which reads patterns while it matches.
 */
import { raise } from '../runtime/frames.ts'

/** The most captures that a pattern can have. */
const CAPTURES_MAX = 32
/** How many items with a choice may wait for each other. */
const DEPTH_MAX = 400
/**
 * So many steps, and some more for each character, may be taken with one text: a tenth of a second or
 * two, in which nobody else is served.
 */
const STEPS_MAX = 2 ** 24
const STEPS_PER_CHARACTER = 16

/** Which characters a single item accepts: one, by code; or those that have a 1. */
type CharacterSet = number | Uint8Array

/** How often a single item can match. */
type Repetition = '' | '?' | '*' | '+' | '-'

/** A part of a pattern. */
type Item =
  | { readonly kind: 'single'; readonly set: CharacterSet; readonly repetition: Repetition }
  | { readonly kind: 'open' | 'position' | 'close' | 'end' }
  | { readonly kind: 'balance'; readonly opening: number; readonly closing: number }
  | { readonly kind: 'frontier'; readonly set: CharacterSet }
  | { readonly kind: 'again'; readonly index: number }
  | { readonly kind: 'failure'; readonly message: string }

/** A pattern that has been read. */
export interface Pattern {
  /** It begins with `^`: only the first place is tried. */
  readonly isAnchored: boolean
  readonly items: readonly Item[]
}

/** Lengths of captures that are none. */
const UNFINISHED = -1
const POSITION = -2

const known = new Map<string, Pattern>()
const KNOWN_MAX = 200
/** Longer patterns are rare, and not worth their memory. */
const KNOWN_LENGTH_MAX = 200

/** Reads a pattern, or remembers it. In `gmatch` a `^` has no meaning. */
export function readPattern(text: string, mayBeAnchored: boolean): Pattern {
  const key = mayBeAnchored ? text : `\0${text}`
  let pattern = known.get(key)
  if (pattern === undefined) {
    pattern = new PatternReader(text).read(mayBeAnchored)
    if (known.size >= KNOWN_MAX) known.clear()
    if (text.length <= KNOWN_LENGTH_MAX) known.set(key, pattern)
  }
  return pattern
}

const PERCENT = 37

class PatternReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    // Patterns are strings of C in the reference: they end at a zero byte.
    const end = text.indexOf('\0')
    this.#text = end < 0 ? text : text.slice(0, end)
  }

  read(mayBeAnchored: boolean): Pattern {
    const isAnchored = mayBeAnchored && this.#text[0] === '^'
    if (isAnchored) this.#at = 1
    const items: Item[] = []
    while (this.#at < this.#text.length) {
      const item = this.#item()
      items.push(item)
      if (item.kind === 'failure') break
    }
    return { isAnchored, items }
  }

  #item(): Item {
    const text = this.#text
    switch (text[this.#at]) {
      case '(':
        this.#at++
        if (text[this.#at] !== ')') return { kind: 'open' }
        this.#at++
        return { kind: 'position' }
      case ')':
        this.#at++
        return { kind: 'close' }
      case '$':
        if (this.#at === text.length - 1) {
          this.#at++
          return { kind: 'end' }
        }
        break
      case '%': {
        const special = this.#special(text[this.#at + 1])
        if (special !== undefined) return special
      }
    }
    return this.#single()
  }

  /** What `%b`, `%f` and digits mean. */
  #special(character: string | undefined): Item | undefined {
    const text = this.#text
    if (character === 'b') {
      if (this.#at + 3 >= text.length) return failure('unbalanced pattern')
      const opening = text.charCodeAt(this.#at + 2)
      const closing = text.charCodeAt(this.#at + 3)
      this.#at += 4
      return { kind: 'balance', opening, closing }
    }
    if (character === 'f') {
      this.#at += 2
      if (text[this.#at] !== '[') return failure("missing '[' after '%f' in pattern")
      const set = this.#set()
      return typeof set === 'string' ? failure(set) : { kind: 'frontier', set }
    }
    if (character !== undefined && character >= '0' && character <= '9') {
      this.#at += 2
      return { kind: 'again', index: Number(character) - 1 }
    }
    return undefined
  }

  #single(): Item {
    const set = this.#set()
    if (typeof set === 'string') return failure(set)
    const following = this.#text[this.#at]
    if (following !== undefined && '?*+-'.includes(following)) {
      this.#at++
      return { kind: 'single', set, repetition: following as Repetition }
    }
    return { kind: 'single', set, repetition: '' }
  }

  /** The characters that one item accepts; a message when it is malformed. */
  #set(): CharacterSet | string {
    const text = this.#text
    const code = text.charCodeAt(this.#at++)
    switch (code) {
      case 46:
        return ANYTHING
      case PERCENT:
        if (this.#at >= text.length) return "malformed pattern (ends with '%')"
        return classSet(text.charCodeAt(this.#at++))
      case 91:
        return this.#bracketSet()
      default:
        return code
    }
  }

  #bracketSet(): CharacterSet | string {
    const text = this.#text
    const isNegated = text[this.#at] === '^'
    if (isNegated) this.#at++
    const start = this.#at
    // A bracket directly at the beginning is an element.
    let end = start
    do {
      if (end >= text.length) return "malformed pattern (missing ']')"
      if (text.charCodeAt(end++) === PERCENT && end < text.length) end++
    } while (text[end] !== ']')
    this.#at = end + 1
    const set = new Uint8Array(256)
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at)
      if (code === PERCENT) {
        at++
        addSet(set, classSet(at < end ? text.charCodeAt(at) : 93))
      } else if (text[at + 1] === '-' && at + 2 < end) {
        set.fill(1, code, Math.max(code, text.charCodeAt(at + 2) + 1))
        at += 2
      } else set[code] = 1
    }
    return isNegated ? negated(set) : set
  }
}

function failure(message: string): Item {
  return { kind: 'failure', message }
}

const ANYTHING = new Uint8Array(256).fill(1)

function addSet(target: Uint8Array, set: CharacterSet): void {
  if (typeof set === 'number') target[set] = 1
  else for (let code = 0; code < 256; code++) target[code]! |= set[code]!
}

function negated(set: Uint8Array): Uint8Array {
  return set.map((isIn) => 1 - isIn)
}

/** The classes of the C locale, by letter. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the class is made of
  c: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[\t-\r ]/,
  u: /[A-Z]/,
  w: /[0-9A-Za-z]/,
  x: /[0-9A-Fa-f]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the zero byte
  z: /\x00/,
}

const classSets = new Map<string, Uint8Array>()
for (const [letter, expression] of Object.entries(CLASSES)) {
  const set = Uint8Array.from({ length: 256 }, (_, code) => {
    return expression.test(String.fromCharCode(code)) ? 1 : 0
  })
  classSets.set(letter, set)
  classSets.set(letter.toUpperCase(), negated(set))
}

/** What `%` and a character stand for: a class, or the character itself. */
function classSet(code: number): CharacterSet {
  return classSets.get(String.fromCharCode(code)) ?? code
}

/** One text that a pattern is matched against, from as many places as are tried. */
export class Matcher {
  readonly text: string
  readonly #items: readonly Item[]
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  #level = 0
  #depth = 0
  readonly #stepsMax: number
  /** The work that was done. */
  steps = 0

  constructor(text: string, pattern: Pattern) {
    this.text = text
    this.#items = pattern.items
    this.#stepsMax = STEPS_MAX + STEPS_PER_CHARACTER * text.length
  }

  /** Where a match from this place ends; -1 when there is none. */
  matchAt(at: number): number {
    this.#level = 0
    this.#depth = 0
    return this.#match(at, 0)
  }

  /** How many captures the last match has. */
  get captureCount(): number {
    return this.#level
  }

  /** A capture of the last match, the whole match when there are none. */
  capture(index: number, start: number, end: number): string | number {
    if (index >= this.#level) {
      if (index !== 0) raise('invalid capture index')
      return this.text.slice(start, end)
    }
    const length = this.#lengths[index]!
    if (length === UNFINISHED) raise('unfinished capture')
    const from = this.#starts[index]!
    return length === POSITION ? from + 1 : this.text.slice(from, from + length)
  }

  /** All captures of the last match; the whole match when there are none. */
  captures(start: number, end: number): (string | number)[] {
    const values = [this.capture(0, start, end)]
    for (let at = 1; at < this.#level; at++) values.push(this.capture(at, start, end))
    return values
  }

  #match(at: number, from: number): number {
    if (++this.#depth > DEPTH_MAX || this.steps > this.#stepsMax) raise('pattern too complex')
    const end = this.#walk(at, from)
    this.#depth--
    return end
  }

  #walk(at: number, from: number): number {
    const { text } = this
    const items = this.#items
    for (let index = from; index < items.length; index++) {
      this.steps++
      const item = items[index]!
      switch (item.kind) {
        case 'single': {
          if (item.repetition !== '') return this.#repeat(at, index, item.set, item.repetition)
          if (at >= text.length || !accepts(item.set, text.charCodeAt(at))) return -1
          at++
          break
        }
        case 'open':
        case 'position':
          return this.#open(at, index, item.kind === 'open' ? UNFINISHED : POSITION)
        case 'close':
          return this.#close(at, index)
        case 'end':
          if (at !== text.length) return -1
          break
        case 'failure':
          return raise(item.message)
        default:
          at = this.#passSpecial(at, item)
          if (at < 0) return -1
      }
    }
    return at
  }

  #passSpecial(
    at: number,
    item: Extract<Item, { kind: 'balance' | 'frontier' | 'again' }>,
  ): number {
    const { text } = this
    switch (item.kind) {
      case 'balance':
        return this.#balance(at, item.opening, item.closing)
      case 'frontier': {
        const before = at === 0 ? 0 : text.charCodeAt(at - 1)
        const after = at < text.length ? text.charCodeAt(at) : 0
        return !accepts(item.set, before) && accepts(item.set, after) ? at : -1
      }
      case 'again': {
        const { index } = item
        if (index < 0 || index >= this.#level || this.#lengths[index] === UNFINISHED) {
          return raise('invalid capture index')
        }
        // A position capture has no length that anything could be compared with.
        if (this.#lengths[index]! < 0) return -1
        const start = this.#starts[index]!
        const part = text.slice(start, start + this.#lengths[index]!)
        this.steps += part.length >>> 4
        return text.startsWith(part, at) ? at + part.length : -1
      }
    }
  }

  #repeat(at: number, index: number, set: CharacterSet, repetition: Repetition): number {
    const { text } = this
    if (repetition === '-') {
      for (let place = at; ; place++) {
        const end = this.#match(place, index + 1)
        if (end >= 0) return end
        if (place >= text.length || !accepts(set, text.charCodeAt(place))) return -1
      }
    }
    const least = repetition === '+' ? at + 1 : at
    const limit = repetition === '?' ? Math.min(at + 1, text.length) : text.length
    let place = at
    while (place < limit && accepts(set, text.charCodeAt(place))) place++
    this.steps += (place - at) >>> 2
    for (; place >= least; place--) {
      const end = this.#match(place, index + 1)
      if (end >= 0) return end
    }
    return -1
  }

  #open(at: number, index: number, length: number): number {
    const level = this.#level
    if (level >= CAPTURES_MAX) raise('too many captures')
    this.#starts[level] = at
    this.#lengths[level] = length
    this.#level++
    const end = this.#match(at, index + 1)
    if (end < 0) this.#level--
    return end
  }

  #close(at: number, index: number): number {
    let level = this.#level - 1
    while (level >= 0 && this.#lengths[level] !== UNFINISHED) level--
    if (level < 0) raise('invalid pattern capture')
    this.#lengths[level] = at - this.#starts[level]!
    const end = this.#match(at, index + 1)
    if (end < 0) this.#lengths[level] = UNFINISHED
    return end
  }

  /** Where a balanced text ends that begins here. */
  #balance(at: number, opening: number, closing: number): number {
    const { text } = this
    if (at >= text.length || text.charCodeAt(at) !== opening) return -1
    let open = 1
    for (let place = at + 1; place < text.length; place++) {
      const code = text.charCodeAt(place)
      if (code === closing) {
        if (--open === 0) {
          this.steps += (place - at) >>> 2
          return place + 1
        }
      } else if (code === opening) open++
    }
    this.steps += (text.length - at) >>> 2
    return -1
  }
}

function accepts(set: CharacterSet, code: number): boolean {
  return typeof set === 'number' ? set === code : set[code] === 1
}
