/** A single command given on the command line, its last or a marked word perhaps from a pipe. */

import { GENERIC_HELP } from '../help.ts'
import { readToEnd } from '../io.ts'
import { commandWords } from '../options.ts'
import { helpText } from '../repl.ts'
import { type Session, wordText } from '../session.ts'

/**
 * Runs the command, as often as `-r` says. After SUBSCRIBE it goes on until it is stopped.
 * @returns the exit status.
 */
export async function runOneShot(session: Session): Promise<number> {
  const { io, options } = session
  const words = commandWords(options)
  if (/^(help|\?)$/.test(wordText(words[0]!))) {
    const topic = options.command.slice(1)
    await session.print(
      topic.length === 0 ? GENERIC_HELP : await helpText(session, undefined, topic),
    )
    return 0
  }
  if (options.readsLastArg) words.push(await readToEnd(io.stdin))
  if (options.stdinTag !== undefined) {
    const at = options.command.indexOf(options.stdinTag)
    if (at === -1) {
      io.stderr.write('Using -X option but stdin tag not match.\n')
      return 1
    }
    words[at] = await readToEnd(io.stdin)
  }
  return await runCommand(session, words)
}

/** Runs a command that is ready to be sent. @returns the exit status. */
export async function runCommand(
  session: Session,
  words: readonly (string | Uint8Array)[],
): Promise<number> {
  await session.connect({ isQuiet: true })
  // What is meant for one database must not happen in another. The reason has been told.
  if (session.isElsewhere) return 1
  await session.issue(words, session.options.repeat)
  while (session.isSubscribed) await session.showMessage()
  return session.hadError ? 1 : 0
}
