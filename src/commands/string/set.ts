/** Getting and setting whole strings. */
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
import { readString, replyString } from './access.ts'
import {
  EX,
  noticeExpiry,
  PX,
  PXAT,
  readExpiry,
  storedExpiry,
  type TimeOption,
  type TimeUnit,
  takeTime,
} from './expiry-options.ts'

interface SetOptions extends TimeOption {
  condition: 'none' | 'NX' | 'XX'
  isGet: boolean
  isKept: boolean
}

/** The arguments of SET that are no options: the name, the key and the value. */
const SET_PLAIN_COUNT = 3

function readOptions(args: Args): SetOptions {
  const options: SetOptions = {
    condition: 'none',
    isGet: false,
    isKept: false,
    unit: undefined,
    position: 0,
  }
  while (args.left > 0) {
    if (options.condition !== 'XX' && args.take('NX')) options.condition = 'NX'
    else if (options.condition !== 'NX' && args.take('XX')) options.condition = 'XX'
    else if (args.take('GET')) options.isGet = true
    else if (options.unit === undefined && args.take('KEEPTTL')) options.isKept = true
    else if (options.isKept || !takeTime(args, options)) throw syntaxError()
  }
  return options
}

function setWithOptions(call: Call, args: Args, key: Slice, value: Slice): void {
  const { db, reply, effects } = call
  const { condition, isGet, isKept, unit, position } = readOptions(args)
  const time = unit === undefined ? NEVER : readExpiry(args.slice(position), unit, call)
  if (isGet) replyOld(call, key)
  if (condition !== 'none' && (db.peek(key) === 0) === (condition === 'XX')) {
    if (!isGet) reply.null()
    return
  }
  setBytes(call, key, value, isKept ? KEEP : storedExpiry(time))
  if (unit !== undefined) {
    noticeExpiry(call, key)
    // The time to live counts from now, and would count again from the moment of a replay.
    if (unit !== PXAT) effects.replaceWith('SET', key, value, 'PXAT', time)
  } else if (isGet) effects.replaceWith('SET', ...argsWithoutGet(args))
  if (!isGet) reply.ok()
}

function argsWithoutGet(args: Args): Slice[] {
  const kept: Slice[] = []
  args.at = 1
  while (args.left > 0) {
    if (args.at < SET_PLAIN_COUNT || !args.take('GET')) kept.push(args.next())
  }
  return kept
}

/** Sets a string in the encoding that suits it, and tells of it. */
function setBytes({ db }: Call, key: Slice, value: Slice, expiryMs: number): void {
  const { bytes, start, end } = value
  db.setString(key, bytes, start, end, stringEncoding(bytes, start, end), expiryMs)
  db.changed(key, 'set', 'string')
}

function replyOld({ db, reply }: Call, key: Slice): void {
  const old = readString(db, key)
  if (old === undefined) reply.null()
  else reply.bulkSlice(old)
}

/** SETEX and PSETEX. */
function setForTime(call: Call, args: Args, unit: TimeUnit): void {
  const key = args.key()
  const time = readExpiry(args.next(), unit, call)
  const value = args.next()
  setBytes(call, key, value, storedExpiry(time))
  noticeExpiry(call, key)
  call.effects.replaceWith('SET', key, value, 'PXAT', time)
  call.reply.ok()
}

export const setCommands: readonly CommandSpec[] = [
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
      replyString(db, entry, reply)
    },
  },
  {
    name: 'SET',
    syntax:
      'key value [NX | XX]:condition [GET] [EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | KEEPTTL]:expiration',
    summary: 'Sets the string at a key, whatever it held, and its expiry.',
    since: '1.0.0',
    argumentsSince: {
      condition: '2.6.12',
      get: '6.2.0',
      'expiration/seconds': '2.6.12',
      'expiration/milliseconds': '2.6.12',
      'expiration/unix-time-seconds': '6.2.0',
      'expiration/unix-time-milliseconds': '6.2.0',
      'expiration/keepttl': '6.0.0',
    },
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'RW', 'access', 'update', 'variable_flags')],
    keyFlags: (args) => (readsOld(args) ? ['RW', 'access', 'update'] : ['OW', 'update']),
    history: [
      ['2.6.12', 'The options `EX`, `PX`, `NX` and `XX`.'],
      ['6.0.0', 'The option `KEEPTTL`.'],
      ['6.2.0', 'The options `GET`, `EXAT` and `PXAT`.'],
      ['7.0.0', '`NX` and `GET` can be used together.'],
    ],
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
  {
    name: 'SETNX',
    syntax: 'key value',
    summary: 'Sets the string at a key if there is none yet.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'OW', 'insert')],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
    run(call, args) {
      const key = args.key()
      const value = args.next()
      const isFree = call.db.peek(key) === 0
      if (isFree) setBytes(call, key, value, NEVER)
      call.reply.integer(isFree ? 1 : 0)
    },
  },
  {
    name: 'SETEX',
    syntax: 'key seconds:integer value',
    summary: 'Sets the string at a key and its time to live in seconds.',
    since: '2.0.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update')],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
    run(call, args) {
      setForTime(call, args, EX)
    },
  },
  {
    name: 'PSETEX',
    syntax: 'key milliseconds:integer value',
    summary: 'Sets the string at a key and its time to live in milliseconds.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: [keyAt(1, 'OW', 'update')],
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
    run(call, args) {
      setForTime(call, args, PX)
    },
  },
  {
    name: 'GETSET',
    syntax: 'key value',
    summary: 'Sets the string at a key and replies with the one it held.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    run(call, args) {
      const key = args.key()
      const value = args.next()
      replyOld(call, key)
      setBytes(call, key, value, NEVER)
      call.effects.replaceWith('SET', key, value)
    },
  },
]

/** Whether SET's arguments ask for the value that was there. */
function readsOld(args: Args): boolean {
  for (args.at = 3; args.left > 0; args.at++) if (args.take('GET')) return true
  return false
}
