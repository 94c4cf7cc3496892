/** What the HELP subcommands answer: a heading, what there is, and how to see it again. */
import type { ReplyWriter } from '../resp/index.ts'

/** A subcommand with its arguments, and what it does in one or more lines. */
export type HelpEntry = readonly [syntax: string, ...lines: string[]]

/** Answers with the help of the command `name`, in capitals. */
export function replyHelp(reply: ReplyWriter, name: string, entries: readonly HelpEntry[]): void {
  const lines = [
    `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...[...entries, HELP].flatMap(([syntax, ...texts]) => [
      syntax,
      ...texts.map((text) => `    ${text}`),
    ]),
  ]
  reply.array(lines.length)
  for (const line of lines) reply.simple(line)
}

const HELP: HelpEntry = ['HELP', 'Print this help.']
