/** The common kinds of directive. Each maker takes the default, what is allowed, and the traits. */
import { fromLatin1, INT64_MAX, latin1, quoteArg } from '../bytes/index.ts'
import { type Directive, directive, Refusal, type Traits } from './directive.ts'
import {
  printInteger,
  readInteger,
  readMemory,
  readOctal,
  UINT64_MAX,
  writeMemory,
} from './numbers.ts'

/** Lowest and highest value, both allowed. */
export type Bounds = readonly [number | bigint, number | bigint]

/** `yes` or `no`. */
export function bool(initial: boolean, traits: Traits = {}): Directive<boolean> {
  return directive(
    {
      kind: 'bool',
      initial,
      allowed: 'yes | no',
      read([text]) {
        const word = text!.toLowerCase()
        if (word !== 'yes' && word !== 'no') throw new Refusal("argument must be 'yes' or 'no'")
        return word === 'yes'
      },
      print: (value) => (value ? 'yes' : 'no'),
    },
    traits,
  )
}

/** A whole number. `clamp` pulls what was read into a narrower range. */
export function integer(
  initial: number,
  bounds: Bounds,
  traits: Traits & { readonly clamp?: readonly [number, number] } = {},
): Directive<number> {
  const { clamp, ...rest } = traits
  return directive(
    {
      kind: 'integer',
      initial,
      allowed: describe(bounds),
      read([text]) {
        const value = readInteger(text!)
        if (value === undefined) throw new Refusal("argument couldn't be parsed into an integer")
        const checked = within(value, bounds)
        return clamp ? Math.min(Math.max(checked, clamp[0]), clamp[1]) : checked
      },
      print: printInteger,
    },
    rest,
  )
}

/** An amount of memory in bytes. `atLeast` lifts what was read, where less makes no sense. */
export function memory(
  initial: number,
  bounds: Bounds,
  traits: Traits & { readonly atLeast?: number } = {},
): Directive<number> {
  const { atLeast = 0, ...rest } = traits
  return directive(
    {
      kind: 'memory',
      initial,
      allowed: describe(bounds),
      read([text]) {
        const value = readMemory(text!)
        if (value === undefined) throw new Refusal('argument must be a memory value')
        return Math.max(within(value, bounds), atLeast)
      },
      print: printInteger,
      write: writeMemory,
    },
    rest,
  )
}

/** An amount of memory in bytes, or a share of a whole: a negative number means that many percent. */
export function memoryOrPercent(initial: number, traits: Traits = {}): Directive<number> {
  return directive(
    {
      kind: 'memory',
      initial,
      allowed: `0 to ${INT64_MAX}, or 0% to 100%`,
      read([text]) {
        const bytes = readMemory(text!)
        if (bytes !== undefined) return bytesOrPercent(bytes)
        const percent = text!.endsWith('%') ? readInteger(text!.slice(0, -1)) : undefined
        if (percent === undefined || percent < 0n) {
          throw new Refusal('argument must be a memory or percent value')
        }
        if (percent > 100n) throw tooManyPercent()
        return percent === 0n ? 0 : -Number(percent)
      },
      print: (value) => (value < 0 ? `${-value}%` : printInteger(value)),
      write: (value) => (value < 0 ? `${-value}%` : writeMemory(value)),
    },
    traits,
  )
}

/** As in the reference, an amount beyond 63 bits turns negative, and then is a share. */
function bytesOrPercent(bytes: bigint): number {
  const value = BigInt.asIntN(64, bytes)
  if (value < -100n) throw tooManyPercent()
  return Number(value)
}

function tooManyPercent(): Refusal {
  return new Refusal('percentage argument must be less or equal to 100')
}

