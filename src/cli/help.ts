/** `help`, `help COMMAND` and `help @GROUP`, from the server's own table. */
import { styleText } from 'node:util'
import type { CommandDoc } from './docs.ts'
import { syntaxOf } from './hints.ts'
import type { CliOutput } from './io.ts'

/** What `help` alone says. */
export const GENERIC_HELP = `holdfast cli
To get help about commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      "quit" to exit

To set preferences:
      ":set hints" enable online hints
      ":set nohints" disable online hints
Set your preferences in ~/.holdfastrc
`

/**
 * The help on a command, its subcommands, or a group.
 * @param topic the words behind `help`.
 * @param stream where it will be written: colours are for terminals that have them.
 */
export function helpOn(
  docs: readonly CommandDoc[],
  topic: readonly string[],
  stream: CliOutput,
): string {
  const wanted = topic.map((word) => word.toUpperCase())
  const group = wanted[0]!.startsWith('@') ? wanted[0]!.slice(1) : undefined
  const found = docs.filter((doc) => {
    if (group !== undefined) return doc.group.toUpperCase() === group
    return wanted.length <= doc.words.length && wanted.every((word, at) => doc.words[at] === word)
  })
  return `${found.map((doc) => entry(doc, group === undefined, stream)).join('')}\n`
}

function entry(doc: CommandDoc, withGroup: boolean, stream: CliOutput): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    text !== '' ? styleText(format, text, { stream }) : text
  const title = `${style('bold', doc.words.join(' '))} ${style('gray', syntaxOf(doc.args))}`
  const line = (name: string, text: string): string => `  ${style('yellow', `${name}:`)} ${text}\n`
  return [
    `\n  ${title.trimEnd()}\n`,
    line('summary', doc.summary),
    doc.since === undefined ? '' : line('since', doc.since),
    withGroup ? line('group', doc.group) : '',
  ].join('')
}
