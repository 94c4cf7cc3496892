/** Taking fields out. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { FieldSearch, removeIfEmpty, writeHash } from './access.ts'
import { readFieldCount, takeFieldsWord } from './field-arguments.ts'

/** Those that are due count as well: nobody has seen them go. */
function deleteFields({ db, keyspace }: Call, args: Args): number {
  const { hashes } = keyspace
  const key = args.key()
  const value = writeHash(db, key)
  if (value === undefined) return 0
  let deleted = 0
  let hasLostExpiry = false
  while (args.left > 0) {
    if (!hashes.delete(value, args.next())) continue
    deleted++
    if (hashes.expiryMs !== 0) hasLostExpiry = true
  }
  if (deleted === 0) return 0
  if (hasLostExpiry) db.fields.follow(key, hashes.earliestMs(value))
  db.changed(key, 'hdel', 'hash')
  removeIfEmpty(db, key, value)
  return deleted
}

function getAndDelete({ db, effects, keyspace, reply }: Call, args: Args): void {
  const { hashes } = keyspace
  const key = args.key()
  const value = writeHash(db, key)
  takeFieldsWord(args)
  readFieldCount(args, 'Number of fields must be a positive integer')
  const fields: Slice[] = []
  const search = value === undefined ? undefined : new FieldSearch(db, key, value)
  let hasDeleted = false
  reply.array(args.left)
  while (args.left > 0) {
    const field = args.next()
    fields.push(field)
    if (search?.find(field)) {
      reply.bulkSlice(hashes.content)
      hashes.delete(value!, field)
      hasDeleted = true
    } else reply.null()
  }
  if (!hasDeleted) {
    search?.end()
    return
  }
  effects.replaceWith('HDEL', key, ...fields)
  search?.endWithDeleted()
  db.fields.follow(key, hashes.earliestMs(value!))
  db.changed(key, 'hdel', 'hash')
  removeIfEmpty(db, key, value!)
}

export const deleteCommands: readonly CommandSpec[] = [
  {
    name: 'HDEL',
    syntax: 'key field [field ...]',
    summary: 'Takes fields out of a hash and replies with how many there were.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields to be removed.',
    arity: -3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Accepts multiple `field` arguments.']],
    run(call, args) {
      call.reply.integer(deleteFields(call, args))
    },
  },
  {
    name: 'HGETDEL',
    syntax: 'key FIELDS <numfields:integer field [field ...]>:fields',
    summary: 'Replies with the values of fields and takes them out of the hash.',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of specified fields',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run: getAndDelete,
  },
]
