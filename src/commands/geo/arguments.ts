/** Places, lengths and units among the arguments. */
import { parseDouble } from '../../bytes/index.ts'
import { type Args, notAFloat, ReplyError } from '../../engine/index.ts'
import { LATITUDE_MAX, LONGITUDE_MAX, type Place } from '../../values/index.ts'

/** Metres of each unit. */
const UNITS: readonly (readonly [word: string, metres: number])[] = [
  ['M', 1],
  ['KM', 1000],
  ['FT', 0.3048],
  ['MI', 1609.34],
]

function readDouble(args: Args, refusal: () => unknown): number {
  const { bytes, start, end } = args.next()
  const value = parseDouble(bytes, start, end)
  if (Number.isNaN(value)) throw refusal()
  return value
}

/** Reads a longitude and a latitude that lie on the map. */
export function readPlace(args: Args): Place {
  const longitude = readDouble(args, notAFloat)
  const latitude = readDouble(args, notAFloat)
  if (Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX) {
    return { longitude, latitude }
  }
  const pair = `${withSixPlaces(longitude)},${withSixPlaces(latitude)}`
  throw new ReplyError(`ERR invalid longitude,latitude pair ${pair}`)
}

/** The word in the error when a length is no number: `need numeric radius`. */
export type LengthName = 'radius' | 'width' | 'height'

/** Reads a length, which may be negative. */
export function readLength(args: Args, name: LengthName): number {
  return readDouble(args, () => new ReplyError(`ERR need numeric ${name}`))
}

/** Reads a unit. @returns how many metres it has. */
export function readUnit(args: Args): number {
  for (const [word, metres] of UNITS) if (args.take(word)) return metres
  throw new ReplyError('ERR unsupported unit provided. please use M, KM, FT, MI')
}

/** As `%f` prints it in C: halves go to the even neighbour, and all digits of large numbers are there. */
function withSixPlaces(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.000000'
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`
  // Halves of a millionth are doubles only as odd multiples of a 128th.
  const isHalf = Number.isInteger(value * 128) && !Number.isInteger(value * 64)
  const text = value.toFixed(6)
  const isOdd = Number(text.at(-1)) % 2 === 1
  return isHalf && isOdd ? `${text.slice(0, -1)}${Number(text.at(-1)) - 1}` : text
}
