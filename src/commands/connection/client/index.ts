/** CLIENT: the connections, and what they are called and allowed. */
import type { CommandSpec } from '../../../engine/index.ts'
import { replyDerivedHelp } from '../../derived-help.ts'
import type { Services } from '../../services.ts'
import { identitySubcommands, listSubcommand } from './identity.ts'
import { killSubcommand } from './kill.ts'
import { modeSubcommands } from './modes.ts'
import { pauseSubcommands } from './pause.ts'
import { trackingSubcommands } from './tracking.ts'
import { unblockSubcommand } from './unblock.ts'

/** The row of CLIENT with its subcommands. */
export function clientCommand(services: Services): CommandSpec {
  return {
    name: 'CLIENT',
    syntax: '',
    summary: 'Commands about connections.',
    since: '2.4.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      ...identitySubcommands(services),
      listSubcommand(services),
      killSubcommand(services),
      ...pauseSubcommands(services),
      ...modeSubcommands,
      ...trackingSubcommands(services),
      unblockSubcommand(services),
      {
        name: 'HELP',
        syntax: '',
        summary: 'Replies with what the subcommands do.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        run: replyDerivedHelp,
      },
    ],
  }
}
