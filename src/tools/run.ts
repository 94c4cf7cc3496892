/** From the command line to the tool. What cannot be is one line on standard error and status 1. */
import { FileError, nodeHost } from '../host/index.ts'
import { AofError } from '../persistence/index.ts'
import { RdbError } from '../rdb/index.ts'
import { check } from './check.ts'
import { dump, FORMATS, type Format, importInto, importTo } from './convert.ts'
import { ToolError } from './errors.ts'
import { restore } from './restore.ts'
import type { Target } from './send.ts'
import { USAGES } from './usage.ts'

/** The status of a program that wrote to a reader that had gone, as shells count it. */
const BROKEN_PIPE_STATUS = 141
const FIRST_MS_DIGITS = 12
const PORT_MAX = 65_535

/** Runs `check`, `dump`, `import` or `restore`, the first word. @returns the exit status. */
export async function runTool([tool = '', ...argv]: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(USAGES[tool]!)
    return 0
  }
  try {
    return await TOOLS[tool]!(argv)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return BROKEN_PIPE_STATUS
    const isForPeople =
      [ToolError, AofError, RdbError, FileError].some((kind) => error instanceof kind) ||
      (error as NodeJS.ErrnoException).syscall !== undefined
    if (!isForPeople) throw error
    const { message } = error as Error
    process.stderr.write(`holdfast ${tool}: ${message.replaceAll('\n', ' ')}\n`)
    return 1
  }
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

type Tool = (argv: readonly string[]) => number | Promise<number>

const TOOLS: Readonly<Record<string, Tool>> = {
  check(argv) {
    const { name, options } = words('check', argv, [], ['--fix'])
    return check(nodeHost(), name, options.has('--fix'), say) ? 0 : 1
  },
  async dump(argv) {
    const { name, options } = words('dump', argv, ['--format', '-o'], [])
    await dump(nodeHost(), name, formatIn(options) ?? 'json', options.get('-o'))
    return 0
  },
  async import(argv) {
    const valued = ['--format', '--to', '--host', '--port', '--user', '--password']
    const { name, options } = words('import', argv, valued, ['--replace'])
    const form = formatIn(options)
    const to = options.get('--to')
    if ((to === undefined) === (options.get('--port') === undefined)) {
      throw new ToolError('say --to DIR, or --port N of a running server')
    }
    if (to !== undefined) say(await importTo(nodeHost(), name, form, to))
    else say(await importInto(nodeHost(), name, form, targetIn(options)))
    return 0
  },
  restore(argv) {
    const { name, options } = words('restore', argv, ['--at', '--before-command', '--to'], [])
    const at = options.get('--at')
    const before = options.get('--before-command')?.toUpperCase()
    if (at === undefined && before === undefined) {
      throw new ToolError('say --at TIME or --before-command NAME')
    }
    const atSeconds = at === undefined ? undefined : secondsOf(at)
    const to = needed(options, '--to', 'restore')
    say(restore(nodeHost(), { from: name, to, atSeconds, before }))
    return 0
  },
}

function formatIn(options: ReadonlyMap<string, string>): Format | undefined {
  const name = options.get('--format')
  const format = FORMATS.find((one) => one === name)
  if (name !== undefined && format === undefined) {
    throw new ToolError(`unknown format "${name}": it is one of ${FORMATS.join(', ')}`)
  }
  return format
}

function targetIn(options: ReadonlyMap<string, string>): Target {
  const port = Number(options.get('--port'))
  if (!(Number.isInteger(port) && port > 0 && port <= PORT_MAX)) {
    throw new ToolError(`--port must be a number from 1 to ${PORT_MAX}`)
  }
  return {
    host: options.get('--host') ?? '127.0.0.1',
    port,
    user: options.get('--user'),
    password: options.get('--password') ?? process.env.REDISCLI_AUTH,
    isReplacing: options.has('--replace'),
  }
}

function needed(options: ReadonlyMap<string, string>, name: string, tool: string): string {
  const value = options.get(name)
  if (value === undefined) throw new ToolError(`${name} is missing; see holdfast ${tool} --help`)
  return value
}

/** One name, options with a value, and flags. */
function words(
  tool: string,
  argv: readonly string[],
  valued: readonly string[],
  flags: readonly string[],
): { name: string; options: ReadonlyMap<string, string> } {
  const options = new Map<string, string>()
  const names: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (flags.includes(word)) options.set(word, '')
    else if (valued.includes(word)) {
      const value = argv[++i]
      if (value === undefined) throw new ToolError(`${word} wants a value`)
      options.set(word, value)
    } else if (word.startsWith('-')) throw new ToolError(`unknown option ${word}`)
    else names.push(word)
  }
  if (names.length !== 1)
    throw new ToolError(`name one file or folder; see holdfast ${tool} --help`)
  return { name: names[0]!, options }
}

/** Seconds since 1970 of `1720000000`, `1720000000000` or `2024-07-03T09:46:40Z`. */
export function secondsOf(text: string): number {
  const isNumber = /^\d+$/.test(text)
  const isMs = isNumber && text.length >= FIRST_MS_DIGITS
  const ms = isNumber ? Number(text) * (isMs ? 1 : 1000) : Date.parse(text)
  if (Number.isNaN(ms))
    throw new ToolError(`"${text}" is no time: seconds, milliseconds, or ISO 8601`)
  return Math.floor(ms / 1000)
}
