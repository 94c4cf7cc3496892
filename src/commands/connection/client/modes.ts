/** CLIENT subcommands that switch how a connection is treated. */
import {
  type Args,
  type Client,
  type CommandSpec,
  NO_NEXT_REPLY,
  NO_REPLIES,
  NO_REPLY,
  syntaxError,
} from '../../../engine/index.ts'

const quick = { complexity: 'O(1)', flags: ['noscript', 'loading', 'stale'] } as const

/** REPLY, NO-EVICT and NO-TOUCH. */
export const modeSubcommands: readonly CommandSpec[] = [
  {
    ...quick,
    name: 'REPLY',
    syntax: '<ON | OFF | SKIP>:action',
    summary: 'Turns replies on, off, or off for one command.',
    since: '3.2.0',
    arity: 3,
    run({ client, reply }, args) {
      if (args.take('ON')) {
        // What a transaction has said of the command after it stands.
        client.muting &= ~(NO_REPLIES | NO_REPLY)
        reply.ok()
      } else if (args.take('OFF')) client.muting |= NO_REPLIES
      else if (args.take('SKIP')) skipNext(client)
      else throw syntaxError()
    },
  },
  {
    ...quick,
    name: 'NO-EVICT',
    syntax: '<ON | OFF>:enabled',
    summary: 'Keeps this connection when clients are dropped to save memory.',
    since: '7.0.0',
    arity: 3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run({ client, reply }, args) {
      client.isNoEvict = readSwitch(args)
      reply.ok()
    },
  },
  {
    ...quick,
    name: 'NO-TOUCH',
    syntax: '<ON | OFF>:enabled',
    summary: 'Lets commands of this connection not count as uses of keys.',
    since: '7.2.0',
    arity: 3,
    run({ client, reply }, args) {
      client.isNoTouch = readSwitch(args)
      reply.ok()
    },
  },
]

function skipNext(client: Client): void {
  if ((client.muting & NO_REPLIES) === 0) client.muting |= NO_NEXT_REPLY
}

function readSwitch(args: Args): boolean {
  if (args.take('ON')) return true
  if (args.take('OFF')) return false
  throw syntaxError()
}
