/**
 * Whether places lie in a circle or a box, for many places in turn. Most lie outside, and that shows
 * before the costly end of the formula for the distance; with a margin, so that the edge is where the
 * reference has it.
 */
import type { GeoShape } from './geo-area.ts'
import {
  arcOfChord,
  chordOf,
  distanceBetween,
  latitudeDistance,
  longitudeDistance,
  radiansOf,
} from './geo-distance.ts'
import type { Place } from './geohash.ts'

/** What is farther by this part is outside for certain. */
const MARGIN = 1 + 1e-9

export class GeoFilter {
  readonly #middle: Place
  /** Half the height, or the radius; half the width, or the radius. In metres. */
  readonly #high: number
  readonly #wide: number
  readonly #isCircle: boolean
  /** Of the middle, in radians. */
  readonly #latitude: number
  readonly #longitude: number
  readonly #cosine: number
  /** Squares of half chords above this are outside of a circle. */
  readonly #chordMax: number

  /** For the places in a shape. */
  constructor({ middle, metresPerUnit, extent }: GeoShape) {
    this.#middle = middle
    this.#isCircle = extent.kind === 'circle'
    const isCircle = extent.kind === 'circle'
    this.#high = isCircle ? extent.radius * metresPerUnit : (extent.height * metresPerUnit) / 2
    this.#wide = isCircle ? this.#high : (extent.width * metresPerUnit) / 2
    this.#latitude = radiansOf(middle.latitude)
    this.#longitude = radiansOf(middle.longitude)
    this.#cosine = Math.cos(this.#latitude)
    this.#chordMax = chordOf(this.#high) * MARGIN
  }

  /** How far a place is from the middle in metres, or -1 when it lies outside. */
  distanceTo(place: Place): number {
    const upwards = latitudeDistance(place.latitude, this.#middle.latitude)
    if (!this.#isCircle) return this.#distanceInBox(place, upwards)
    if (upwards > this.#high * MARGIN) return -1
    const v = Math.sin((radiansOf(place.longitude) - this.#longitude) / 2)
    let metres = upwards
    if (v !== 0) {
      const latitude = radiansOf(place.latitude)
      const u = Math.sin((latitude - this.#latitude) / 2)
      const chord = u * u + this.#cosine * Math.cos(latitude) * v * v
      if (chord > this.#chordMax) return -1
      metres = arcOfChord(chord)
    }
    return metres > this.#high ? -1 : metres
  }

  #distanceInBox(place: Place, upwards: number): number {
    const { latitude, longitude } = this.#middle
    if (upwards > this.#high) return -1
    if (longitudeDistance(place.longitude, longitude, place.latitude) > this.#wide) return -1
    return distanceBetween({ longitude, latitude }, place)
  }
}
