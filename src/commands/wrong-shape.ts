/** The refusal of a subcommand whose number of arguments only its handler can judge. */
import { type Args, ReplyError } from '../engine/index.ts'

const SHOWN_BYTES_MAX = 128

/** `container` is the command's name in capitals. */
export function wrongShape(args: Args, container: string): ReplyError {
  // The reference ends the name at a zero byte.
  const shown = args.slice(1).latin1().slice(0, SHOWN_BYTES_MAX).split('\0', 1)[0]
  return new ReplyError(
    `ERR unknown subcommand or wrong number of arguments for '${shown}'. Try ${container} HELP.`,
  )
}
