/** Setting and getting whole strings. */
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  syntaxError,
  wrongType,
} from '../../engine/index.ts'
import { KEEP, NEVER, TYPE_STRING } from '../../keyspace/index.ts'
import { stringEncoding } from '../../values/index.ts'
import { readExpiry, takeUnit } from './expiry-options.ts'

interface SetOptions {
  condition: 'none' | 'NX' | 'XX'
  isGet: boolean
  expiryMs: number
  isTimed: boolean
}

/** The plain form has no options, and needs no object for them. */
function readOptions(args: Args, nowMs: number): SetOptions {
  const options: SetOptions = { condition: 'none', isGet: false, expiryMs: NEVER, isTimed: false }
  while (args.left > 0) {
    if (args.take('NX') && options.condition !== 'XX') options.condition = 'NX'
    else if (args.take('XX') && options.condition !== 'NX') options.condition = 'XX'
    else if (args.take('GET')) options.isGet = true
    else if (args.take('KEEPTTL') && options.expiryMs === NEVER) options.expiryMs = KEEP
    else {
      const unit = takeUnit(args)
      if (unit === undefined || options.expiryMs !== NEVER || args.left === 0) throw syntaxError()
      options.expiryMs = readExpiry(args, unit, nowMs, 'set')
      options.isTimed = true
    }
  }
  return options
}

function setWithOptions(call: Call, args: Args, key: Slice, value: Slice): void {
  const { db, reply, effects, keyspace } = call
  const options = readOptions(args, keyspace.nowMs)
  const entry = db.peek(key)
  if (options.isGet && entry !== 0 && db.typeOf(entry) !== TYPE_STRING) throw wrongType()
  if (options.isGet) {
    if (entry === 0) reply.null()
    else reply.bulkSlice(db.stringOf(entry))
  }
  if (options.condition !== 'none' && (entry === 0) === (options.condition === 'XX')) {
    if (!options.isGet) reply.null()
    return
  }
  const encoding = stringEncoding(value.bytes, value.start, value.end)
  db.setString(key, value.bytes, value.start, value.end, encoding, options.expiryMs)
  db.changed(key, 'set', 'string')
  // The time to live counts from now, and would count again from the moment of a replay.
  if (options.isTimed) effects.replaceWith('SET', key, value, 'PXAT', options.expiryMs)
  if (!options.isGet) reply.ok()
}

export const wholeStringCommands: readonly CommandSpec[] = [
  {
    name: 'GET',
    syntax: 'key',
    summary: 'Replies with the string at a key.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run({ db, reply }, args) {
      const entry = db.read(args.key())
      if (entry === 0) {
        reply.null()
        return
      }
      if (db.typeOf(entry) !== TYPE_STRING) throw wrongType()
      reply.bulkSlice(db.stringOf(entry))
    },
  },
  {
    name: 'SET',
    syntax:
      'key value [NX | XX] [GET] [EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | KEEPTTL]',
    summary: 'Sets the string at a key, whatever it held, and its expiry.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'access', 'update', 'variable_flags')],
    run(call, args) {
      const key = args.key()
      const value = args.next()
      if (args.left > 0) {
        setWithOptions(call, args, key, value)
        return
      }
      const encoding = stringEncoding(value.bytes, value.start, value.end)
      call.db.setString(key, value.bytes, value.start, value.end, encoding, NEVER)
      call.db.changed(key, 'set', 'string')
      call.reply.ok()
    },
  },
]
