/** HRANDFIELD: fields drawn by chance. */
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { ENCODING_ROOTED_MIN } from '../../values/index.ts'
import { readHash } from './access.ts'

const LONG_MAX = 2n ** 63n - 1n
/** With fewer fields for each that is asked for, all are gathered and some of them picked. */
const GATHER_FACTOR = 3

interface Asked {
  /** How many fields; one may come again when `repeats`. */
  readonly count: number
  readonly repeats: boolean
  readonly withValues: boolean
}

function readAsked(args: Args): Asked {
  const count = args.int64()
  if (count < -LONG_MAX) {
    throw new ReplyError(
      `ERR value is out of range, value must between ${-LONG_MAX} and ${LONG_MAX}`,
    )
  }
  const withValues = args.take('WITHVALUES')
  args.end()
  if (withValues && (count < -LONG_MAX / 2n || count > LONG_MAX / 2n)) {
    throw new ReplyError('ERR value is out of range')
  }
  return { count: Math.abs(Number(count)), repeats: count < 0n, withValues }
}

/** A whole number below `count`. */
function below({ keyspace }: Call, count: number): number {
  return Math.floor((keyspace.space.uint32() / 4294967296) * count)
}

function placesOf({ keyspace }: Call, value: Value): number[] {
  const places: number[] = []
  keyspace.hashes.each(value, (place) => {
    places.push(place)
  })
  return places
}

/** Replies with `count` fields, the same more than once where chance wants it. */
function replyRepeating(
  call: Call,
  value: Value,
  count: number,
  show: (place: number) => void,
): void {
  if (value.encoding >= ENCODING_ROOTED_MIN) {
    for (let i = 0; i < count; i++) show(call.keyspace.hashes.random(value))
    return
  }
  const places = placesOf(call, value)
  for (let i = 0; i < count; i++) show(places[below(call, places.length)]!)
}

/** Replies with `count` different fields of more. */
function replyDistinct(
  call: Call,
  value: Value,
  count: number,
  show: (place: number) => void,
): void {
  const { hashes } = call.keyspace
  const isLarge = value.encoding >= ENCODING_ROOTED_MIN
  if (isLarge && count * GATHER_FACTOR <= hashes.count(value)) {
    const shown = new Set<number>()
    while (shown.size < count) {
      const place = hashes.random(value)
      if (shown.has(place)) continue
      shown.add(place)
      show(place)
    }
    return
  }
  const places = placesOf(call, value)
  for (let left = places.length; count > 0; count--) {
    const i = below(call, left)
    show(places[i]!)
    left--
    places[i] = places[left]!
  }
}

function replyFields(call: Call, value: Value, { count, repeats, withValues }: Asked): void {
  const { keyspace, reply } = call
  const { hashes } = keyspace
  const size = hashes.count(value)
  const shown = repeats ? count : Math.min(count, size)
  reply.announce(shown * (withValues ? 2 : 1))
  const arePairs = withValues && reply.isResp3
  reply.array(withValues && !arePairs ? shown * 2 : shown)
  const show = (place: number) => {
    hashes.read(value, place)
    if (arePairs) reply.array(2)
    reply.bulkSlice(hashes.field)
    if (withValues) reply.bulkSlice(hashes.content)
  }
  if (shown === 0) return
  if (repeats) replyRepeating(call, value, shown, show)
  else if (shown === size) hashes.each(value, show)
  else replyDistinct(call, value, shown, show)
}

function randomField(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const asked = args.left > 0 ? readAsked(args) : undefined
  const value = readHash(db, key)
  if (value === undefined || db.fields.takeAll(key, value)) {
    if (asked === undefined) reply.null()
    else reply.array(0)
  } else if (asked !== undefined) replyFields(call, value, asked)
  else replyOne(call, value)
}

function replyOne(call: Call, value: Value): void {
  const { hashes } = call.keyspace
  replyRepeating(call, value, 1, (place) => {
    hashes.read(value, place)
    call.reply.bulkSlice(hashes.field)
  })
}

export const randomCommands: readonly CommandSpec[] = [
  {
    name: 'HRANDFIELD',
    syntax: 'key [count:integer [WITHVALUES]]:options',
    summary: 'Replies with fields of a hash drawn by chance, each with the same.',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of fields returned',
    arity: -2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    run: randomField,
  },
]
