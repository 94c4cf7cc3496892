/** HINCRBY and HINCRBYFLOAT: fields that are numbers. */
import { fromLatin1, type Slice, sliceOf } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  notAFloat,
  ReplyError,
} from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../../values/index.ts'
import { addTo, decimal, readIncrement } from '../increments.ts'
import { createHash, findField, writeHash } from './access.ts'

const ZERO = { mantissa: 0n, exponent: 0 }

const noInteger = () => new ReplyError('ERR hash value is not an integer')

/** The hash and whether it has the field: both anew, where the field has just expired. */
function lookUp(
  call: Call,
  key: Slice,
  field: Slice,
): { value: Value | undefined; isThere: boolean } {
  const { db } = call
  const value = writeHash(db, key)
  if (value === undefined) return { value, isThere: false }
  if (findField(db, key, value, field)) return { value, isThere: true }
  return { value: db.peek(key) === 0 ? undefined : value, isThere: false }
}

/** Sets the field to what was counted. Its expiry stays. */
function put(
  { db, keyspace }: Call,
  key: Slice,
  value: Value | undefined,
  field: Slice,
  text: Slice,
): void {
  keyspace.hashes.set(value ?? createHash(db, key), field, text, true)
}

function add(call: Call, args: Args): void {
  const key = args.key()
  const field = args.next()
  const by = readIncrement(args)
  const { value, isThere } = lookUp(call, key, field)
  const sum = isThere ? addTo(call.keyspace.hashes.content, by, noInteger) : by
  put(call, key, value, field, decimal(sum))
  call.db.changed(key, 'hincrby', 'hash')
  call.reply.integer(sum)
}

function addFloat(call: Call, args: Args): void {
  const { db, effects, keyspace, reply } = call
  const key = args.key()
  const field = args.next()
  const by = parseLongDouble(args.text())
  if (by === undefined) throw notAFloat()
  if (by === 'infinite') throw new ReplyError('ERR value is NaN or Infinity')
  const { value, isThere } = lookUp(call, key, field)
  const held = isThere ? parseLongDouble(keyspace.hashes.content.latin1()) : ZERO
  if (held === undefined) throw new ReplyError('ERR hash value is not a float')
  const expires = isThere && keyspace.hashes.expiryMs !== 0
  const sum = held === 'infinite' ? undefined : addLongDoubles(held, by)
  if (sum === undefined) throw new ReplyError('ERR increment would produce NaN or Infinity')
  const text = sliceOf(fromLatin1(formatLongDouble(sum)))
  put(call, key, value, field, text)
  db.changed(key, 'hincrbyfloat', 'hash')
  reply.bulkSlice(text)
  // Whoever replays it must not depend on how it adds and prints.
  if (expires) effects.replaceWith('HSETEX', key, 'KEEPTTL', 'FIELDS', 1, field, text)
  else effects.replaceWith('HSET', key, field, text)
}

export const counterCommands: readonly CommandSpec[] = [
  {
    name: 'HINCRBY',
    syntax: 'key field increment:integer',
    summary: 'Adds a number to the integer in a field; a missing one counts as 0.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: add,
  },
  {
    name: 'HINCRBYFLOAT',
    syntax: 'key field increment:double',
    summary: 'Adds a number to the floating-point number in a field; a missing one counts as 0.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: addFloat,
  },
]
