/** MEMORY: where the memory goes. */
import { type Args, type CommandSpec, keyAt, syntaxError } from '../../engine/index.ts'
import { footprintOf } from '../../keyspace/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import type { Services } from '../services.ts'
import { type MemoryFigures, memoryFigures, ratio } from './memory-figures.ts'

const FACTS = { since: '4.0.0', syntax: '', flags: [] } as const
const SPECIAL = ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special']
const SLOW = 'That of walking all memory in use.'
const SMALL_BYTES = 5 * 2 ** 20
const NOTICED_BYTES = 10 * 2 ** 20

/** The row of MEMORY with its subcommands. */
export function memoryCommand(services: Services): CommandSpec {
  return {
    ...FACTS,
    name: 'MEMORY',
    summary: 'Commands about memory.',
    complexity: 'That of the subcommand.',
    arity: -2,
    subcommands: [usage, ...reports(services), purge, help],
  }
}

const usage: CommandSpec = {
  ...FACTS,
  name: 'USAGE',
  syntax: 'key [SAMPLES count:integer]',
  summary: 'Replies with the bytes that a key and its value take.',
  complexity: 'O(N) with N samples.',
  arity: -3,
  flags: ['readonly'],
  keys: [keyAt(2, 'RO')],
  run({ db, reply }, args) {
    const key = args.key()
    readSamples(args)
    const entry = db.find(key)
    if (entry === 0) reply.null()
    else reply.integer(footprintOf(db, entry))
  },
}

/** How much of a large value is counted is fixed, so the number has no effect; it is checked. */
function readSamples(args: Args): void {
  while (args.left > 0) {
    if (!args.take('SAMPLES') || args.left === 0) throw syntaxError()
    if (args.int() < 0) throw syntaxError()
  }
}

function reports(services: Services): readonly CommandSpec[] {
  return [
    {
      ...FACTS,
      name: 'STATS',
      summary: 'Replies with figures of memory.',
      complexity: 'O(1)',
      arity: 2,
      tips: SPECIAL,
      run({ reply }) {
        replyStats(reply, memoryFigures(services))
      },
    },
    {
      ...FACTS,
      name: 'DOCTOR',
      summary: 'Replies with what is remarkable about the use of memory.',
      complexity: 'O(1)',
      arity: 2,
      tips: SPECIAL,
      run({ reply }) {
        reply.verbatim('txt', diagnosis(memoryFigures(services)))
      },
    },
    {
      ...FACTS,
      name: 'MALLOC-STATS',
      summary: 'Replies with figures of the allocator.',
      complexity: SLOW,
      arity: 2,
      tips: SPECIAL,
      run({ keyspace, reply }) {
        const { usedBytes, heldBytes, peakBytes } = keyspace.arena
        reply.verbatim('txt', `used ${usedBytes}\nheld ${heldBytes}\npeak ${peakBytes}\n`)
      },
    },
  ]
}

const purge: CommandSpec = {
  ...FACTS,
  name: 'PURGE',
  summary: 'Gives memory that is not used back to the system.',
  complexity: SLOW,
  arity: 2,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run({ keyspace, reply }) {
    keyspace.arena.dropSpares()
    keyspace.host.processes.collectGarbage()
    reply.ok()
  },
}

const help: CommandSpec = {
  ...FACTS,
  name: 'HELP',
  summary: 'Replies with what the subcommands do.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run: replyDerivedHelp,
}

function replyStats(reply: ReplyWriter, figures: MemoryFigures): void {
  const { used, peak, active, resident, clients, logBuffer, overhead, dataset, keys } = figures
  const before: readonly (readonly [string, number])[] = [
    ['peak.allocated', peak],
    ['total.allocated', used],
    ['startup.allocated', 0],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', clients],
    ['cluster.links', 0],
    ['aof.buffer', logBuffer],
    ['lua.caches', figures.scripts],
    ['functions.caches', figures.functions],
  ]
  const after: readonly (readonly [string, number | string])[] = [
    ['overhead.db.hashtable.lut', figures.tableBytes],
    ['overhead.db.hashtable.rehashing', 0],
    ['overhead.total', overhead],
    ['db.dict.rehashing.count', 0],
    ['keys.count', keys],
    ['keys.bytes-per-key', keys === 0 ? 0 : Math.floor(used / keys)],
    ['dataset.bytes', dataset],
    ['dataset.percentage', String(figures.datasetPercentage)],
    ['peak.percentage', String(figures.peakPercentage)],
    ['allocator.allocated', used],
    ['allocator.active', active],
    ['allocator.resident', active],
    ['allocator.muzzy', 0],
    ['allocator-fragmentation.ratio', String(ratio(active, used))],
    ['allocator-fragmentation.bytes', active - used],
    ['allocator-rss.ratio', '1'],
    ['allocator-rss.bytes', 0],
    ['rss-overhead.ratio', String(ratio(resident, active))],
    ['rss-overhead.bytes', resident - active],
    ['fragmentation', String(ratio(resident, used))],
    ['fragmentation.bytes', resident - used],
  ]
  reply.map(before.length + figures.tables.length + after.length)
  for (const [name, value] of before) replyFigure(reply, name, value)
  for (const [index, bytes] of figures.tables) {
    reply.latin1(`db.${index}`)
    reply.map(2)
    replyFigure(reply, 'overhead.hashtable.main', bytes)
    replyFigure(reply, 'overhead.hashtable.expires', 0)
  }
  for (const [name, value] of after) replyFigure(reply, name, value)
}

/** A number as an integer, a text as a double. */
function replyFigure(reply: ReplyWriter, name: string, value: number | string): void {
  reply.latin1(name)
  if (typeof value === 'number') reply.integer(value)
  else reply.double(value)
}

function diagnosis({ used, peak, active, resident }: MemoryFigures): string {
  if (used < SMALL_BYTES) return 'There is too little data to say anything about its memory.\n'
  const findings: string[] = []
  if (peak > used * 1.5) {
    findings.push(`At its peak the store took ${peak} bytes, far more than the ${used} of now.`)
  }
  if (active > used * 1.1 && active - used > NOTICED_BYTES) {
    findings.push(`${active - used} bytes of the pages are not in use; new data will fill them.`)
  }
  if (resident > active * 1.4 && resident - active > NOTICED_BYTES) {
    findings.push(`${resident - active} bytes of the process are not data but the program itself.`)
  }
  return findings.length === 0 ? 'Nothing is wrong.\n' : `${findings.join('\n')}\n`
}
