/** What a client is told when its request leads to no command, or the command to no answer. */
import { equalsWord, latin1, Slice } from '../bytes/index.ts'
import type { Request } from '../resp/index.ts'
import type { Command } from './command.ts'
import { ReplyError, wrongArity } from './errors.ts'
import { subcommandOf } from './table.ts'

/** The reference's bound on the arguments that an unknown command's error repeats, in bytes. */
const SHOWN_ARGUMENT_BYTES = 128

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

/** Why a request leads to no command that can run. */
export interface Misfit {
  readonly kind: 'unknown' | 'unknown subcommand' | 'wrong arity'
  /** The row that was found, if any: what has subcommands is none by itself. */
  readonly command: Command | undefined
  /** The error for the client. */
  readonly text: string
}

/** Why `CommandTable.resolve` finds nothing; `first` is the command of the first word. */
export function misfitOf(request: Request, first: Command | undefined): Misfit {
  if (first === undefined) {
    return { kind: 'unknown', command: undefined, text: unknownCommand(request) }
  }
  const hasSubcommand = first.subcommands.size > 0 && request.count > 1
  const command = hasSubcommand ? subcommandOf(first, request) : first
  if (command !== undefined) {
    return { kind: 'wrong arity', command, text: wrongArity(command.fullName).text }
  }
  const end = Math.min(request.ends[1]!, request.starts[1]! + SHOWN_ARGUMENT_BYTES)
  const word = latin1(request.bytes, request.starts[1]!, end)
  const text = `ERR unknown subcommand '${word}'. Try ${first.spec.name} HELP.`
  return { kind: 'unknown subcommand', command: undefined, text }
}

/** The error for a command that there is not. It repeats the beginning of the arguments. */
function unknownCommand(request: Request): string {
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

/**
 * Whether a request is a line of HTTP. A web page can make a browser send those to a server on the same
 * machine, with commands behind them; so whoever sends one is not answered any more.
 */
export function isOfHttp({ bytes, starts, ends }: Request): boolean {
  return ['POST', 'HOST:'].some((word) => equalsWord(bytes, starts[0]!, ends[0]!, word))
}
