/** The arguments of commands on several fields: FIELDS, how many there are, and when they expire. */
import { type Args, invalidExpiry, notAnInteger, ReplyError } from '../../engine/index.ts'

/** The latest time at which a field may expire, in milliseconds since 1970. */
const EXPIRY_MS_MAX = 2 ** 46 - 1

/** How a time is given. */
export interface TimeForm {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

/**
 * Reads when fields expire, in milliseconds since 1970, which may have passed. Throws the reference's
 * errors, of which one names the command.
 */
export function readFieldExpiry(
  args: Args,
  { isSeconds, isAbsolute }: TimeForm,
  nowMs: number,
  name: string,
): number {
  const time = args.int(notAnInteger)
  if (time < 0) throw new ReplyError('ERR invalid expire time, must be >= 0')
  const baseMs = isAbsolute ? 0 : nowMs
  const ms = isSeconds ? time * 1000 : time
  if (ms > EXPIRY_MS_MAX - baseMs) throw invalidExpiry(name)
  return ms + baseMs
}

/** Takes the word FIELDS, which has to be next. */
export function takeFieldsWord(args: Args): void {
  if (args.take('FIELDS')) return
  const text = 'Mandatory argument FIELDS is missing or not at the right position'
  throw new ReplyError(`ERR ${text}`)
}

/** Reads how many fields follow, which has to be how many there are. `refusal` is for no count. */
export function readFieldCount(args: Args, refusal: string): void {
  const refuse = () => new ReplyError(`ERR ${refusal}`)
  const count = args.left > 0 ? args.int(refuse) : 0
  if (count < 1) throw refuse()
  if (count !== args.left) {
    throw new ReplyError('ERR The `numfields` parameter must match the number of arguments')
  }
}
