/** Single fields of a hash, and how many there are. */
import { type CommandSpec, keyAt } from '../../engine/index.ts'
import { FieldSearch, findField, readHash } from './access.ts'

export const getCommands: readonly CommandSpec[] = [
  {
    name: 'HGET',
    syntax: 'key field',
    summary: 'Replies with the value of a field.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, keyspace, reply }, args) {
      const key = args.key()
      const field = args.next()
      const value = readHash(db, key)
      if (value !== undefined && findField(db, key, value, field)) {
        reply.bulkSlice(keyspace.hashes.content)
      } else reply.null()
    },
  },
  {
    name: 'HMGET',
    syntax: 'key field [field ...]',
    summary: 'Replies with the values of several fields.',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields being requested.',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, keyspace, reply }, args) {
      const key = args.key()
      const value = readHash(db, key)
      const search = value === undefined ? undefined : new FieldSearch(db, key, value)
      reply.array(args.left)
      while (args.left > 0) {
        const field = args.next()
        if (search?.find(field)) reply.bulkSlice(keyspace.hashes.content)
        else reply.null()
      }
      search?.end()
    },
  },
  {
    name: 'HSTRLEN',
    syntax: 'key field',
    summary: 'Replies with the length in bytes of the value of a field.',
    since: '3.2.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const key = args.key()
      const field = args.next()
      const value = readHash(db, key)
      const isThere = value !== undefined && findField(db, key, value, field)
      reply.integer(isThere ? keyspace.hashes.content.length : 0)
    },
  },
  {
    name: 'HEXISTS',
    syntax: 'key field',
    summary: 'Replies with whether a hash has a field.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, reply }, args) {
      const key = args.key()
      const field = args.next()
      const value = readHash(db, key)
      reply.integer(value !== undefined && findField(db, key, value, field) ? 1 : 0)
    },
  },
  {
    name: 'HLEN',
    syntax: 'key',
    summary: 'Replies with how many fields a hash has.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run({ db, keyspace, reply }, args) {
      const value = readHash(db, args.key())
      // Fields whose time has come count until they are gone, as in the reference.
      reply.integer(value === undefined ? 0 : keyspace.hashes.count(value))
    },
  },
]
