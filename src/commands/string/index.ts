/** The string group. */
import { group } from '../../engine/index.ts'
import { counterCommands } from './counters.ts'
import { wholeStringCommands } from './set.ts'

export const stringCommands = group('string', [...wholeStringCommands, ...counterCommands])
