/** XGROUP: making and removing groups and their consumers. */
import { NONE, type Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, ReplyError } from '../../engine/index.ts'
import { TYPE_STREAM } from '../../keyspace/index.ts'
import {
  ENCODING_STREAM,
  ID_INVALID,
  ID_TIME_STAR,
  parseStreamId,
  READ_UNKNOWN,
  StreamId,
} from '../../values/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import { wrongShape } from '../wrong-shape.ts'
import { createStream, findGroup, noGroup, writeStream } from './access.ts'
import { touchConsumer } from './group-effects.ts'
import { invalidId, toId } from './ids.ts'

const DOLLAR = 36
const id = new StreamId()

function missingKey(): ReplyError {
  return new ReplyError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to ' +
      'use the MKSTREAM option to create an empty stream automatically.',
  )
}

/** The stream and the group that a subcommand works on, which must be there. */
function existing(
  call: Call,
  args: Args,
): { readonly key: Slice; readonly groupName: Slice; readonly stream: Ref; readonly group: Ref } {
  const key = args.key()
  const groupName = args.next()
  const stream = writeStream(call, key)
  if (stream === NONE) throw missingKey()
  const group = findGroup(call, stream, groupName)
  if (group === NONE) throw noGroup(key, groupName)
  return { key, groupName, stream, group }
}

interface Options {
  readonly makesStream: boolean
  readonly read: bigint
}

/** Reads what comes after the id. */
function readOptions(args: Args, mayMakeStream: boolean): Options {
  let makesStream = false
  let read = BigInt(READ_UNKNOWN)
  while (args.left > 0) {
    if (mayMakeStream && args.take('MKSTREAM')) makesStream = true
    else if (args.left > 1 && args.take('ENTRIESREAD')) {
      read = args.int64()
      if (read < 0n && read !== BigInt(READ_UNKNOWN)) {
        throw new ReplyError('ERR value for ENTRIESREAD must be positive or -1')
      }
    } else throw wrongShape(args, 'XGROUP')
  }
  return { makesStream, read }
}

/** Reads an id, or `$` for the last one of the stream, into `id`. */
function readLastId({ keyspace }: Call, stream: Ref, argument: Slice, takesSigns: boolean): void {
  const { bytes, start, end } = argument
  if (end - start === 1 && bytes[start] === DOLLAR) {
    if (stream === NONE) id.setMin()
    else keyspace.streams.lastId(stream, id)
    return
  }
  if (!takesSigns) {
    toId(argument, id)
    return
  }
  const form = parseStreamId(bytes, start, end, id)
  if (form === ID_INVALID || form === ID_TIME_STAR) throw invalidId()
}

function create(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  const groupName = args.next()
  const lastId = args.next()
  const { makesStream, read } = readOptions(args, true)
  let stream = writeStream(call, key)
  if (stream === NONE && !makesStream) throw missingKey()
  // More arguments than all options have.
  if (args.count > 8) throw wrongShape(args, 'XGROUP')
  readLastId(call, stream, lastId, false)
  if (findGroup(call, stream, groupName) !== NONE) {
    throw new ReplyError('BUSYGROUP Consumer Group name already exists')
  }
  const isNew = stream === NONE
  if (isNew) stream = createStream(call, key)
  keyspace.streams.groups.create(stream, groupName, id, read)
  reply.ok()
  if (isNew) db.changed(key, 'xgroup-create', 'stream')
  else {
    // Who watches the key has no interest in its groups.
    keyspace.dirty++
    if (keyspace.isObserved) keyspace.observers.noticed(db, key, 'xgroup-create', 'stream')
  }
}

function setId(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const options = args.at
  args.at += 3
  const { read } = readOptions(args, false)
  args.at = options
  const { key, stream, group } = existing(call, args)
  if (args.count !== 5 && args.count !== 7) throw wrongShape(args, 'XGROUP')
  readLastId(call, stream, args.next(), true)
  const { groups } = keyspace.streams
  groups.setLastId(group, id)
  groups.setRead(group, read)
  reply.ok()
  db.changed(key, 'xgroup-setid', 'stream')
}

function destroy(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const key = args.key()
  const stream = writeStream(call, key)
  if (stream === NONE) throw missingKey()
  const group = findGroup(call, stream, args.next())
  reply.integer(group === NONE ? 0 : 1)
  if (group === NONE) return
  // What it has pending may be much: it is freed like the value of a key that was deleted.
  keyspace.discard(TYPE_STREAM, ENCODING_STREAM, keyspace.streams.takeGroup(stream, group))
  db.changed(key, 'xgroup-destroy', 'stream')
}

function createConsumer(call: Call, args: Args): void {
  const place = existing(call, args)
  const name = args.next()
  const { groups } = call.keyspace.streams
  const isKnown = groups.consumers.find(place.group, name) !== NONE
  if (!isKnown) touchConsumer(call, place, name)
  call.reply.integer(isKnown ? 0 : 1)
}

function removeConsumer(call: Call, args: Args): void {
  const { db, keyspace, reply } = call
  const { key, group } = existing(call, args)
  const { groups } = keyspace.streams
  const consumer = groups.consumerNamed(group, args.next())
  if (consumer === NONE) {
    reply.integer(0)
    return
  }
  reply.integer(groups.removeConsumer(group, consumer))
  db.changed(key, 'xgroup-delconsumer', 'stream')
}

/** XGROUP. */
export const groupCommands: readonly CommandSpec[] = [
  {
    name: 'XGROUP',
    syntax: '',
    summary: 'Manages the groups of a stream and their consumers.',
    since: '5.0.0',
    complexity: 'Depends on the subcommand',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'CREATE',
        syntax:
          'key group <id | $:new-id>:id-selector [MKSTREAM] [ENTRIESREAD entriesread(entries-read):integer]',
        summary: 'Makes a group that has read a stream up to an id.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write', 'denyoom'],
        keys: [keyAt(2, 'RW', 'insert')],
        history: [['7.0.0', 'Added the `entries_read` named argument.']],
        run: create,
      },
      {
        name: 'CREATECONSUMER',
        syntax: 'key group consumer',
        summary: 'Makes a consumer in a group.',
        since: '6.2.0',
        complexity: 'O(1)',
        arity: 5,
        flags: ['write', 'denyoom'],
        keys: [keyAt(2, 'RW', 'insert')],
        run: createConsumer,
      },
      {
        name: 'DELCONSUMER',
        syntax: 'key group consumer',
        summary: 'Removes a consumer and what it has pending, and replies with how much that was.',
        since: '5.0.0',
        complexity: 'O(1), and O(N) for N entries that it has pending',
        arity: 5,
        flags: ['write'],
        keys: [keyAt(2, 'RW', 'delete')],
        run: removeConsumer,
      },
      {
        name: 'DESTROY',
        syntax: 'key group',
        summary: 'Removes a group with its consumers.',
        since: '5.0.0',
        complexity: 'O(N), where N is the number of entries that the group has pending',
        arity: 4,
        flags: ['write'],
        keys: [keyAt(2, 'RW', 'delete')],
        run: destroy,
      },
      {
        name: 'SETID',
        syntax:
          'key group <id | $:new-id>:id-selector [ENTRIESREAD entriesread(entries-read):integer]',
        summary: 'Sets up to which id a group has read.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write'],
        keys: [keyAt(2, 'RW', 'update')],
        history: [['7.0.0', 'Added the optional `entries_read` argument.']],
        run: setId,
      },
      {
        name: 'HELP',
        syntax: '',
        summary: 'Lists the subcommands.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        run: replyDerivedHelp,
      },
    ],
  },
]
