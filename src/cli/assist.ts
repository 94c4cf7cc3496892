/** What a prompt offers while a line is typed: the dimmed hint, and completion on Tab. */
import { type CommandDoc, findCommand } from './docs.ts'
import { fillArguments } from './hints.ts'
import { binaryOfText, splitWords } from './words.ts'

/** Things the prompt itself understands. */
const OWN_COMMANDS: readonly string[] = ['CLEAR', 'CONNECT', 'EXIT', 'HELP', 'QUIT']

/**
 * The hint for a line: what its command still takes.
 * @returns an empty string when there is nothing to say.
 */
export function hintFor(docs: readonly CommandDoc[], line: string): string {
  const words = wordsOf(line)
  if (words === undefined) return ''
  // The last word is not known before a space follows it.
  const whole = /\s$/.test(line) ? words : words.slice(0, -1)
  const { start, rest } = skipRepeat(whole)
  const doc = findCommand(docs, rest)
  if (doc === undefined || (start > 0 && rest.length === 0)) return ''
  return fillArguments(doc.args, rest.slice(doc.words.length)).hint
}

/**
 * Completes the end of a line.
 * @returns the candidates for the text that they replace, as node:readline wants it.
 */
export function complete(docs: readonly CommandDoc[], line: string): [string[], string] {
  const help = /^\s*help\s+/i.exec(line)
  if (help !== null) return completeHelp(docs, line.slice(help[0].length))
  const typed = /\S*$/.exec(line)![0]
  const words = wordsOf(line.slice(0, line.length - typed.length))
  if (words === undefined) return [[], typed]
  const { rest } = skipRepeat(words)
  const candidates = candidatesAfter(docs, rest).filter((word) => startsWith(word, typed))
  return [candidates.map((word) => `${inCaseOf(typed, word)} `), typed]
}

function candidatesAfter(docs: readonly CommandDoc[], words: readonly string[]): string[] {
  if (words.length === 0) {
    return [...new Set([...docs.map((doc) => doc.words[0]!), ...OWN_COMMANDS])].sort()
  }
  const parent = words[0]!.toUpperCase()
  const subcommands = docs.filter((doc) => doc.words.length === 2 && doc.words[0] === parent)
  if (words.length === 1 && subcommands.length > 0) return subcommands.map((doc) => doc.words[1]!)
  const doc = findCommand(docs, words)
  if (doc === undefined) return []
  return [...fillArguments(doc.args, words.slice(doc.words.length)).tokens]
}

function completeHelp(docs: readonly CommandDoc[], typed: string): [string[], string] {
  const groups = [...new Set(docs.map((doc) => `@${doc.group}`))].sort()
  const topics = [...groups, ...docs.map((doc) => doc.words.join(' '))]
  const found = topics.filter((topic) => startsWith(topic, typed))
  return [found.map((topic) => inCaseOf(typed, topic)), typed]
}

function wordsOf(line: string): string[] | undefined {
  return splitWords(binaryOfText(line))
}

/** `5 PING` says a command five times; the hint is about the command. */
function skipRepeat(words: readonly string[]): { start: number; rest: readonly string[] } {
  const start = /^\d+$/.test(words[0] ?? '') ? 1 : 0
  return { start, rest: words.slice(start) }
}

function startsWith(word: string, typed: string): boolean {
  return word.toUpperCase().startsWith(typed.toUpperCase())
}

/** Whoever types in lower case gets lower case. */
function inCaseOf(typed: string, word: string): string {
  const isLower = typed !== '' && typed === typed.toLowerCase() && typed !== typed.toUpperCase()
  return isLower ? word.toLowerCase() : word
}
