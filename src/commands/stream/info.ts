/** XINFO: what streams, groups and consumers know of themselves. */
import { NONE, type Ref } from '../../arena/index.ts'
import { Slice } from '../../bytes/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, noSuchKey } from '../../engine/index.ts'
import { TreeCursor } from '../../structures/index.ts'
import { NEVER_ACTIVE, StreamId } from '../../values/index.ts'
import { replyDerivedHelp } from '../derived-help.ts'
import { wrongShape } from '../wrong-shape.ts'
import { findGroup, noGroup, readStream } from './access.ts'
import { replyEntries, replyEntry } from './entry-reply.ts'
import { ID_MAX, ID_MIN, replyId } from './ids.ts'
import { replyFullGroups, replyLag, replyRead } from './info-groups.ts'

/** How much of each list FULL shows unless told otherwise. */
const FULL_COUNT_DEFAULT = 10

const cursor = new TreeCursor()
const id = new StreamId()
const name = new Slice(new Uint8Array(0), 0, 0)

function existing(call: Call, key: Slice): Ref {
  const stream = readStream(call, key)
  if (stream === NONE) throw noSuchKey()
  return stream
}

function stream(call: Call, args: Args): void {
  const ref = existing(call, args.key())
  if (args.left === 0) {
    replyHead(call, ref, 10)
    replyEnds(call, ref)
    return
  }
  const countMax = readFull(args)
  replyHead(call, ref, 9)
  const { reply, keyspace } = call
  const { walk } = keyspace.streams
  reply.latin1('entries')
  walk.begin(ref, ID_MIN, ID_MAX)
  replyEntries(reply, walk, countMax)
  reply.latin1('groups')
  replyFullGroups(call, ref, countMax)
}

/** Reads FULL and its count, of which 0 is all. */
function readFull(args: Args): number {
  const given = args.left
  if ((given !== 1 && given !== 3) || !args.take('FULL')) throw wrongShape(args, 'XINFO')
  if (given === 1) return FULL_COUNT_DEFAULT
  if (!args.take('COUNT')) throw wrongShape(args, 'XINFO')
  const count = args.int()
  if (count === 0) return Number.POSITIVE_INFINITY
  return count < 0 ? FULL_COUNT_DEFAULT : count
}

/** The part that all forms begin with, of a map of `fields` fields. */
function replyHead({ reply, keyspace }: Call, ref: Ref, fields: number): void {
  const { streams } = keyspace
  const { blocks } = streams.entries
  const blockCount = blocks.count(ref)
  reply.map(fields)
  reply.latin1('length')
  reply.integer(streams.entries.length(ref))
  // The reference has a radix tree; here it is another, of whose nodes the blocks are the last.
  reply.latin1('radix-tree-keys')
  reply.integer(blockCount)
  reply.latin1('radix-tree-nodes')
  reply.integer(Math.max(1, blocks.size(ref).nodes + blockCount))
  reply.latin1('last-generated-id')
  replyId(reply, streams.lastId(ref, id))
  reply.latin1('max-deleted-entry-id')
  replyId(reply, streams.maxDeletedId(ref, id))
  reply.latin1('entries-added')
  reply.integer(streams.added(ref))
  reply.latin1('recorded-first-entry-id')
  replyId(reply, streams.firstId(ref, id))
}

function replyEnds({ reply, keyspace }: Call, ref: Ref): void {
  const { walk, groups } = keyspace.streams
  reply.latin1('groups')
  reply.integer(groups.groups.tree.count(ref))
  reply.latin1('first-entry')
  walk.begin(ref, ID_MIN, ID_MAX)
  if (walk.next()) replyEntry(reply, walk.entry)
  else reply.null()
  reply.latin1('last-entry')
  walk.beginLast(ref, ID_MIN, ID_MAX)
  if (walk.next()) replyEntry(reply, walk.entry)
  else reply.null()
}

function groupsOf(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const ref = existing(call, args.key())
  const { groups } = keyspace.streams
  const { tree } = groups.groups
  reply.array(tree.count(ref))
  for (let on = tree.first(ref, cursor); on; on = tree.next(cursor)) {
    const group = groups.groups.blockAt(cursor)
    reply.map(6)
    reply.latin1('name')
    reply.bulkSlice(groups.groups.nameOf(group, name))
    reply.latin1('consumers')
    reply.integer(groups.consumers.tree.count(group))
    reply.latin1('pending')
    reply.integer(groups.pending.count(group))
    reply.latin1('last-delivered-id')
    replyId(reply, groups.lastId(group, id))
    replyRead(call, group)
    replyLag(call, ref, group)
  }
}

function consumersOf(call: Call, args: Args): void {
  const { reply, keyspace } = call
  const key = args.key()
  const groupName = args.next()
  const group = findGroup(call, existing(call, key), groupName)
  if (group === NONE) throw noGroup(key, groupName)
  const { groups } = keyspace.streams
  const { tree } = groups.consumers
  reply.array(tree.count(group))
  for (let on = tree.first(group, cursor); on; on = tree.next(cursor)) {
    const consumer = groups.consumers.blockAt(cursor)
    const activeMs = groups.activeMs(consumer)
    reply.map(4)
    reply.latin1('name')
    reply.bulkSlice(groups.consumers.nameOf(consumer, name))
    reply.latin1('pending')
    reply.integer(groups.owned.count(consumer))
    reply.latin1('idle')
    reply.integer(Math.max(0, keyspace.nowMs - groups.seenMs(consumer)))
    reply.latin1('inactive')
    reply.integer(activeMs === NEVER_ACTIVE ? NEVER_ACTIVE : keyspace.nowMs - activeMs)
  }
}

/** XINFO. */
export const infoCommands: readonly CommandSpec[] = [
  {
    name: 'XINFO',
    syntax: '',
    summary: 'Tells about streams, their groups and consumers.',
    since: '5.0.0',
    complexity: 'Depends on the subcommand',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'CONSUMERS',
        syntax: 'key group',
        summary: 'Replies with the consumers of a group.',
        since: '5.0.0',
        complexity: 'O(N), where N is the number of consumers',
        arity: 4,
        flags: ['readonly'],
        keys: [keyAt(2, 'RO', 'access')],
        tips: ['nondeterministic_output'],
        history: [['7.2.0', 'Added the `inactive` field, and changed the meaning of `idle`.']],
        run: consumersOf,
      },
      {
        name: 'GROUPS',
        syntax: 'key',
        summary: 'Replies with the groups of a stream.',
        since: '5.0.0',
        complexity: 'O(N), where N is the number of groups',
        arity: 3,
        flags: ['readonly'],
        keys: [keyAt(2, 'RO', 'access')],
        history: [['7.0.0', 'Added the `entries-read` and `lag` fields']],
        run: groupsOf,
      },
      {
        name: 'STREAM',
        syntax: 'key [FULL [COUNT count:integer]]:full-block',
        summary: 'Replies with what a stream knows of itself; FULL shows its content too.',
        since: '5.0.0',
        complexity: 'O(N), where N is the number of blocks of entries',
        arity: -3,
        flags: ['readonly'],
        keys: [keyAt(2, 'RO', 'access')],
        history: [
          ['6.0.0', 'Added the `FULL` modifier.'],
          [
            '7.0.0',
            'Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields',
          ],
          ['7.2.0', 'Added the `active-time` field, and changed the meaning of `seen-time`.'],
        ],
        run: stream,
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
