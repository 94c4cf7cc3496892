/** What a call may do, where that depends on its arguments: a script may say that it does not write. */
import type { Request } from '../resp/index.ts'
import { Args } from './args.ts'
import type { Client } from './client.ts'
import type { Command, CommandNature } from './command.ts'

/** Whether a call may write, or tell others something that replicas get too. */
export function mayReplicate(command: Command, request: Request): boolean {
  const { spec, parent } = command
  if (!command.mayReplicate || spec.mayReplicate === undefined) return command.mayReplicate
  const args = new Args()
  args.begin(request, parent === undefined ? 1 : 2)
  return spec.mayReplicate(args)
}

/** What a call may do; of EXEC, what all may that it will run. */
export function natureOfCall(command: Command, client: Client, request: Request): CommandNature {
  if (command.isExec) return client.transaction ?? command
  const { isWrite, isDenyOom, isLoadingAllowed } = command
  return { isWrite, isDenyOom, isLoadingAllowed, mayReplicate: mayReplicate(command, request) }
}
