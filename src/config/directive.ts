/**
 * What a directive is: one row of the table, with everything that reading, printing, setting and
 * rewriting need to know of it.
 *
 * Arguments and printed values are text with one character a byte, as `latin1` in `bytes/` makes
 * it, so a password of any bytes survives. Values that name files are proper Unicode.
 */

/** How a directive's value is written. */
export type DirectiveKind =
  | 'bool'
  | 'integer'
  | 'memory'
  | 'octal'
  | 'choice'
  | 'flags'
  | 'text'
  | 'path'
  | 'special'

/** A value that a directive will not take. The message is the reason as the reference words it. */
export class Refusal extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'Refusal'
  }
}

/** A line for a rewritten configuration file. */
export interface ConfigLine {
  readonly text: string
  /** Written even where the old file did not have it: the value is not the default. */
  readonly forced: boolean
}

/** What any kind of directive may be. */
export interface Traits {
  /** The older name, which works everywhere too. */
  readonly alias?: string
  /** CONFIG SET refuses it. */
  readonly immutable?: boolean
  /** Keep the value out of logs, MONITOR and SLOWLOG. */
  readonly sensitive?: boolean
  /** CONFIG GET shows it by its exact name and not for a pattern. */
  readonly hidden?: boolean
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly guarded?: boolean
  /** CONFIG SET is refused while a data set loads. */
  readonly deniedWhileLoading?: boolean
  /** Names something that may change behind the name, so setting the same value applies again. */
  readonly volatile?: boolean
  /** Accepted and kept, but nothing in Holdfast acts on it. */
  readonly inert?: boolean
}

/** One directive, without its name. */
export interface Directive<Value = unknown> extends Traits {
  readonly kind: DirectiveKind
  readonly initial: Value
  /** Takes any number of arguments, and checks how many. */
  readonly manyArgs?: boolean
  /**
   * What the first line of a file, and CONFIG SET, add to, where that is not the present value.
   * Later lines of the file add to what earlier ones gave.
   */
  readonly startsFrom?: Value
  /** What is allowed, for people: `0 to 65535`, `always | everysec | no`. */
  readonly allowed?: string
  /** Reads arguments. @throws {Refusal} */
  read(args: readonly string[], was: Value): Value
  /** The value as CONFIG GET shows it. */
  print(value: Value): string
  /** The lines that set `value` in a file. None means that its lines are removed. */
  lines(name: string, value: Value): ConfigLine[]
}

/** What a kind gives; the rest of a directive has usual forms. */
export interface DirectiveParts<Value> {
  readonly kind: DirectiveKind
  readonly initial: Value
  readonly manyArgs?: boolean
  readonly startsFrom?: Value
  readonly allowed?: string
  read(args: readonly string[], was: Value): Value
  print(value: Value): string
  lines?(name: string, value: Value): ConfigLine[]
  /** How the value is written in a file, when that is not how it is shown. */
  write?(value: Value): string
}

/** Completes the parts of a directive. */
export function directive<Value>(parts: DirectiveParts<Value>, traits: Traits): Directive<Value> {
  const { write, lines, ...rest } = parts
  const text = write ?? parts.print
  return {
    ...traits,
    ...rest,
    lines:
      lines ??
      ((name, value) => [
        { text: `${name} ${text(value)}`, forced: text(value) !== text(parts.initial) },
      ]),
  }
}
