/** The connection group: who is there, in which protocol and database, and how it is treated. */
import { type CommandGroup, group } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { authCommands } from './auth.ts'
import { basicCommands } from './basic.ts'
import { clientCommand } from './client/index.ts'
import { selectCommands } from './select.ts'

/** The rows of the connection group. */
export function connectionCommands(services: Services): CommandGroup {
  return group('connection', [
    ...basicCommands(services),
    ...authCommands(services),
    ...selectCommands,
    clientCommand(services),
  ])
}
