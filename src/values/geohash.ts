/**
 * Places on earth as numbers of 52 bits, which sort so that what is near in number is near on the
 * map: latitude and longitude, 26 bits each, shuffled into each other, the longitude in the higher bit
 * of each pair. As scores of a sorted set they can be searched by ranges.
 *
 * Every step is taken in the order of the reference, so that the doubles round alike. The cell of a
 * place at the very edge of the map has one bit more, and its number is rounded as the reference's is.
 */

/** The map ends before the poles, as in the projection of web maps (EPSG:3857). */
export const LATITUDE_MAX = 85.05112878
export const LONGITUDE_MAX = 180

/** Bits of each coordinate. */
export const STEPS_MAX = 26

/** The scores of places inside of the map are below this. */
const PLACES_END = 2 ** (2 * STEPS_MAX)
/** The width of the smallest cells, as a part of the map's. */
const CELL = 2 ** -STEPS_MAX

const LOW_BITS = 13
const LOW_MASK = (1 << LOW_BITS) - 1
/** What a number of pairs is worth above as many low pairs. */
const HIGH_WEIGHT = 2 ** (2 * LOW_BITS)
const LETTERS = '0123456789bcdefghjkmnpqrstuvwxyz'

/** A place in degrees. */
export interface Place {
  longitude: number
  latitude: number
}

/** A rectangle of the grid that has 2^`steps` cells in each direction, by column and row. */
export interface Cell {
  readonly column: number
  readonly row: number
  readonly steps: number
}

/** The cell of a place on the map. */
export function cellOf({ longitude, latitude }: Place, steps: number): Cell {
  const count = 2 ** steps
  const column = ((longitude + LONGITUDE_MAX) / (LONGITUDE_MAX * 2)) * count
  const row = ((latitude + LATITUDE_MAX) / (LATITUDE_MAX * 2)) * count
  return { column: Math.floor(column), row: Math.floor(row), steps }
}

/** The score of a place on the map. */
export function geohashOf(place: Place): number {
  return firstScoreOf(cellOf(place, STEPS_MAX), 0)
}

/** The lowest score in a cell, or with `following` 1 the one above its highest. */
export function firstScoreOf({ column, row, steps }: Cell, following: 0 | 1): number {
  const high = spread(column >>> LOW_BITS) * 2 + spread(row >>> LOW_BITS)
  const low = spread(column & LOW_MASK) * 2 + spread(row & LOW_MASK) + following
  return (high * HIGH_WEIGHT + low) * 4 ** (STEPS_MAX - steps)
}

/** Puts a zero before each of 16 bits. */
function spread(bits: number): number {
  bits = (bits | (bits << 8)) & 0x00ff00ff
  bits = (bits | (bits << 4)) & 0x0f0f0f0f
  bits = (bits | (bits << 2)) & 0x33333333
  return (bits | (bits << 1)) & 0x55555555
}

/** Takes every second of 32 bits, from the lowest on. */
function gather(bits: number): number {
  bits &= 0x55555555
  bits = (bits | (bits >>> 1)) & 0x33333333
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f
  bits = (bits | (bits >>> 4)) & 0x00ff00ff
  return (bits | (bits >>> 8)) & 0x0000ffff
}

/** Sets `into` to the place that a score stands for: the middle of its cell. Any number is a score. */
export function placeOf(score: number, into: Place): void {
  if (!(score >= 0 && score < PLACES_END)) {
    oddPlaceOf(score, into)
    return
  }
  const high = (score / 2 ** 32) | 0
  const low = score | 0
  const column = (gather(high >>> 1) << 16) | gather(low >>> 1)
  const row = (gather(high) << 16) | gather(low)
  const west = -LONGITUDE_MAX + column * CELL * (LONGITUDE_MAX * 2)
  const east = -LONGITUDE_MAX + (column + 1) * CELL * (LONGITUDE_MAX * 2)
  const south = -LATITUDE_MAX + row * CELL * (LATITUDE_MAX * 2)
  const north = -LATITUDE_MAX + (row + 1) * CELL * (LATITUDE_MAX * 2)
  into.longitude = (west + east) / 2
  into.latitude = (south + north) / 2
}

/** The same for scores that the edge of the map has, or none. */
function oddPlaceOf(score: number, into: Place): void {
  const bits = oddBits(score)
  const high = Number(bits >> 32n)
  const low = Number(bits & 0xffffffffn)
  const column = ((gather(high >>> 1) << 16) | gather(low >>> 1)) >>> 0
  const row = ((gather(high) << 16) | gather(low)) >>> 0
  const west = -LONGITUDE_MAX + column * CELL * (LONGITUDE_MAX * 2)
  const east = -LONGITUDE_MAX + ((column + 1) >>> 0) * CELL * (LONGITUDE_MAX * 2)
  const south = -LATITUDE_MAX + row * CELL * (LATITUDE_MAX * 2)
  const north = -LATITUDE_MAX + ((row + 1) >>> 0) * CELL * (LATITUDE_MAX * 2)
  into.longitude = clamped((west + east) / 2, LONGITUDE_MAX)
  into.latitude = clamped((south + north) / 2, LATITUDE_MAX)
}

/** What the reference's processor makes of any number, as 64 bits without sign. */
function oddBits(score: number): bigint {
  if (score < 0 && score >= -(2 ** 63)) return BigInt.asUintN(64, BigInt(Math.ceil(score)))
  if (score >= 2 ** 64) return 0n
  return score >= 0 ? BigInt(Math.floor(score)) : 2n ** 63n
}

function clamped(degrees: number, max: number): number {
  return Math.min(Math.max(degrees, -max), max)
}

/**
 * The geohash that the world knows, as 11 letters: over the whole globe, and not only the map. The
 * last letter would need bits that are not kept, and is always 0.
 */
export function geohashText({ longitude, latitude }: Place): string {
  const count = 2 ** STEPS_MAX
  const column = Math.floor(((longitude + 180) / 360) * count)
  const row = Math.floor(((latitude + 90) / 180) * count)
  let text = ''
  for (let letter = 0; letter < 10; letter++) {
    let index = 0
    for (let i = 0; i < 5; i++) {
      const bit = letter * 5 + i
      const axis = bit % 2 === 0 ? column : row
      index = (index << 1) | ((axis >>> (STEPS_MAX - 1 - (bit >>> 1))) & 1)
    }
    text += LETTERS[index]
  }
  return `${text}0`
}
