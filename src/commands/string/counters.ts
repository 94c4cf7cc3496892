/** INCR and its family: strings that are 64-bit integers. */
import { INT64_MIN, intSize, type Slice, writeInt } from '../../bytes/index.ts'
import {
  type Call,
  type CommandSpec,
  keyAt,
  notAnInteger,
  ReplyError,
  wrongType,
} from '../../engine/index.ts'
import { ENCODING_INT, KEEP, TYPE_STRING } from '../../keyspace/index.ts'
import { addTo, decimal, readIncrement } from '../increments.ts'

function add(call: Call, key: Slice, by: number | bigint): void {
  const { db, reply } = call
  const entry = db.peek(key)
  let sum: number | bigint = by
  if (entry !== 0) {
    if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
    const held = db.stringOf(entry)
    sum = addTo(held, by, notAnInteger)
    // Mostly there are as many digits as before, and they take the place of the old ones.
    if (typeof sum === 'number' && intSize(sum) === held.end - held.start) {
      const { bytes, start } = held
      db.overwriting(entry, ENCODING_INT)
      writeInt(sum, bytes, start)
      db.changed(key, 'incrby', 'string')
      reply.integer(sum)
      return
    }
  }
  const { bytes, start, end } = decimal(sum)
  db.putString(entry, key, bytes, start, end, ENCODING_INT, KEEP)
  db.changed(key, 'incrby', 'string')
  reply.integer(sum)
}

export const counterCommands: readonly CommandSpec[] = [
  {
    name: 'INCR',
    syntax: 'key',
    summary: 'Adds one to the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      add(call, args.key(), 1)
    },
  },
  {
    name: 'DECR',
    syntax: 'key',
    summary: 'Takes one from the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      add(call, args.key(), -1)
    },
  },
  {
    name: 'INCRBY',
    syntax: 'key increment:integer',
    summary: 'Adds a number to the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      const key = args.key()
      add(call, key, readIncrement(args))
    },
  },
  {
    name: 'DECRBY',
    syntax: 'key decrement:integer',
    summary: 'Takes a number from the integer at a key; a missing key counts as 0.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      const key = args.key()
      const by = readIncrement(args)
      if (by === INT64_MIN) throw new ReplyError('ERR decrement would overflow')
      add(call, key, -by)
    },
  },
]
