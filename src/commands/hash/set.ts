/** Setting fields. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, wrongArity } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { createHash, findField, writeHash } from './access.ts'

/** Lets a hash become a large one at once where the fields that follow will make it one. */
export function prepareFor(call: Call, value: Value, args: Args): void {
  const pairs = args.left / 2
  // One pair is looked at when it is set.
  if (pairs === 1) return
  const { starts, ends } = args.request
  let sizeMax = 0
  for (let i = args.at; i < args.count; i++) sizeMax = Math.max(sizeMax, ends[i]! - starts[i]!)
  call.keyspace.hashes.prepare(value, pairs, sizeMax)
}

/** Sets all pairs that are left. @returns how many fields are new. */
function setPairs(call: Call, args: Args): number {
  const { db, keyspace, command } = call
  const { hashes } = keyspace
  const key = args.key()
  if (args.left % 2 === 1) throw wrongArity(command.fullName)
  const value = writeHash(db, key) ?? createHash(db, key)
  prepareFor(call, value, args)
  const fields = args.left / 2
  if (fields > 1 && hashes.addAll(value, args.request, args.at, args.count)) {
    db.changed(key, 'hset', 'hash')
    return fields
  }
  let added = 0
  let hasLostExpiry = false
  while (args.left > 0) {
    if (hashes.set(value, args.next(), args.next())) added++
    else if (hashes.expiryMs !== 0) {
      hasLostExpiry = true
      if (db.fields.isDue(hashes.expiryMs)) added++
    }
  }
  if (hasLostExpiry) db.fields.follow(key, hashes.earliestMs(value))
  db.changed(key, 'hset', 'hash')
  return added
}

/** @returns whether the field was set. */
function setMissing({ db, keyspace }: Call, key: Slice, field: Slice, content: Slice): boolean {
  let value = writeHash(db, key)
  if (value !== undefined && findField(db, key, value, field)) return false
  // The last field may just have expired, and the hash with it.
  if (value !== undefined && db.peek(key) === 0) value = undefined
  keyspace.hashes.set(value ?? createHash(db, key), field, content)
  db.changed(key, 'hset', 'hash')
  return true
}

export const setCommands: readonly CommandSpec[] = [
  {
    name: 'HSET',
    syntax: 'key field value [field value ...]:data',
    summary: 'Sets fields of a hash and replies with how many are new.',
    since: '2.0.0',
    complexity:
      'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
    run(call, args) {
      call.reply.integer(setPairs(call, args))
    },
  },
  {
    name: 'HMSET',
    syntax: 'key field value [field value ...]:data',
    summary: 'Sets fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields being set.',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
    run(call, args) {
      setPairs(call, args)
      call.reply.ok()
    },
  },
  {
    name: 'HSETNX',
    syntax: 'key field value',
    summary: 'Sets a field of a hash that is not there yet.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'insert')],
    run(call, args) {
      const isSet = setMissing(call, args.key(), args.next(), args.next())
      call.reply.integer(isSet ? 1 : 0)
    },
  },
]
