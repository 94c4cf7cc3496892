/** SLOWLOG: the newest requests that took long. */
import { type CommandSpec, ReplyError, type SlowEntry } from '../../../engine/index.ts'
import type { ReplyWriter } from '../../../resp/index.ts'
import { replyHelp } from '../../help.ts'
import type { Services } from '../../services.ts'
import { wrongShape } from '../../wrong-shape.ts'

const FLAGS = ['admin', 'loading', 'stale'] as const
const COUNT_USUAL = 10
const ALL = -1

/** The row of SLOWLOG with its subcommands. */
export function slowLogCommand(services: Services): CommandSpec {
  return {
    name: 'SLOWLOG',
    syntax: '',
    summary: 'Commands about the log of requests that took long.',
    since: '2.2.12',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [get(services), len(services), reset(services), help],
  }
}

function get(services: Services): CommandSpec {
  return {
    name: 'GET',
    syntax: '[count:integer]',
    summary: 'Replies with the newest entries.',
    since: '2.2.12',
    complexity: 'O(N) with N entries.',
    arity: -2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'nondeterministic_output'],
    history: [['4.0.0', 'The address and the name of the client.']],
    run({ reply }, args) {
      if (args.left > 1) throw wrongShape(args, 'SLOWLOG')
      const count = args.left === 0 ? COUNT_USUAL : args.int(refusal)
      if (count < ALL) throw refusal()
      const { entries } = services.engine.meter.slowLog
      const shown = count === ALL ? entries : entries.slice(0, count)
      reply.array(shown.length)
      for (const entry of shown) replyEntry(reply, entry)
    },
  }
}

const refusal = () => new ReplyError('ERR count should be greater than or equal to -1')

function replyEntry(reply: ReplyWriter, entry: SlowEntry): void {
  reply.array(6)
  reply.integer(entry.id)
  reply.integer(entry.seconds)
  reply.integer(entry.microseconds)
  reply.array(entry.argv.length)
  for (const arg of entry.argv) reply.bulk(arg)
  reply.latin1(entry.address)
  reply.latin1(entry.clientName)
}

function len(services: Services): CommandSpec {
  return {
    name: 'LEN',
    syntax: '',
    summary: 'Replies with the number of entries.',
    since: '2.2.12',
    complexity: 'O(1)',
    arity: 2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
    run({ reply }) {
      reply.integer(services.engine.meter.slowLog.entries.length)
    },
  }
}

function reset(services: Services): CommandSpec {
  return {
    name: 'RESET',
    syntax: '',
    summary: 'Forgets all entries.',
    since: '2.2.12',
    complexity: 'O(N) with N entries.',
    arity: 2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    run({ reply }) {
      services.engine.meter.slowLog.reset()
      reply.ok()
    },
  }
}

const help: CommandSpec = {
  name: 'HELP',
  syntax: '',
  summary: 'Replies with what the subcommands do.',
  since: '6.2.0',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run({ reply }) {
    replyHelp(reply, 'SLOWLOG', [
      [
        'GET [<count>]',
        'The newest <count> entries, 10 without a count, all with -1.',
        'An entry is: id, time, duration in microseconds, arguments,',
        'address of the client, name of the client.',
      ],
      ['LEN', 'The number of entries.'],
      ['RESET', 'Forgets all entries.'],
    ])
  },
}
