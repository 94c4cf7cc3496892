/** What a client is told when its request leads to no command, or the command to no answer. */
import { equalsWord, Slice } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import { ReplyError } from './errors.ts'

/** The reference's bound on the arguments that an unknown command's error repeats, in bytes. */
export const SHOWN_ARGUMENT_BYTES = 128

/**
 * The error for the client in what was thrown, or `undefined` when it is one of ours. A buffer for a
 * long value or request that the system does not give is refused like a value that is too long:
 * buffers are had before anything is changed.
 */
export function refusalIn(error: unknown): string | undefined {
  if (error instanceof ReplyError) return error.text
  const isAllocation = error instanceof RangeError && /allocation failed/i.test(error.message)
  return isAllocation ? 'ERR out of memory: the system gives no buffer of this size' : undefined
}

/** The error for a command that there is not. It repeats the beginning of the arguments. */
export function unknownCommand(request: Request): string {
  const shown = (i: number, size: number) =>
    new Slice(
      request.bytes,
      request.starts[i]!,
      Math.min(request.ends[i]!, request.starts[i]! + size),
    )
      .latin1()
      .replace(/[\r\n]/g, ' ')
  let args = ''
  for (let i = 1; i < request.count && args.length < SHOWN_ARGUMENT_BYTES; i++) {
    args += `'${shown(i, SHOWN_ARGUMENT_BYTES - args.length)}' `
  }
  const name = shown(0, SHOWN_ARGUMENT_BYTES)
  return `ERR unknown command '${name}', with args beginning with: ${args}`
}

/** Whether a request is MULTI or EXEC alone. */
export function isTransactionEdge({ bytes, starts, ends, count }: Request): boolean {
  if (count !== 1) return false
  return ['MULTI', 'EXEC'].some((word) => equalsWord(bytes, starts[0]!, ends[0]!, word))
}
