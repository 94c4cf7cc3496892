/** Getting a string and changing what becomes of its key. */
import { type Args, type CommandSpec, keyAt, syntaxError, wrongType } from '../../engine/index.ts'
import { NEVER, TYPE_STRING } from '../../keyspace/index.ts'
import { replyString } from './access.ts'
import { readExpiry, storedExpiry, type TimeOption, takeTime } from './expiry-options.ts'

interface GetExOptions extends TimeOption {
  isPersist: boolean
}

function readOptions(args: Args): GetExOptions {
  const options: GetExOptions = { isPersist: false, unit: undefined, position: 0 }
  while (args.left > 0) {
    if (options.unit === undefined && args.take('PERSIST')) options.isPersist = true
    else if (options.isPersist || !takeTime(args, options)) throw syntaxError()
  }
  return options
}

export const getCommands: readonly CommandSpec[] = [
  {
    name: 'GETDEL',
    syntax: 'key',
    summary: 'Takes the string at a key: replies with it and deletes the key.',
    since: '6.2.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    run({ db, effects, reply }, args) {
      const key = args.key()
      const entry = db.read(key)
      if (entry === 0) {
        reply.null()
        return
      }
      if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
      replyString(db, entry, reply)
      db.remove(entry)
      db.changed(key, 'del', 'generic')
      // A replica needs the outcome and not the reply, so it is told of a plain delete.
      effects.replaceWith('DEL', key)
    },
  },
  {
    name: 'GETEX',
    syntax:
      'key [EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | PERSIST]:expiration',
    summary: 'Replies with the string at a key and sets or removes its expiry.',
    since: '6.2.0',
    complexity: 'O(1)',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      const { db, effects, keyspace, reply } = call
      const key = args.key()
      const { isPersist, unit, position } = readOptions(args)
      const entry = db.read(key)
      if (entry === 0) {
        reply.null()
        return
      }
      if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
      const time = unit === undefined ? NEVER : readExpiry(args.slice(position), unit, call)
      replyString(db, entry, reply)
      if (unit === undefined) {
        if (!isPersist || db.expiryOf(entry) === NEVER) return
        db.setExpiry(entry, NEVER)
        db.changed(key, 'persist', 'generic')
        effects.replaceWith('PERSIST', key)
      } else if (time <= keyspace.nowMs && !keyspace.isLoading) {
        db.remove(entry)
        db.changed(key, 'del', 'generic')
        effects.replaceWith('DEL', key)
      } else {
        db.setExpiry(entry, storedExpiry(time))
        db.changed(key, 'expire', 'generic')
        effects.replaceWith('PEXPIREAT', key, time)
      }
    },
  },
]
