/** XSETID: what a stream remembers of entries that are gone. For copies and logs more than for people. */
import { NONE } from '../../arena/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keyAt,
  noSuchKey,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { StreamId } from '../../values/index.ts'
import { writeStream } from './access.ts'
import { readId } from './ids.ts'

const id = new StreamId()
const maxDeleted = new StreamId()
const held = new StreamId()

function setId(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const { streams } = keyspace
  const key = args.key()
  readId(args, id)
  const added = readOptions(args)
  const stream = writeStream(call, key)
  if (stream === NONE) throw noSuchKey()
  if (id.compare(streams.maxDeletedId(stream, held)) < 0) {
    throw tooSmall('current max_deleted_entry_id')
  }
  if (streams.entries.lastId(stream, held)) {
    if (id.compare(held) < 0) throw tooSmall('the target stream top item')
    if (added >= 0n && streams.entries.length(stream) > added) {
      throw new ReplyError(
        'ERR The entries_added specified in XSETID is smaller than the target stream length',
      )
    }
  }
  streams.setLastId(stream, id)
  if (added >= 0n) streams.setAdded(stream, added)
  if (!maxDeleted.isMin) streams.setMaxDeletedId(stream, maxDeleted)
  reply.ok()
  db.changed(key, 'xsetid', 'stream')
}

/** Reads ENTRIESADDED, whose absence is -1, and MAXDELETEDID. */
function readOptions(args: Args): bigint {
  let added = -1n
  maxDeleted.setMin()
  while (args.left > 0) {
    if (args.left > 1 && args.take('ENTRIESADDED')) {
      added = args.int64()
      if (added < 0n) throw new ReplyError('ERR entries_added must be positive')
    } else if (args.left > 1 && args.take('MAXDELETEDID')) {
      if (id.compare(readId(args, maxDeleted)) < 0) {
        throw tooSmall('the provided max_deleted_entry_id')
      }
    } else throw syntaxError()
  }
  return added
}

function tooSmall(what: string): ReplyError {
  return new ReplyError(`ERR The ID specified in XSETID is smaller than ${what}`)
}

/** XSETID. */
export const setIdCommands: readonly CommandSpec[] = [
  {
    name: 'XSETID',
    syntax: 'key last-id [ENTRIESADDED entries-added:integer] [MAXDELETEDID max-deleted-id]',
    summary: 'Sets the last id of a stream, and what it remembers of entries that are gone.',
    since: '5.0.0',
    argumentsSince: { 'entries-added': '7.0.0', 'max-deleted-id': '7.0.0' },
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: [keyAt(1, 'RW', 'update')],
    history: [['7.0.0', 'Added the `entries_added` and `max_deleted_entry_id` arguments.']],
    run: setId,
  },
]
