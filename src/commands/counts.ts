/** Counts among the arguments, as several groups read them. */
import { type Args, ReplyError } from '../engine/index.ts'

const MIN_REFUSED = -(2 ** 63)

/** The next argument as an integer of which the negative is one too. */
export function readEvenInt(args: Args): number {
  const value = args.int()
  if (value !== MIN_REFUSED || args.slice(args.at - 1).latin1() !== '-9223372036854775808')
    return value
  throw new ReplyError(
    'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
  )
}

/** The next argument as a whole number of at least `min`. Throws `refusal` for anything else. */
export function readCount(args: Args, min: number, refusal: () => unknown): number {
  const value = args.int(refusal)
  if (value < min) throw refusal()
  return value
}
