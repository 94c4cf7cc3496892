/**
 * The program's arguments: `[FILE.conf] [-] [--directive value…]…`. Directives become lines of
 * configuration, so that both are read by the same reader.
 */
import { fromLatin1, quoteArg, splitArgs } from '../bytes/index.ts'
import { fromUnicode } from './kinds.ts'

/** What the arguments ask for, before any of it is read. */
export interface CommandLine {
  /** The configuration file, when one is named. */
  readonly file?: string
  /** Whether `-` asks to read more configuration from standard input. */
  readonly stdin: boolean
  /** The rest: directives with their values, for `Config.parse`. */
  readonly options: readonly string[]
}

/** Takes the program's arguments apart. A lone `-` counts in the first and the last place. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const file = argv[0] !== undefined && !argv[0].startsWith('-') ? argv[0] : undefined
  const isStdin = (arg: string, i: number) => arg === '-' && (i === 0 || i === argv.length - 1)
  const options = argv.filter((arg, i) => !isStdin(arg, i) && (i > 0 || file === undefined))
  const stdin = argv.some(isStdin)
  return file === undefined ? { stdin, options } : { file, stdin, options }
}

/**
 * Arguments as lines of configuration: each `--name` begins a line, what follows are its values.
 * A value may begin with `--` when it comes first; `--save` alone means no save points.
 */
export function optionLines(options: readonly string[]): string[] {
  const lines: string[] = []
  let awaitsValue = false
  options.forEach((option, i) => {
    const arg = fromUnicode(option)
    if (awaitsValue || !arg.startsWith('--')) {
      const value = `${quoteArg(fromLatin1(arg))} `
      if (lines.length === 0) lines.push(value)
      else lines[lines.length - 1] += value
      awaitsValue = false
      return
    }
    const bytes = fromLatin1(arg)
    const isNameOnly = splitArgs(bytes, 0, bytes.length)?.length === 1
    const next = options[i + 1]
    const isBare = next === undefined || next.startsWith('--')
    const savesNothing = isNameOnly && isBare && arg.toLowerCase() === '--save'
    lines.push(`${arg.slice(2)} ${savesNothing ? '""' : ''}`)
    awaitsValue = isNameOnly && !savesNothing
  })
  return lines.map((line) => line.trim())
}
