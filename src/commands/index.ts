/** The command table's rows, one folder for each group of the reference's manual. */
import type { CommandGroup } from '../engine/index.ts'
import { connectionCommands } from './connection/index.ts'
import type { Services } from './services.ts'
import { stringCommands } from './string/index.ts'

export type { Identity, Services, ShutdownRequest } from './services.ts'

/** Every group, in the manual's order. */
export function commandGroups(_services: Services): readonly CommandGroup[] {
  return [stringCommands, connectionCommands]
}
