/** The hyperloglog group. */
import { group } from '../../engine/index.ts'
import { sketchCommands } from './commands.ts'
import { sketchDebugCommands } from './debug.ts'

export const hyperloglogCommands = group('hyperloglog', [...sketchCommands, ...sketchDebugCommands])
