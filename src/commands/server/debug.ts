/**
 * DEBUG: what test suites and authors of clients need and nobody else. Most subcommands of the
 * reference look at structures that are others here; those that only tune such a structure are
 * accepted, so that a test that calls them goes on.
 */
import { fromLatin1, sliceOf } from '../../bytes/index.ts'
import {
  type Args,
  type Call,
  type Client,
  type CommandSpec,
  noSuchKey,
  notAnInteger,
  ReplyError,
} from '../../engine/index.ts'
import { NEVER } from '../../keyspace/index.ts'
import { stringEncoding } from '../../values/index.ts'
import { databaseAt } from '../database-index.ts'
import { type HelpEntry, replyHelp } from '../help.ts'
import { isLocal } from '../local-client.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'
import { dataDigest, valueDigest } from './debug-digest.ts'
import { replyObject, replyTableStats } from './debug-inspect.ts'
import { replySample } from './debug-protocol.ts'

interface Subcommand {
  /** How many arguments may follow its name: the least and the most. */
  readonly counts: readonly [number, number]
  readonly help?: HelpEntry
  run(call: Call, args: Args, services: Services): void
}

const ANY = Number.POSITIVE_INFINITY
const POPULATE_KEY_BYTES_MAX = 127
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

/** As C's atoi: the digits that the text begins with, or 0. */
const leadingInt = (text: string) => Number.parseInt(text, 10) || 0

const readPositive = (args: Args): number => {
  const refusal = () => new ReplyError('ERR value is out of range, must be positive')
  const value = args.int(refusal)
  if (value < 0) throw refusal()
  return value
}

/** Stops the whole process, as is asked for. The loop's own timers cannot do that. */
function sleep({ reply }: Call, args: Args): void {
  const seconds = Number.parseFloat(args.text())
  if (seconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)
  reply.ok()
}

function populate({ db, reply }: Call, args: Args): void {
  const count = readPositive(args)
  const prefix = args.left > 0 ? args.text().split('\0', 1)[0]! : 'key'
  const size = args.left > 0 ? readPositive(args) : 0
  for (let i = 0; i < count; i++) {
    const key = sliceOf(fromLatin1(`${prefix}:${i}`.slice(0, POPULATE_KEY_BYTES_MAX)))
    if (db.peek(key) !== 0) continue
    let value = fromLatin1(`value:${i}`)
    if (size > 0) {
      const sized = new Uint8Array(size)
      sized.set(value.subarray(0, size))
      value = sized
    }
    const encoding = stringEncoding(value, 0, value.length)
    // Not told to `changed`: as in the reference, these keys are neither logged nor replicated.
    db.setString(key, value, 0, value.length, encoding, NEVER)
  }
  reply.ok()
}

