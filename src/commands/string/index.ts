/** The string group. */
import { group } from '../../engine/index.ts'
import { counterCommands } from './counters.ts'
import { floatCommands } from './float.ts'
import { getCommands } from './get.ts'
import { lcsCommands } from './lcs.ts'
import { manyCommands } from './many.ts'
import { partCommands } from './parts.ts'
import { setCommands } from './set.ts'

export const stringCommands = group('string', [
  ...setCommands,
  ...getCommands,
  ...manyCommands,
  ...partCommands,
  ...counterCommands,
  ...floatCommands,
  ...lcsCommands,
])
