/** What a script may do, from its flags, the command that calls it, and the state of the store. */
import { type Engine, LACKS_REPLICAS, ReplyError } from '../engine/index.ts'
import type { ScriptFlags } from './flags.ts'
import type { Rights } from './host-calls.ts'

/** The rights of a script. Throws why it may not run at all. */
export function checkRights(engine: Engine, script: ScriptFlags, isReadOnly: boolean): Rights {
  const { isPlain, flags } = script
  const { admission } = engine
  const startedOverMemory = admission.isOutOfMemory
  const writesNothing = flags.has('no-writes')
  const allowsOom = flags.has('allow-oom')
  if (!isPlain) {
    if (!writesNothing) checkWriting(engine, isReadOnly)
    if (startedOverMemory && !allowsOom && !writesNothing) {
      throw new ReplyError(
        'OOM allow-oom flag is not set on the script, can not run it when used memory > ' +
          "'maxmemory'",
      )
    }
  }
  return {
    isReadOnly: isReadOnly || writesNothing,
    allowsOom,
    startedOverMemory,
    hasWritten: false,
  }
}

function checkWriting({ admission }: Engine, isReadOnly: boolean): void {
  const { misconf, lacksReplicas } = admission.state
  if (misconf !== undefined) throw new ReplyError(misconf)
  if (isReadOnly) {
    throw new ReplyError('ERR Can not execute a script with write flag using *_ro command.')
  }
  if (lacksReplicas) throw new ReplyError(LACKS_REPLICAS)
}
