/** What scripts and functions say about themselves: flags, and the line that begins with `#!`. */
import { fromLatin1, latin1, splitArgs } from '../bytes/index.ts'

/** The flags, in the order in which they are listed. */
export const SCRIPT_FLAGS = [
  'no-writes',
  'allow-oom',
  'allow-stale',
  'no-cluster',
  'allow-cross-slot-keys',
] as const

/** The name of a flag. */
export type ScriptFlag = (typeof SCRIPT_FLAGS)[number]

/** What is known of a script before it runs. */
export interface ScriptFlags {
  /** It has no first line that says what it is: rules of old apply. */
  readonly isPlain: boolean
  readonly flags: ReadonlySet<ScriptFlag>
}

/** Flags of a script that says nothing. */
export const PLAIN: ScriptFlags = { isPlain: true, flags: new Set() }

/** The flag that has a name. */
export function flagNamed(name: string): ScriptFlag | undefined {
  return SCRIPT_FLAGS.find((flag) => flag === name)
}

/** The parts of a first line: `#!lua`, `name=x`, `flags=y`; and where the text after it begins. */
export interface Shebang {
  readonly parts: readonly string[]
  /** The line feed stays, so that lines are numbered as they were. */
  readonly rest: number
}

/** Reads the first line of a text that begins with `#!`; `undefined` when it has no end. */
export function shebangOf(body: string): Shebang | undefined {
  const end = body.indexOf('\n')
  const zero = body.indexOf('\0')
  if (end < 0 || (zero >= 0 && zero < end)) return undefined
  const line = fromLatin1(body.slice(0, end))
  const parts = splitArgs(line, 0, line.length)
  return { parts: (parts ?? []).map((part) => latin1(part)), rest: end }
}

/** A script without its first line, and what that says; or why it is refused. */
export type ReadScript =
  | { readonly kind: 'script'; readonly flags: ScriptFlags; readonly code: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** Reads what a script says of itself. */
export function readScript(body: string): ReadScript {
  if (!body.startsWith('#!')) return { kind: 'script', flags: PLAIN, code: body }
  const shebang = shebangOf(body)
  if (shebang === undefined) return refused('Invalid script shebang')
  const [engine, ...options] = shebang.parts
  if (engine === undefined) return refused('Invalid engine in script shebang')
  if (engine !== '#!lua') return refused(`Unexpected engine in script shebang: ${engine}`)
  const flags = new Set<ScriptFlag>()
  for (const option of options) {
    if (!option.startsWith('flags=')) return refused(`Unknown lua shebang option: ${option}`)
    const names = option.slice('flags='.length)
    for (const name of names === '' ? [] : names.split(',')) {
      const flag = flagNamed(name)
      if (flag === undefined) return refused(`Unexpected flag in script shebang: ${name}`)
      flags.add(flag)
    }
  }
  return { kind: 'script', flags: { isPlain: false, flags }, code: body.slice(shebang.rest) }
}

function refused(reason: string): ReadScript {
  return { kind: 'refused', reason }
}
