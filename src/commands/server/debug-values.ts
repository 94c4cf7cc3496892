/** The subcommands of DEBUG that look at values, or make all of them anew. */
import { type Args, type Call, noSuchKey, notAnInteger, ReplyError } from '../../engine/index.ts'
import { ENCODING_INT, TYPE_LIST, TYPE_STRING, type Value } from '../../keyspace/index.ts'
import {
  ENCODING_LISTPACK,
  ENCODING_LISTPACKEX,
  ENCODING_QUICKLIST,
  ENCODING_ROOTED_MIN,
} from '../../values/index.ts'
import { databaseAt } from '../database-index.ts'
import type { ReloadOptions, Services } from '../services.ts'
import { dataDigest, valueDigest } from './debug-digest.ts'
import { replyLengths, replyObject, replyTableStats, replyValueStats } from './debug-inspect.ts'
import { ANY, type Subcommands } from './debug-subcommand.ts'

const PACKED_THRESHOLD_MAX = 2 ** 32 - 2 ** 20
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
}

/** The entry at the next key. Looking leaves no trace. */
function entryAt({ db }: Call, args: Args): number {
  // Also one whose time has come, while it is still there.
  const entry = db.find(args.key())
  if (entry === 0) throw noSuchKey()
  return entry
}

const LISTPACKS = [ENCODING_LISTPACK, ENCODING_LISTPACKEX]

/** The value at the next key, held as one of `encodings`. */
function valueHeldAs(call: Call, args: Args, encodings: readonly number[], name: string): Value {
  const value = call.db.valueOf(entryAt(call, args))
  if (!encodings.includes(value.encoding)) throw new ReplyError(`ERR Not a ${name} encoded object.`)
  return value
}

/** Elements of a list that are this long stand alone; 0 is as usual. */
function setPackedThreshold({ keyspace, reply }: Call, args: Args): void {
  const [, digits, unit] = /^(\d{1,20})([a-z]*)$/.exec(args.text().toLowerCase()) ?? []
  const factor = UNITS[unit ?? '?']
  if (digits === undefined || factor === undefined || !(+digits * factor <= PACKED_THRESHOLD_MAX)) {
    throw new ReplyError('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
  }
  keyspace.lists.plainBytesMin = +digits * factor
  reply.ok()
}

/** The data cannot be exchanged under the feet of a command: it is done when this turn is over. */
function reload(exchange: () => string | undefined, { reply }: Call, services: Services): void {
  services.engine.execution.suspend(() => {
    const refusal = exchange()
    if (refusal === undefined) reply.ok()
    else reply.error(refusal)
  })
}

function readReloadOptions(args: Args): ReloadOptions {
  const options = { saves: true, flushes: true, replaces: false }
  while (args.left > 0) {
    if (args.take('NOSAVE')) options.saves = false
    else if (args.take('NOFLUSH')) options.flushes = false
    else if (args.take('MERGE')) options.replaces = true
    else {
      const text = 'DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.'
      throw new ReplyError(`ERR ${text}`)
    }
  }
  return options
}

/** The subcommands. */
export const VALUE_SUBCOMMANDS: Subcommands = {
  DIGEST: {
    counts: [0, 0],
    help: ['DIGEST', 'A fingerprint of the whole data set.'],
    run({ keyspace, reply }) {
      reply.simple(dataDigest(keyspace.databases))
    },
  },
  'DIGEST-VALUE': {
    counts: [0, ANY],
    help: ['DIGEST-VALUE <key> [<key> ...]', 'A fingerprint of each of the values.'],
    run({ db, reply }, args) {
      reply.array(args.left)
      while (args.left > 0) reply.simple(valueDigest(db, db.peek(args.key())))
    },
  },
  HTSTATS: {
    counts: [1, ANY],
    help: ['HTSTATS <dbid> [full]', 'Figures of the hash table of a database.'],
    run({ keyspace, reply }, args) {
      const index = args.int(notAnInteger)
      if (keyspace.databases[index] === undefined) throw new ReplyError('ERR Out of range database')
      replyTableStats(reply, databaseAt(keyspace, index))
    },
  },
  'HTSTATS-KEY': {
    counts: [1, ANY],
    help: ['HTSTATS-KEY <key> [full]', 'Figures of the hash table that a value is.'],
    run(call, args) {
      const entry = entryAt(call, args)
      const value = call.db.valueOf(entry)
      const type = call.db.typeOf(entry)
      if (value.encoding < ENCODING_ROOTED_MIN || type === TYPE_LIST) {
        const text = 'The value stored at the specified key is not represented using an hash table'
        throw new ReplyError(`ERR ${text}`)
      }
      replyValueStats(call.reply, call.keyspace.types[type]!.count(value))
    },
  },
  LISTPACK: {
    counts: [1, 1],
    run(call, args) {
      valueHeldAs(call, args, LISTPACKS, 'listpack')
      call.reply.simple('Listpack structure printed on stdout')
    },
  },
  LOADAOF: {
    counts: [0, ANY],
    help: ['LOADAOF', 'Throws all data away and loads the append-only file.'],
    run(call, _args, services) {
      reload(() => services.reloadLog(), call, services)
    },
  },
  OBJECT: {
    counts: [1, 1],
    help: ['OBJECT <key>', 'How the value at <key> is held.'],
    run(call, args, { config }) {
      const { db, keyspace, reply } = call
      replyObject(reply, { db, entry: entryAt(call, args), config, nowMs: keyspace.nowMs })
    },
  },
  QUICKLIST: {
    counts: [1, 2],
    run(call, args) {
      valueHeldAs(call, args, [ENCODING_QUICKLIST], 'quicklist')
      call.reply.simple('Quicklist structure printed on stdout')
    },
  },
  'QUICKLIST-PACKED-THRESHOLD': {
    counts: [1, 1],
    help: [
      'QUICKLIST-PACKED-THRESHOLD <size>',
      'Elements of lists that are this long stand alone; 0 is as usual.',
    ],
    run: setPackedThreshold,
  },
  RELOAD: {
    counts: [0, ANY],
    help: [
      'RELOAD [NOSAVE] [NOFLUSH] [MERGE]',
      'Saves a snapshot, throws all data away, and loads it; or leaves out either of the first two,',
      'and lets what is loaded take the place of what there is.',
    ],
    run(call, args, services) {
      const options = readReloadOptions(args)
      reload(() => services.reload(options), call, services)
    },
  },
  SDSLEN: {
    counts: [1, 1],
    help: ['SDSLEN <key>', 'How long <key> and the string there are, and what they take.'],
    run(call, args) {
      const { db, reply } = call
      const entry = entryAt(call, args)
      if (db.typeOf(entry) !== TYPE_STRING || db.encodingOf(entry) === ENCODING_INT) {
        throw new ReplyError('ERR Not an sds encoded string.')
      }
      replyLengths(reply, db, entry)
    },
  },
}
