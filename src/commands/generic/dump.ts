/** DUMP and RESTORE: a value as bytes that any server of this kind makes a value of again. */
import type { Slice } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  type EffectArgument,
  keyAt,
  notAnInteger,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { type Database, setFrequency, setIdleSeconds } from '../../keyspace/index.ts'
import { dumpEntry, isPayloadWhole, Payload, RdbError } from '../../rdb/index.ts'
import type { Services } from '../services.ts'

const FREQUENCY_MAX = 255

/** What RESTORE asks for beside the value. */
interface RestoreOptions {
  replaces: boolean
  isAbsolute: boolean
  idleSeconds: number
  frequency: number
}

function readOptions(args: Args): RestoreOptions {
  const options = { replaces: false, isAbsolute: false, idleSeconds: -1, frequency: -1 }
  while (args.left > 0) {
    if (args.take('REPLACE')) options.replaces = true
    else if (args.take('ABSTTL')) options.isAbsolute = true
    else if (args.left > 1 && options.frequency < 0 && args.take('IDLETIME')) {
      options.idleSeconds = args.int()
      if (options.idleSeconds < 0) throw new ReplyError('ERR Invalid IDLETIME value, must be >= 0')
    } else if (args.left > 1 && options.idleSeconds < 0 && args.take('FREQ')) {
      options.frequency = args.int()
      if (options.frequency < 0 || options.frequency > FREQUENCY_MAX) {
        throw new ReplyError('ERR Invalid FREQ value, must be >= 0 and <= 255')
      }
    } else throw syntaxError()
  }
  return options
}

/** Makes a value of a payload. What is wrong with it is told to the log alone, as in the reference. */
function readPayload(db: Database, bytes: Slice, services: Services): Payload {
  try {
    return Payload.read(db, bytes)
  } catch (error) {
    if (!(error instanceof RdbError)) throw error
    services.log('verbose', error.message)
    throw new ReplyError('ERR Bad data format')
  }
}

function restore(call: Call, args: Args, services: Services): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  const ttlAt = args.at
  args.at += 2
  const options = readOptions(args)
  if (!options.replaces && db.peek(key) !== 0) {
    throw new ReplyError('BUSYKEY Target key name already exists.')
  }
  args.at = ttlAt
  const ttl = args.int(notAnInteger)
  if (ttl < 0) throw new ReplyError('ERR Invalid TTL value, must be >= 0')
  const bytes = args.next()
  if (!isPayloadWhole(bytes, keyspace.skipsChecksums)) {
    throw new ReplyError('ERR DUMP payload version or checksum are wrong')
  }
  const payload = readPayload(db, bytes, services)

  const isReplaced = options.replaces && db.delete(key)
  const expiryMs = ttl === 0 || options.isAbsolute ? ttl : ttl + keyspace.nowMs
  if (expiryMs !== 0 && expiryMs <= keyspace.nowMs && !keyspace.isLoading) {
    payload.discard()
    if (isReplaced) {
      call.effects.replaceWith('DEL', key)
      db.changed(key, 'del', 'generic')
    }
    reply.ok()
    return
  }
  let entry = payload.install(db, key)
  if (expiryMs !== 0) entry = db.setExpiry(entry, expiryMs)
  if (keyspace.access.isLfu && options.frequency >= 0) {
    setFrequency(keyspace, entry, options.frequency)
  } else if (!keyspace.access.isLfu && options.idleSeconds >= 0) {
    setIdleSeconds(keyspace, entry, options.idleSeconds)
  }
  if (ttl !== 0 && !options.isAbsolute) {
    call.effects.replaceWith('RESTORE', key, expiryMs, bytes, ...optionWords(options))
  }
  db.changed(key, 'restore', 'generic')
  reply.ok()
}

/** The options that an effect with an absolute expiry has. */
function optionWords({ replaces, idleSeconds, frequency }: RestoreOptions): EffectArgument[] {
  const words: EffectArgument[] = replaces ? ['REPLACE'] : []
  if (idleSeconds >= 0) words.push('IDLETIME', idleSeconds)
  if (frequency >= 0) words.push('FREQ', frequency)
  words.push('ABSTTL')
  return words
}

/** The rows of these commands. */
export function dumpCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'DUMP',
      syntax: 'key',
      summary: 'Replies with a value as bytes that RESTORE makes a value of again.',
      since: '2.6.0',
      complexity:
        'O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).',
      arity: 2,
      flags: ['readonly'],
      keys: [keyAt(1, 'RO', 'access')],
      tips: ['nondeterministic_output'],
      run({ db, reply }, args) {
        const entry = db.read(args.key())
        if (entry === 0) reply.null()
        else {
          const payload = dumpEntry(db, entry)
          reply.bulk(payload, 0, payload.length)
        }
      },
    },
    {
      name: 'RESTORE',
      syntax:
        'key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] [FREQ frequency:integer]',
      summary: 'Makes a value of what DUMP replied with, at a key that is free.',
      since: '2.6.0',
      argumentsSince: { replace: '3.0.0', absttl: '5.0.0', seconds: '5.0.0', frequency: '5.0.0' },
      complexity:
        'O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).',
      arity: -4,
      flags: ['write', 'denyoom'],
      acl: ['dangerous'],
      keys: [keyAt(1, 'OW', 'update')],
      history: [
        ['3.0.0', 'The option `REPLACE`.'],
        ['5.0.0', 'The option `ABSTTL`.'],
        ['5.0.0', 'The options `IDLETIME` and `FREQ`.'],
      ],
      run: (call, args) => restore(call, args, services),
    },
  ]
}
