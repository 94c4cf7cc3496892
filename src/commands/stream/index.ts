/** The stream group. */
import { group } from '../../engine/index.ts'
import { addCommands } from './add.ts'
import { autoClaimCommands } from './auto-claim.ts'
import { claimCommands } from './claim.ts'
import { deleteCommands } from './delete.ts'
import { groupCommands } from './group.ts'
import { infoCommands } from './info.ts'
import { pendingCommands } from './pending.ts'
import { rangeCommands } from './range.ts'
import { readCommands } from './read.ts'
import { readGroupCommands } from './read-group.ts'
import { setIdCommands } from './set-id.ts'

export const streamCommands = group('stream', [
  ...addCommands,
  ...rangeCommands,
  ...readCommands,
  ...deleteCommands,
  ...setIdCommands,
  ...infoCommands,
  ...groupCommands,
  ...readGroupCommands,
  ...pendingCommands,
  ...claimCommands,
  ...autoClaimCommands,
])
