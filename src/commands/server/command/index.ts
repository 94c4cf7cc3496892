/** COMMAND: the table about itself. */
import { fromLatin1, globMatches } from '../../../bytes/index.ts'
import {
  ACL_CATEGORIES,
  type Args,
  aclCategories,
  type Call,
  type Command,
  type CommandSpec,
  ReplyError,
  syntaxError,
} from '../../../engine/index.ts'
import { replyDerivedHelp } from '../../derived-help.ts'
import type { Services } from '../../services.ts'
import { replyDocs } from './docs.ts'
import { replyInfo } from './info.ts'
import { replyKeys } from './keys.ts'

const anytime = { flags: ['loading', 'stale'], acl: ['connection'] } as const
const anyOrder = ['nondeterministic_output_order']

/** The row of COMMAND with its subcommands. */
export function commandCommand(services: Services): CommandSpec {
  return {
    ...anytime,
    name: 'COMMAND',
    syntax: '',
    summary: 'Replies with facts about every command.',
    since: '2.8.13',
    complexity: 'O(N) with N commands.',
    arity: -1,
    tips: anyOrder,
    run({ reply }, args) {
      if (args.left > 0) {
        const shown = args.text().slice(0, 128)
        throw new ReplyError(`ERR unknown subcommand '${shown}'. Try COMMAND HELP.`)
      }
      replyInfos(reply, services.engine.table.all())
    },
    subcommands: [...listings(services), ...keySubcommands(services)],
  }
}

function listings(services: Services): readonly CommandSpec[] {
  return [
    {
      ...anytime,
      name: 'COUNT',
      syntax: '',
      summary: 'Replies with how many commands there are.',
      since: '2.8.13',
      complexity: 'O(1)',
      arity: 2,
      run({ reply }) {
        reply.integer(services.engine.table.all().length)
      },
    },
    {
      ...anytime,
      name: 'DOCS',
      syntax: '[command-name [command-name ...]]',
      summary: 'Replies with what people want to know about commands.',
      since: '7.0.0',
      complexity: 'O(N) with N commands to look up.',
      arity: -2,
      tips: anyOrder,
      run({ reply }, args) {
        const { table } = services.engine
        const found = args.left === 0 ? table.all() : readNames(args).map((name) => table.get(name))
        const known = found.filter((command) => command !== undefined)
        reply.map(known.length)
        for (const command of known) {
          reply.latin1(command.fullName)
          replyDocs(reply, command)
        }
      },
    },
    {
      ...anytime,
      name: 'INFO',
      syntax: '[command-name [command-name ...]]',
      summary: 'Replies with what clients want to know about commands.',
      since: '2.8.13',
      complexity: 'O(N) with N commands to look up.',
      arity: -2,
      history: [['7.0.0', 'Without a name it tells of every command.']],
      tips: anyOrder,
      run({ reply }, args) {
        const { table } = services.engine
        if (args.left === 0) replyInfos(reply, table.all())
        else
          replyInfos(
            reply,
            readNames(args).map((name) => table.get(name)),
          )
      },
    },
    {
      ...anytime,
      name: 'LIST',
      syntax: '[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>:filterby]',
      summary: 'Replies with the names of commands.',
      since: '7.0.0',
      complexity: 'O(N) with N commands.',
      arity: -2,
      tips: anyOrder,
      run({ reply }, args) {
        const filter = readFilter(args)
        const names = services.engine.table.allWithSubcommands().filter(filter)
        reply.array(names.length)
        for (const { fullName } of names) reply.latin1(fullName)
      },
    },
  ]
}

function keySubcommands(services: Services): readonly CommandSpec[] {
  const facts = {
    ...anytime,
    syntax: 'command [arg [arg ...]]',
    complexity: 'O(N) with N arguments.',
    arity: -3,
  }
  return [
    {
      ...facts,
      name: 'GETKEYS',
      summary: 'Replies with the keys among the arguments of a command.',
      since: '2.8.13',
      run(call, args) {
        replyKeys(call, args, services.engine.table, false)
      },
    },
    {
      ...facts,
      name: 'GETKEYSANDFLAGS',
      summary:
        'Replies with the keys among the arguments of a command, and what it does with them.',
      since: '7.0.0',
      run(call, args) {
        replyKeys(call, args, services.engine.table, true)
      },
    },
    {
      ...anytime,
      name: 'HELP',
      syntax: '',
      summary: 'Replies with what the subcommands do.',
      since: '5.0.0',
      complexity: 'O(1)',
      arity: 2,
      run: replyDerivedHelp,
    },
  ]
}

function replyInfos(reply: Call['reply'], commands: readonly (Command | undefined)[]): void {
  reply.array(commands.length)
  for (const command of commands) replyInfo(reply, command)
}

function readNames(args: Args): string[] {
  const names: string[] = []
  while (args.left > 0) names.push(args.text())
  return names
}

function readFilter(args: Args): (command: Command) => boolean {
  if (args.left === 0) return () => true
  if (args.left !== 3 || !args.take('FILTERBY')) throw syntaxError()
  const kind = args.word()
  const wanted = args.text()
  if (kind === 'MODULE') return () => false
  if (kind === 'ACLCAT') {
    const category = ACL_CATEGORIES.find((name) => name === wanted.toLowerCase())
    return (command) => category !== undefined && aclCategories(command).includes(category)
  }
  if (kind !== 'PATTERN') throw syntaxError()
  const pattern = fromLatin1(wanted)
  return ({ fullName }) => {
    const name = fromLatin1(fullName)
    return globMatches(pattern, 0, pattern.length, name, 0, name.length, true)
  }
}
