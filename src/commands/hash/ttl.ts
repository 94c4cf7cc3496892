/** When fields expire, in four units, and taking that away. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { readHash, writeHash } from './access.ts'
import { readFieldCount, type TimeForm, takeFieldsWord } from './field-arguments.ts'

const NO_FIELD = -2
const NO_EXPIRY = -1
const PERSISTED = 1

function readFieldsHead(args: Args): void {
  takeFieldsWord(args)
  readFieldCount(args, 'Number of fields must be a positive integer')
}

/** In seconds they are rounded up: a field has a part of one left. */
function timeOf(expiryMs: number, { isSeconds, isAbsolute }: TimeForm, nowMs: number): number {
  const ms = Math.max(0, isAbsolute ? expiryMs : expiryMs - nowMs)
  return isSeconds ? Math.ceil(ms / 1000) : ms
}

function replyTimes({ db, keyspace, reply }: Call, args: Args, form: TimeForm): void {
  const { hashes, nowMs } = keyspace
  const value = readHash(db, args.key())
  readFieldsHead(args)
  reply.array(args.left)
  while (args.left > 0) {
    const field = args.next()
    const isThere = value !== undefined && hashes.find(value, field)
    if (!isThere || db.fields.isDue(hashes.expiryMs)) reply.integer(NO_FIELD)
    else if (hashes.expiryMs === 0) reply.integer(NO_EXPIRY)
    else reply.integer(timeOf(hashes.expiryMs, form, nowMs))
  }
}

function persist({ db, keyspace, reply }: Call, args: Args): void {
  const { hashes } = keyspace
  const key = args.key()
  const value = writeHash(db, key)
  readFieldsHead(args)
  reply.array(args.left)
  let hasChanged = false
  while (args.left > 0) {
    const field = args.next()
    const isThere = value !== undefined && hashes.find(value, field)
    if (!isThere || db.fields.isDue(hashes.expiryMs)) reply.integer(NO_FIELD)
    else if (hashes.expiryMs === 0) reply.integer(NO_EXPIRY)
    else {
      hashes.setExpiry(value, field, 0)
      hasChanged = true
      reply.integer(PERSISTED)
    }
  }
  if (!hasChanged || value === undefined) return
  db.fields.follow(key, hashes.earliestMs(value))
  db.changed(key, 'hpersist', 'hash')
}

interface Row extends TimeForm {
  readonly name: string
  readonly summary: string
}

const ROWS: readonly Row[] = [
  {
    name: 'HTTL',
    summary:
      'Replies with the seconds that fields have left; -1 without an expiry, -2 without a field.',
    isSeconds: true,
    isAbsolute: false,
  },
  {
    name: 'HPTTL',
    summary: 'Replies with the milliseconds that fields have left, like HTTL.',
    isSeconds: false,
    isAbsolute: false,
  },
  {
    name: 'HEXPIRETIME',
    summary: 'Replies with the Unix time in seconds at which fields expire, like HTTL.',
    isSeconds: true,
    isAbsolute: true,
  },
  {
    name: 'HPEXPIRETIME',
    summary: 'Replies with the Unix time in milliseconds at which fields expire, like HTTL.',
    isSeconds: false,
    isAbsolute: true,
  },
]

const FACTS = {
  since: '7.4.0',
  complexity: 'O(N) where N is the number of specified fields',
  syntax: 'key FIELDS <numfields:integer field [field ...]>:fields',
  arity: -5,
} as const

export const ttlCommands: readonly CommandSpec[] = [
  ...ROWS.map(
    ({ name, summary, isSeconds, isAbsolute }): CommandSpec => ({
      ...FACTS,
      name,
      summary,
      flags: ['readonly', 'fast'],
      keys: [keyAt(1, 'RO', 'access')],
      // The answer of the others changes with time alone.
      tips: isAbsolute ? [] : ['nondeterministic_output'],
      run: (call, args) => replyTimes(call, args, { isSeconds, isAbsolute }),
    }),
  ),
  {
    ...FACTS,
    name: 'HPERSIST',
    summary: 'Takes away the expiry of fields; replies for each whether there was one.',
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    run: persist,
  },
]
