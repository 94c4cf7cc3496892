/** The options that say when a key expires: EX, PX, EXAT, PXAT, as SET and GETEX read them. */
import { INT64_MAX, parseInt64, parseShortInt, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  invalidExpiry,
  notAnInteger,
  syntaxError,
} from '../../engine/index.ts'

/** How a time is given. */
export interface TimeUnit {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

/** The four units, by the words that name them. */
export const EX: TimeUnit = { isSeconds: true, isAbsolute: false }
export const PX: TimeUnit = { isSeconds: false, isAbsolute: false }
export const EXAT: TimeUnit = { isSeconds: true, isAbsolute: true }
export const PXAT: TimeUnit = { isSeconds: false, isAbsolute: true }

/** A time among the options, not yet read: a later option may be none, which is said first. */
export interface TimeOption {
  unit: TimeUnit | undefined
  /** Where its argument stands. */
  position: number
}

/** Times up to here can be counted in numbers without rounding, whatever their unit. */
const EXACT_MAX = 2 ** 42
/** The latest time that entries hold: the last double before 2^63. */
const STORED_MS_MAX = 2 ** 63 - 1024

/** Takes the word of a unit if it is next. */
function takeUnit(args: Args): TimeUnit | undefined {
  if (args.take('EX')) return EX
  if (args.take('PX')) return PX
  if (args.take('EXAT')) return EXAT
  if (args.take('PXAT')) return PXAT
  return undefined
}

/**
 * Takes a unit and the place of its time if they are next. A unit may be given again, and then the
 * last time counts; another unit is a syntax error.
 */
export function takeTime(args: Args, option: TimeOption): boolean {
  const unit = takeUnit(args)
  if (unit === undefined) return false
  if ((option.unit !== undefined && option.unit !== unit) || args.left === 0) throw syntaxError()
  option.unit = unit
  option.position = args.at++
  return true
}

/**
 * Reads a time that must lie after 1970.
 * @returns the expiry in milliseconds since 1970, as a bigint where a number could round it. Throws
 * the reference's errors, which name the command.
 */
export function readExpiry(time: Slice, unit: TimeUnit, call: Call): number | bigint {
  const { nowMs } = call.keyspace
  const short = parseShortInt(time.bytes, time.start, time.end)
  if (short > 0 && short < EXACT_MAX) {
    return short * (unit.isSeconds ? 1000 : 1) + (unit.isAbsolute ? 0 : nowMs)
  }
  const value = parseInt64(time.bytes, time.start, time.end)
  if (value === undefined) throw notAnInteger()
  const ms = unit.isSeconds ? value * 1000n : value
  const expiry = unit.isAbsolute ? ms : ms + BigInt(nowMs)
  if (value <= 0n || expiry > INT64_MAX) throw invalidExpiry(call.command.fullName)
  return expiry
}

/** An expiry as entries hold it. */
export function storedExpiry(expiryMs: number | bigint): number {
  return typeof expiryMs === 'number' ? expiryMs : Math.min(Number(expiryMs), STORED_MS_MAX)
}

/** Tells that `key` got an expiry by a command that told of a change already. */
export function noticeExpiry({ db, keyspace }: Call, key: Slice): void {
  if (keyspace.isObserved) keyspace.observers.noticed(db, key, 'expire', 'generic')
}
