/**
 * CLIENT subcommands about what a connection may wait for or be told: tracking, which is not there yet
 * and says so, and unblocking, for which nobody blocks yet.
 */
import { type Args, type CommandSpec, ReplyError, syntaxError } from '../../../engine/index.ts'

const quick = { complexity: 'O(1)', flags: ['noscript', 'loading', 'stale'] } as const
const NOT_TRACKING = -1

/** CACHING, GETREDIR, TRACKING and TRACKINGINFO, as of a client that is not tracking. */
export const trackingSubcommands: readonly CommandSpec[] = [
  {
    ...quick,
    name: 'CACHING',
    syntax: '<YES | NO>:mode',
    summary: 'Says whether the keys of the next command are tracked.',
    since: '6.0.0',
    arity: 3,
    run() {
      throw new ReplyError(
        'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or ' +
          'OPTOUT mode enabled',
      )
    },
  },
  {
    ...quick,
    name: 'GETREDIR',
    syntax: '',
    summary: 'Replies with the connection that is told of changes instead of this one.',
    since: '6.0.0',
    arity: 2,
    run({ reply }) {
      reply.integer(NOT_TRACKING)
    },
  },
  {
    ...quick,
    name: 'TRACKING',
    syntax:
      '<ON | OFF>:status [REDIRECT client-id:integer] [PREFIX prefix [PREFIX prefix ...]] ' +
      '[BCAST] [OPTIN] [OPTOUT] [NOLOOP]',
    summary: 'Lets this connection be told when keys that it has read change.',
    since: '6.0.0',
    complexity: 'O(1), and more with some options.',
    arity: -3,
    run({ reply }, args) {
      const isOn = readTracking(args)
      if (isOn) throw new ReplyError('ERR CLIENT TRACKING ON is not supported by this server')
      reply.ok()
    },
  },
  {
    ...quick,
    name: 'TRACKINGINFO',
    syntax: '',
    summary: 'Replies with how this connection tracks keys.',
    since: '6.2.0',
    arity: 2,
    run({ reply }) {
      reply.map(3)
      reply.latin1('flags')
      reply.set(1)
      reply.latin1('off')
      reply.latin1('redirect')
      reply.integer(NOT_TRACKING)
      reply.latin1('prefixes')
      reply.array(0)
    },
  },
]

function readTracking(args: Args): boolean {
  const switchAt = args.at++
  while (args.left > 0) {
    if (args.left > 1 && args.take('REDIRECT')) args.int64()
    else if (args.left > 1 && args.take('PREFIX')) args.next()
    else if (!['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].some((word) => args.take(word))) {
      throw syntaxError()
    }
  }
  args.at = switchAt
  if (args.take('ON')) return true
  if (args.take('OFF')) return false
  throw syntaxError()
}
