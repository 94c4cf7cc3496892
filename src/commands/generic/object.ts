/** OBJECT: how a value is held, and how it is used. */
import type { Ref } from '../../arena/index.ts'
import { parseShortInt } from '../../bytes/index.ts'
import type { Config } from '../../config/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import {
  type Database,
  ENCODING_INT,
  ENCODING_NAMES,
  frequencyOf,
  idleSecondsOf,
  TYPE_STRING,
} from '../../keyspace/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'

/** The reference keeps one shared object for each whole number below this… */
const SHARED_INTEGERS = 10000
/** …and gives these so many references. */
const SHARED_REFERENCES = 2147483647

const ADJUSTING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

/** Looks at the entry, which is counted, but neither a use nor an event; a missing one is null. */
function about(answer: (call: Call, entry: Ref) => void): (call: Call, args: Args) => void {
  return (call, args) => {
    const entry = call.db.peek(args.key())
    const { stats } = call.db.keyspace
    if (entry === 0) {
      stats.misses++
      call.reply.null()
    } else {
      stats.hits++
      answer(call, entry)
    }
  }
}

function isSharedInteger(db: Database, entry: Ref): boolean {
  if (db.typeOf(entry) !== TYPE_STRING || db.encodingOf(entry) !== ENCODING_INT) return false
  const { bytes, start, end } = db.stringOf(entry)
  const value = parseShortInt(bytes, start, end)
  return value >= 0 && value < SHARED_INTEGERS
}

/** How many references the reference would have to a value. Here each entry has its own. */
export function referencesOf(config: Config, db: Database, entry: Ref): number {
  const { maxmemory, maxmemoryPolicy } = config.values
  // Policies that look at the use of a key need an object of its own for it.
  const canShare = maxmemory === 0 || !/-(lru|lfu)$/.test(maxmemoryPolicy)
  return canShare && isSharedInteger(db, entry) ? SHARED_REFERENCES : 1
}

interface Row {
  readonly name: string
  readonly summary: string
  readonly since: string
  answer(call: Call, entry: Ref): void
}

function rows({ config }: Services): readonly Row[] {
  const isLfu = () => config.values.maxmemoryPolicy.endsWith('-lfu')
  return [
    {
      name: 'ENCODING',
      summary: 'Replies with how a value is held in memory.',
      since: '2.2.3',
      answer({ db, reply }, entry) {
        reply.latin1(ENCODING_NAMES[db.encodingOf(entry)]!)
      },
    },
    {
      name: 'FREQ',
      summary: 'Replies with how often a key was used of late, by a logarithmic counter.',
      since: '4.0.0',
      answer({ db, reply }, entry) {
        if (!isLfu()) {
          const text = 'An LFU maxmemory policy is not selected, access frequency not tracked.'
          throw new ReplyError(`ERR ${text} ${ADJUSTING}`)
        }
        reply.integer(frequencyOf(db.keyspace, entry))
      },
    },
    {
      name: 'IDLETIME',
      summary: 'Replies with the seconds since a key was used.',
      since: '2.2.3',
      answer({ db, reply }, entry) {
        if (isLfu()) {
          const text = 'An LFU maxmemory policy is selected, idle time not tracked.'
          throw new ReplyError(`ERR ${text} ${ADJUSTING}`)
        }
        reply.integer(idleSecondsOf(db.keyspace, entry))
      },
    },
    {
      name: 'REFCOUNT',
      summary: 'Replies with how many references there are to a value.',
      since: '2.2.3',
      answer({ db, reply }, entry) {
        reply.integer(referencesOf(config, db, entry))
      },
    },
  ]
}

function subcommands(services: Services): readonly CommandSpec[] {
  return [
    ...rows(services).map(
      ({ name, summary, since, answer }): CommandSpec => ({
        name,
        syntax: 'key',
        summary,
        since,
        complexity: 'O(1)',
        arity: 3,
        flags: ['readonly'],
        keys: [keyAt(2, 'RO')],
        tips: ['nondeterministic_output'],
        run: about(answer),
      }),
    ),
    {
      name: 'HELP',
      syntax: '',
      summary: 'Replies with what OBJECT can answer.',
      since: '6.2.0',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      run: replyDerivedHelp,
    },
  ]
}

/** The OBJECT command. */
export function objectCommands(services: Services): readonly CommandSpec[] {
  return [
    {
      name: 'OBJECT',
      syntax: '',
      summary: 'Tells how values are held and used.',
      since: '2.2.3',
      complexity: 'Depends on subcommand.',
      arity: -2,
      flags: [],
      subcommands: subcommands(services),
    },
  ]
}
