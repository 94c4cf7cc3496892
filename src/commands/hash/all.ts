/** Whole hashes, and going through them step by step. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { matches, readCursor, readScanOptions, replyEmptyScan, scanOn } from '../scan-options.ts'
import { readHash } from './access.ts'

const UNORDERED = ['nondeterministic_output_order']

interface Wanted {
  readonly fields: boolean
  readonly values: boolean
}

function replyAll({ db, keyspace, reply }: Call, args: Args, { fields, values }: Wanted): void {
  const { hashes } = keyspace
  const value = readHash(db, args.key())
  const { dueMs } = db.fields
  const count = value === undefined ? 0 : hashes.count(value) - hashes.dueCount(value, dueMs)
  if (fields && values) reply.map(count)
  else reply.array(count)
  if (value !== undefined) hashes.pass(value, dueMs, fields, values, reply)
}

function scan({ db, keyspace, reply }: Call, args: Args): void {
  const { hashes } = keyspace
  const key = args.key()
  const cursor = readCursor(args)
  const value = readHash(db, key)
  if (value === undefined) {
    replyEmptyScan(reply)
    return
  }
  const { count, pattern, isWithoutValues } = readScanOptions(args, 'fields')
  const { dueMs } = db.fields
  const found: number[] = []
  const step = (at: number, visit: (place: number) => void) => hashes.scan(value, at, visit)
  const next = scanOn(cursor, count, step, (place) => {
    hashes.read(value, place)
    if (hashes.expiryMs !== 0 && hashes.expiryMs <= dueMs) return
    if (pattern === undefined || matches(pattern, hashes.field)) found.push(place)
  })
  reply.array(2)
  reply.bulkInt(next)
  reply.array(isWithoutValues ? found.length : found.length * 2)
  for (const place of found) {
    hashes.read(value, place)
    reply.bulkSlice(hashes.field)
    if (!isWithoutValues) reply.bulkSlice(hashes.content)
  }
}

export const allCommands: readonly CommandSpec[] = [
  {
    name: 'HGETALL',
    syntax: 'key',
    summary: 'Replies with all fields of a hash and their values.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: UNORDERED,
    run: (call, args) => replyAll(call, args, { fields: true, values: true }),
  },
  {
    name: 'HKEYS',
    syntax: 'key',
    summary: 'Replies with the names of all fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: UNORDERED,
    run: (call, args) => replyAll(call, args, { fields: true, values: false }),
  },
  {
    name: 'HVALS',
    syntax: 'key',
    summary: 'Replies with the values of all fields of a hash.',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arity: 2,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: UNORDERED,
    run: (call, args) => replyAll(call, args, { fields: false, values: true }),
  },
  {
    name: 'HSCAN',
    syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer] [NOVALUES]',
    summary: 'Lists fields of a hash step by step; what is there throughout is listed.',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    arity: -3,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    run: scan,
  },
]
