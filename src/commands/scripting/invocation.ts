/** What EVAL, EVALSHA and FCALL have in common: keys and arguments, and what their rows say. */
import {
  type Args,
  type CommandFlag,
  type CommandNature,
  type KeyFlag,
  type KeySpec,
  ReplyError,
} from '../../engine/index.ts'
import type { Invocation, ScriptFlags } from '../../scripting/index.ts'

/** Where keys stand when their number stands before them. */
export function countedKeys(...flags: readonly KeyFlag[]): readonly KeySpec[] {
  return [
    {
      flags,
      begin: { kind: 'index', index: 2 },
      find: { kind: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 },
    },
  ]
}

/** Flags of commands that run scripts. */
export const CALL_FLAGS: readonly CommandFlag[] = [
  'noscript',
  'stale',
  'skip_monitor',
  'may_replicate',
  'no_mandatory_keys',
]

/** Flags of those that run scripts which do not write. */
export const READ_FLAGS: readonly CommandFlag[] = [
  'noscript',
  'stale',
  'skip_monitor',
  'no_mandatory_keys',
  'readonly',
]

/** What the calling of a script may do by its own flags; `undefined` where it has none. */
export function natureOf(script: ScriptFlags | undefined): Partial<CommandNature> | undefined {
  if (script === undefined || script.isPlain) return undefined
  const writes = !script.flags.has('no-writes')
  return {
    isWrite: writes,
    isDenyOom: writes && !script.flags.has('allow-oom'),
    mayReplicate: writes,
  }
}

/** Reads the number of keys in `numkeys key… arg…`. `refusal` is for a number that is none. */
export function readInvocation(
  args: Args,
  isReadOnly: boolean,
  refusal?: () => unknown,
): Invocation {
  const count = args.int(refusal)
  if (count > args.left) {
    throw new ReplyError("ERR Number of keys can't be greater than number of args")
  }
  if (count < 0) throw new ReplyError("ERR Number of keys can't be negative")
  return { args, keyCount: count, isReadOnly }
}
