/**
 * Reads transcripts, which specify commands as what a person would type and see:
 *
 *     # The claim, in one or more lines. It begins a block.
 *     @ since 8.0              older references cannot run this block
 *     @ resp3                  the replies are those of RESP3; `@ resp2` likewise
 *     > SET token abc PX 50    a command, quoted as in the prompt
 *     OK                       its reply as the prompt draws it; nothing when there is none
 *     ~ SET token abc PXAT …   its effects; a lone `~` says that there are none
 *     @ wait 60ms              moves the clock
 *     @ client other           the commands that follow are another connection's
 *     @ reply                  what follows answers the command that this client waited with
 *
 * `…` stands for any characters, and a line that is `…` alone for any number of lines.
 */
import { latin1, splitArgs } from '../../src/bytes/index.ts'

/** One thing to do. */
export type Step = CommandStep | { readonly kind: 'wait'; readonly ms: number }

/** A command with what it answers. */
export interface CommandStep {
  readonly kind: 'command'
  /** The line of the file, counted from 1. */
  readonly line: number
  readonly client: string
  /** As it was typed. */
  readonly text: string
  /** Empty where only the reply to an earlier command is looked at. */
  readonly argv: readonly Uint8Array[]
  /** The lines of its reply, none when it does not reply. */
  readonly reply: readonly string[]
  /** The lines of its effects, or `undefined` when they are not looked at. */
  readonly effects: readonly string[] | undefined
}

/** One claim and the steps that show it. Starts with no data. */
export interface Block {
  readonly title: string
  readonly line: number
  readonly protocol: 2 | 3 | undefined
  /** The first version of the reference that can run it, as `[8, 0]`. */
  readonly since: readonly number[]
  readonly steps: readonly Step[]
}

/** The name of a block's first client. */
export const FIRST_CLIENT = 'first'

type Open<T> = { -readonly [Field in keyof T]: T[Field] }
type OpenCommand = Open<Omit<CommandStep, 'reply' | 'effects'>> & {
  reply: string[]
  effects: string[] | undefined
}
type OpenBlock = Open<Omit<Block, 'steps'>> & { steps: (Step | OpenCommand)[] }

/** Reads a transcript. Throws an `Error` naming the line that is none. */
export function parseTranscript(text: string): Block[] {
  const blocks: OpenBlock[] = []
  let block: OpenBlock | undefined
  let client = FIRST_CLIENT
  let isFresh = true
  text.split('\n').forEach((raw, index) => {
    const line = index + 1
    const content = raw.trimEnd()
    if (content === '') {
      isFresh = true
      return
    }
    if (content.startsWith('#') && (isFresh || block?.steps.length === 0)) {
      const title = content.slice(1).trim()
      if (!isFresh && block !== undefined) block.title += ` ${title}`
      else {
        block = { title, line, protocol: undefined, since: [], steps: [] }
        blocks.push(block)
        client = FIRST_CLIENT
      }
    } else {
      if (block === undefined) throw new Error(`line ${line}: a transcript begins with a # line`)
      client = addLine(block, content, client, line)
    }
    isFresh = false
  })
  return blocks
}

/** @returns the client that speaks from here on. */
function addLine(block: OpenBlock, content: string, client: string, line: number): string {
  const last = block.steps.at(-1)
  if (content.startsWith('> ')) {
    block.steps.push(commandOf(content.slice(2), client, line))
  } else if (content.startsWith('@ ')) {
    return direct(block, content.slice(2).trim(), client, line)
  } else if (last?.kind !== 'command') {
    throw new Error(`line ${line}: a reply without a command: ${content}`)
  } else if (content === '~' || content.startsWith('~ ')) {
    const open = last as OpenCommand
    open.effects ??= []
    if (content !== '~') open.effects.push(content.slice(2))
  } else {
    ;(last as OpenCommand).reply.push(content)
  }
  return client
}

function commandOf(text: string, client: string, line: number): OpenCommand {
  const bytes = Buffer.from(text, 'utf8')
  const argv = splitArgs(bytes, 0, bytes.length)
  if (argv === undefined || argv.length === 0) throw new Error(`line ${line}: no command: ${text}`)
  return { kind: 'command', line, client, text, argv, reply: [], effects: undefined }
}

function direct(block: OpenBlock, directive: string, client: string, line: number): string {
  const [word, value = ''] = directive.split(/\s+/)
  if (word === 'client' && value !== '') return value
  const wait = /^(\d+)(ms|s)$/.exec(value)
  if (word === 'wait' && wait !== null) {
    block.steps.push({ kind: 'wait', ms: Number(wait[1]) * (wait[2] === 's' ? 1000 : 1) })
  } else if (word === 'reply') {
    const text = 'the command that was waited with'
    block.steps.push({
      kind: 'command',
      line,
      client,
      text,
      argv: [],
      reply: [],
      effects: undefined,
    })
  } else if (word === 'resp3') block.protocol = 3
  else if (word === 'resp2') block.protocol = 2
  else if (word === 'since' && /^\d+(\.\d+)*$/.test(value)) {
    block.since = value.split('.').map(Number)
  } else throw new Error(`line ${line}: unknown directive: ${directive}`)
  return client
}

/** Whether a drawn reply is what the lines say. Both are binary strings with a line end a line. */
export function repliesMatch(expected: readonly string[], drawn: string): boolean {
  const pattern = expected.map((line) =>
    line === '…' ? '(?:.*\n)*' : `${patternOf(Buffer.from(line).toString('latin1'))}\n`,
  )
  // A reply may have empty lines, and trailing blanks that no editor keeps.
  const shown = drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('')
  return new RegExp(`^${pattern.join('')}$`).test(shown)
}

/** Whether an effect, given as its arguments, is what the line says. */
export function effectMatches(expected: string, argv: readonly Uint8Array[]): boolean {
  const bytes = Buffer.from(expected, 'utf8')
  const words = splitArgs(bytes, 0, bytes.length)
  if (words === undefined || words.length !== argv.length) return false
  return words.every((word, at) => {
    const pattern = new RegExp(`^${patternOf(latin1(word))}$`, 's')
    return pattern.test(latin1(argv[at]!))
  })
}

/** A lone ellipsis, in UTF-8 as a binary string. */
const ANYTHING = Buffer.from('…').toString('latin1')

function patternOf(text: string): string {
  return text
    .split(ANYTHING)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('.*')
}
