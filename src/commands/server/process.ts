/** Commands about the running server as a whole: TIME, SHUTDOWN, ROLE and LOLWUT. */
import { type Args, type CommandSpec, ReplyError, syntaxError } from '../../engine/index.ts'
import type { Services, ShutdownRequest } from '../services.ts'
import { REDIS_VERSION } from './version.ts'

const PORT_MAX = 65535
const KELP = [
  '        ) ( ) (      ',
  '       ( ) ( ) )     ',
  '        \\ | | /      ',
  '         \\|_|/       ',
  '      __/ / \\ \\__    ',
  '    _/ _/ | | \\_ \\_  ',
]

/** The rows of these commands. */
export function processCommands(services: Services): readonly CommandSpec[] {
  return [time, shutdown(services), role, ...replicaOf, lolwut]
}

const time: CommandSpec = {
  name: 'TIME',
  syntax: '',
  summary: "Replies with the server's time: seconds since 1970, and microseconds in the second.",
  since: '2.6.0',
  complexity: 'O(1)',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  tips: ['nondeterministic_output'],
  run({ keyspace, reply }) {
    const { nowMs } = keyspace
    reply.array(2)
    reply.bulkInt(Math.floor(nowMs / 1000))
    reply.bulkInt((nowMs % 1000) * 1000)
  },
}

function shutdown(services: Services): CommandSpec {
  return {
    name: 'SHUTDOWN',
    syntax: '[NOSAVE | SAVE]:save-selector [NOW] [FORCE] [ABORT]',
    summary: 'Ends the server when everything that was acknowledged is safe.',
    since: '1.0.0',
    argumentsSince: { now: '7.0.0', force: '7.0.0', abort: '7.0.0' },
    complexity: 'O(N) with N keys when it saves, O(1) when not.',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    history: [['7.0.0', 'The options `NOW`, `FORCE` and `ABORT`.']],
    run(_call, args) {
      const request = readShutdown(args)
      if (request === 'abort') throw new ReplyError('ERR No shutdown in progress.')
      const { busy } = services.engine.admission.state
      if (busy !== undefined && request.save !== 'no') throw new ReplyError(busy)
      // When it has begun there is no reply: the connection ends.
      const refusal = services.shutdown(request)
      if (refusal !== undefined) throw new ReplyError(refusal)
    },
  }
}

function readShutdown(args: Args): ShutdownRequest | 'abort' {
  const words = new Set<string>()
  while (args.left > 0) words.add(args.word())
  for (const word of words) {
    if (!['NOSAVE', 'SAVE', 'NOW', 'FORCE', 'ABORT'].includes(word)) throw syntaxError()
  }
  const has = (word: string) => words.has(word)
  if ((has('ABORT') && words.size > 1) || (has('SAVE') && has('NOSAVE'))) throw syntaxError()
  if (has('ABORT')) return 'abort'
  const save = has('SAVE') ? 'yes' : has('NOSAVE') ? 'no' : 'default'
  return { save, isNow: has('NOW'), isForced: has('FORCE') }
}

const role: CommandSpec = {
  name: 'ROLE',
  syntax: '',
  summary: 'Replies with the part that the server plays in replication.',
  since: '2.8.12',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  acl: ['admin', 'dangerous'],
  run({ reply }) {
    reply.array(3)
    reply.latin1('master')
    reply.integer(0)
    reply.array(0)
  },
}

const replicaOfFacts: Omit<CommandSpec, 'name' | 'since'> = {
  syntax: '<host port:integer | NO ONE>:args',
  summary: 'Makes the server a replica of another, or a primary.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['no_async_loading', 'admin', 'noscript', 'stale'],
  run({ reply }, args) {
    if (args.take('NO') && args.take('ONE')) {
      reply.ok()
      return
    }
    args.at = 2
    const refusal = () => new ReplyError('ERR Invalid master port')
    const port = args.int(refusal)
    if (port < 0 || port > PORT_MAX) throw refusal()
    throw new ReplyError('ERR REPLICAOF a host is not supported by this server')
  },
}

const replicaOf: readonly CommandSpec[] = [
  { ...replicaOfFacts, name: 'REPLICAOF', since: '5.0.0' },
  {
    ...replicaOfFacts,
    name: 'SLAVEOF',
    since: '1.0.0',
    deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
  },
]

const lolwut: CommandSpec = {
  name: 'LOLWUT',
  syntax: '[VERSION version:integer]',
  summary: 'Draws a picture, and tells the version.',
  since: '5.0.0',
  complexity: '',
  arity: -1,
  flags: ['readonly', 'fast'],
  run({ reply }, args) {
    if (args.left > 1 && args.take('VERSION')) args.int()
    reply.verbatim('txt', `${KELP.join('\n')}\n\nRedis ver. ${REDIS_VERSION}\n`)
  },
}
