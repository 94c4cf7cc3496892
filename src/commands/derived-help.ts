/** HELP of a command with subcommands, from their rows. */
import type { Call } from '../engine/index.ts'
import { replyHelp } from './help.ts'

const TYPE_OR_DISPLAY = /[\w-]+\(([^)]*)\)|:[\w-]+/g

/** Answers HELP: the other subcommands in the order of their rows. */
export function replyDerivedHelp({ command, reply }: Call): void {
  const parent = command.parent!
  const others = [...parent.subcommands.values()].filter((child) => child !== command)
  replyHelp(
    reply,
    parent.spec.name,
    others.map(({ spec }) => [`${spec.name} ${shown(spec.syntax)}`.trimEnd(), spec.summary]),
  )
}

function shown(syntax: string): string {
  return syntax.replace(TYPE_OR_DISPLAY, (_, display: string | undefined) => display ?? '')
}
