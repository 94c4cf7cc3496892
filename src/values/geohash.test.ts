import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Seeded, seeded } from '../host/index.ts'
import { type GeoShape, rangesOf } from './geo-area.ts'
import { distanceBetween, latitudeDistance, longitudeDistance } from './geo-distance.ts'
import { GeoFilter } from './geo-within.ts'
import { geohashOf, geohashText, LATITUDE_MAX, type Place, placeOf } from './geohash.ts'

const randomPlace = (random: Seeded): Place => ({
  longitude: random.between(-180_000_000, 180_000_000) / 1e6,
  latitude: random.between(-85_051_128, 85_051_128) / 1e6,
})

function decoded(score: number): Place {
  const place = { longitude: 0, latitude: 0 }
  placeOf(score, place)
  return place
}

/** The score of a place, by halving the map 52 times. */
function modelScore({ longitude, latitude }: Place): bigint {
  const edges = [
    { low: -180, high: 180, at: longitude },
    { low: -LATITUDE_MAX, high: LATITUDE_MAX, at: latitude },
  ]
  let score = 0n
  for (let bit = 0; bit < 52; bit++) {
    const edge = edges[bit % 2]!
    const middle = (edge.low + edge.high) / 2
    score <<= 1n
    if (edge.at >= middle) {
      score |= 1n
      edge.low = middle
    } else edge.high = middle
  }
  return score
}

test('a score is what halving the map gives, but for places on the line of a cell', () => {
  const random = seeded()
  let same = 0
  for (let step = 0; step < 2000; step++) {
    const place = randomPlace(random)
    const score = geohashOf(place)
    if (BigInt(score) === modelScore(place)) same++
    const back = decoded(score)
    assert.ok(distanceBetween(place, back) < 0.6)
    assert.equal(geohashOf(back), score)
  }
  assert.ok(same > 1990)
})

test('a place is printed as the world prints it', () => {
  const text = (longitude: number, latitude: number) =>
    geohashText(decoded(geohashOf({ longitude, latitude })))
  assert.equal(text(13.361389, 38.115556), 'sqc8b49rny0')
  assert.equal(text(15.087269, 37.502669), 'sqdtr74hyu0')
  assert.equal(text(0, 0), 's0000000000')
})

test('any number is some place on the map', () => {
  const odd = [-1, -0.5, 0.5, 2 ** 52, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 63), -(2 ** 64), 1e300]
  for (const score of [...odd, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const { longitude, latitude } = decoded(score)
    assert.ok(Math.abs(longitude) <= 180 && Math.abs(latitude) <= LATITUDE_MAX, String(score))
  }
  for (const latitude of [-LATITUDE_MAX, LATITUDE_MAX]) {
    for (const longitude of [-180, 180]) {
      const place = { longitude, latitude }
      assert.ok(distanceBetween(place, decoded(geohashOf(place))) < 0.6)
    }
  }
})

/** How far a place in a shape is, or -1, by its definition. */
function modelDistance({ middle, metresPerUnit, extent }: GeoShape, place: Place): number {
  const metres = distanceBetween(middle, place)
  if (extent.kind === 'circle') return metres > extent.radius * metresPerUnit ? -1 : metres
  const upwards = latitudeDistance(place.latitude, middle.latitude)
  const sideways = longitudeDistance(place.longitude, middle.longitude, place.latitude)
  const isInside =
    upwards <= (extent.height * metresPerUnit) / 2 && sideways <= (extent.width * metresPerUnit) / 2
  return isInside ? metres : -1
}

test('the ranges hold every place in a shape', () => {
  const random = seeded()
  for (let step = 0; step < 300; step++) {
    const middle = randomPlace(random)
    const size = 10 ** random.between(1, 6)
    const [width, height] = [random.between(0, size), random.between(0, size)]
    const extent: GeoShape['extent'] = random.chance(0.5)
      ? { kind: 'circle', radius: width }
      : { kind: 'box', width, height }
    const shape = { middle, metresPerUnit: random.pick([1, 0.3048]), extent }
    const ranges = rangesOf(shape)
    const filter = new GeoFilter(shape)
    for (let i = 0; i < 50; i++) {
      const near = {
        longitude: middle.longitude + (random.between(-1000, 1000) / 1e8) * size,
        latitude: middle.latitude + (random.between(-1000, 1000) / 1e8) * size,
      }
      if (Math.abs(near.longitude) > 179 || Math.abs(near.latitude) > 84) continue
      const score = geohashOf(near)
      const place = decoded(score)
      const metres = filter.distanceTo(place)
      assert.equal(metres, modelDistance(shape, place))
      if (metres < 0) continue
      assert.ok(ranges.some(({ first, end }) => score >= first && score < end))
    }
  }
})
