/** PING, ECHO, QUIT and RESET. */
import {
  type Call,
  type CommandSpec,
  NO_NEXT_REPLY,
  NO_REPLIES,
  wrongArity,
} from '../../engine/index.ts'
import type { Services } from '../services.ts'

/** The rows that only need a connection. */
export function basicCommands(services: Services): readonly CommandSpec[] {
  return [...plainCommands, ...endingCommands(services)]
}

const plainCommands: readonly CommandSpec[] = [
  {
    name: 'PING',
    syntax: '[message]',
    summary: 'Answers PONG, or what it was given.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: -1,
    flags: ['fast'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ client, reply }, args) {
      if (args.left > 1) throw wrongArity('ping')
      if (client.isSubscriber && !client.isResp3) {
        // It looks like a message, as everything does that such a client gets.
        reply.array(2)
        reply.latin1('pong')
        if (args.left === 1) reply.bulkSlice(args.next())
        else reply.latin1('')
      } else if (args.left === 1) reply.bulkSlice(args.next())
      else reply.simple('PONG')
    },
  },
  {
    name: 'ECHO',
    syntax: 'message',
    summary: 'Answers what it was given.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['fast', 'loading', 'stale'],
    run({ reply }, args) {
      reply.bulkSlice(args.next())
    },
  },
]

function endingCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'QUIT',
      syntax: '',
      summary: 'Ends the connection when the replies before it have left.',
      since: '1.0.0',
      complexity: 'O(1)',
      arity: -1,
      flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
      deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
      run({ client, reply }) {
        reply.ok()
        services.engine.close(client, 'flushed')
      },
    },
    {
      name: 'RESET',
      syntax: '',
      summary: 'Puts the connection back to how it was when it was made.',
      since: '6.2.0',
      complexity: 'O(1)',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      run(call) {
        services.pubsub.leaveAll(call.client)
        services.tracking.disable(call.client)
        reset(call, services.engine.admission.state.isPasswordSet)
        services.engine.transactions.abandon(call.client)
        services.engine.meter.monitors.remove(call.client)
        call.reply.simple('RESET')
      },
    },
  ]
}

/** What the libraries said about themselves stays, as they say it only once. */
function reset({ client, keyspace, reply }: Call, isPasswordSet: boolean): void {
  client.db = keyspace.databases[0]!
  client.isResp3 = false
  reply.isResp3 = false
  client.isAuthenticated = !isPasswordSet
  client.user = 'default'
  client.name = ''
  // Its own reply may be the one that was not wanted.
  client.muting &= ~(NO_REPLIES | NO_NEXT_REPLY)
  client.isNoEvict = false
  client.isNoTouch = false
}
