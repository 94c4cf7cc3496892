/** HEXPIRE and its family: giving fields an expiry, under conditions. */
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import type { Value } from '../../keyspace/index.ts'
import { FieldSearch, removeIfEmpty, writeHash } from './access.ts'
import {
  readFieldCount,
  readFieldExpiry,
  type TimeForm,
  takeFieldsWord,
} from './field-arguments.ts'

const NO_FIELD = -2
const NOT_MET = 0
const SET = 1
const DELETED = 2

type Condition = 'NX' | 'XX' | 'GT' | 'LT' | undefined

function takeCondition(args: Args): Condition {
  if (args.take('NX')) return 'NX'
  if (args.take('XX')) return 'XX'
  if (args.take('GT')) return 'GT'
  return args.take('LT') ? 'LT' : undefined
}

/** Whether an expiry may take the place of the one there is, 0 for none: that counts as the latest. */
function isAllowed(condition: Condition, expiryMs: number, currentMs: number): boolean {
  if (condition === undefined) return true
  if (currentMs === 0) return condition === 'NX' || condition === 'LT'
  if (condition === 'GT') return expiryMs > currentMs
  if (condition === 'LT') return expiryMs < currentMs
  return condition === 'XX'
}

/**
 * Fields of one hash that get one expiry. A time that has come takes them out instead, and says so to
 * the log. Call `end` when all are done.
 */
export class FieldExpirer {
  readonly #call: Call
  readonly #key: Slice
  readonly #value: Value
  readonly #expiryMs: number
  readonly #isPast: boolean
  readonly #search: FieldSearch
  /** Those that got the expiry. */
  readonly updated: Slice[] = []
  /** Those that are gone. */
  readonly deleted: Slice[] = []

  constructor(call: Call, key: Slice, value: Value, expiryMs: number) {
    const { keyspace } = call
    this.#call = call
    this.#key = key
    this.#value = value
    this.#expiryMs = expiryMs
    // A log that is loaded may use the field again before it says that it was deleted.
    this.#isPast = expiryMs <= keyspace.nowMs && !keyspace.isLoading
    this.#search = new FieldSearch(call.db, key, value)
    keyspace.hashes.widen(value)
  }

  /** Whether a field is there; then it is the one that `set` is about. */
  find(field: Slice): boolean {
    return this.#search.find(field)
  }

  /** Gives a field that is there the expiry. */
  set(field: Slice): void {
    const { keyspace } = this.#call
    if (this.#isPast) {
      keyspace.hashes.delete(this.#value, field)
      keyspace.stats.expiredFields++
      this.deleted.push(field)
    } else {
      keyspace.hashes.setExpiry(this.#value, field, this.#expiryMs)
      this.updated.push(field)
    }
  }

  /** Tells what has been done, by the names of the reference's events; `first` comes before them. */
  end(first?: string): void {
    const { db, effects, keyspace } = this.#call
    const { deleted, updated } = this
    for (const field of deleted) effects.replaceWith('HDEL', this.#key, field)
    if (deleted.length > 0) this.#search.endWithDeleted()
    else if (this.#search.end()) return
    if (first !== undefined) db.changed(this.#key, first, 'hash')
    if (deleted.length === 0 && updated.length === 0) return
    db.fields.follow(this.#key, keyspace.hashes.earliestMs(this.#value))
    db.changed(this.#key, deleted.length > 0 ? 'hdel' : 'hexpire', 'hash')
    removeIfEmpty(db, this.#key, this.#value)
  }
}

function expire(form: TimeForm, call: Call, args: Args): void {
  const { command, db, effects, keyspace, reply } = call
  const key = args.key()
  const value = writeHash(db, key)
  const expiryMs = readFieldExpiry(args, form, keyspace.nowMs, command.fullName)
  const condition = takeCondition(args)
  takeFieldsWord(args)
  readFieldCount(args, 'Parameter `numFields` should be greater than 0')
  reply.array(args.left)
  const expirer = value === undefined ? undefined : new FieldExpirer(call, key, value, expiryMs)
  while (args.left > 0) {
    const field = args.next()
    if (!expirer?.find(field)) reply.integer(NO_FIELD)
    else if (!isAllowed(condition, expiryMs, keyspace.hashes.expiryMs)) reply.integer(NOT_MET)
    else {
      expirer.set(field)
      reply.integer(expirer.deleted.length > 0 ? DELETED : SET)
    }
  }
  if (expirer === undefined) return
  expirer.end()
  const { updated } = expirer
  if (updated.length === 0) return
  const conditions = condition === undefined ? [] : [condition]
  effects.replaceWith(
    'HPEXPIREAT',
    key,
    expiryMs,
    ...conditions,
    'FIELDS',
    updated.length,
    ...updated,
  )
}

interface Row extends TimeForm {
  readonly name: string
  readonly argument: string
  readonly summary: string
}

const ROWS: readonly Row[] = [
  {
    name: 'HEXPIRE',
    argument: 'seconds:integer',
    summary: 'Lets fields of a hash expire after some seconds.',
    isSeconds: true,
    isAbsolute: false,
  },
  {
    name: 'HPEXPIRE',
    argument: 'milliseconds:integer',
    summary: 'Lets fields of a hash expire after some milliseconds.',
    isSeconds: false,
    isAbsolute: false,
  },
  {
    name: 'HEXPIREAT',
    argument: 'unix-time-seconds:unix-time',
    summary: 'Lets fields of a hash expire at a Unix time in seconds.',
    isSeconds: true,
    isAbsolute: true,
  },
  {
    name: 'HPEXPIREAT',
    argument: 'unix-time-milliseconds:unix-time',
    summary: 'Lets fields of a hash expire at a Unix time in milliseconds.',
    isSeconds: false,
    isAbsolute: true,
  },
]

/** HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT, which differ in how they read the time. */
export const expireCommands: readonly CommandSpec[] = ROWS.map(
  ({ name, argument, summary, isSeconds, isAbsolute }) => ({
    name,
    syntax: `key ${argument} [NX | XX | GT | LT]:condition FIELDS <numfields:integer field [field ...]>:fields`,
    summary,
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    run: (call, args) => expire({ isSeconds, isAbsolute }, call, args),
  }),
)
