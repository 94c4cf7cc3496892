/** Commands that save the data: SAVE, BGSAVE, BGREWRITEAOF and LASTSAVE. */
import { type CommandSpec, ReplyError, syntaxError } from '../../engine/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import type { Begun, Services } from '../services.ts'

/** The rows of these commands. */
export function savingCommands(services: Services): readonly CommandSpec[] {
  return [save(services), saveInBackground(services), rewrite(services), lastSave(services)]
}

function tell(reply: ReplyWriter, begun: Begun): void {
  if ('error' in begun) throw new ReplyError(begun.error)
  reply.simple(begun.status)
}

function save(services: Services): CommandSpec {
  return {
    name: 'SAVE',
    syntax: '',
    summary: 'Saves all data to the snapshot file, and serves nobody meanwhile.',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of keys in all databases',
    arity: 1,
    flags: ['no_async_loading', 'admin', 'noscript', 'no_multi'],
    run({ reply }) {
      const refusal = services.saving.save()
      if (refusal !== undefined) throw new ReplyError(refusal)
      reply.ok()
    },
  }
}

function saveInBackground(services: Services): CommandSpec {
  return {
    name: 'BGSAVE',
    syntax: '[SCHEDULE]',
    summary: 'Saves all data, as it is now, to the snapshot file while clients are served.',
    since: '1.0.0',
    argumentsSince: { schedule: '3.2.2' },
    complexity: 'O(1)',
    arity: -1,
    flags: ['no_async_loading', 'admin', 'noscript'],
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    run({ reply }, args) {
      const mayWait = args.left === 1 && args.take('SCHEDULE')
      if (args.left > 0) throw syntaxError()
      const isInTransaction = services.engine.execution.isInside
      tell(reply, services.saving.saveInBackground({ mayWait, isInTransaction }))
    },
  }
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
      tell(reply, services.rewriteLog(services.engine.execution.isInside))
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
      reply.integer(services.saving.lastSeconds)
    },
  }
}
