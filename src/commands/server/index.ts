/** The server group: the settings, the table, figures, memory, and the data as a whole. */
import { type CommandGroup, group } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { aclCommand } from './acl.ts'
import { commandCommand } from './command/index.ts'
import { configCommand } from './config.ts'
import { debugCommands } from './debug.ts'
import { infoCommand } from './info/index.ts'
import { keyspaceServerCommands } from './keyspace.ts'
import { memoryCommand } from './memory.ts'
import { processCommands } from './process.ts'
import { savingCommands } from './saving.ts'
import { watchCommands } from './watch/index.ts'

export { wireConfig } from './wiring.ts'

/** The rows of the server group. */
export function serverCommands(services: Services): CommandGroup {
  return group('server', [
    aclCommand(services),
    commandCommand(services),
    configCommand(services),
    ...debugCommands(services),
    infoCommand(services),
    ...keyspaceServerCommands(services),
    memoryCommand(services),
    ...processCommands(services),
    ...savingCommands(services),
    ...watchCommands(services),
  ])
}
