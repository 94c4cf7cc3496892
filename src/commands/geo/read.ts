/** GEOPOS, GEODIST and GEOHASH: where members are. */
import { doubleText, type Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, syntaxError } from '../../engine/index.ts'
import { TYPE_ZSET, type Value } from '../../keyspace/index.ts'
import { distanceBetween, geohashText, type Place, placeOf } from '../../values/index.ts'
import { readValue } from '../values.ts'
import { readUnit } from './arguments.ts'
import { distanceText } from './distance-text.ts'

/** The place of a member, or `undefined` when it is missing. */
function placeIn({ keyspace }: Call, value: Value | undefined, member: Slice): Place | undefined {
  if (value === undefined || !keyspace.sortedSets.find(value, member)) return undefined
  const place = { longitude: 0, latitude: 0 }
  placeOf(keyspace.sortedSets.score, place)
  return place
}

/** Answers for each of the members that are left. */
function eachPlace(call: Call, args: Args, answer: (place: Place | undefined) => void): void {
  const value = readValue(call.db, args.key(), TYPE_ZSET)
  call.reply.array(args.left)
  while (args.left > 0) answer(placeIn(call, value, args.next()))
}

function positions(call: Call, args: Args): void {
  const { reply } = call
  eachPlace(call, args, (place) => {
    if (place === undefined) {
      reply.nullArray()
      return
    }
    reply.array(2)
    reply.double(doubleText(place.longitude))
    reply.double(doubleText(place.latitude))
  })
}

function hashes(call: Call, args: Args): void {
  const { reply } = call
  eachPlace(call, args, (place) => {
    if (place === undefined) reply.null()
    else reply.latin1(geohashText(place))
  })
}

function distance(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const first = args.next()
  const second = args.next()
  if (args.left > 1) throw syntaxError()
  const metresPerUnit = args.left > 0 ? readUnit(args) : 1
  const value = readValue(db, key, TYPE_ZSET)
  const from = placeIn(call, value, first)
  const to = placeIn(call, value, second)
  if (from === undefined || to === undefined) reply.null()
  else reply.latin1(distanceText(distanceBetween(from, to) / metresPerUnit))
}

export const geoReadCommands: readonly CommandSpec[] = [
  {
    name: 'GEOPOS',
    syntax: 'key [member ...]',
    summary: 'Replies with the longitudes and latitudes of members.',
    since: '3.2.0',
    complexity: 'O(1) for each member requested.',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: positions,
  },
  {
    name: 'GEODIST',
    syntax: 'key member1 member2 [M | KM | FT | MI]:unit',
    summary: 'Replies with the distance between two members.',
    since: '3.2.0',
    complexity: 'O(1)',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: distance,
  },
  {
    name: 'GEOHASH',
    syntax: 'key [member ...]',
    summary: 'Replies with the geohashes of members, as 11 letters.',
    since: '3.2.0',
    complexity: 'O(1) for each member requested.',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    run: hashes,
  },
]
