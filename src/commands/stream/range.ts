/** XLEN, XRANGE and XREVRANGE: how many entries there are, and those between two ids. */
import { NONE } from '../../arena/index.ts'
import { type Args, type Call, type CommandSpec, keyAt, syntaxError } from '../../engine/index.ts'
import { StreamId } from '../../values/index.ts'
import { readStream } from './access.ts'
import { replyEntries } from './entry-reply.ts'
import { toEnd, toStart } from './ids.ts'

const startId = new StreamId()
const endId = new StreamId()

function range(call: Call, args: Args, isReverse: boolean): void {
  const { reply, keyspace } = call
  const key = args.key()
  const first = args.next()
  const second = args.next()
  toStart(isReverse ? second : first, startId)
  toEnd(isReverse ? first : second, endId)
  let count = Number.POSITIVE_INFINITY
  while (args.left > 0) {
    if (args.left < 2 || !args.take('COUNT')) throw syntaxError()
    count = args.int()
  }
  const stream = readStream(call, key)
  if (stream === NONE) reply.array(0)
  else if (count <= 0) reply.nullArray()
  else {
    const { walk } = keyspace.streams
    if (isReverse) walk.beginLast(stream, startId, endId)
    else walk.begin(stream, startId, endId)
    replyEntries(reply, walk, count)
  }
}

/** XLEN, XRANGE, XREVRANGE. */
export const rangeCommands: readonly CommandSpec[] = [
  {
    name: 'XLEN',
    syntax: 'key',
    summary: 'Replies with the number of entries of a stream.',
    since: '5.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: [keyAt(1, 'RO')],
    run(call, args) {
      const stream = readStream(call, args.key())
      call.reply.integer(stream === NONE ? 0 : call.keyspace.streams.entries.length(stream))
    },
  },
  {
    name: 'XRANGE',
    syntax: 'key start end [COUNT count:integer]',
    summary: 'Replies with the entries of a stream between two ids, the lowest first.',
    since: '5.0.0',
    complexity: 'O(N), where N is the number of entries in the reply',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'Added exclusive ranges.']],
    run(call, args) {
      range(call, args, false)
    },
  },
  {
    name: 'XREVRANGE',
    syntax: 'key end start [COUNT count:integer]',
    summary: 'Replies with the entries of a stream between two ids, the highest first.',
    since: '5.0.0',
    complexity: 'O(N), where N is the number of entries in the reply',
    arity: -4,
    flags: ['readonly'],
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'Added exclusive ranges.']],
    run(call, args) {
      range(call, args, true)
    },
  },
]
