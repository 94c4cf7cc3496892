/** Several strings at once. */
import { type Args, type Call, type CommandSpec, keysFrom, wrongArity } from '../../engine/index.ts'
import { NEVER, TYPE_STRING } from '../../keyspace/index.ts'
import { stringEncoding } from '../../values/index.ts'
import { replyString } from './access.ts'

function setAll({ db }: Call, args: Args): void {
  while (args.left > 0) {
    const key = args.key()
    const { bytes, start, end } = args.next()
    db.setString(key, bytes, start, end, stringEncoding(bytes, start, end), NEVER)
    db.changed(key, 'set', 'string')
  }
}

/** Whether any key of the pairs exists. */
function isAnyTaken({ db }: Call, args: Args): boolean {
  for (let i = args.at; i < args.count; i += 2) if (db.peek(args.slice(i)) !== 0) return true
  return false
}

export const manyCommands: readonly CommandSpec[] = [
  {
    name: 'MGET',
    syntax: 'key [key ...]',
    summary: 'Replies with the strings at several keys.',
    since: '1.0.0',
    complexity: 'O(N) with N keys.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysFrom(1, -1, 1, 'RO', 'access')],
    tips: ['request_policy:multi_shard'],
    run({ db, reply }, args) {
      reply.array(args.left)
      while (args.left > 0) {
        const entry = db.read(args.key())
        // A key of another type is as good as none here.
        if (entry === 0 || db.typeOf(entry) !== TYPE_STRING) reply.null()
        else replyString(db, entry, reply)
      }
    },
  },
  {
    name: 'MSET',
    syntax: 'key value [key value ...]:data',
    summary: 'Sets the strings at several keys.',
    since: '1.0.1',
    complexity: 'O(N) with N keys.',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysFrom(1, -1, 2, 'OW', 'update')],
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    run(call, args) {
      if (args.left % 2 !== 0) throw wrongArity('mset')
      setAll(call, args)
      call.reply.ok()
    },
  },
  {
    name: 'MSETNX',
    syntax: 'key value [key value ...]:data',
    summary: 'Sets the strings at several keys if none of them exists.',
    since: '1.0.1',
    complexity: 'O(N) with N keys.',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysFrom(1, -1, 2, 'OW', 'insert')],
    run(call, args) {
      if (args.left % 2 !== 0) throw wrongArity('msetnx')
      const isFree = !isAnyTaken(call, args)
      if (isFree) setAll(call, args)
      call.reply.integer(isFree ? 1 : 0)
    },
  },
]
