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
  ReplyError,
} from '../../engine/index.ts'
import { NEVER } from '../../keyspace/index.ts'
import { stringEncoding } from '../../values/index.ts'
import { replyHelp } from '../help.ts'
import { isLocal } from '../local-client.ts'
import type { Services } from '../services.ts'
import { wrongShape } from '../wrong-shape.ts'
import { rewriteFile } from './config.ts'
import { replySample } from './debug-protocol.ts'
import type { Subcommand, Subcommands } from './debug-subcommand.ts'
import { VALUE_SUBCOMMANDS } from './debug-values.ts'

const POPULATE_KEY_BYTES_MAX = 127

/** As C's atoi: the digits that the text begins with, or 0. */
const leadingInt = (text: string) => Number.parseInt(text, 10) || 0

const readPositive = (args: Args): number => {
  const refusal = () => new ReplyError('ERR value is out of range, must be positive')
  const value = args.int(refusal)
  if (value < 0) throw refusal()
  return value
}

/** Stops the whole process, as is asked for. The loop's own timers cannot do that. */
function stopFor(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function sleep({ reply }: Call, args: Args): void {
  stopFor(Number.parseFloat(args.text()) * 1000)
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

function tuneReplyBuffer({ reply }: Call, args: Args): void {
  const what = args.word()
  if (what === 'PEAK-RESET-TIME') {
    if (!args.take('NEVER') && !args.take('RESET')) args.int()
  } else if (what !== 'RESIZING') throw wrongShape(args, 'DEBUG')
  reply.ok()
}

/** For what only tunes a structure that is another one here. */
const accepted: Pick<Subcommand, 'run'> = {
  run({ reply }) {
    reply.ok()
  },
}

const SUBCOMMANDS: Subcommands = {
  ...VALUE_SUBCOMMANDS,
  'AOF-FLUSH-SLEEP': {
    counts: [1, 1],
    help: ['AOF-FLUSH-SLEEP <microsec>', 'Waits so long before each write to the log; 0 ends it.'],
    run({ reply }, args, services) {
      const ms = leadingInt(args.text()) / 1000
      services.beforeLogWrite(ms > 0 ? () => stopFor(ms) : undefined)
      reply.ok()
    },
  },
  'CONFIG-REWRITE-FORCE-ALL': {
    counts: [0, 0],
    help: ['CONFIG-REWRITE-FORCE-ALL', 'As CONFIG REWRITE, with a line for every directive.'],
    run({ reply }, _args, services) {
      rewriteFile(services, true)
      reply.ok()
    },
  },
  'CHANGE-REPL-ID': { counts: [0, 0], ...accepted },
  'DICT-RESIZING': { counts: [1, 1], ...accepted },
  ERROR: {
    counts: [1, 1],
    help: ['ERROR <string>', 'Answers with an error of this text.'],
    run({ reply }, args) {
      reply.error(args.text())
    },
  },
  LOG: {
    counts: [1, 1],
    help: ['LOG <message>', 'Writes a line to the log.'],
    run({ reply }, args, services) {
      services.log('warning', `DEBUG LOG: ${args.text().split('\0', 1)[0]}`)
      reply.ok()
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
  REPLYBUFFER: { counts: [2, 2], run: tuneReplyBuffer },
  'SET-ACTIVE-EXPIRE': {
    counts: [1, 1],
    help: ['SET-ACTIVE-EXPIRE <0|1>', 'With 0, keys expire only when they are looked up.'],
    run({ reply }, args, services) {
      services.setActiveExpire(leadingInt(args.text()) !== 0)
      reply.ok()
    },
  },
  'SET-DISABLE-DENY-SCRIPTS': {
    counts: [1, 1],
    help: ['SET-DISABLE-DENY-SCRIPTS <0|1>', 'With 1, scripts may call every command.'],
    run({ reply }, args, services) {
      services.scripting.calls.allowsAll = leadingInt(args.text()) !== 0
      reply.ok()
    },
  },
  'SET-SKIP-CHECKSUM-VALIDATION': {
    counts: [1, 1],
    help: ['SET-SKIP-CHECKSUM-VALIDATION <0|1>', 'With 1, sums of snapshots are not looked at.'],
    run({ keyspace, reply }, args) {
      keyspace.skipsChecksums = leadingInt(args.text()) !== 0
      reply.ok()
    },
  },
  SLEEP: {
    counts: [1, 1],
    help: ['SLEEP <seconds>', 'Stops the server for a while.'],
    run: sleep,
  },
}

const HELP = Object.values(SUBCOMMANDS)
  .map(({ help }) => help)
  .filter((help) => help !== undefined)
  .sort(([a], [b]) => (a < b ? -1 : 1))

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
