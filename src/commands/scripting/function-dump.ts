/** FUNCTION DUMP and RESTORE: libraries as bytes. */
import { type CommandSpec, ReplyError } from '../../engine/index.ts'
import { dumpLibraries, type JoinPolicy, readLibraries } from '../../scripting/index.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'

const POLICIES: readonly JoinPolicy[] = ['flush', 'append', 'replace']

/** The row of FUNCTION DUMP. */
export function functionDump(services: Services): CommandSpec {
  return {
    name: 'DUMP',
    syntax: '',
    summary: 'Replies with all libraries as bytes, for FUNCTION RESTORE.',
    since: '7.0.0',
    complexity: 'O(N) with N functions.',
    arity: 2,
    flags: ['noscript'],
    run({ reply }) {
      reply.bulk(dumpLibraries(services.scripting.librarySources))
    },
  }
}

/** The row of FUNCTION RESTORE. */
export function functionRestore(services: Services): CommandSpec {
  return {
    name: 'RESTORE',
    syntax: 'serialized-value:string [FLUSH | APPEND | REPLACE]:policy',
    summary: 'Loads libraries from bytes that FUNCTION DUMP gave.',
    since: '7.0.0',
    complexity: 'O(N) with N functions.',
    arity: -3,
    flags: ['noscript', 'write', 'denyoom'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    run({ keyspace, reply }, args) {
      if (args.left > 2) throw wrongShape(args, 'FUNCTION')
      const payload = args.next().copyOf()
      const word = args.left === 0 ? 'append' : args.text().toLowerCase()
      const policy = POLICIES.find((known) => known === word)
      if (policy === undefined) {
        throw new ReplyError(
          'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
        )
      }
      services.scripting.libraries.restore(readLibraries(payload), policy)
      keyspace.dirty++
      reply.ok()
    },
  }
}
