/** PING and ECHO. */
import type { CommandSpec } from '../../engine/index.ts'
import { wrongArity } from '../../engine/index.ts'

export const basicCommands: readonly CommandSpec[] = [
  {
    name: 'PING',
    syntax: '[message]',
    summary: 'Answers PONG, or what it was given.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: -1,
    flags: ['fast'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ reply }, args) {
      if (args.left > 1) throw wrongArity('ping')
      if (args.left === 1) reply.bulkSlice(args.next())
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
