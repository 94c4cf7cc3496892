/** `--eval FILE key … , arg …`: a script from a file, its keys and arguments apart at a comma. */
import { readFileSync } from 'node:fs'
import { systemMessage } from '../connection.ts'
import type { Session } from '../session.ts'
import { runCommand } from './one-shot.ts'

/** Runs the script. @returns the exit status. */
export async function runEval(session: Session): Promise<number> {
  const { command, evalFile } = session.options
  let script: Uint8Array
  try {
    script = readFileSync(evalFile)
  } catch (error) {
    session.io.stderr.write(`Can't open file '${evalFile}': ${systemMessage(error as Error)}\n`)
    return 1
  }
  const comma = command.indexOf(',')
  const keys = comma === -1 ? command : command.slice(0, comma)
  const args = comma === -1 ? [] : command.slice(comma + 1)
  return await runCommand(session, ['EVAL', script, String(keys.length), ...keys, ...args])
}
