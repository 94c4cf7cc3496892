/** When a key expires, in four units, and taking that away. */
import { type Args, type Call, type CommandSpec, keyAt } from '../../engine/index.ts'
import { NEVER } from '../../keyspace/index.ts'

const MISSING = -2
const NO_EXPIRY = -1

interface Form {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

function timeOf({ db, keyspace }: Call, args: Args, form: Form): number {
  const entry = db.look(args.key())
  if (entry === 0) return MISSING
  const expiryMs = db.expiryOf(entry)
  if (expiryMs === NEVER) return NO_EXPIRY
  // While a log is loaded, entries live on past their time.
  const ms = Math.max(0, form.isAbsolute ? expiryMs : expiryMs - keyspace.nowMs)
  return form.isSeconds ? Math.floor((ms + 500) / 1000) : ms
}

function replyTime(call: Call, args: Args, form: Form): void {
  const time = timeOf(call, args, form)
  call.reply.integer(Number.isSafeInteger(time) ? time : BigInt(time))
}

/** The tip of those whose answer changes with time alone. */
const TIMED = ['nondeterministic_output']

export const ttlCommands: readonly CommandSpec[] = [
  {
    name: 'TTL',
    syntax: 'key',
    summary:
      'Replies with the seconds that a key has left; -1 without an expiry, -2 without a key.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: TIMED,
    history: [['2.8.0', 'Added the -2 reply.']],
    run(call, args) {
      replyTime(call, args, { isSeconds: true, isAbsolute: false })
    },
  },
  {
    name: 'PTTL',
    syntax: 'key',
    summary: 'Replies with the milliseconds that a key has left, like TTL.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    tips: TIMED,
    history: [['2.8.0', 'Added the -2 reply.']],
    run(call, args) {
      replyTime(call, args, { isSeconds: false, isAbsolute: false })
    },
  },
  {
    name: 'EXPIRETIME',
    syntax: 'key',
    summary: 'Replies with the Unix time in seconds at which a key expires, like TTL.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      replyTime(call, args, { isSeconds: true, isAbsolute: true })
    },
  },
  {
    name: 'PEXPIRETIME',
    syntax: 'key',
    summary: 'Replies with the Unix time in milliseconds at which a key expires, like TTL.',
    since: '7.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO', 'access')],
    run(call, args) {
      replyTime(call, args, { isSeconds: false, isAbsolute: true })
    },
  },
  {
    name: 'PERSIST',
    syntax: 'key',
    summary: 'Takes away the expiry of a key; replies whether there was one.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    run({ db, reply }, args) {
      const key = args.key()
      const entry = db.write(key)
      const isTimed = entry !== 0 && db.expiryOf(entry) !== NEVER
      if (isTimed) {
        db.setExpiry(entry, NEVER)
        db.changed(key, 'persist', 'generic')
      }
      reply.integer(isTimed ? 1 : 0)
    },
  },
]
