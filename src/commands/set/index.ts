/** The set group. */
import { group } from '../../engine/index.ts'
import { combineCommands } from './combine.ts'
import { memberCommands } from './members.ts'
import { randomCommands } from './random.ts'
import { scanCommands } from './scan.ts'

export const setCommands = group('set', [
  ...memberCommands,
  ...randomCommands,
  ...combineCommands,
  ...scanCommands,
])
