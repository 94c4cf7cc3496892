/** What a search finds, and where it goes: into the reply, or to a key. */
import { doubleText, Gathered, Slice } from '../../bytes/index.ts'
import type { Call } from '../../engine/index.ts'
import { TYPE_ZSET, type Value } from '../../keyspace/index.ts'
import {
  GeoFilter,
  type GeoShape,
  type Place,
  placeOf,
  rangesOf,
  roundedDistance,
  sortPart,
} from '../../values/index.ts'
import { distanceText } from './distance-text.ts'
import type { SearchRequest } from './search-request.ts'

/** A member that was found. */
interface Found {
  readonly longitude: number
  readonly latitude: number
  readonly metres: number
  readonly score: number
  /** Its number among the members. */
  readonly index: number
}

/** What was found, in the order that was asked for, and no more of it. */
export interface Results {
  readonly members: Gathered
  readonly found: readonly Found[]
}

/** Looks for the members of a sorted set in the shape of a request. */
export function findIn({ keyspace }: Call, value: Value, request: SearchRequest): Results {
  const { isAny, count } = request
  const members = new Gathered()
  const found: Found[] = []
  collect(
    keyspace.sortedSets,
    value,
    shapeOf(request),
    isAny ? count : 0,
    (place, metres, score) => {
      const { bytes, start, end } = keyspace.sortedSets.member
      const { longitude, latitude } = place
      found.push({ longitude, latitude, metres, score, index: members.count })
      members.add(bytes, start, end)
    },
  )
  return { members, found: ordered(found, request) }
}

function shapeOf({ middle, extent, metresPerUnit }: SearchRequest): GeoShape {
  return { middle: middle!, extent: extent!, metresPerUnit }
}

/** Calls `visit` for the members in a shape until there are `limit`, which may be 0 for all. */
function collect(
  sets: Call['keyspace']['sortedSets'],
  value: Value,
  shape: GeoShape,
  limit: number,
  visit: (place: Place, metres: number, score: number) => void,
): void {
  const place: Place = { longitude: 0, latitude: 0 }
  const filter = new GeoFilter(shape)
  const count = sets.count(value)
  let found = 0
  for (const { first, end } of rangesOf(shape)) {
    let rank = sets.rankOfScore(value, first, false)
    if (rank === count) continue
    sets.seek(value, rank)
    while (sets.score < end) {
      placeOf(sets.score, place)
      const metres = filter.distanceTo(place)
      if (!(metres < 0)) {
        visit(place, metres, sets.score)
        if (++found === limit) return
      }
      if (++rank === count) break
      sets.next()
    }
  }
}

function ordered(found: Found[], { order, count, isAny }: SearchRequest): readonly Found[] {
  const kept = count === 0 ? found.length : Math.min(count, found.length)
  // With a count, the nearest are meant, unless any will do.
  const isSorted = order !== 'none' || (count > 0 && !isAny)
  if (!isSorted) return found.slice(0, kept)
  const sign = order === 'descending' ? -1 : 1
  const compare = (a: Found, b: Found) =>
    a.metres > b.metres ? sign : a.metres === b.metres ? 0 : -sign
  // The order of what is equally far is the reference's, which sorts differently in part.
  if (kept === found.length) return found.sort(compare)
  sortPart(found, 0, kept - 1, compare)
  return found.slice(0, kept)
}

/** Answers with what was found, each with what else was asked for. */
export function replyResults({ reply }: Call, { members, found }: Results, request: SearchRequest) {
  const { hasDistance, hasHash, hasPlace, metresPerUnit } = request
  const parts = 1 + Number(hasDistance) + Number(hasHash) + Number(hasPlace)
  const member = new Slice(new Uint8Array(0), 0, 0)
  reply.array(found.length)
  for (const { longitude, latitude, metres, score, index } of found) {
    if (parts > 1) reply.array(parts)
    reply.bulkSlice(members.read(index, member))
    if (hasDistance) reply.latin1(distanceText(metres / metresPerUnit))
    if (hasHash) reply.integer(Number.isSafeInteger(score) ? score : hugeInteger(score))
    if (hasPlace) {
      reply.array(2)
      reply.double(doubleText(longitude))
      reply.double(doubleText(latitude))
    }
  }
}

/** A score that no place has, as the reference makes it 64 bits. */
function hugeInteger(score: number): bigint {
  const isInside = Math.abs(score) < 2 ** 63
  return isInside ? BigInt(Math.trunc(score)) : -(2n ** 63n)
}

/** Puts what was found to the target of the request, or deletes that when it is nothing. */
export function storeResults(call: Call, { members, found }: Results, request: SearchRequest) {
  const { db, keyspace, reply } = call
  const { sortedSets } = keyspace
  const { storesDistance, metresPerUnit } = request
  const target = request.target!
  reply.integer(found.length)
  if (found.length === 0) {
    db.storeNothing(target)
    return
  }
  const old = db.peek(target)
  const sizeMax = found.reduce((size, { index }) => Math.max(size, members.sizeOf(index)), 0)
  const { encoding, bytes } = sortedSets.empty(found.length, sizeMax)
  const value = db.create(target, TYPE_ZSET, encoding, bytes, old)
  const member = new Slice(new Uint8Array(0), 0, 0)
  for (const { longitude, latitude, score, index } of found) {
    const metres = storesDistance ? roundedDistance(request.middle!, { longitude, latitude }) : 0
    const kept = storesDistance ? metres / metresPerUnit : score
    sortedSets.add(value, members.read(index, member), kept, 0)
  }
  const isNewer = call.command.fullName === 'geosearchstore'
  db.changed(target, isNewer ? 'geosearchstore' : 'georadiusstore', 'zset')
  keyspace.dirty += found.length - 1
}
