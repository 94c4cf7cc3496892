/** The scripting group: scripts by text and by SHA-1, and functions of libraries. */
import { type CommandGroup, group } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { evalCommands } from './eval.ts'
import { functionCallCommands } from './fcall.ts'
import { functionCommand } from './function.ts'
import { scriptCommand } from './script.ts'

/** The rows of the scripting group. */
export function scriptingCommands(services: Services): CommandGroup {
  return group('scripting', [
    ...evalCommands(services),
    ...functionCallCommands(services),
    functionCommand(services),
    scriptCommand(services),
  ])
}
