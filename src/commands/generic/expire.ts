/** EXPIRE and its family: giving a key an expiry, under conditions. */
import { INT64_MAX, INT64_MIN, parseInt64, parseShortInt, type Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  invalidExpiry,
  keyAt,
  notAnInteger,
  ReplyError,
} from '../../engine/index.ts'
import { NEVER } from '../../keyspace/index.ts'
import type { Services } from '../services.ts'

/** Below this, times in either unit and their sums are exact as doubles. */
const SHORT_MAX = 2 ** 42
/** The latest expiry that an entry holds: the last double below 2^63. */
const EXPIRY_MAX_MS = 2 ** 63 - 1024

/** How the time is given. */
interface Form {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

const NX = 1
const XX = 2
const GT = 4
const LT = 8

/** @returns the conditions as bits. */
function readConditions(args: Args): number {
  let bits = 0
  while (args.left > 0) {
    if (args.take('NX')) bits |= NX
    else if (args.take('XX')) bits |= XX
    else if (args.take('GT')) bits |= GT
    else if (args.take('LT')) bits |= LT
    else throw unsupportedOption(args.text())
  }
  if (bits & NX && bits & ~NX) {
    const text = 'NX and XX, GT or LT options at the same time are not compatible'
    throw new ReplyError(`ERR ${text}`)
  }
  if (bits & GT && bits & LT) {
    throw new ReplyError('ERR GT and LT options at the same time are not compatible')
  }
  return bits
}

/** The reference ends the text at a zero byte, and leaves line ends out there. */
function unsupportedOption(option: string): ReplyError {
  const shown = option.split('\0', 1)[0]!
  return new ReplyError(`ERR Unsupported option ${shown}`.replace(/[\r\n]+$/, ''))
}

/** The expiry in milliseconds since 1970, which may lie before. */
function readExpiry(time: Slice, form: Form, nowMs: number, name: string): number | bigint {
  const short = parseShortInt(time.bytes, time.start, time.end)
  if (Math.abs(short) < SHORT_MAX) {
    return (form.isSeconds ? short * 1000 : short) + (form.isAbsolute ? 0 : nowMs)
  }
  let ms = parseInt64(time.bytes, time.start, time.end)
  if (ms === undefined) throw notAnInteger()
  if (form.isSeconds) {
    if (ms > INT64_MAX / 1000n || ms < INT64_MIN / 1000n) throw invalidExpiry(name)
    ms *= 1000n
  }
  if (!form.isAbsolute) {
    if (ms > INT64_MAX - BigInt(nowMs)) throw invalidExpiry(name)
    ms += BigInt(nowMs)
  }
  return ms
}

/** Whether a new expiry may take the place of the one there is. None counts as the latest. */
function isAllowed(conditions: number, expiryMs: number | bigint, currentMs: number): boolean {
  const isTimed = currentMs !== NEVER
  if (conditions & NX && isTimed) return false
  if (conditions & XX && !isTimed) return false
  if (conditions & GT && (!isTimed || expiryMs <= currentMs)) return false
  return !(conditions & LT && isTimed && expiryMs >= currentMs)
}

function expire(services: Services, form: Form, call: Call, args: Args): void {
  const { db, keyspace, reply, effects } = call
  const key = args.key()
  const time = args.next()
  const conditions = readConditions(args)
  const expiryMs = readExpiry(time, form, keyspace.nowMs, call.command.fullName)
  const entry = db.write(key)
  if (entry === 0 || !isAllowed(conditions, expiryMs, db.expiryOf(entry))) {
    reply.integer(0)
    return
  }
  // A log that is loaded may use the entry again before it says that it was deleted.
  if (expiryMs <= (keyspace.isLoading ? 0 : keyspace.nowMs)) {
    db.remove(entry)
    db.changed(key, 'del', 'generic')
    effects.replaceWith(services.config.values.lazyfreeLazyExpire ? 'UNLINK' : 'DEL', key)
  } else {
    db.setExpiry(entry, Math.min(Number(expiryMs), EXPIRY_MAX_MS))
    db.changed(key, 'expire', 'generic')
    effects.replaceWith('PEXPIREAT', key, expiryMs)
  }
  reply.integer(1)
}

interface Row extends Form {
  readonly name: string
  readonly argument: string
  readonly summary: string
  readonly since: string
}

const ROWS: readonly Row[] = [
  {
    name: 'EXPIRE',
    argument: 'seconds:integer',
    summary: 'Lets a key expire after some seconds.',
    since: '1.0.0',
    isSeconds: true,
    isAbsolute: false,
  },
  {
    name: 'PEXPIRE',
    argument: 'milliseconds:integer',
    summary: 'Lets a key expire after some milliseconds.',
    since: '2.6.0',
    isSeconds: false,
    isAbsolute: false,
  },
  {
    name: 'EXPIREAT',
    argument: 'unix-time-seconds:unix-time',
    summary: 'Lets a key expire at a Unix time in seconds.',
    since: '1.2.0',
    isSeconds: true,
    isAbsolute: true,
  },
  {
    name: 'PEXPIREAT',
    argument: 'unix-time-milliseconds:unix-time',
    summary: 'Lets a key expire at a Unix time in milliseconds.',
    since: '2.6.0',
    isSeconds: false,
    isAbsolute: true,
  },
]

/** EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT, which differ in how they read the time. */
export function expireCommands(services: Services): readonly CommandSpec[] {
  return ROWS.map(({ name, argument, summary, since, isSeconds, isAbsolute }) => {
    const form = { isSeconds, isAbsolute }
    return {
      name,
      syntax: `key ${argument} [NX | XX | GT | LT]:condition`,
      summary,
      since,
      argumentsSince: { condition: '7.0.0' },
      complexity: 'O(1)',
      arity: -3,
      flags: ['write', 'fast'],
      keys: [keyAt(1, 'RW', 'update')],
      history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
      run: (call, args) => expire(services, form, call, args),
    }
  })
}
