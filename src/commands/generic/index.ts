/** The generic group: what can be done to a key whatever is there. */
import { type CommandGroup, group } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { dumpCommands } from './dump.ts'
import { expireCommands } from './expire.ts'
import { keyCommands } from './keys.ts'
import { moveCommands } from './move.ts'
import { objectCommands } from './object.ts'
import { scanCommands } from './scan.ts'
import { sortCommands } from './sort/index.ts'
import { ttlCommands } from './ttl.ts'

/** The rows of the generic group. */
export function genericCommands(services: Services): CommandGroup {
  return group('generic', [
    ...keyCommands,
    ...moveCommands,
    ...scanCommands,
    ...objectCommands(services),
    ...expireCommands(services),
    ...ttlCommands,
    ...dumpCommands(services),
    ...sortCommands,
  ])
}
