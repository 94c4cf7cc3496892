/** HSETEX and HGETEX: setting and getting fields together with their expiry. */
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  ReplyError,
  wrongArity,
} from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { createHash, FieldSearch, writeHash } from './access.ts'
import { FieldExpirer } from './expire.ts'
import {
  readFieldCount,
  readFieldExpiry,
  type TimeForm,
  takeFieldsWord,
} from './field-arguments.ts'
import { prepareFor } from './set.ts'

const FIELDS_MAX = 2 ** 31 - 1

const FORMS: Readonly<Record<string, TimeForm>> = {
  EX: { isSeconds: true, isAbsolute: false },
  PX: { isSeconds: false, isAbsolute: false },
  EXAT: { isSeconds: true, isAbsolute: true },
  PXAT: { isSeconds: false, isAbsolute: true },
}

interface SetOptions {
  condition: 'FNX' | 'FXX' | undefined
  /** EX and its fellows, or KEEPTTL. */
  expiration: string | undefined
  expiryMs: number
}

/** Reads the options up to FIELDS and the count after it; the pairs are left. */
function readSetOptions(call: Call, args: Args): SetOptions {
  const options: SetOptions = { condition: undefined, expiration: undefined, expiryMs: 0 }
  while (!args.take('FIELDS')) {
    const option = args.text()
    const word = option.toUpperCase()
    const form = Object.hasOwn(FORMS, word) ? FORMS[word] : undefined
    if (form !== undefined || word === 'KEEPTTL') {
      if (options.expiration !== undefined) throw onlyOne('EX, PX, EXAT, PXAT or KEEPTTL')
      options.expiration = word
      if (form === undefined) continue
      if (args.left === 0) throw new ReplyError('ERR missing expire time')
      options.expiryMs = readFieldExpiry(args, form, call.keyspace.nowMs, call.command.fullName)
    } else if (word === 'FNX' || word === 'FXX') {
      if (options.condition !== undefined) throw onlyOne('FXX or FNX')
      options.condition = word
    } else throw new ReplyError(`ERR unknown argument: ${option.split('\0', 1)[0]}`)
  }
  readPairCount(call, args)
  return options
}

function onlyOne(words: string): ReplyError {
  return new ReplyError(`ERR Only one of ${words} arguments can be specified`)
}

function readPairCount(call: Call, args: Args): void {
  const wrongCount = wrongArity(call.command.fullName)
  if (args.left < 3) throw wrongCount
  const refuse = () => new ReplyError('ERR invalid number of fields')
  const count = args.int(refuse)
  if (count < 1 || count > FIELDS_MAX) throw refuse()
  if (args.left !== count * 2) throw wrongCount
}

/** Whether none or all of the fields are there, as is asked for. */
function isMet(search: FieldSearch, { condition }: SetOptions, args: Args): boolean {
  const { at } = args
  let isFitting = true
  while (isFitting && args.left > 0) {
    isFitting = search.find(args.next()) === (condition === 'FXX')
    args.next()
  }
  args.at = at
  return isFitting
}

function setExpiring(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const options = readSetOptions(call, args)
  const held = writeHash(db, key)
  if (held === undefined && options.condition === 'FXX') {
    reply.integer(0)
    return
  }
  let value: Value | undefined = held
  if (held !== undefined && options.condition !== undefined) {
    const search = new FieldSearch(db, key, held)
    const isSet = isMet(search, options, args)
    if (search.end()) value = undefined
    if (!isSet) {
      reply.integer(0)
      return
    }
  }
  setPairs(call, args, options, key, value ?? createHash(db, key))
  reply.integer(1)
}

function setPairs(call: Call, args: Args, options: SetOptions, key: Slice, value: Value): void {
  const { db, effects, keyspace } = call
  const { hashes } = keyspace
  const { expiration, expiryMs } = options
  prepareFor(call, value, args)
  if (expiryMs === 0 && !isTimed(expiration)) {
    while (args.left > 0) hashes.set(value, args.next(), args.next(), expiration === 'KEEPTTL')
    db.fields.follow(key, hashes.earliestMs(value))
    db.changed(key, 'hset', 'hash')
    return
  }
  const expirer = new FieldExpirer(call, key, value, expiryMs)
  while (args.left > 0) {
    const field = args.next()
    hashes.set(value, field, args.next(), true)
    expirer.set(field)
  }
  expirer.end('hset')
  if (expirer.deleted.length === 0 && expiration !== 'PXAT') {
    effects.replaceWith('HSETEX', ...withAbsoluteTime(args, expiration!, expiryMs))
  }
}

