/** GEOSEARCH and its older forms: the members in a circle or a box. */
import { Gathered } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type KeySpec,
  keyAt,
  ReplyError,
} from '../../engine/index.ts'
import { TYPE_ZSET } from '../../keyspace/index.ts'
import { placeOf } from '../../values/index.ts'
import { readValue } from '../values.ts'
import { findIn, replyResults, storeResults } from './results.ts'
import { type PlaceOfMember, readSearch, type SearchForm } from './search-request.ts'

function search(call: Call, args: Args, form: SearchForm): void {
  const { db, keyspace } = call
  const { sortedSets } = keyspace
  const target = form.isStore ? args.key() : undefined
  // The key is looked at before all other arguments, as the order of the errors shows.
  const value = readValue(db, args.key(), TYPE_ZSET)
  const placeOfMember: PlaceOfMember = (member) => {
    if (!sortedSets.find(value!, member)) {
      throw new ReplyError('ERR could not decode requested zset member')
    }
    const place = { longitude: 0, latitude: 0 }
    placeOf(sortedSets.score, place)
    return place
  }
  const request = readSearch(args, form, target, value && placeOfMember)
  const results =
    value === undefined ? { members: new Gathered(), found: [] } : findIn(call, value, request)
  if (request.target === undefined) replyResults(call, results, request)
  else storeResults(call, results, request)
}

const UNIT = '<M | KM | FT | MI>:unit'
const WITH = '[WITHCOORD] [WITHDIST] [WITHHASH]'
const COUNT = '[COUNT count:integer [ANY]]:count-block'
const ORDER = '[ASC | DESC]:order'
const STORE = '[STORE storekey(key):key | STOREDIST storedistkey(key):key]:store'
const FROM = '<FROMMEMBER member | FROMLONLAT longitude:double latitude:double>:from'
const CIRCLE = `<<BYRADIUS radius:double> ${UNIT}>:circle`
const BOX = `<<BYBOX width:double> height:double ${UNIT}>:box`
const BY = `<${CIRCLE} | ${BOX}>:by`
const PLACE = 'longitude:double latitude:double'

const UPPERCASE = ['7.0.0', 'Units may be written in capitals.'] as const
const RADIUS_HISTORY = [['6.2.0', 'The option `ANY` for `COUNT`.'], UPPERCASE] as const
const RADIUS_COMPLEXITY =
  'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.'
const SEARCH_COMPLEXITY =
  'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape'

/** A key after a word that stands at `startFrom` or behind. */
function keyAfter(keyword: string, startFrom: number): KeySpec {
  return {
    flags: ['OW', 'update'],
    begin: { kind: 'keyword', keyword, startFrom },
    find: { kind: 'range', lastKey: 0, step: 1, limit: 0 },
  }
}

/** What the four older commands differ in. */
interface RadiusRow {
  readonly from: 'place' | 'member'
  readonly takesStore: boolean
  readonly replacedBy: string
}

function radiusCommand({ from, takesStore, replacedBy }: RadiusRow): CommandSpec {
  const form = { from, takesStore, isStore: false }
  const arity = from === 'place' ? -6 : -5
  const what = from === 'place' ? 'a place' : 'a member'
  return {
    name: `GEORADIUS${from === 'place' ? '' : 'BYMEMBER'}${takesStore ? '' : '_RO'}`,
    syntax: `key ${from === 'place' ? PLACE : 'member'} radius:double ${UNIT} ${WITH} ${COUNT} ${ORDER}${takesStore ? ` ${STORE}` : ''}`,
    summary: takesStore
      ? `Replies with the members in a circle around ${what}, or keeps them at a key.`
      : `Replies with the members in a circle around ${what}.`,
    since: takesStore ? '3.2.0' : '3.2.10',
    complexity: RADIUS_COMPLEXITY,
    arity,
    flags: takesStore ? ['write', 'denyoom'] : ['readonly'],
    keys: takesStore
      ? [keyAt(1, 'RO', 'access'), keyAfter('STORE', -arity), keyAfter('STOREDIST', -arity)]
      : [keyAt(1, 'RO', 'access')],
    history: RADIUS_HISTORY,
    ...(from === 'place' ? { argumentsSince: { 'count-block/any': '6.2.0' } } : {}),
    deprecated: { since: '6.2.0', replacedBy },
    run: (call, args) => search(call, args, form),
  }
}

export const geoSearchCommands: readonly CommandSpec[] = [
  {
    name: 'GEOSEARCH',
    syntax: `key ${FROM} ${BY} ${ORDER} ${COUNT} ${WITH}`,
    summary: 'Replies with the members in a circle or a box.',
    since: '6.2.0',
    complexity: SEARCH_COMPLEXITY,
    arity: -7,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [UPPERCASE],
    run: (call, args) => search(call, args, { from: 'options', takesStore: false, isStore: false }),
  },
  {
    name: 'GEOSEARCHSTORE',
    syntax: `destination:key source:key ${FROM} ${BY} ${ORDER} ${COUNT} [STOREDIST]`,
    summary: 'Keeps the members in a circle or a box at a key, with their places or distances.',
    since: '6.2.0',
    complexity: SEARCH_COMPLEXITY,
    arity: -8,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    history: [UPPERCASE],
    run: (call, args) => search(call, args, { from: 'options', takesStore: false, isStore: true }),
  },
  radiusCommand({
    from: 'place',
    takesStore: true,
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument',
  }),
  radiusCommand({
    from: 'member',
    takesStore: true,
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
  }),
  radiusCommand({
    from: 'place',
    takesStore: false,
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument',
  }),
  radiusCommand({
    from: 'member',
    takesStore: false,
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments',
  }),
]
