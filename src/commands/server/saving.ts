/** Commands that save the data: BGREWRITEAOF and LASTSAVE. */
import { type CommandSpec, ReplyError } from '../../engine/index.ts'
import type { Services } from '../services.ts'

/** The rows of these commands. */
export function savingCommands(services: Services): readonly CommandSpec[] {
  return [rewrite(services), lastSave(services)]
}

function rewrite(services: Services): CommandSpec {
  return {
    name: 'BGREWRITEAOF',
    syntax: '',
    summary: 'Writes the append-only file anew, as short as it can be, in the background.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    run({ reply }) {
      const answer = services.rewriteLog(services.engine.execution.isInside)
      if ('error' in answer) throw new ReplyError(answer.error)
      reply.simple(answer.status)
    },
  }
}

function lastSave(services: Services): CommandSpec {
  return {
    name: 'LASTSAVE',
    syntax: '',
    summary: 'Replies with the time of the last good snapshot, in seconds since 1970.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    tips: ['nondeterministic_output'],
    run({ reply }) {
      reply.integer(services.lastSaveSeconds())
    },
  }
}
