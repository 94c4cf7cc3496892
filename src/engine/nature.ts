/** What a call may do, where that depends on its arguments: a script says whether it writes. */
import type { Request } from '../resp/index.ts'
import { Args } from './args.ts'
import type { Client } from './client.ts'
import type { Command, CommandNature } from './command.ts'

/** What a call may do by itself. */
export function ownNature(command: Command, request: Request): CommandNature {
  const { spec, parent } = command
  if (spec.natureOf === undefined) return command
  const args = new Args()
  args.begin(request, parent === undefined ? 1 : 2)
  const said = spec.natureOf(args)
  if (said === undefined) return command
  const { isWrite, isDenyOom, isLoadingAllowed, mayReplicate } = command
  return { isWrite, isDenyOom, isLoadingAllowed, mayReplicate, ...said }
}

/** What a call may do; of EXEC, what all may that it will run. */
export function natureOfCall(command: Command, client: Client, request: Request): CommandNature {
  if (command.isExec) return client.transaction ?? command
  return ownNature(command, request)
}
