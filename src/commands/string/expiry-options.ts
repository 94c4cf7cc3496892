/** The options that say when a key expires: EX, PX, EXAT, PXAT, as SET and GETEX read them. */
import { type Args, invalidExpiry, notAnInteger, ReplyError } from '../../engine/index.ts'

const INT64_MAX = 2n ** 63n - 1n

/** How a time is given. */
export interface TimeUnit {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

export const EX: TimeUnit = { isSeconds: true, isAbsolute: false }
export const PX: TimeUnit = { isSeconds: false, isAbsolute: false }
export const EXAT: TimeUnit = { isSeconds: true, isAbsolute: true }
export const PXAT: TimeUnit = { isSeconds: false, isAbsolute: true }

/** Takes the word of a unit if it is next. */
export function takeUnit(args: Args): TimeUnit | undefined {
  if (args.take('EX')) return EX
  if (args.take('PX')) return PX
  if (args.take('EXAT')) return EXAT
  if (args.take('PXAT')) return PXAT
  return undefined
}

/**
 * Reads a time that must lie after 1970.
 * @returns the expiry in milliseconds since 1970. Throws the reference's errors, which name the
 * command.
 */
export function readExpiry(args: Args, unit: TimeUnit, nowMs: number, name: string): number {
  const value = args.int64(notAnInteger)
  if (value <= 0n) throw invalidExpiry(name)
  let ms = value
  if (unit.isSeconds) {
    if (value > INT64_MAX / 1000n) throw invalidExpiry(name)
    ms = value * 1000n
  }
  if (!unit.isAbsolute) {
    if (ms > INT64_MAX - BigInt(nowMs)) throw invalidExpiry(name)
    ms += BigInt(nowMs)
  }
  return Number(ms)
}

export const integerOverflow = () => new ReplyError('ERR increment or decrement would overflow')
