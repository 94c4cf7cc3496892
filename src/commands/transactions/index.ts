/** The transactions group: MULTI, EXEC, DISCARD, WATCH and UNWATCH. The work is the engine's. */
import { type CommandGroup, type CommandSpec, group, keysFrom } from '../../engine/index.ts'
import type { Services } from '../services.ts'

/** The rows of the transactions group. */
export function transactionCommands(services: Services): CommandGroup {
  return group('transactions', [...queueCommands(services), ...watchCommands(services)])
}

const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'] as const

function queueCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'MULTI',
      syntax: '',
      summary: 'Begins a transaction: the commands after it wait for EXEC.',
      since: '1.2.0',
      complexity: 'O(1)',
      arity: 1,
      flags: FLAGS,
      run({ client, reply }) {
        services.engine.transactions.begin(client)
        reply.ok()
      },
    },
    {
      name: 'EXEC',
      syntax: '',
      summary: 'Runs the commands since MULTI one after another, with nobody in between.',
      since: '1.2.0',
      complexity: 'That of the commands together.',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
      run(call) {
        const { engine } = services
        engine.transactions.execute(call, engine.execution)
      },
    },
    {
      name: 'DISCARD',
      syntax: '',
      summary: 'Throws the commands since MULTI away, and watches nothing any more.',
      since: '2.0.0',
      complexity: 'O(N) with N commands.',
      arity: 1,
      flags: FLAGS,
      run({ client, reply }) {
        services.engine.transactions.discard(client)
        reply.ok()
      },
    },
  ]
}

function watchCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'WATCH',
      syntax: 'key [key ...]',
      summary: 'Lets the next EXEC do nothing if one of these keys is changed before it.',
      since: '2.2.0',
      complexity: 'O(1) for each key.',
      arity: -2,
      flags: FLAGS,
      keys: [keysFrom(1, -1, 1, 'RO')],
      run({ client, reply }, args) {
        services.engine.transactions.checkWatching(client)
        while (args.left > 0) services.engine.transactions.watch(client, args.key())
        reply.ok()
      },
    },
    {
      name: 'UNWATCH',
      syntax: '',
      summary: 'Watches nothing any more.',
      since: '2.2.0',
      complexity: 'O(N) with N keys that are watched.',
      arity: 1,
      flags: FLAGS,
      run({ client, reply }) {
        services.engine.transactions.unwatch(client)
        reply.ok()
      },
    },
  ]
}
