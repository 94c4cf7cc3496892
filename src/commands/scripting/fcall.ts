/** FCALL and FCALL_RO: functions of libraries. */
import { type Args, type Call, type CommandSpec, ReplyError } from '../../engine/index.ts'
import type { Services } from '../services.ts'
import { CALL_FLAGS, countedKeys, natureOf, READ_FLAGS, readInvocation } from './invocation.ts'

const FACTS = {
  syntax: 'function:string numkeys:integer [key [key ...]] [arg:string [arg:string ...]]',
  since: '7.0.0',
  complexity: 'That of the function.',
  arity: -3,
} as const

/** The rows. */
export function functionCallCommands(services: Services): readonly CommandSpec[] {
  const facts = {
    ...FACTS,
    natureOf(args: Args) {
      const flags = services.scripting.knownLibraries?.find(args.text())?.flags
      return natureOf(flags && { isPlain: false, flags })
    },
  }
  return [
    {
      ...facts,
      name: 'FCALL',
      summary: 'Runs a function of a library.',
      flags: CALL_FLAGS,
      keys: countedKeys('RW', 'access', 'update'),
      run: (call, args) => callFunction(services, call, args, false),
    },
    {
      ...facts,
      name: 'FCALL_RO',
      summary: 'Runs a function of a library, which may not write.',
      flags: READ_FLAGS,
      keys: countedKeys('RO', 'access'),
      run: (call, args) => callFunction(services, call, args, true),
    },
  ]
}

function callFunction({ scripting }: Services, call: Call, args: Args, isReadOnly: boolean): void {
  const callee = scripting.knownLibraries?.find(args.text())
  if (callee === undefined) throw new ReplyError('ERR Function not found')
  const badCount = () => new ReplyError('ERR Bad number of keys provided')
  scripting.callFunction(call, callee, readInvocation(args, isReadOnly, badCount))
}
