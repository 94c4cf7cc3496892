/** XREAD: what came into streams after an id, and waiting for it. */
import { NONE, type Ref } from '../../arena/index.ts'
import type { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, ReplyError } from '../../engine/index.ts'
import { type Keyspace, TYPE_STREAM } from '../../keyspace/index.ts'
import type { ReplyWriter } from '../../resp/index.ts'
import { StreamId } from '../../values/index.ts'
import { readStream } from './access.ts'
import { replyEntries } from './entry-reply.ts'
import { ID_MAX, idBytes, toId } from './ids.ts'
import { keysOf, type ReadOptions, readOptions } from './read-options.ts'

const lastId = new StreamId()

function read(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const options = readOptions(args, 'XREAD')
  const { streams, keysAt } = options
  const refs: Ref[] = []
  const after: StreamId[] = []
  for (let i = 0; i < streams; i++) {
    const stream = readStream(call, args.slice(keysAt + i))
    refs.push(stream)
    after.push(readAfter(keyspace, stream, args.slice(keysAt + streams + i)))
  }
  const mark = reply.at
  let served = 0
  for (let i = 0; i < streams; i++) {
    const stream = refs[i]!
    const id = after[i]!
    if (stream === NONE || !hasAfter(keyspace, stream, id)) continue
    served++
    replyStream(reply, args.slice(keysAt + i))
    id.increment()
    const { walk } = keyspace.streams
    walk.begin(stream, id, ID_MAX)
    replyEntries(reply, walk, options.countMax)
  }
  if (served > 0) reply.arrayAt(mark, served, reply.isResp3 ? 'map' : 'array')
  else if (options.timeoutMs < 0) reply.nullArray()
  else wait(call, args, options, after)
}

/** After which id a stream is to be read, for any form of argument. */
function readAfter(keyspace: Keyspace, stream: Ref, argument: Slice): StreamId {
  const { streams } = keyspace
  const id = new StreamId()
  // As in the reference, a zero byte ends it.
  const { bytes, start, end } = argument
  const isSign = end - start === 1 || (end - start > 1 && bytes[start + 1] === 0)
  const sign = isSign ? String.fromCharCode(bytes[start]!) : ''
  if (sign === '>') {
    throw new ReplyError(
      'ERR The > ID can be specified only when calling XREADGROUP using the ' +
        'GROUP <group> <consumer> option.',
    )
  }
  if (sign === '$') {
    if (stream !== NONE) streams.lastId(stream, id)
    return id
  }
  if (sign === '+') {
    if (stream !== NONE && streams.entries.lastId(stream, id)) id.decrement()
    return id
  }
  return toId(argument, id)
}

/** Whether a stream has an entry after an id. */
export function hasAfter({ streams }: Keyspace, stream: Ref, id: StreamId): boolean {
  // No entry is above the last id that was given, so mostly this is enough.
  if (streams.lastId(stream, lastId).compare(id) <= 0) return false
  return streams.entries.lastId(stream, lastId) && lastId.compare(id) > 0
}

/** Begins the part of a stream in the reply: a pair in RESP2, an entry of a map in RESP3. */
export function replyStream(reply: ReplyWriter, key: Slice): void {
  if (!reply.isResp3) reply.array(2)
  reply.bulkSlice(key)
}

function wait(call: Call, args: Args, options: ReadOptions, after: readonly StreamId[]): void {
  const { streams, keysAt, timeoutMs } = options
  // What `$` means is said now, not when something has come.
  const instead = new Map<number, Uint8Array>()
  for (let i = 0; i < streams; i++) {
    const position = keysAt + streams + i
    const { bytes, start } = args.slice(position)
    if (bytes[start] === 36) instead.set(position, idBytes(after[i]!))
  }
  const keys = keysOf(args, options)
  call.block({ keys, type: TYPE_STREAM, timeoutMs, timeoutReply: 'nullArray', instead })
}

/** XREAD. */
export const readCommands: readonly CommandSpec[] = [
  {
    name: 'XREAD',
    syntax:
      '[COUNT count:integer] [BLOCK milliseconds:integer] <STREAMS key [key ...] id [id ...]>:streams',
    summary: 'Replies with the entries of streams after given ids, and may wait for the first.',
    since: '5.0.0',
    complexity: 'O(N) for each stream, where N is the number of its entries in the reply',
    arity: -4,
    flags: ['readonly', 'blocking'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { kind: 'keyword', keyword: 'STREAMS', startFrom: 1 },
        find: { kind: 'range', lastKey: -1, step: 1, limit: 2 },
      },
    ],
    run: read,
  },
]