function isTimed(expiration: string | undefined): boolean {
  return expiration !== undefined && expiration !== 'KEEPTTL'
}

/** The arguments as they came, but with the moment in milliseconds in the place of the time. */
function withAbsoluteTime(args: Args, unit: string, expiryMs: number): (Slice | string | number)[] {
  const kept: (Slice | string | number)[] = []
  args.at = 1
  // A field of that name comes after the unit.
  let isFound = false
  while (args.left > 0) {
    if (isFound || args.at === 1 || !args.take(unit)) kept.push(args.next())
    else {
      isFound = true
      args.next()
      kept.push('PXAT', expiryMs)
    }
  }
  return kept
}

interface GetOptions {
  readonly isPersist: boolean
  readonly form: TimeForm | undefined
  readonly expiryMs: number
}

function readGetOptions(call: Call, args: Args): GetOptions {
  const { command, keyspace } = call
  const isPersist = args.take('PERSIST')
  const word = Object.keys(FORMS).find((unit) => !isPersist && args.take(unit))
  const form = word === undefined ? undefined : FORMS[word]
  const expiryMs =
    form === undefined ? 0 : readFieldExpiry(args, form, keyspace.nowMs, command.fullName)
  takeFieldsWord(args)
  readFieldCount(args, 'Number of fields must be a positive integer')
  return { isPersist, form, expiryMs }
}

function getExpiring(call: Call, args: Args): void {
  const { db, reply } = call
  const key = args.key()
  const value = writeHash(db, key)
  const options = readGetOptions(call, args)
  reply.array(args.left)
  if (value === undefined) for (; args.left > 0; args.at++) reply.null()
  else if (options.form !== undefined) getAndExpire(call, args, key, value, options.expiryMs)
  else getAndPersist(call, args, key, value, options.isPersist)
}

function getAndExpire(call: Call, args: Args, key: Slice, value: Value, expiryMs: number): void {
  const { effects, keyspace, reply } = call
  const expirer = new FieldExpirer(call, key, value, expiryMs)
  const fields: Slice[] = []
  while (args.left > 0) {
    const field = args.next()
    fields.push(field)
    if (expirer.find(field)) {
      reply.bulkSlice(keyspace.hashes.content)
      expirer.set(field)
    } else reply.null()
  }
  expirer.end()
  if (expirer.updated.length > 0) {
    effects.replaceWith('HPEXPIREAT', key, expiryMs, 'FIELDS', fields.length, ...fields)
  }
}

function getAndPersist(call: Call, args: Args, key: Slice, value: Value, isPersist: boolean): void {
  const { db, effects, keyspace, reply } = call
  const { hashes } = keyspace
  const search = new FieldSearch(db, key, value)
  const fields: Slice[] = []
  let hasChanged = false
  while (args.left > 0) {
    const field = args.next()
    fields.push(field)
    if (!search.find(field)) {
      reply.null()
      continue
    }
    reply.bulkSlice(hashes.content)
    if (!isPersist || hashes.expiryMs === 0) continue
    hashes.setExpiry(value, field, 0)
    hasChanged = true
  }
  search.end()
  if (!hasChanged) return
  db.fields.follow(key, hashes.earliestMs(value))
  db.changed(key, 'hpersist', 'hash')
  effects.replaceWith('HPERSIST', key, 'FIELDS', fields.length, ...fields)
}

export const expiringCommands: readonly CommandSpec[] = [
  {
    name: 'HSETEX',
    syntax:
      'key [FNX | FXX]:condition [EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | KEEPTTL]:expiration FIELDS <numfields:integer field value [field value ...]:data>:fields',
    summary: 'Sets fields of a hash and their expiry, where none or all of them are there.',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of fields being set.',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    run: setExpiring,
  },
  {
    name: 'HGETEX',
    syntax:
      'key [EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | PERSIST]:expiration FIELDS <numfields:integer field [field ...]>:fields',
    summary: 'Replies with the values of fields and sets or removes their expiry.',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of specified fields',
    arity: -5,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'access', 'update')],
    run: getExpiring,
  },
]
