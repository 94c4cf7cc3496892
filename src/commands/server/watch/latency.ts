/** LATENCY: what held the loop for long, and how long commands take. */
import {
  type Args,
  type Command,
  type CommandSpec,
  type LatencySeries,
  ReplyError,
} from '../../../engine/index.ts'
import type { ReplyWriter } from '../../../resp/index.ts'
import { replyHelp } from '../../help.ts'
import type { Services } from '../../services.ts'
import { diagnosis } from './doctor.ts'
import { drawGraph } from './graph.ts'

const FACTS = {
  since: '2.8.13',
  complexity: 'O(1)',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
} as const satisfies Partial<CommandSpec>

/** Units of the labels under a graph, each with its length in seconds, the longest first. */
const UNITS = [
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** The row of LATENCY with its subcommands. */
export function latencyCommand(services: Services): CommandSpec {
  return {
    name: 'LATENCY',
    syntax: '',
    summary: 'Commands about what takes long.',
    since: '2.8.13',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      ...eventSubcommands(services),
      reset(services),
      doctor(services),
      histogram(services),
      help,
    ],
  }
}

function eventSubcommands(services: Services): readonly CommandSpec[] {
  const { host } = services
  const events = () => services.engine.meter.latency.all
  return [
    {
      ...FACTS,
      name: 'GRAPH',
      syntax: 'event',
      summary: 'Replies with a drawing of the times of an event.',
      arity: 3,
      run({ reply }, args) {
        const event = args.text()
        const series = events().get(event)
        if (series === undefined) {
          throw new ReplyError(`ERR No samples available for event '${event}'`)
        }
        const nowSeconds = Math.floor(host.clock.nowMs() / 1000)
        reply.verbatim('txt', graphOf(event, series, nowSeconds))
      },
    },
    {
      ...FACTS,
      name: 'HISTORY',
      syntax: 'event',
      summary: 'Replies with the times of an event.',
      arity: 3,
      run({ reply }, args) {
        const samples = events().get(args.text())?.samples ?? []
        reply.array(samples.length)
        for (const { seconds, lastedMs } of samples) {
          reply.array(2)
          reply.integer(seconds)
          reply.integer(lastedMs)
        }
      },
    },
    {
      ...FACTS,
      name: 'LATEST',
      syntax: '',
      summary: 'Replies with the newest and the longest time of every event.',
      arity: 2,
      run({ reply }) {
        reply.array(events().size)
        for (const [event, { samples, mostMs }] of events()) {
          const newest = samples.at(-1)!
          reply.array(4)
          reply.latin1(event)
          reply.integer(newest.seconds)
          reply.integer(newest.lastedMs)
          reply.integer(mostMs)
        }
      },
    },
  ]
}

function graphOf(event: string, { samples, mostMs }: LatencySeries, nowSeconds: number): string {
  const times = samples.map(({ lastedMs }) => lastedMs)
  const range = `high ${Math.max(...times)} ms, low ${Math.min(...times)} ms`
  const title = `${event} - ${range} (all time high ${mostMs} ms)`
  const columns = samples.map(({ seconds, lastedMs }) => ({
    value: lastedMs,
    label: ageText(nowSeconds - seconds),
  }))
  return `${title}\n${'-'.repeat(80)}\n${drawGraph(columns)}`
}

function ageText(seconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? UNITS.at(-1)!
  return `${Math.floor(seconds / length)}${unit}`
}

function reset(services: Services): CommandSpec {
  return {
    ...FACTS,
    name: 'RESET',
    syntax: '[event [event ...]]',
    summary: 'Forgets the times of some events, or of all.',
    arity: -2,
    tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
    run({ reply }, args) {
      const { latency } = services.engine.meter
      if (args.left === 0) {
        reply.integer(latency.reset())
        return
      }
      let count = 0
      while (args.left > 0) count += latency.reset(args.text())
      reply.integer(count)
    },
  }
}

function doctor(services: Services): CommandSpec {
  return {
    ...FACTS,
    name: 'DOCTOR',
    syntax: '',
    summary: 'Replies with what is remarkable about the times of events.',
    arity: 2,
    run({ reply }) {
      reply.verbatim('txt', diagnosis(services))
    },
  }
}

function histogram(services: Services): CommandSpec {
  return {
    ...FACTS,
    name: 'HISTOGRAM',
    syntax: '[command [command ...]]',
    summary: 'Replies with how the times of commands are distributed.',
    since: '7.0.0',
    complexity: 'O(N) with N commands.',
    arity: -2,
    run({ reply }, args) {
      const { table } = services.engine
      const commands = args.left === 0 ? table.allWithSubcommands() : named(table, args)
      const timed = commands.filter(({ stats }) => stats.durations !== undefined)
      reply.map(timed.length)
      for (const command of timed) replyDurations(reply, command)
    },
  }
}

/** The commands with these names, each before its subcommands. Names that are none are passed over. */
function named(table: Services['engine']['table'], args: Args): Command[] {
  const commands: Command[] = []
  while (args.left > 0) {
    const command = table.get(args.text())
    if (command !== undefined) commands.push(command, ...command.subcommands.values())
  }
  return commands
}

function replyDurations(reply: ReplyWriter, { fullName, stats }: Command): void {
  const durations = stats.durations!
  const levels = durations.levels()
  reply.latin1(fullName)
  reply.map(2)
  reply.latin1('calls')
  reply.integer(durations.total)
  reply.latin1('histogram_usec')
  reply.map(levels.length)
  for (const { microseconds, count } of levels) {
    reply.integer(microseconds)
    reply.integer(count)
  }
}

const help: CommandSpec = {
  name: 'HELP',
  syntax: '',
  summary: 'Replies with what the subcommands do.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run({ reply }) {
    replyHelp(reply, 'LATENCY', [
      ['DOCTOR', 'What is remarkable about the events, for people.'],
      ['GRAPH <event>', 'The times of an event as a drawing.'],
      ['HISTORY <event>', 'The times of an event: when it was, and how many milliseconds it took.'],
      ['LATEST', 'The newest time of every event, and its longest.'],
      ['RESET [<event> ...]', 'Forgets some events, or all of them.'],
      [
        'HISTOGRAM [COMMAND ...]',
        'How many calls of a command took at most so many microseconds;',
        'of all commands when none is named.',
      ],
    ])
  },
}