function setPackedThreshold({ keyspace, reply }: Call, args: Args): void {
  const [, digits, unit] = /^(\d{1,20})([a-z]*)$/.exec(args.text().toLowerCase()) ?? []
  const factor = UNITS[unit ?? '?']
  if (digits === undefined || factor === undefined || !(+digits * factor <= PACKED_THRESHOLD_MAX)) {
    throw new ReplyError('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
  }
  keyspace.lists.plainBytesMin = +digits * factor
  reply.ok()
}

function tuneReplyBuffer({ reply }: Call, args: Args): void {
  const what = args.word()
  if (what === 'PEAK-RESET-TIME') {
    if (!args.take('NEVER') && !args.take('RESET')) args.int()
  } else if (what !== 'RESIZING') throw wrongShape(args, 'DEBUG')
  reply.ok()
}

function unavailable(what: string): Pick<Subcommand, 'run'> {
  return {
    run() {
      throw new ReplyError(`ERR ${what}`)
    },
  }
}

const accepted: Pick<Subcommand, 'run'> = {
  run({ reply }) {
    reply.ok()
  },
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  'CHANGE-REPL-ID': { counts: [0, 0], ...accepted },
  'DICT-RESIZING': { counts: [1, 1], ...accepted },
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
  ERROR: {
    counts: [1, 1],
    help: ['ERROR <string>', 'Answers with an error of this text.'],
    run({ reply }, args) {
      reply.error(args.text())
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
  LOADAOF: { counts: [0, ANY], ...unavailable('DEBUG LOADAOF cannot be done while serving') },
  LOG: {
    counts: [1, 1],
    help: ['LOG <message>', 'Writes a line to the log.'],
    run({ reply }, args, services) {
      services.logWarning(`DEBUG LOG: ${args.text().split('\0', 1)[0]}`)
      reply.ok()
    },
  },
  OBJECT: {
    counts: [1, 1],
    help: ['OBJECT <key>', 'How the value at <key> is held.'],
    run({ db, keyspace, reply }, args, { config }) {
      const entry = db.peek(args.key())
      if (entry === 0) throw noSuchKey()
      replyObject(reply, { db, entry, config, nowMs: keyspace.nowMs })
    },
  },
  'PAUSE-CRON': { counts: [1, 1], ...accepted },
  POPULATE: {
    counts: [1, 3],
    help: [
      'POPULATE <count> [<prefix>] [<size>]',
      'Adds keys from key:0 on that are neither logged nor replicated.',
    ],
    run: populate,
  },
  PROTOCOL: {
    counts: [1, 1],
    help: ['PROTOCOL <type>', 'A sample of one kind of reply.'],
    run({ reply }, args) {
      replySample(reply, args.text())
    },
  },
  'QUICKLIST-PACKED-THRESHOLD': { counts: [1, 1], run: setPackedThreshold },
  RELOAD: { counts: [0, ANY], ...unavailable('DEBUG RELOAD needs snapshots') },
  REPLYBUFFER: { counts: [2, 2], run: tuneReplyBuffer },
  'SET-ACTIVE-EXPIRE': {
    counts: [1, 1],
    help: ['SET-ACTIVE-EXPIRE <0|1>', 'With 0, keys expire only when they are looked up.'],
    run({ reply }, args, services) {
      services.setActiveExpire(leadingInt(args.text()) !== 0)
      reply.ok()
    },
  },
  'SET-DISABLE-DENY-SCRIPTS': { counts: [1, 1], ...accepted },
  'SET-SKIP-CHECKSUM-VALIDATION': { counts: [1, 1], ...accepted },
  SLEEP: {
    counts: [1, 1],
    help: ['SLEEP <seconds>', 'Stops the server for a while.'],
    run: sleep,
  },
}

const HELP = Object.values(SUBCOMMANDS)
  .map(({ help }) => help)
  .filter((help) => help !== undefined)

function checkAllowed(services: Services, client: Client): void {
  const allowed = services.config.values.enableDebugCommand
  if (allowed === 'yes' || (allowed === 'local' && isLocal(client))) return
  throw new ReplyError(
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", ' +
      'you can run it from a local connection, otherwise you need to set this option ' +
      'in the configuration file, and then restart the server.',
  )
}

function debug(services: Services, call: Call, args: Args): void {
  checkAllowed(services, call.client)
  const name = args.text()
  if (name.toUpperCase() === 'HELP' && args.left === 0) {
    replyHelp(call.reply, 'DEBUG', HELP)
    return
  }
  const subcommand = Object.hasOwn(SUBCOMMANDS, name.toUpperCase())
    ? SUBCOMMANDS[name.toUpperCase()]
    : undefined
  if (subcommand === undefined) throw wrongShape(args, 'DEBUG')
  const [least, most] = subcommand.counts
  if (args.left < least || args.left > most) throw wrongShape(args, 'DEBUG')
  subcommand.run(call, args, services)
}

/** The DEBUG command. */
export function debugCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'DEBUG',
      syntax: '',
      summary: 'Looks into the server and puts it into odd states, for tests.',
      since: '1.0.0',
      complexity: 'Depends on subcommand.',
      isInternal: true,
      arity: -2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      run: (call, args) => debug(services, call, args),
    },
  ]
}
