/**
 * What a search asks for, in the words of GEOSEARCH and in those of the older GEORADIUS family. The
 * order in which things are looked at is visible in the errors.
 */
import type { Slice } from '../../bytes/index.ts'
import { type Args, ReplyError, syntaxError } from '../../engine/index.ts'
import type { GeoShape, Place } from '../../values/index.ts'
import { readLength, readPlace, readUnit } from './arguments.ts'

/** How a search is written. */
export interface SearchForm {
  /** Where the middle is: given by a place or a member before the options, or by an option. */
  readonly from: 'place' | 'member' | 'options'
  /** STORE and STOREDIST with a key may be given. */
  readonly takesStore: boolean
  /** The key that gets the result stands before the one that is searched. */
  readonly isStore: boolean
}

/** What is asked for. */
export interface SearchRequest {
  middle: Place | undefined
  /** By which option it was given; the other is refused then. */
  origin: 'place' | 'member' | undefined
  extent: GeoShape['extent'] | undefined
  metresPerUnit: number
  hasDistance: boolean
  hasHash: boolean
  hasPlace: boolean
  order: 'none' | 'ascending' | 'descending'
  /** 0 is all. */
  count: number
  /** As soon as there are enough, the search may end. */
  isAny: boolean
  target: Slice | undefined
  /** The target gets distances for scores. */
  storesDistance: boolean
}

/** Finds the place of a member, which is asked for only when its key is there. */
export type PlaceOfMember = (member: Slice) => Place

const NOWHERE: Place = { longitude: 0, latitude: 0 }

/**
 * Reads the arguments after the keys. `placeOfMember` is absent when the key is missing: then members
 * are taken unseen.
 */
export function readSearch(
  args: Args,
  form: SearchForm,
  target: Slice | undefined,
  placeOfMember: PlaceOfMember | undefined,
): SearchRequest {
  const request: SearchRequest = {
    middle: undefined,
    origin: undefined,
    extent: undefined,
    metresPerUnit: 1,
    hasDistance: false,
    hasHash: false,
    hasPlace: false,
    order: 'none',
    count: 0,
    isAny: false,
    target,
    storesDistance: false,
  }
  readFixedPart(args, form, request, placeOfMember)
  const name = args.slice(0).latin1().split('\0', 1)[0]!
  while (args.left > 0) {
    if (takeOption(args, request) || takeStore(args, form, request)) continue
    if (form.from === 'options' && takeShape(args, request, placeOfMember)) continue
    throw syntaxError()
  }
  checkRequest(request, form, name)
  return request
}

/** What the older commands have before their options. */
function readFixedPart(
  args: Args,
  { from }: SearchForm,
  request: SearchRequest,
  placeOfMember: PlaceOfMember | undefined,
): void {
  if (from === 'options') return
  if (from === 'place') request.middle = readPlace(args)
  else {
    const member = args.next()
    if (placeOfMember === undefined) {
      // Not even looked at when there is nothing to search.
      args.at += 2
      return
    }
    request.middle = placeOfMember(member)
  }
  readCircle(args, request)
}

function readCircle(args: Args, request: SearchRequest): void {
  const radius = readLength(args, 'radius')
  if (radius < 0) throw new ReplyError('ERR radius cannot be negative')
  request.metresPerUnit = readUnit(args)
  request.extent = { kind: 'circle', radius }
}

function readBox(args: Args, request: SearchRequest): void {
  const width = readLength(args, 'width')
  const height = readLength(args, 'height')
  if (width < 0 || height < 0) throw new ReplyError('ERR height or width cannot be negative')
  request.metresPerUnit = readUnit(args)
  request.extent = { kind: 'box', width, height }
}

/** Takes one of the options that every form has. */
function takeOption(args: Args, request: SearchRequest): boolean {
  if (args.take('WITHDIST')) request.hasDistance = true
  else if (args.take('WITHHASH')) request.hasHash = true
  else if (args.take('WITHCOORD')) request.hasPlace = true
  else if (args.take('ANY')) request.isAny = true
  else if (args.take('ASC')) request.order = 'ascending'
  else if (args.take('DESC')) request.order = 'descending'
  else if (args.left > 1 && args.take('COUNT')) {
    request.count = args.int()
    if (request.count <= 0) throw new ReplyError('ERR COUNT must be > 0')
  } else return false
  return true
}

/** Takes the option that names where the result goes, or what goes there. */
function takeStore(args: Args, form: SearchForm, request: SearchRequest): boolean {
  if (form.isStore && args.take('STOREDIST')) {
    request.storesDistance = true
    return true
  }
  if (!form.takesStore || args.left < 2) return false
  const isDistance = args.take('STOREDIST')
  if (!isDistance && !args.take('STORE')) return false
  request.target = args.key()
  request.storesDistance = isDistance
  return true
}

/** Takes an option of the newer commands that says where and how far. */
function takeShape(
  args: Args,
  request: SearchRequest,
  placeOfMember: PlaceOfMember | undefined,
): boolean {
  const { origin } = request
  if (args.left > 1 && origin !== 'place' && args.take('FROMMEMBER')) {
    const member = args.next()
    request.middle = placeOfMember === undefined ? NOWHERE : placeOfMember(member)
    request.origin = 'member'
  } else if (args.left > 2 && origin !== 'member' && args.take('FROMLONLAT')) {
    request.middle = readPlace(args)
    request.origin = 'place'
  } else if (args.left > 2 && request.extent?.kind !== 'box' && args.take('BYRADIUS')) {
    readCircle(args, request)
  } else if (args.left > 3 && request.extent?.kind !== 'circle' && args.take('BYBOX')) {
    readBox(args, request)
  } else return false
  return true
}

function checkRequest(request: SearchRequest, form: SearchForm, name: string): void {
  const { middle, extent, target, isAny, count } = request
  if (target !== undefined && (request.hasDistance || request.hasHash || request.hasPlace)) {
    const what = form.isStore ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
    const options = 'WITHDIST, WITHHASH and WITHCOORD options'
    throw new ReplyError(`ERR ${what} is not compatible with ${options}`)
  }
  if (form.from === 'options' && middle === undefined) {
    const text = 'exactly one of FROMMEMBER or FROMLONLAT can be specified for'
    throw new ReplyError(`ERR ${text} ${name}`)
  }
  if (form.from === 'options' && extent === undefined) {
    throw new ReplyError(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`)
  }
  if (isAny && count === 0) throw new ReplyError('ERR the ANY argument requires COUNT argument')
}
