/** The hash group. */
import { group } from '../../engine/index.ts'
import { allCommands } from './all.ts'
import { counterCommands } from './counters.ts'
import { deleteCommands } from './delete.ts'
import { expireCommands } from './expire.ts'
import { expiringCommands } from './expiring.ts'
import { getCommands } from './get.ts'
import { randomCommands } from './random.ts'
import { setCommands } from './set.ts'
import { ttlCommands } from './ttl.ts'

/** The rows of the hash group. */
export const hashCommands = group('hash', [
  ...setCommands,
  ...getCommands,
  ...allCommands,
  ...deleteCommands,
  ...counterCommands,
  ...randomCommands,
  ...expireCommands,
  ...ttlCommands,
  ...expiringCommands,
])