/** Permission bits in octal. */
export function octal(initial: number, max: number, traits: Traits = {}): Directive<number> {
  return directive(
    {
      kind: 'octal',
      initial,
      allowed: `0 to ${max.toString(8)}`,
      read([text]) {
        const value = readOctal(text!)
        if (value === undefined) {
          throw new Refusal("argument couldn't be parsed as an octal number")
        }
        if (value < 0n || value > BigInt(max)) {
          throw new Refusal(`argument must be between 0 and ${max.toString(8)} inclusive`)
        }
        return Number(value)
      },
      print: (value) => value.toString(8),
    },
    traits,
  )
}

/** One of a few words. `synonyms` are words that are read and shown as another. */
export function choice<const Word extends string>(
  words: readonly Word[],
  initial: NoInfer<Word>,
  traits: Traits & { readonly synonyms?: Readonly<Record<string, NoInfer<Word>>> } = {},
): Directive<Word> {
  const { synonyms = {}, ...rest } = traits
  return directive(
    {
      kind: 'choice',
      initial,
      allowed: words.join(' | '),
      read([text]) {
        const word = words.find((each) => each === text!.toLowerCase())
        if (word === undefined) throw unknownWord(words)
        return synonyms[word] ?? word
      },
      print: (value) => value,
    },
    rest,
  )
}

/** Any of a few words together; none of them is written `default`. */
export function flags<const Word extends string>(
  words: readonly Word[],
  check: (value: readonly Word[]) => void,
  traits: Traits = {},
): Directive<readonly Word[]> {
  return directive<readonly Word[]>(
    {
      kind: 'flags',
      initial: [],
      manyArgs: true,
      allowed: ['default', ...words].join(' | '),
      read(args) {
        const given = args.map((arg) => arg.toLowerCase())
        const known = (word: string) => word === 'default' || words.some((each) => each === word)
        if (given.length === 0 || !given.every(known)) throw unknownWord(['default', ...words])
        const value = words.filter((word) => given.includes(word))
        check(value)
        return value
      },
      print: (value) => (value.length === 0 ? 'default' : value.join(' ')),
    },
    traits,
  )
}

/** What a text may look like. */
export interface TextRules {
  /** The empty text means that nothing is set, and then a file has no line for it. */
  readonly optional?: boolean
  /** @throws {Refusal} */
  check?(value: string): void
}

/** A text of any bytes, one character a byte. */
export function text(initial: string, traits: Traits & TextRules = {}): Directive<string> {
  const { optional = false, check, ...rest } = traits
  return directive(
    {
      kind: 'text',
      initial,
      read([value]) {
        check?.(value!)
        return value!
      },
      print: (value) => value,
      lines: (name, value) => textLines(name, value, initial, optional),
    },
    rest,
  )
}

/** The name of a file or folder, in Unicode. */
export function path(initial: string, traits: Traits & TextRules = {}): Directive<string> {
  const { optional = false, check, ...rest } = traits
  return directive(
    {
      kind: 'path',
      initial,
      read([value]) {
        check?.(value!)
        return toUnicode(value!)
      },
      print: fromUnicode,
      lines: (name, value) => textLines(name, fromUnicode(value), initial, optional),
    },
    rest,
  )
}

/** Text of bytes as the Unicode that they spell in UTF-8. */
export function toUnicode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The reverse of `toUnicode`. */
export function fromUnicode(value: string): string {
  return latin1(Buffer.from(value, 'utf8'))
}

function textLines(name: string, value: string, initial: string, optional: boolean) {
  if (optional && value === '') return []
  const forced = optional || value !== initial
  return [{ text: `${name} ${quoteArg(fromLatin1(value))}`, forced }]
}

function within(value: bigint, [low, high]: Bounds): number {
  if (value < low || value > high) {
    throw new Refusal(`argument must be between ${low} and ${high} inclusive`)
  }
  return Number(value)
}

function unknownWord(words: readonly string[]): Refusal {
  return new Refusal(`argument(s) must be one of the following: ${words.join(', ')}`)
}

function describe([low, high]: Bounds): string {
  return high === UINT64_MAX ? `${low} or more` : `${low} to ${high}`
}
