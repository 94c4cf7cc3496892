/** The sorted-set group. */
import { group } from '../../engine/index.ts'
import { addCommands } from './add.ts'
import { combineCommands } from './combine.ts'
import { countCommands } from './counts.ts'
import { memberCommands } from './members.ts'
import { popCommands } from './pop.ts'
import { randomCommands } from './random.ts'
import { rangeCommands } from './range.ts'
import { scanCommands } from './scan.ts'

export const sortedSetCommands = group('sorted-set', [
  ...addCommands,
  ...memberCommands,
  ...countCommands,
  ...rangeCommands,
  ...popCommands,
  ...randomCommands,
  ...combineCommands,
  ...scanCommands,
])
