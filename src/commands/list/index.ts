/** The list group. */
import { group } from '../../engine/index.ts'
import { blockingCommands } from './blocking.ts'
import { changeCommands } from './change.ts'
import { moveCommands } from './move.ts'
import { popCommands } from './pop.ts'
import { pushCommands } from './push.ts'
import { readCommands } from './read.ts'

export const listCommands = group('list', [
  ...pushCommands,
  ...popCommands,
  ...readCommands,
  ...changeCommands,
  ...moveCommands,
  ...blockingCommands,
])
