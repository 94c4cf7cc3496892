/** EVAL and EVALSHA, and the two for scripts that only read. */
import { type CommandSpec, ReplyError } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { CALL_FLAGS, countedKeys, natureOf, READ_FLAGS, readInvocation } from './invocation.ts'

const SHA_DIGITS = 40
const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.'

type Behaviour = Pick<CommandSpec, 'syntax' | 'run' | 'natureOf'>

/** The rows. */
export function evalCommands(services: Services): readonly CommandSpec[] {
  const complexity = 'That of the script.'
  const writing = {
    complexity,
    arity: -3,
    flags: CALL_FLAGS,
    keys: countedKeys('RW', 'access', 'update'),
  }
  const reading = { complexity, arity: -3, flags: READ_FLAGS, keys: countedKeys('RO', 'access') }
  return [
    {
      ...writing,
      ...byText(services, false),
      name: 'EVAL',
      summary: 'Runs a script.',
      since: '2.6.0',
    },
    {
      ...writing,
      ...bySha(services, false),
      name: 'EVALSHA',
      summary: 'Runs a script that is known, by the SHA-1 of its text.',
      since: '2.6.0',
    },
    {
      ...reading,
      ...byText(services, true),
      name: 'EVAL_RO',
      summary: 'Runs a script, which may not write.',
      since: '7.0.0',
    },
    {
      ...reading,
      ...bySha(services, true),
      name: 'EVALSHA_RO',
      summary: 'Runs a script that is known, by the SHA-1 of its text; it may not write.',
      since: '7.0.0',
    },
  ]
}

function byText(services: Services, isReadOnly: boolean): Behaviour {
  return {
    natureOf: (args) => natureOf(services.scripting.flagsOf(args.text())),
    syntax: 'script:string numkeys:integer [key [key ...]] [arg:string [arg:string ...]]',
    run(call, args) {
      const body = args.text()
      services.scripting.evaluate(call, body, readInvocation(args, isReadOnly))
    },
  }
}

function bySha(services: Services, isReadOnly: boolean): Behaviour {
  return {
    natureOf: (args) => natureOf(services.scripting.cache.get(args.text())?.flags),
    syntax: 'sha1:string numkeys:integer [key [key ...]] [arg:string [arg:string ...]]',
    run(call, args) {
      const sha = args.next()
      if (sha.length !== SHA_DIGITS) throw new ReplyError(NO_SCRIPT)
      services.scripting.evaluateSha(call, sha, readInvocation(args, isReadOnly))
    },
  }
}
