/** How long a blocking command is ready to wait. */
import { type Args, ReplyError } from '../engine/index.ts'

/** A longer timeout, in milliseconds, ends at a time that no 64 bits hold, now or for centuries. */
const TIMEOUT_MS_MAX = 2 ** 63 - 10 ** 13

/**
 * The next argument as seconds, which may have a fraction.
 * @returns milliseconds, rounded up, 0 for ever.
 */
export function readTimeoutMs(args: Args): number {
  const text = args.text()
  const isNumber = /^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|0x[\da-f]+|inf(inity)?)$/i.test(text)
  const seconds = isNumber ? Number(text.replace(/inf(inity)?/i, 'Infinity')) : Number.NaN
  if (Number.isNaN(seconds)) throw new ReplyError('ERR timeout is not a float or out of range')
  return checked(Math.ceil(seconds * 1000))
}

/** The same for a number of whole milliseconds. */
export function readWholeTimeoutMs(args: Args): number {
  const refusal = () => new ReplyError('ERR timeout is not an integer or out of range')
  const ms = args.int64(refusal)
  return checked(Number(ms))
}

function checked(ms: number): number {
  if (ms < 0) throw new ReplyError('ERR timeout is negative')
  if (ms >= TIMEOUT_MS_MAX) throw new ReplyError('ERR timeout is out of range')
  return ms
}
