/** Giving a value another key, in the same database or another. */
import { equalBytes, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  noSuchKey,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { copyEntry } from '../../keyspace/index.ts'
import { databaseAt, readInt32 } from '../database-index.ts'

const sameObject = () => new ReplyError('ERR source and destination objects are the same')

function isSameKey(a: Slice, b: Slice): boolean {
  return a.length === b.length && equalBytes(a.bytes, a.start, b.bytes, b.start, a.length)
}

/** @returns whether it was done; only `isCareful` stops for a key that is there. */
function rename({ db }: Call, args: Args, isCareful: boolean): boolean {
  const from = args.key()
  const to = args.key()
  const entry = db.write(from)
  if (entry === 0) throw noSuchKey()
  if (isSameKey(from, to)) return false
  const target = db.peek(to)
  if (target !== 0) {
    if (isCareful) return false
    db.remove(target)
  }
  db.moveTo(entry, db, to)
  db.changed(from, 'rename_from', 'generic')
  db.changed(to, 'rename_to', 'generic')
  return true
}

/** @returns whether it was done. */
function copy({ db, keyspace }: Call, args: Args): boolean {
  const from = args.key()
  const to = args.key()
  let target = db
  let isReplacing = false
  while (args.left > 0) {
    if (args.take('REPLACE')) isReplacing = true
    else if (args.left > 1 && args.take('DB')) target = databaseAt(keyspace, readInt32(args))
    else throw syntaxError()
  }
  if (target === db && isSameKey(from, to)) throw sameObject()
  const entry = db.read(from)
  if (entry === 0) return false
  const old = target.peek(to)
  if (old !== 0) {
    if (!isReplacing) return false
    target.remove(old)
  }
  copyEntry(db, entry, target, to)
  target.changed(to, 'copy_to', 'generic')
  return true
}

/** @returns whether it was done. */
function move({ db, keyspace }: Call, args: Args): boolean {
  const key = args.key()
  const target = databaseAt(keyspace, readInt32(args))
  if (target === db) throw sameObject()
  const entry = db.write(key)
  if (entry === 0 || target.peek(key) !== 0) return false
  db.moveTo(entry, target, key)
  db.changed(key, 'move_from', 'generic')
  target.changed(key, 'move_to', 'generic')
  return true
}

export const moveCommands: readonly CommandSpec[] = [
  {
    name: 'RENAME',
    syntax: 'key newkey:key',
    summary: 'Gives a value another key, in place of what that held.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
    run(call, args) {
      rename(call, args, false)
      call.reply.ok()
    },
  },
  {
    name: 'RENAMENX',
    syntax: 'key newkey:key',
    summary: 'Gives a value another key unless there is something at it.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
    history: [
      [
        '3.2.0',
        'The command no longer returns an error when source and destination names are the same.',
      ],
    ],
    run(call, args) {
      call.reply.integer(rename(call, args, true) ? 1 : 0)
    },
  },
  {
    name: 'COPY',
    syntax: 'source:key destination:key [DB destination-db:integer] [REPLACE]',
    summary: 'Copies a value and its expiry to another key.',
    since: '6.2.0',
    complexity:
      'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
    run(call, args) {
      call.reply.integer(copy(call, args) ? 1 : 0)
    },
  },
  {
    name: 'MOVE',
    syntax: 'key db:integer',
    summary: 'Moves a key to another database, unless it is there too.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run(call, args) {
      call.reply.integer(move(call, args) ? 1 : 0)
    },
  },
]
