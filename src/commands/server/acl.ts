/** The parts of ACL that follow from the command table. There is one user, called default. */
import { ACL_CATEGORIES, aclCategories, type CommandSpec, ReplyError } from '../../engine/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'

const quick = { flags: ['noscript', 'loading', 'stale'] } as const

/** The row of ACL with its subcommands. */
export function aclCommand(services: Services): CommandSpec {
  const cat: CommandSpec = {
    ...quick,
    name: 'CAT',
    syntax: '[category]',
    summary: 'Replies with the categories of commands, or with the commands in one.',
    since: '6.0.0',
    complexity: 'O(1), as the table does not grow.',
    arity: -2,
    run({ reply }, args) {
      if (args.left > 1) throw wrongShape(args, 'ACL')
      const names = args.left === 0 ? ACL_CATEGORIES : namesIn(args.text())
      reply.array(names.length)
      for (const name of names) reply.latin1(name)
    },
  }

  function namesIn(asked: string): string[] {
    const category = ACL_CATEGORIES.find((name) => name === asked.toLowerCase())
    if (category === undefined) throw new ReplyError(`ERR Unknown category '${asked}'`)
    const commands = services.engine.table.allWithSubcommands()
    return commands
      .filter((command) => aclCategories(command).includes(category))
      .map(({ fullName }) => fullName)
  }

  return {
    name: 'ACL',
    syntax: '',
    summary: 'Commands about users and what they may do.',
    since: '6.0.0',
    complexity: 'That of the subcommand.',
    arity: -2,
    flags: [],
    subcommands: [whoAmI, cat, help],
  }
}

const whoAmI: CommandSpec = {
  ...quick,
  name: 'WHOAMI',
  syntax: '',
  summary: 'Replies with the user of this connection.',
  since: '6.0.0',
  complexity: 'O(1)',
  arity: 2,
  run({ client, reply }) {
    reply.latin1(client.user)
  },
}

const help: CommandSpec = {
  name: 'HELP',
  syntax: '',
  summary: 'Replies with what the subcommands do.',
  since: '6.0.0',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run: replyDerivedHelp,
}
