/** LCS: what two strings have in common. */
import type { Ref } from '../../arena/index.ts'
import {
  type Args,
  type Call,
  type CommandSpec,
  keysFrom,
  ReplyError,
  syntaxError,
} from '../../engine/index.ts'
import { type Database, TYPE_STRING } from '../../keyspace/index.ts'
import { LCS_CELL_BYTES, lcsLength, longestCommon } from '../../values/index.ts'
import { stringBytesMax } from './access.ts'

interface LcsOptions {
  isLength: boolean
  isRanges: boolean
  isWithLength: boolean
  lengthMin: number
}

const NO_BYTES = new Uint8Array(0)
const notStrings = () => new ReplyError('ERR The specified keys must contain string values')

function readOptions(args: Args): LcsOptions {
  const options: LcsOptions = {
    isLength: false,
    isRanges: false,
    isWithLength: false,
    lengthMin: 0,
  }
  while (args.left > 0) {
    if (args.take('IDX')) options.isRanges = true
    else if (args.take('LEN')) options.isLength = true
    else if (args.take('WITHMATCHLEN')) options.isWithLength = true
    else if (args.take('MINMATCHLEN')) options.lengthMin = args.int()
    else throw syntaxError()
  }
  if (options.isLength && options.isRanges) {
    throw new ReplyError('ERR If you want both the length and indexes, please just use IDX.')
  }
  return options
}

/** The bytes of an entry, as they are until the next change; none when there is no entry. */
function bytesOf(db: Database, entry: Ref): Uint8Array {
  if (entry === 0) return NO_BYTES
  if (db.typeOf(entry) !== TYPE_STRING) throw notStrings()
  return db.stringOf(entry).view()
}

function replyRanges({ reply }: Call, a: Uint8Array, b: Uint8Array, options: LcsOptions): void {
  const common = longestCommon(a, b)
  const matches = common.matches.filter(
    ({ aStart, aEnd }) => aEnd - aStart + 1 >= options.lengthMin,
  )
  reply.map(2)
  reply.latin1('matches')
  reply.array(matches.length)
  for (const { aStart, aEnd, bStart, bEnd } of matches) {
    reply.array(options.isWithLength ? 3 : 2)
    reply.array(2)
    reply.integer(aStart)
    reply.integer(aEnd)
    reply.array(2)
    reply.integer(bStart)
    reply.integer(bEnd)
    if (options.isWithLength) reply.integer(aEnd - aStart + 1)
  }
  reply.latin1('len')
  reply.integer(common.bytes.length)
}

export const lcsCommands: readonly CommandSpec[] = [
  {
    name: 'LCS',
    syntax: 'key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]',
    summary: 'Finds the longest common subsequence of two strings.',
    since: '7.0.0',
    complexity: 'O(N*M) with strings of N and M bytes.',
    arity: -3,
    flags: ['readonly'],
    keys: [keysFrom(1, 1, 1, 'RO', 'access')],
    run(call, args) {
      const { db, reply } = call
      // Both are looked up before types, and types before options, as errors and key events show.
      const first = db.read(args.key())
      const second = db.read(args.key())
      const a = bytesOf(db, first)
      const b = bytesOf(db, second)
      const options = readOptions(args)
      if ((a.length + 1) * (b.length + 1) * LCS_CELL_BYTES > stringBytesMax(call)) {
        throw new ReplyError(
          'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
        )
      }
      if (options.isRanges) replyRanges(call, a, b, options)
      else if (options.isLength) reply.integer(lcsLength(a, b))
      else reply.bulk(longestCommon(a, b).bytes)
    },
  },
]
