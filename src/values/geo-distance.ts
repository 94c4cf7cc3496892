/** Distances on a globe, by the haversine formula with the reference's constants. */
import type { Place } from './geohash.ts'
import { roundedArcsine, roundedCosine, roundedSine } from './rounded-angles.ts'

/** The quadratic mean radius of the earth, in metres. */
const EARTH_RADIUS_M = 6372797.560856
const RADIANS = Math.PI / 180

/** An angle in radians, of degrees. */
export function radiansOf(degrees: number): number {
  return degrees * RADIANS
}

/**
 * The angle in degrees that an arc of so many metres has on a circle whose radius is `shrink` times the
 * one of the earth.
 */
export function degreesOfArc(metres: number, shrink: number): number {
  return metres / EARTH_RADIUS_M / shrink / RADIANS
}

/** Metres between two latitudes along a meridian. */
export function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS_M * Math.abs(radiansOf(a) - radiansOf(b))
}

/** Metres between two places along the shortest way on the globe. */
export function distanceBetween(from: Place, to: Place): number {
  return distance(from.longitude, from.latitude, to.longitude, to.latitude)
}

/** Metres between two longitudes along the shortest way between places at one latitude. */
export function longitudeDistance(a: number, b: number, latitude: number): number {
  return distance(a, latitude, b, latitude)
}

function distance(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = Math.sin((radiansOf(longitude2) - radiansOf(longitude1)) / 2)
  if (v === 0) return latitudeDistance(latitude2, latitude1)
  const a = radiansOf(latitude1)
  const b = radiansOf(latitude2)
  const u = Math.sin((b - a) / 2)
  return arcOfChord(u * u + Math.cos(a) * Math.cos(b) * v * v)
}

/** Metres along the globe of the square of half a chord, in radii. */
export function arcOfChord(squared: number): number {
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(squared))
}

/** The square of half the chord of an arc; no bound where the arc is half of the globe or more. */
export function chordOf(metres: number): number {
  const half = metres / EARTH_RADIUS_M / 2
  return half < Math.PI / 2 ? Math.sin(half) ** 2 : Number.POSITIVE_INFINITY
}

/**
 * The same as `distanceBetween`, rounded as C's functions round in all but one of some hundred cases:
 * for distances that are kept in full.
 */
export function roundedDistance(from: Place, to: Place): number {
  const v = roundedSine((radiansOf(to.longitude) - radiansOf(from.longitude)) / 2)
  if (v === 0) return latitudeDistance(to.latitude, from.latitude)
  const a = radiansOf(from.latitude)
  const b = radiansOf(to.latitude)
  const u = roundedSine((b - a) / 2)
  const chord = u * u + roundedCosine(a) * roundedCosine(b) * v * v
  return 2 * EARTH_RADIUS_M * roundedArcsine(Math.sqrt(chord))
}
